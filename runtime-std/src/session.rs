//! The front door: a session that threads share.
//!
//! Source: `Session` in requests 2.34.2, `sessions.py`.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sessio_core::adapters::Adapter;
use sessio_core::exchange::{Ask, Rewound};
use sessio_core::message::{Address, CallOptions, Certificate};
use sessio_core::policy::redirect::Refusal;
use sessio_core::policy::settings::Settings;
use sessio_core::settings::Limits;
use sessio_core::trace::{Event, Recording};
use sessio_core::url::Url;
use sessio_core::{ErrorKind, Hooks, PreparedRequest};

use crate::driver::{Attached, Call};
use crate::inner::{CoreSession, Guard, Inner};
use crate::kit::Kit;
use crate::{Error, Prepared, Request, Response, Result};

/// Settings, cookies and connections that calls share, over blocking sockets.
///
/// It is a handle: clones are the same session, and threads may use it at once. Settings are
/// behind [`lock`](Self::lock); a call holds that lock for moments only, never while it waits.
///
/// ```no_run
/// let session = sessio_std::Session::new();
/// session.lock().headers.try_set("Accept", "application/json").expect("a sound field");
/// let mut response = session.get("http://example.org/")?;
/// println!("{}", response.text()?);
/// # Ok::<(), sessio_std::Error>(())
/// ```
#[derive(Clone)]
pub struct Session {
    pub(crate) inner: Arc<Inner>,
}

/// The verbs of a session.
macro_rules! verbs {
    ($($name:ident $method:literal),+ $(,)?) => {
        $(
            #[doc = concat!("Sends a `", $method, "` request and waits for the response.")]
            ///
            /// # Errors
            /// As [`Session::request`].
            pub fn $name(&self, url: impl Into<Address>) -> Result<Response> {
                self.request(Request::$name(url))
            }
        )+
    };
}

impl Session {
    /// A session with the defaults of requests, seeded by the operating system, with the
    /// environment of this process as it is [now](crate::environment::capture).
    #[must_use]
    pub fn new() -> Self {
        let mut core = CoreSession::new(crate::seed::from_system());
        core.environment = crate::environment::capture();
        Self::from_core(core)
    }

    /// A session of a core session that was made ready elsewhere: with a fixed seed, say, or with
    /// an environment of its own.
    #[must_use]
    pub fn from_core(core: CoreSession) -> Self {
        Self { inner: Arc::new(Inner::new(core)) }
    }

    verbs! {
        get "GET", options "OPTIONS", head "HEAD", post "POST", put "PUT", patch "PATCH",
        delete "DELETE",
    }

    /// Prepares a request, sends it, and waits for the response.
    ///
    /// # Errors
    /// What is wrong with the request, or what kept the response from coming. A status of 400 and
    /// above is no error: see [`Response::raise_for_status`].
    pub fn request(&self, request: Request) -> Result<Response> {
        let prepared = self.prepare_request(request)?;
        self.send(prepared)
    }

    /// Merges the session's settings into a request, checks it and writes it out.
    ///
    /// # Errors
    /// What is wrong with the request; nothing was sent.
    pub fn prepare_request(&self, request: Request) -> Result<Prepared> {
        let now = self.inner.clock.now();
        Ok(self.inner.lock().session.prepare_request(request, now)?)
    }

    /// Sends a prepared request as it stands, with the options that came with it.
    ///
    /// # Errors
    /// What kept the response from coming.
    pub fn send(&self, prepared: Prepared) -> Result<Response> {
        let Prepared { request, hooks, auth, sources, options } = prepared;
        self.call(request.into(), Attached { hooks, auth, sources, options })
    }

    /// Sends a prepared request as it stands, with these options in place of those that came with
    /// it.
    ///
    /// # Errors
    /// What kept the response from coming.
    pub fn send_with(&self, prepared: Prepared, options: CallOptions) -> Result<Response> {
        self.send(Prepared { options, ..prepared })
    }

    /// Sends a message as it stands: no hooks, no custom auth. The same message may be sent again
    /// and again, without a copy of it.
    ///
    /// # Errors
    /// What kept the response from coming; [`ErrorKind::Upload`] if its body has sources, which
    /// only a [`Prepared`] has.
    pub fn send_message(
        &self,
        request: &Arc<PreparedRequest>,
        options: CallOptions,
    ) -> Result<Response> {
        let attached = Attached { hooks: Hooks::new(), auth: None, sources: Vec::new(), options };
        self.call(Arc::clone(request), attached)
    }

