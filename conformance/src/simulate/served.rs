//! What a peer answered, and what a client has to make of it.

use super::digest::Challenge;
use super::jar::SetCookie;
use super::later::Later;
use super::world::Origin;

/// Where a response leads.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Leads {
    /// Nowhere: it has no Location, or an empty one.
    Nowhere,
    /// To this origin and target; `None` is a target that the model cannot write.
    To { origin: Origin, target: Option<String>, user: User },
    /// To nothing that a client may follow: it is an error.
    Astray,
}

/// Whether a URL names a user; netrc is then asked for that one alone, and knows none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum User {
    /// It does not.
    Nobody,
    /// It does.
    Somebody,
    /// A reference without an authority: as the URL before.
    AsBefore,
}

/// Whether a client may take a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is as it should be.
    Sound,
    /// It is cut off or malformed: taking it as whole is wrong.
    Broken,
    /// Both are right.
    Either,
}

/// One response of a peer.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    /// The call that was answered.
    pub(crate) call: usize,
    /// On which of its hops.
    pub(crate) hop: usize,
    pub(crate) status: u16,
    /// The content, decoded.
    pub(crate) body: Vec<u8>,
    pub(crate) verdict: Verdict,
    pub(crate) cookies: Vec<SetCookie>,
    pub(crate) leads: Leads,
    pub(crate) origin: Origin,
    /// The path of the request that was answered.
    pub(crate) path: String,
    /// What it asks for by Digest.
    pub(crate) challenge: Option<Challenge>,
    /// When it wants to be asked again.
    pub(crate) later: Option<Later>,
    /// Whether it has the field that names it.
    pub(crate) is_named: bool,
}

/// What a peer does when a request has come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reaction {
    /// Bytes, each after a wait in nanoseconds.
    pub(crate) says: Vec<(u64, Vec<u8>)>,
    /// What follows, after a wait.
    pub(crate) ends: Option<(u64, End)>,
    /// Bytes of the request's body after which it speaks; `None` is all of them.
    pub(crate) early: Option<usize>,
    /// How many of its last parts are no part of the response.
    pub(crate) later: usize,
    /// Why the connection must not be used again once all of this has come.
    pub(crate) poison: Option<&'static str>,
}

/// How a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// In order; with TLS by `close_notify` first.
    Closed,
    /// Without a `close_notify`; where there is no TLS, in order.
    Truncated,
    /// By a reset.
    Reset,
}
