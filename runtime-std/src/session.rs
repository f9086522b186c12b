//! The front door: a session that threads share.
//!
//! Source: `Session` in requests 2.34.2, `sessions.py`.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use sessio_core::PreparedRequest;
use sessio_runtime::blocking::Front;
use sessio_runtime::{begin, new_core, one_use};

use crate::driver::{Attached, Call};
use crate::inner::{CoreSession, SharedSession, Waiters};
use crate::kit::Kit;
use crate::{Prepared, Redirects, Request, Response, Result};

/// Settings, cookies and connections that calls share, over blocking sockets.
///
/// It is a handle: clones are the same session, and threads may use it at once. Settings are
/// behind [`lock`](SharedSession::lock); a call holds that lock for moments only, never while it waits.
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
    inner: Arc<SharedSession>,
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

    sessio_runtime::blocking_verbs!();
}

impl Front for Session {
    type Feed = Call;
    type Kit = Kit;

    fn call(&self, request: Arc<PreparedRequest>, mut attached: Attached) -> Result<Response> {
        for source in &mut attached.sources {
            one_use(source.rewind(), &request)?;
        }
        let begun = begin(&self.inner, request, &attached)?;
        let body_bytes_max = begun.body_bytes_max;
        Call::new(Arc::clone(&self.inner), begun, attached).answer(body_bytes_max)
    }

    fn redirects_max(&self) -> usize {
        self.lock().max_redirects
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
