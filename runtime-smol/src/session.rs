//! The front door: a session that tasks share.
//!
//! Source: `Session` in requests 2.34.2, `sessions.py`.

use std::fmt;
use std::future::poll_fn;
use std::ops::Deref;
use std::sync::Arc;

use sessio_core::PreparedRequest;
use sessio_core::message::{Address, CallOptions};
use sessio_runtime::{begin, new_core, one_use, redirects};

use crate::driver::{Attached, Call};
use crate::inner::{CoreSession, SharedSession, Waiters};
use crate::{Prepared, Request, Response, Result};

/// Settings, cookies and connections that calls share, over async sockets.
///
/// It is a handle: clones are the same session, and tasks and threads may use it at once. Settings
/// are behind [`lock`](SharedSession::lock); a call holds that lock for moments only, never while it
/// waits. A call is a future: dropping it gives the call up, with its connection, and leaves the
/// session as it was.
///
/// ```no_run
/// # futures_lite::future::block_on(async {
/// let session = sessio_smol::Session::new();
/// session.lock().headers.try_set("Accept", "application/json").expect("a sound field");
/// let mut response = session.get("http://example.org/").await?;
/// println!("{}", response.text().await?);
/// # Ok::<(), sessio_smol::Error>(()) });
/// ```
#[derive(Clone)]
pub struct Session {
    pub(crate) inner: Arc<SharedSession>,
}

/// The verbs of a session.
macro_rules! verbs {
    ($($name:ident $method:literal),+ $(,)?) => {
        $(
            #[doc = concat!("Sends a `", $method, "` request and waits for the response.")]
            ///
            /// # Errors
            /// As [`Session::request`].
            pub async fn $name(&self, url: impl Into<Address>) -> Result<Response> {
                self.request(Request::$name(url)).await
            }
        )+
    };
}

impl Session {
    /// A session with the defaults of requests, seeded by the operating system, with the
    /// environment of this process as it is [now](crate::environment::capture).
    #[must_use]
    pub fn new() -> Self {
        Self::from_core(new_core())
    }

    /// A session of a core session that was made ready elsewhere: with a fixed seed, say, or with
    /// an environment of its own.
    #[must_use]
    pub fn from_core(core: CoreSession) -> Self {
        Self { inner: Arc::new(SharedSession::new(core, Waiters::default())) }
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
    pub async fn request(&self, request: Request) -> Result<Response> {
        let prepared = self.prepare_request(request)?;
        self.send(prepared).await
    }

    /// Sends a prepared request as it stands, with the options that came with it.
    ///
    /// # Errors
    /// What kept the response from coming.
    pub async fn send(&self, prepared: Prepared) -> Result<Response> {
        let (request, attached) = Attached::split(prepared);
        self.call(request.into(), attached).await
    }

    /// Sends a prepared request as it stands, with these options in place of those that came with
    /// it.
    ///
    /// # Errors
    /// What kept the response from coming.
    pub async fn send_with(&self, prepared: Prepared, options: CallOptions) -> Result<Response> {
        self.send(Prepared { options, ..prepared }).await
    }

    /// Sends a message as it stands: no hooks, no custom auth. The same message may be sent again
    /// and again, without a copy of it.
    ///
    /// # Errors
    /// What kept the response from coming; [`ErrorKind::Upload`](crate::ErrorKind::Upload) if its
    /// body has sources, which only a [`Prepared`] has.
    pub async fn send_message(
        &self,
        request: &Arc<PreparedRequest>,
        options: CallOptions,
    ) -> Result<Response> {
        self.call(Arc::clone(request), Attached::only(options)).await
    }

    async fn call(
        &self,
        request: Arc<PreparedRequest>,
        mut attached: Attached,
    ) -> Result<Response> {
        for source in &mut attached.sources {
            one_use(poll_fn(|cx| source.poll_rewind(cx)).await, &request)?;
        }
        let begun = begin(&self.inner, request, &attached)?;
        let body_bytes_max = begun.body_bytes_max;
        let call = Call::new(Arc::clone(&self.inner), begun, attached);
        Response::of_call(call, body_bytes_max).await
    }

    /// Follows the redirects of a response step by step, each when it is asked for: with
    /// `allow_redirects(false)`, what the response's `next` leads to, and so on.
    ///
    /// Each response has those before it in its history. After an error nothing follows.
    pub fn resolve_redirects(&self, response: Response) -> Redirects {
        let followed = response.history.len();
        Redirects { session: self.clone(), step: Step::From(Box::new(response)), followed }
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

impl Deref for Session {
    type Target = SharedSession;

    fn deref(&self) -> &SharedSession {
        &self.inner
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
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
    /// Sends what the response given out last leads to, and gives its response out. What the caller
    /// wants to know of that one it has; this keeps a copy of its head.
    ///
    /// If this is dropped half-way, nothing follows any more.
    pub async fn next(&mut self) -> Option<Result<Response>> {
        let Step::From(response) = std::mem::replace(&mut self.step, Step::Over) else {
            return None;
        };
        let mut result = self.follow(*response).await?;
        if let Ok(answer) = &mut result {
            self.step = Step::From(Box::new(answer.split_for_redirect()));
        }
        Some(result)
    }

    async fn follow(&mut self, mut response: Response) -> Option<Result<Response>> {
        let max = self.session.lock().max_redirects;
        let next = match redirects::next(&mut response, self.followed, max)? {
            Ok(next) => next,
            Err(error) => return Some(Err(error)),
        };
        self.followed = self.followed.saturating_add(1);
        let mut attached = response.take_attached();
        attached.options.allow_redirects = Some(false);
        let sent = self.session.call((*next).into(), attached).await;
        Some(sent.map(|mut answer| {
            redirects::join(response.into_core(), &mut answer);
            answer
        }))
    }
}
