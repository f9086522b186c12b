//! What this runtime attaches to requests: hooks and custom auth that may wait, upload sources.
//!
//! Source: hooks and `AuthBase` of requests 2.34.2, `hooks.py` and `auth.py`.

use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

use sessio_core::message::CallOptions;
use sessio_core::{PreparedRequest, Response};
pub use sessio_runtime::kit::{AuthFlow, AuthVerdict, BoxError, HookId, HookResult, Verdict};

use crate::upload::Source;

/// A future in a box, which any executor may move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The attachments of this runtime.
#[derive(Clone, Copy, Debug)]
pub struct Kit;

impl sessio_core::Kit for Kit {
    type Hook = Hook;
    type Auth = Arc<dyn AsyncAuthFlow>;
    type Source = Source;
}

/// A hook: it sees each response of a call, those that redirects answer too, before it counts.
///
/// It may change the response, replace it, ask for another request, or fail, and it may wait
/// meanwhile ([`Hook::awaiting`]). The session is not locked, so it may be called again. Of a
/// streamed call a hook sees the head only. When the call's time is over, what a hook waits for is
/// dropped.
#[derive(Clone)]
pub struct Hook {
    at_once: sessio_runtime::Hook,
    /// Waits, in place of the one that answers at once.
    later: Option<Arc<HookFn>>,
}

/// The function in a hook that waits.
type HookFn =
    dyn for<'a> Fn(&'a mut Response, &'a CallOptions) -> BoxFuture<'a, HookResult> + Send + Sync;

impl Hook {
    /// A hook of this function, with an id of its own. It answers at once: while it works, its
    /// thread does nothing else.
    pub fn new(
        call: impl Fn(&mut Response, &CallOptions) -> HookResult + Send + Sync + 'static,
    ) -> Self {
        Self { at_once: sessio_runtime::Hook::new(call), later: None }
    }

    /// A hook that only looks at the response, or changes it.
    pub fn look(call: impl Fn(&mut Response) + Send + Sync + 'static) -> Self {
        Self { at_once: sessio_runtime::Hook::look(call), later: None }
    }

    /// A hook that may wait.
    ///
    /// ```
    /// use sessio_smol::{Hook, Verdict};
    ///
    /// let hook = Hook::awaiting(|response, _| {
    ///     Box::pin(async move {
    ///         futures_lite::future::yield_now().await; // in life a look-up, or another call
    ///         response.encoding = Some("utf-8".into());
    ///         Ok(Verdict::Continue)
    ///     })
    /// });
    /// # drop(hook);
    /// ```
    pub fn awaiting<F>(call: F) -> Self
    where
        F: for<'a> Fn(&'a mut Response, &'a CallOptions) -> BoxFuture<'a, HookResult>
            + Send
            + Sync
            + 'static,
    {
        Self { at_once: sessio_runtime::Hook::look(|_| ()), later: Some(Arc::new(call)) }
    }

    /// The id, which clones share.
    #[must_use]
    pub const fn id(&self) -> HookId {
        self.at_once.id()
    }

    pub(crate) async fn call(&self, response: &mut Response, options: &CallOptions) -> HookResult {
        match &self.later {
            Some(later) => later(response, options).await,
            None => self.at_once.call(response, options),
        }
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at_once.fmt(f)
    }
}

impl PartialEq for Hook {
    fn eq(&self, other: &Self) -> bool {
        self.at_once == other.at_once
    }
}

/// Custom auth that may wait: it signs the request and may answer challenges, in as many rounds as
/// it wants.
///
/// Auth that answers at once is an [`AuthFlow`], as in the other runtimes; each of those is one of
/// these too.
///
/// Source: `AuthBase` in requests, `auth.py`, whose subclasses register a hook for the second part.
pub trait AsyncAuthFlow: Send + Sync {
    /// Puts credentials into a request, before it is sent for the first time.
    ///
    /// # Errors
    /// Whatever is wrong: it ends the call and reaches the caller as it is.
    fn sign<'a>(&'a self, request: &'a mut PreparedRequest) -> BoxFuture<'a, Result<(), BoxError>>;

    /// Looks at a response, before any hook does. `round` is how often this hop was sent again
    /// already.
    ///
    /// It is asked about responses of the origin that the call was addressed to, and of no other.
    ///
    /// # Errors
    /// Whatever is wrong: it ends the call and reaches the caller as it is.
    fn respond<'a>(
        &'a self,
        response: &'a Response,
        round: u32,
    ) -> BoxFuture<'a, Result<AuthVerdict, BoxError>> {
        let _ = (response, round);
        Box::pin(ready(Ok(AuthVerdict::Accept)))
    }
}

impl<T: AuthFlow + ?Sized> AsyncAuthFlow for T {
    fn sign<'a>(&'a self, request: &'a mut PreparedRequest) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(ready(AuthFlow::sign(self, request)))
    }

    fn respond<'a>(
        &'a self,
        response: &'a Response,
        round: u32,
    ) -> BoxFuture<'a, Result<AuthVerdict, BoxError>> {
        Box::pin(ready(AuthFlow::respond(self, response, round)))
    }
}

impl fmt::Debug for dyn AsyncAuthFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AsyncAuthFlow")
    }
}
