//! What an event is to somebody who tells a call as a story.

use http::Method;

use crate::trace::{Head, What};

/// The part that an event plays. Every kind of event has one: a new one does not compile without.
#[cfg_attr(
    not(feature = "json"),
    expect(dead_code, reason = "the archive alone looks into some of them")
)]
pub(super) enum Place<'a> {
    /// A hop begins.
    Hop { method: &'a Method, url: &'a str },
    /// By which proxy the hop goes, and why; or by none.
    Way(&'a str),
    /// The cookies that go along, by name.
    Cookies(&'a str),
    /// A connection is opened.
    Opening,
    /// It stands.
    Connected,
    /// A proxy is asked for a tunnel on this route.
    Tunnel(&'a str),
    /// TLS stands on the connection.
    Secured,
    /// A head went out.
    Sent(&'a Head),
    /// An interim response came.
    Interim(&'a Head),
    /// The head of the response came.
    Received(&'a Head),
    /// Its body came.
    Body(u64),
    /// A cookie was set, with the verdict on it.
    SetCookie { name: &'a str, verdict: &'a str },
    /// The response leads here.
    Redirect(&'a str),
    /// The call is over.
    Over,
    /// Something was decided, or happened on the way.
    Decision,
}

/// The place of `what`.
pub(super) fn place(what: &What) -> Place<'_> {
    match what {
        What::Request { method, url } => Place::Hop { method, url },
        What::Proxy(way) => Place::Way(way),
        What::CookiesSent(names) => Place::Cookies(names),
        What::Open(_) => Place::Opening,
        What::Connected(_) => Place::Connected,
        What::Tunnel(route) => Place::Tunnel(route),
        What::Secured(_) => Place::Secured,
        What::Sent(head) => Place::Sent(head),
        What::Interim(status) => Place::Interim(status),
        What::Received(head) => Place::Received(head),
        What::Body(bytes) => Place::Body(*bytes),
        What::Cookie { name, verdict } => Place::SetCookie { name, verdict },
        What::Redirect { to, .. } => Place::Redirect(to),
        What::Finished | What::Failed(_) => Place::Over,
        What::Adapter(_)
        | What::Expect(_)
        | What::Netrc(_)
        | What::Refused(_)
        | What::Reused(_)
        | What::Spoiled(_)
        | What::NotConnected(..)
        | What::Again
        | What::Retry(_)
        | What::NotRetried(_)
        | What::Kept
        | What::Upgraded(_)
        | What::Closed(_)
        | What::Dropped(..)
        | What::PartHeaderDropped(_)
        | What::Authorization(_)
        | What::Answer(_)
        | What::UnknownCoding(_)
        | What::Answered(_)
        | What::Unanswered(_)
        | What::Resend
        | What::Timeout(_) => Place::Decision,
    }
}
