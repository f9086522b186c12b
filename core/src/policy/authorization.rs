//! Where the credentials of a request come from, and where a redirect may take them.
//!
//! Source: `prepare_request`, `should_strip_auth` and `rebuild_auth` in requests 2.34.2,
//! `sessions.py`; `prepare_auth`, `models.py`.

use core::fmt;

use url::Url;

use crate::planted::Plant;
use crate::policy::credentials::Credentials;
use crate::policy::merge::Given;
use crate::policy::origin::{Move, Moved, moved};

/// Whether the netrc entries of the environment may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Netrc {
    /// Yes: the environment is trusted as to netrc.
    Consult,
    /// No.
    Leave,
}

/// Whether the request has an Authorization field of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// It has, from the call or the session.
    Present,
    /// It has not.
    Absent,
}

/// All that can say who the caller is.
#[derive(Clone, Debug)]
pub struct Seen<A> {
    /// `auth` of the call.
    pub call: Given<A>,
    /// `auth` of the session.
    pub session: Given<A>,
    /// User and password of the URL, if it has both.
    pub url: Option<Credentials>,
    /// The Authorization field among the merged headers.
    pub header: Header,
    /// Whether netrc may be asked.
    pub netrc: Netrc,
}

/// What authorizes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice<A> {
    /// `auth` of the call.
    Call(A),
    /// `auth` of the session.
    Session(A),
    /// User and password of the URL, as basic credentials.
    Url(Credentials),
    /// The Authorization field stays as the caller gave it.
    Header,
    /// The netrc entry of the URL's host, if there is one.
    Netrc,
    /// Turned off by the caller.
    Off,
    /// Nothing was given, and netrc may not be asked.
    Nothing,
}

/// Where the Authorization of a request in flight came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The caller gave it, in whatever way.
    Explicit,
    /// Nothing was given: what there is, if anything, is from netrc.
    Netrc,
}

impl<A> Choice<A> {
    /// What a redirect has to know of this choice.
    #[must_use]
    pub const fn source(&self) -> Source {
        match self {
            Self::Call(_) | Self::Session(_) | Self::Url(_) | Self::Header | Self::Off => {
                Source::Explicit
            }
            Self::Netrc | Self::Nothing => Source::Netrc,
        }
    }
}

/// The order of precedence: call, session, URL, Authorization field, netrc.
///
/// 1. `auth` of the call: Basic, Bearer, Digest, or the runtime's own;
/// 2. `auth` of the session;
/// 3. user and password of the URL, as Basic;
/// 4. an Authorization field of the call, else of the session;
/// 5. the netrc entry of the URL's host.
///
/// Digest counts where it stands, although it shows nothing until the server asks: a field of the
/// caller's goes out on the first request and is replaced by the answer. Credentials for a proxy
/// are another matter: they are those of its URL, shown as [`ProxyAuth`] says, else a
/// Proxy-Authorization field of the caller's.
///
/// [`ProxyAuth`]: crate::policy::proxy::ProxyAuth
///
/// The first three replace an Authorization field. Off, on either side, leaves the field alone
/// and asks nothing further. requests asks netrc before the URL and lets it replace the field;
/// here it is asked only where nothing explicit was given.
pub fn decide<A>(seen: Seen<A>) -> Choice<A> {
    let header = seen.header;
    match (seen.call, seen.session) {
        (Given::Use(auth), _) => Choice::Call(auth),
        (Given::Absent, Given::Use(auth)) => Choice::Session(auth),
        (Given::Off, _) | (Given::Absent, Given::Off) => match header {
            Header::Present => Choice::Header,
            Header::Absent => Choice::Off,
        },
        (Given::Absent, Given::Absent) => match (seen.url, header, seen.netrc) {
            (Some(credentials), _, _) => Choice::Url(credentials),
            (None, Header::Present, _) => Choice::Header,
            (None, Header::Absent, Netrc::Consult) => Choice::Netrc,
            (None, Header::Absent, Netrc::Leave) => Choice::Nothing,
        },
    }
}

/// Why an Authorization field may go along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Same {
    /// Scheme, host and port are the same.
    Origin,
    /// From http to https on the same host, both on their default ports.
    Upgrade,
}

/// Whether an Authorization field goes along from one URL to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carry {
    /// It may.
    Keep(Same),
    /// It must not, for this reason.
    Strip(Moved),
}

/// Whether an Authorization field goes along from `old` to `new`.
///
/// Source: `should_strip_auth` in requests, `sessions.py`.
#[must_use]
pub fn should_strip_auth(old: &Url, new: &Url) -> Carry {
    match moved(old, new) {
        _ if Plant::AuthorizationKept.is_on() => Carry::Keep(Same::Origin),
        Move::Nowhere => Carry::Keep(Same::Origin),
        Move::To(Moved::Scheme) if is_upgrade(old, new) => Carry::Keep(Same::Upgrade),
        Move::To(moved) => Carry::Strip(moved),
    }
}

/// From http to https with no port but the default ones; the hosts are known to be the same.
fn is_upgrade(old: &Url, new: &Url) -> bool {
    let plain = |url: &Url, scheme| url.scheme() == scheme && url.port().is_none();
    plain(old, "http") && plain(new, "https")
        || plain(old, "https") && plain(new, "http") && Plant::DowngradeKeepsAuthorization.is_on()
}

