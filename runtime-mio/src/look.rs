//! Who looks at a response before it counts.

use sessio_core::Response;
use sessio_core::url::Url;
use sessio_runtime::look::{Look, Next, Turn};
use sessio_runtime::{AuthVerdict, BoxError, Verdict};

use crate::kit::Attached;

/// Shows a response to custom auth, then to the hooks in order, from whose turn it is.
pub(crate) fn look(
    attached: &Attached,
    turn: &mut Turn,
    home: &Url,
    response: &mut Response,
) -> Result<Next, BoxError> {
    loop {
        match turn.next(attached, home, response) {
            Look::Auth(auth, round) => {
                if let AuthVerdict::Resend(request) = auth.respond(response, round)? {
                    turn.auth_resends(round);
                    return Ok(Next::Resend(request));
                }
            }
            Look::Hook(hook) => {
                if let Verdict::Resend(request) = hook.call(response, &attached.options)? {
                    return Ok(Next::Resend(request));
                }
            }
            Look::Nobody => return Ok(Next::Stand),
        }
    }
}
