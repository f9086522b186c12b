//! What is attached to requests: hooks and custom auth that answer at once, on the thread of the call.
//!
//! Source: hooks and `AuthBase` of requests 2.34.2, `hooks.py` and `auth.py`.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sessio_core::message::CallOptions;
use sessio_core::{PreparedRequest, Response};

/// An error of the caller's own making, from a hook, custom auth or an upload.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a hook wants after it has seen a response.
#[derive(Debug)]
pub enum Verdict {
    /// The response stands as it is now.
    Continue,
    /// Send this request; the remaining hooks see its response, in whose history the present one
    /// is then.
    Resend(Box<PreparedRequest>),
}

impl Verdict {
    /// [`Verdict::Resend`] of this request.
    #[must_use]
    pub fn resend(request: PreparedRequest) -> Self {
        Self::Resend(Box::new(request))
    }
}

/// What a hook comes to; its error ends the call and reaches the caller as it is.
pub type HookResult = Result<Verdict, BoxError>;

/// The function in a hook.
type HookFn = dyn Fn(&mut Response, &CallOptions) -> HookResult + Send + Sync;

/// A hook: it sees each response of a call, those that redirects answer too, before it counts.
///
/// It may change the response, replace it, ask for another request, or fail. The session is not
/// locked meanwhile, so it may be called again. Of a streamed call a hook sees the head only.
#[derive(Clone)]
pub struct Hook {
    id: HookId,
    call: Arc<HookFn>,
}

/// Names a hook, to take it out again: `hooks.deregister(|hook| hook.id() == id)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HookId(u64);

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

impl HookId {
    /// An id that no other hook has.
    #[must_use]
    pub fn next() -> Self {
        Self(NEXT_ID.fetch_add(1, Ordering::Relaxed))
    }
}

impl Hook {
    /// A hook of this function, with an id of its own.
    pub fn new(
        call: impl Fn(&mut Response, &CallOptions) -> HookResult + Send + Sync + 'static,
    ) -> Self {
        Self { id: HookId::next(), call: Arc::new(call) }
    }

    /// A hook that only looks at the response, or changes it.
    pub fn look(call: impl Fn(&mut Response) + Send + Sync + 'static) -> Self {
        Self::new(move |response, _| {
            call(response);
            Ok(Verdict::Continue)
        })
    }

    /// The id, which clones share.
    #[must_use]
    pub const fn id(&self) -> HookId {
        self.id
    }

    /// Shows it a response.
    ///
    /// # Errors
    /// Whatever is wrong: it ends the call and reaches the caller as it is.
    pub fn call(&self, response: &mut Response, options: &CallOptions) -> HookResult {
        (self.call)(response, options)
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hook({})", self.id.0)
    }
}

impl PartialEq for Hook {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// What custom auth wants after it has seen a response.
#[derive(Debug)]
pub enum AuthVerdict {
    /// The response stands.
    Accept,
    /// Send this request, and show me its response in turn.
    Resend(Box<PreparedRequest>),
}

/// Custom auth: it signs the request and may answer challenges, in as many rounds as it wants.
///
/// Source: `AuthBase` in requests, `auth.py`, whose subclasses register a hook for the second part.
pub trait AuthFlow: Send + Sync {
    /// Puts credentials into a request, before it is sent for the first time.
    ///
    /// # Errors
    /// Whatever is wrong: it ends the call and reaches the caller as it is.
    fn sign(&self, request: &mut PreparedRequest) -> Result<(), BoxError>;

    /// Looks at a response, before any hook does. `round` is how often this hop was sent again
    /// already.
    ///
    /// It is asked about responses of the origin that the call was addressed to, and of no other.
    ///
    /// # Errors
    /// Whatever is wrong: it ends the call and reaches the caller as it is.
    fn respond(&self, response: &Response, round: u32) -> Result<AuthVerdict, BoxError> {
        let _ = (response, round);
        Ok(AuthVerdict::Accept)
    }
}

impl fmt::Debug for dyn AuthFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthFlow")
    }
}