    fn call(&self, request: Arc<PreparedRequest>, mut attached: Attached) -> Result<Response> {
        for source in &mut attached.sources {
            // One that was read in an earlier call has to go back to its start.
            let (user, why) = match source.rewind() {
                Ok(Rewound::Done) => continue,
                Ok(Rewound::Impossible) => (None, "the source of the body was read already"),
                Err(error) => (Some(error.into()), "the source of the body cannot be set back"),
            };
            let error = sessio_core::Error::new(ErrorKind::UnrewindableBody, why);
            return Err(Error::with_user(error.with_request(request), user));
        }
        let ask = |is_there| if is_there { Ask::Runtime } else { Ask::Nobody };
        let sign = ask(attached.auth.is_some());
        let respond = ask(attached.auth.is_some() || !attached.hooks.is_empty());
        let now = self.inner.clock.now();
        let mut guard = self.inner.lock();
        let plan = guard.session.plan(&attached.options, respond, sign);
        let exchange = Box::new(guard.session.start(request, plan, now)?);
        let observer = guard.observer.clone();
        let limits: Limits = guard.session.limits;
        let told = (observer, guard.resolver.clone());
        drop(guard);
        let call = Call::new(Arc::clone(&self.inner), exchange, attached, told, now);
        Response::of_call(call, limits.body_bytes_max)
    }

    /// Locks the session, to read and change its settings: they are fields of what the guard leads
    /// to, as `headers`, `cookies`, `auth`, `hooks`, `proxies`, `timeouts`.
    ///
    /// Calls wait for the guard to go, those of this thread too: let it go before the next call.
    #[must_use]
    pub fn lock(&self) -> SessionGuard<'_> {
        SessionGuard(self.inner.lock())
    }

    /// Mounts an adapter for the URLs that begin with `prefix`.
    pub fn mount(&self, prefix: impl Into<String>, adapter: Adapter) {
        self.lock().mount(prefix, adapter);
    }

    /// The adapter that serves a URL.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSchema`] if nothing is mounted for it.
    pub fn get_adapter(&self, url: &str) -> Result<Adapter> {
        let guard = self.lock();
        Ok(guard.get_adapter(url).map_err(sessio_core::Error::from)?.clone())
    }

    /// Closes every idle connection. The session may be used again afterwards.
    pub fn close(&self) {
        self.lock().close();
    }

    /// What a request to `url` would be sent with: the call's word, else the session's, else the
    /// environment's.
    #[must_use]
    pub fn merge_environment_settings(
        &self,
        url: &Url,
        options: &CallOptions,
    ) -> Settings<Certificate> {
        self.lock().merge_environment_settings(url, options)
    }

    /// Follows the redirects of a response step by step, each when it is asked for: with
    /// `allow_redirects(false)`, what the response's `next` leads to, and so on.
    ///
    /// Each response has those before it in its history. After an error nothing follows.
    pub fn resolve_redirects(&self, response: Response) -> Redirects {
        let followed = response.history.len();
        Redirects { session: self.clone(), step: Step::From(Box::new(response)), followed }
    }

    /// Has every decision of later calls told to `observer`, on the threads of the calls. The
    /// session is not locked meanwhile.
    pub fn on_event(&self, observer: impl Fn(&Event) + Send + Sync + 'static) {
        let mut guard = self.inner.lock();
        guard.session.trace = Recording::On;
        guard.observer = Some(Arc::new(observer));
    }

    /// Tells nobody any more.
    pub fn without_observer(&self) {
        let mut guard = self.inner.lock();
        guard.session.trace = Recording::Off;
        guard.observer = None;
    }
}

/// A new session, as `requests.session()`.
#[must_use]
pub fn session() -> Session {
    Session::new()
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// A session, locked: see [`Session::lock`].
pub struct SessionGuard<'a>(Guard<'a>);

impl Deref for SessionGuard<'_> {
    type Target = sessio_core::Session<crate::Socket, Kit>;

    fn deref(&self) -> &Self::Target {
        &self.0.session
    }
}

impl DerefMut for SessionGuard<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0.session
    }
}

impl fmt::Debug for SessionGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// Redirects, one response at a time: see [`Session::resolve_redirects`].
#[derive(Debug)]
pub struct Redirects {
    session: Session,
    step: Step,
    followed: usize,
}

#[derive(Debug)]
enum Step {
    /// This response leads on, if it does.
    From(Box<Response>),
    Over,
}

impl Redirects {
    fn follow(&mut self, mut response: Response) -> Option<Result<Response>> {
        let next = response.next.take()?;
        let max = self.session.lock().max_redirects;
        if self.followed >= max {
            let error = sessio_core::Error::from(Refusal::TooManyRedirects(max));
            let error = error.with_request(Arc::clone(&response.request));
            return Some(Err(error.with_response(response.into_core()).into()));
        }
        self.followed = self.followed.saturating_add(1);
        let mut attached = response.take_attached();
        attached.options.allow_redirects = Some(false);
        let sent = self.session.call((*next).into(), attached);
        let mut before = std::mem::take(&mut response.history);
        before.push(response.into_core());
        Some(sent.map(|mut answer| {
            before.append(&mut answer.history);
            answer.history = before;
            answer
        }))
    }
}

impl Iterator for Redirects {
    type Item = Result<Response>;

    /// Sends what the response given out last leads to, and gives its response out. What the caller
    /// wants to know of that one it has; this keeps a copy of its head.
    fn next(&mut self) -> Option<Self::Item> {
        let Step::From(response) = std::mem::replace(&mut self.step, Step::Over) else {
            return None;
        };
        let mut result = self.follow(*response)?;
        if let Ok(answer) = &mut result {
            self.step = Step::From(Box::new(answer.split_for_redirect()));
        }
        Some(result)
    }
}
