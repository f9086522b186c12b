//! One cookie: what it says, where it goes, and until when.
//!
//! Source: RFC 6265bis section 5.7 (the fields of a stored cookie); `create_cookie` in requests
//! 2.34.2, `cookies.py` (the defaults of one made by hand).

use alloc::string::String;
use core::fmt;

use crate::{Secret, WallTime};

/// Which hosts a cookie goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every host: a cookie made by hand without a domain.
    Everywhere,
    /// The one host that set it: no `Domain` attribute was given.
    Host,
    /// Its domain and all hosts below.
    Subdomains,
}

/// The `SameSite` attribute; kept, never acted on: there is no page that could embed a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// `SameSite=Strict`.
    Strict,
    /// `SameSite=Lax`.
    Lax,
    /// `SameSite=None`.
    None,
}

/// Whether a cookie has a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// The name tells it from others at its domain and path.
    Named,
    /// Set by a line without a name: its text is sent bare, and one at a domain and path replaces
    /// the other (RFC 6265bis sections 5.6 and 5.8.3).
    Nameless,
}

/// Why a cookie made by hand, or restored, cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCookie {
    /// A control character other than TAB: it could begin another header field.
    ControlCharacter,
    /// A character above U+00FF: a header field has one byte for a character.
    NotLatin1,
}

impl fmt::Display for BadCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ControlCharacter => "control character in a cookie",
            Self::NotLatin1 => "character above U+00FF in a cookie",
        })
    }
}

impl core::error::Error for BadCookie {}

/// A cookie, as a response set it or as made by hand.
///
/// Text has one character per byte received (Latin-1). `Debug` does not show the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie {
    pub(super) name: String,
    pub(super) value: Option<Secret<String>>,
    pub(super) domain: String,
    pub(super) path: String,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    pub(super) discard: bool,
    pub(super) expires: Option<WallTime>,
    pub(super) port: Option<String>,
    pub(super) same_site: Option<SameSite>,
    pub(super) reach: Reach,
    pub(super) naming: Naming,
    /// Number of this cookie in its jar; kept when it is replaced.
    pub(super) creation: u64,
    /// Number of its last replacement; the smallest is evicted first.
    pub(super) touched: u64,
}

