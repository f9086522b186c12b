//! How a call begins: the session is lent once, and gives out what the call needs of it.

use std::sync::Arc;

use sessio_core::exchange::{Ask, Rewound};
use sessio_core::{ErrorKind, Exchange, Kit, Now, PreparedRequest, Session};

use crate::resolve::Resolver;
use crate::shared::Observer;
use crate::{Attached, BoxError, Error, Result, SharedSession, Waiters};

/// A core session with the defaults of requests, seeded by the operating system, with the
/// environment of this process as it is [now](crate::environment::capture).
#[must_use]
pub fn new_core<S, K: Kit>() -> Session<S, K> {
    let mut core = Session::new(crate::seed::from_system());
    core.environment = crate::environment::capture();
    core
}

/// What a call takes from its session.
pub struct Begun<S> {
    /// The call. In a box: it is moved several times on its way to the caller.
    pub exchange: Box<Exchange<S>>,
    /// Who is told what the call decides.
    pub observer: Option<Observer>,
    /// The caller's resolver, if it has one.
    pub resolver: Option<Resolver>,
    /// How much of a body is collected at most, in bytes.
    pub body_bytes_max: u64,
    /// When it began.
    pub now: Now,
}

impl<S> std::fmt::Debug for Begun<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Begun").field("now", &self.now).finish_non_exhaustive()
    }
}

/// Begins a call, under the session's lock.
///
/// # Errors
/// If a timeout is none.
pub fn begin<S, K: Kit, W: Waiters>(
    session: &SharedSession<S, K, W>,
    request: Arc<PreparedRequest>,
    attached: &Attached<K>,
) -> Result<Begun<S>> {
    let ask = |is_there| if is_there { Ask::Runtime } else { Ask::Nobody };
    let sign = ask(attached.auth.is_some());
    let respond = ask(attached.auth.is_some() || !attached.hooks.is_empty());
    let now = session.clock.now();
    let mut guard = session.lock();
    let plan = guard.plan(&attached.options, respond, sign);
    Ok(Begun {
        exchange: guard.start_boxed(request, plan, now)?,
        observer: guard.observer(),
        resolver: guard.resolver(),
        body_bytes_max: guard.limits.body_bytes_max,
        now,
    })
}

/// Whether a source is at its start, where an earlier call may have read it: else the error that
/// says so.
///
/// # Errors
/// `ErrorKind::UnrewindableBody`.
pub fn one_use<E: Into<BoxError>>(
    rewound: std::result::Result<Rewound, E>,
    request: &Arc<PreparedRequest>,
) -> Result<()> {
    let (user, why) = match rewound {
        Ok(Rewound::Done) => return Ok(()),
        Ok(Rewound::Impossible) => (None, "the source of the body was read already"),
        Err(error) => (Some(error.into()), "the source of the body cannot be set back"),
    };
    let error = sessio_core::Error::new(ErrorKind::UnrewindableBody, why);
    Err(Error::with_user(error.with_request(Arc::clone(request)), user))
}
