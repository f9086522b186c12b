//! Where the credentials of a request come from, what they look like on the wire, and where a
//! redirect may take them.
//!
//! Source: `prepare_request`, `should_strip_auth` and `rebuild_auth` in requests 2.34.2,
//! `sessions.py`; `_basic_auth_str`, `auth.py`; RFC 7617, RFC 6750.

use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderValue;
use url::Url;

use crate::policy::merge::Given;
use crate::policy::origin::{Move, Moved, moved};
use crate::secret::Secret;

/// A user and a password as they go out: bytes, already encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The user; RFC 7617 forbids a colon in it, requests does not check, nor does this.
    pub user: Secret<Vec<u8>>,
    /// The password.
    pub password: Secret<Vec<u8>>,
}

/// Text that has a character above U+00FF, which basic credentials cannot carry as text.
///
/// It does not say which: the text is a secret. Give such credentials as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotLatin1;

impl fmt::Display for NotLatin1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("credentials given as text must be latin-1; give them as bytes")
    }
}

impl core::error::Error for NotLatin1 {}

impl Credentials {
    /// Credentials from bytes, which go out as they are.
    pub fn new(user: impl Into<Vec<u8>>, password: impl Into<Vec<u8>>) -> Self {
        Self { user: Secret::new(user.into()), password: Secret::new(password.into()) }
    }

    /// Credentials from text, which goes out in latin-1.
    ///
    /// # Errors
    /// If one of the two is not latin-1.
    pub fn from_text(user: &str, password: &str) -> Result<Self, NotLatin1> {
        Ok(Self::new(latin1(user)?, latin1(password)?))
    }

    /// The value of an Authorization or Proxy-Authorization field, marked sensitive.
    #[must_use]
    pub fn basic(&self) -> HeaderValue {
        basic_auth_str(self.user.reveal(), self.password.reveal())
    }
}

/// Text in latin-1, one byte a character.
///
/// # Errors
/// If a character is above U+00FF.
pub fn latin1(text: &str) -> Result<Vec<u8>, NotLatin1> {
    text.chars().map(|c| u8::try_from(u32::from(c)).map_err(|_| NotLatin1)).collect()
}

/// `Basic` and the base64 of `user:password`, marked sensitive.
///
/// Source: `_basic_auth_str` in requests, `auth.py`.
#[must_use]
pub fn basic_auth_str(user: &[u8], password: &[u8]) -> HeaderValue {
    let mut value = alloc::string::String::from("Basic ");
    BASE64.encode_string([user, b":", password].concat(), &mut value);
    #[expect(clippy::expect_used, reason = "base64 is visible ASCII")]
    let mut value = HeaderValue::from_maybe_shared(bytes::Bytes::from(value)).expect("base64");
    value.set_sensitive(true);
    value
}

/// `Bearer` and the token, marked sensitive.
///
/// # Errors
/// If the token has a byte that no field value may have (RFC 9110, 5.5).
pub fn bearer(token: &[u8]) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    let mut value = HeaderValue::from_bytes(&[b"Bearer ", token].concat())?;
    value.set_sensitive(true);
    Ok(value)
}

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
        Move::Nowhere => Carry::Keep(Same::Origin),
        Move::To(Moved::Scheme) if is_upgrade(old, new) => Carry::Keep(Same::Upgrade),
        Move::To(moved) => Carry::Strip(moved),
    }
}

/// From http to https with no port but the default ones; the hosts are known to be the same.
fn is_upgrade(old: &Url, new: &Url) -> bool {
    let plain = |url: &Url, scheme| url.scheme() == scheme && url.port().is_none();
    plain(old, "http") && plain(new, "https")
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

/// What becomes of the Authorization field when `old` redirects to `new`.
///
/// requests asks netrc on every redirect, even where that replaces what the caller gave; here
/// netrc is asked, host by host, only in calls where nothing explicit was given.
///
/// Source: `rebuild_auth` in requests, `sessions.py`.
#[must_use]
pub fn rebuild_auth(old: &Url, new: &Url, header: Header, source: Source, netrc: Netrc) -> Next {
    match (source, netrc, header) {
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
    use alloc::format;

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

    #[test]
    fn credentials_are_sensitive_and_not_shown() {
        let credentials = Credentials::from_text("é", "ü").unwrap();
        assert_eq!(credentials.basic(), "Basic 6Tr8");
        assert!(credentials.basic().is_sensitive());
        assert!(!format!("{credentials:?}").contains('é'));
        assert_eq!(Credentials::from_text("中", "p"), Err(NotLatin1));
        assert!(bearer(b"t0k").unwrap().is_sensitive());
        assert!(bearer(b"t\r\nX: y").is_err());
    }
}