/// What becomes of the Authorization field of a redirected request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// There was none, and none is to be looked for.
    Nothing,
    /// It goes along.
    Keep(Same),
    /// It is taken away, and nothing takes its place.
    Strip(Moved),
    /// Nothing explicit was given: what there is goes, and the entry of the new host, if any,
    /// takes its place.
    LookUp,
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("none"),
            Self::Keep(Same::Origin) => f.write_str("kept, same origin"),
            Self::Keep(Same::Upgrade) => f.write_str("kept, same host over https"),
            Self::Strip(moved) => write!(f, "dropped, {moved}"),
            Self::LookUp => f.write_str("netrc is asked for the next host"),
        }
    }
}

/// What becomes of the Authorization field when `old` redirects to `new`.
///
/// requests asks netrc on every redirect, even where that replaces what the caller gave; here
/// netrc is asked, host by host, only in calls where nothing explicit was given.
///
/// Source: `rebuild_auth` in requests, `sessions.py`.
#[must_use]
pub fn rebuild_auth(old: &Url, new: &Url, header: Header, source: Source, netrc: Netrc) -> Next {
    match (source, netrc, header) {
        (Source::Netrc, Netrc::Consult, Header::Present) if Plant::NetrcSentOn.is_on() => {
            Next::Keep(Same::Origin)
        }
        (Source::Netrc, Netrc::Consult, _) => Next::LookUp,
        (Source::Explicit, _, Header::Present) | (Source::Netrc, Netrc::Leave, Header::Present) => {
            match should_strip_auth(old, new) {
                Carry::Keep(same) => Next::Keep(same),
                Carry::Strip(moved) => Next::Strip(moved),
            }
        }
        (Source::Explicit, _, Header::Absent) | (Source::Netrc, Netrc::Leave, Header::Absent) => {
            Next::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn credentials_stay_with_their_origin() {
        let rows = [
            ("http://a/x", "http://a:80/y", Carry::Keep(Same::Origin)),
            ("http://u:p@A/", "http://a/", Carry::Keep(Same::Origin)),
            ("http://a", "https://a", Carry::Keep(Same::Upgrade)),
            ("http://a:80", "https://a:443", Carry::Keep(Same::Upgrade)),
            ("http://a", "https://a:8443", Carry::Strip(Moved::Scheme)),
            ("http://a:8080", "https://a", Carry::Strip(Moved::Scheme)),
            ("https://a", "http://a", Carry::Strip(Moved::Scheme)),
            ("http://a:443", "https://a", Carry::Strip(Moved::Scheme)),
            ("http://a", "http://a:8080", Carry::Strip(Moved::Port)),
            ("http://a", "http://b", Carry::Strip(Moved::Host)),
            ("http://a", "https://b", Carry::Strip(Moved::Host)),
            ("http://a", "http://a.", Carry::Strip(Moved::Host)),
            ("http://a", "http://x.a", Carry::Strip(Moved::Host)),
            ("http://[::1]", "http://[::1]:80", Carry::Keep(Same::Origin)),
        ];
        for (old, new, want) in rows {
            assert_eq!(should_strip_auth(&url(old), &url(new)), want, "{old} -> {new}");
        }
    }

    #[test]
    fn netrc_is_asked_only_where_nothing_explicit_was_given() {
        use Source::{Explicit, Netrc as FromNetrc};
        let rows = [
            (Explicit, Netrc::Consult, Header::Present, "http://a/2", Next::Keep(Same::Origin)),
            (Explicit, Netrc::Consult, Header::Present, "http://b/", Next::Strip(Moved::Host)),
            (Explicit, Netrc::Consult, Header::Absent, "http://b/", Next::Nothing),
            (FromNetrc, Netrc::Consult, Header::Present, "http://a/2", Next::LookUp),
            (FromNetrc, Netrc::Consult, Header::Absent, "http://b/", Next::LookUp),
            (FromNetrc, Netrc::Leave, Header::Absent, "http://b/", Next::Nothing),
            (FromNetrc, Netrc::Leave, Header::Present, "http://b/", Next::Strip(Moved::Host)),
        ];
        for (source, netrc, header, new, want) in rows {
            let got = rebuild_auth(&url("http://a/"), &url(new), header, source, netrc);
            assert_eq!(got, want, "{source:?} {netrc:?} {header:?} {new}");
        }
    }

    #[test]
    fn the_call_goes_before_the_session_before_the_url_before_the_field_before_netrc() {
        let of_url = || Some(Credentials::new("u", "p"));
        let check = |call, session, url, header, netrc, want| {
            let seen = Seen { call, session, url, header, netrc };
            assert_eq!(decide(seen.clone()), want, "{seen:?}");
        };
        use Given::{Absent, Off, Use};
        use Header::{Absent as None_, Present};
        use Netrc::{Consult, Leave};
        check(Use(1), Use(2), of_url(), Present, Consult, Choice::Call(1));
        check(Absent, Use(2), of_url(), Present, Consult, Choice::Session(2));
        let user = Choice::Url(Credentials::new("u", "p"));
        check(Absent, Absent, of_url(), Present, Consult, user);
        check(Absent, Absent, None, Present, Consult, Choice::Header);
        check(Absent, Absent, None, None_, Consult, Choice::Netrc);
        check(Absent, Absent, None, None_, Leave, Choice::Nothing);
        check(Off, Use(2), of_url(), None_, Consult, Choice::Off);
        check(Absent, Off, of_url(), Present, Consult, Choice::Header);
    }
}