impl Cookie {
    /// A cookie that goes to every host, with path `/`, until the session ends.
    ///
    /// It is marked `HttpOnly` and to be discarded, as requests marks those made by hand.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { value: Some(Secret::new(value.into())), ..Self::valueless(name) }
    }

    /// The same without a value: sent as its bare name, without an equals sign.
    #[must_use]
    pub fn valueless(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: None,
            domain: String::new(),
            path: String::from("/"),
            secure: false,
            http_only: true,
            discard: true,
            expires: None,
            port: None,
            same_site: None,
            reach: Reach::Everywhere,
            naming: Naming::Named,
            creation: 0,
            touched: 0,
        }
    }

    /// Goes to `domain` and all hosts below it; to every host if that is empty. Lower-cased; a
    /// leading dot is kept as part of the cookie's identity and means nothing else.
    #[must_use]
    pub fn with_domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = domain.into();
        self.domain.make_ascii_lowercase();
        self.reach = if self.domain.is_empty() { Reach::Everywhere } else { Reach::Subdomains };
        self
    }

    /// Goes to `path` and what lies below it. Matches nothing without a leading slash, unless it
    /// is empty: then everything.
    #[must_use]
    pub fn with_path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Whether it goes over TLS only.
    #[must_use]
    pub const fn with_secure(mut self, secure: bool) -> Self {
        self.secure = secure;
        self
    }

    /// Not sent from this moment on.
    #[must_use]
    pub const fn with_expires(mut self, expires: WallTime) -> Self {
        self.expires = Some(expires);
        self
    }

    /// Ports it goes to, in decimal, separated by commas; empty for every port.
    #[must_use]
    pub fn with_port(mut self, port: impl Into<String>) -> Self {
        self.port = Some(port.into());
        self
    }

    /// Whether it is marked `HttpOnly`.
    #[must_use]
    pub const fn with_http_only(mut self, http_only: bool) -> Self {
        self.http_only = http_only;
        self
    }

    /// Whether [`Jar::clear_session_cookies`](super::Jar::clear_session_cookies) removes it, even
    /// if it has an expiry: true unless said otherwise.
    #[must_use]
    pub const fn with_discard(mut self, discard: bool) -> Self {
        self.discard = discard;
        self
    }

    /// The `SameSite` attribute.
    #[must_use]
    pub const fn with_same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = Some(same_site);
        self
    }

    /// The name; for a nameless cookie its text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value; none if there was no equals sign, or no name before it.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.value.as_ref().map(|value| value.reveal().as_str())
    }

    /// The domain: empty for every host; with a leading dot if a response gave a `Domain`.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it goes over TLS only.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether it is marked `HttpOnly`.
    #[must_use]
    pub const fn is_http_only(&self) -> bool {
        self.http_only
    }

    /// Whether it ends with the session.
    #[must_use]
    pub const fn is_discarded(&self) -> bool {
        self.discard
    }

    /// Whether no `Domain` was given: by a response, it goes to one host; by hand, to all.
    #[must_use]
    pub fn is_host_only(&self) -> bool {
        self.reach != Reach::Subdomains
    }

    /// Which hosts it goes to.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        self.reach
    }

    /// The moment from which it is not sent; none if it ends with the session.
    #[must_use]
    pub const fn expires(&self) -> Option<WallTime> {
        self.expires
    }

    /// Whether its time has come: at the moment of expiry it has.
    #[must_use]
    pub fn is_expired(&self, now: WallTime) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Ports it goes to, if it is bound to any.
    #[must_use]
    pub fn port(&self) -> Option<&str> {
        self.port.as_deref()
    }

    /// The `SameSite` attribute.
    #[must_use]
    pub const fn same_site(&self) -> Option<SameSite> {
        self.same_site
    }

    /// Place in the order of creation, within its jar. A replaced cookie keeps its place.
    #[must_use]
    pub const fn creation(&self) -> u64 {
        self.creation
    }

    /// The domain without its leading dot.
    pub(super) fn bare_domain(&self) -> &str {
        self.domain.strip_prefix('.').unwrap_or(&self.domain)
    }

    /// The name as RFC 6265bis counts it: empty for a nameless cookie.
    pub(super) fn own_name(&self) -> &str {
        match self.naming {
            Naming::Named => &self.name,
            Naming::Nameless => "",
        }
    }

    /// Whether the two are one cookie, so that one replaces the other.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.naming == other.naming
            && self.own_name() == other.own_name()
            && self.domain == other.domain
            && self.path == other.path
    }

    /// Whether it can go into a header field.
    pub(super) fn check(&self) -> Result<(), BadCookie> {
        let port = self.port.as_deref().unwrap_or_default();
        let texts = [&self.name, self.value().unwrap_or_default(), &self.domain, &self.path, port];
        for c in texts.into_iter().flat_map(str::chars) {
            if c != '\t' && c.is_ascii_control() {
                return Err(BadCookie::ControlCharacter);
            }
            if c > '\u{ff}' {
                return Err(BadCookie::NotLatin1);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = self.naming == Naming::Nameless;
        f.debug_struct("Cookie")
            .field("name", if hidden { &"***" } else { &self.name })
            .field("value", &self.value)
            .field("domain", &self.domain)
            .field("path", &self.path)
            .field("secure", &self.secure)
            .field("http_only", &self.http_only)
            .field("expires", &self.expires)
            .field("reach", &self.reach)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn debug_shows_no_value() {
        let mut cookie = Cookie::new("sid", "hunter2").with_domain("A.test");
        let shown = format!("{cookie:?}");
        assert!(shown.contains("sid") && shown.contains("a.test"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
        cookie = Cookie { naming: Naming::Nameless, ..Cookie::valueless("hunter2") };
        assert!(!format!("{cookie:?}").contains("hunter2"));
    }

    #[test]
    fn what_could_break_a_header_is_refused() {
        let rows = [
            (Cookie::new("a", "1\t2"), Ok(())),
            (Cookie::new("é", "ÿ"), Ok(())),
            (Cookie::new("a", "1\r\nX: y"), Err(BadCookie::ControlCharacter)),
            (Cookie::new("a\0", "1"), Err(BadCookie::ControlCharacter)),
            (Cookie::new("a", "1").with_path("/\n"), Err(BadCookie::ControlCharacter)),
            (Cookie::new("a", "\u{7f}"), Err(BadCookie::ControlCharacter)),
            (Cookie::new("a", "ā"), Err(BadCookie::NotLatin1)),
        ];
        for (cookie, want) in rows {
            assert_eq!(cookie.check(), want, "{cookie:?}");
        }
    }
}
