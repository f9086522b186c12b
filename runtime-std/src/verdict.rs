//! Whose turn it is to look at a response, and what came of it: custom auth first, then the hooks.
//!
//! Source: `dispatch_hook` in requests 2.34.2, `hooks.py`.

use sessio_core::policy::authorization::{Carry, should_strip_auth};
use sessio_core::url::Url;
use sessio_core::{Input, PreparedRequest, Response};

use crate::driver::Attached;
use crate::kit::{AuthVerdict, BoxError, Verdict};
use crate::socket::Socket;

/// Who looks at the response next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Custom auth, which has had it sent so many times.
    Auth(u32),
    /// The hook of this number.
    Hook(usize),
}

/// What follows from a look at the response.
pub(crate) enum Next {
    Stand,
    Resend(Box<PreparedRequest>),
}

/// What the exchange is told of it.
pub(crate) fn verdict<'a>(
    next: Result<Next, BoxError>,
    user: &mut Option<BoxError>,
) -> Input<'a, Socket> {
    match next {
        Ok(Next::Stand) => Input::Continue,
        Ok(Next::Resend(request)) => Input::Resend(*request),
        Err(error) => {
            *user = Some(error);
            Input::Refuse
        }
    }
}

/// Shows a response to custom auth, then to the hooks in order, from whose turn it is.
pub(crate) fn look(
    attached: &Attached,
    turn: &mut Turn,
    home: &Url,
    response: &mut Response,
) -> Result<Next, BoxError> {
    if let Turn::Auth(round) = *turn {
        let carry = should_strip_auth(home, &response.request.url);
        if let (Some(auth), Carry::Keep(_)) = (&attached.auth, carry)
            && let AuthVerdict::Resend(request) = auth.respond(response, round)?
        {
            *turn = Turn::Auth(round.saturating_add(1));
            return Ok(Next::Resend(request));
        }
        *turn = Turn::Hook(0);
    }
    while let Turn::Hook(place) = *turn {
        let Some(hook) = attached.hooks.response().get(place) else { break };
        *turn = Turn::Hook(place.saturating_add(1));
        if let Verdict::Resend(request) = hook.call(response, &attached.options)? {
            return Ok(Next::Resend(request));
        }
    }
    // The next response is that of another hop.
    *turn = Turn::Auth(0);
    Ok(Next::Stand)
}
