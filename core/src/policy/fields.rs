//! Whether one header field goes along with a redirect, and why not.
//!
//! Source: `resolve_redirects` in requests 2.34.2, `sessions.py`.

use core::fmt;

use http::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, TRANSFER_ENCODING,
};
use http::{HeaderName, HeaderValue};

use crate::planted::Plant;
use crate::policy::authorization::Next;
use crate::policy::origin::{Move, Moved};
use crate::policy::rebuild::NextBody;

/// Whether a header field goes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It does.
    Keep,
    /// It does not, for this reason.
    Drop(Why),
}

/// Why a header field does not go along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It describes the body, which does not go along either.
    BodyDropped,
    /// The cookies of the next request are chosen for its own URL.
    CookiesRebuilt,
    /// An Authorization stays with its origin.
    Authorization(Moved),
    /// The Authorization came from netrc, which is asked again for the next host.
    NetrcAgain,
    /// The proxy of the next request may be another, or none.
    ProxyRebuilt,
    /// A Host that was set by hand stays with its origin.
    HostOverride(Moved),
    /// A value that is marked sensitive stays with its origin.
    Sensitive(Moved),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BodyDropped => f.write_str("body dropped"),
            Self::CookiesRebuilt => f.write_str("cookies are chosen anew"),
            Self::Authorization(moved) | Self::HostOverride(moved) => moved.fmt(f),
            Self::NetrcAgain => f.write_str("netrc is asked anew"),
            Self::ProxyRebuilt => f.write_str("the proxy is chosen anew"),
            Self::Sensitive(moved) => write!(f, "sensitive, {moved}"),
        }
    }
}

/// Whether one header field goes along, given what becomes of body, origin and Authorization.
///
/// An Authorization follows its own rule even where its value is marked sensitive: that rule is
/// at least as strict but for the upgrade from http to https.
#[must_use]
pub fn field(
    name: &HeaderName,
    value: &HeaderValue,
    body: NextBody,
    origin: Move,
    authorization: Next,
) -> Fate {
    // Go strips both (CVE-2025-4673); the second says nothing in a request, and leaks as well.
    if *name == PROXY_AUTHORIZATION && Plant::ProxyAuthorizationKept.is_on() {
        return Fate::Keep;
    }
    if [PROXY_AUTHORIZATION, PROXY_AUTHENTICATE].contains(name) {
        return Fate::Drop(Why::ProxyRebuilt);
    }
    if *name == COOKIE && Plant::CookieFieldKept.is_on() {
        return Fate::Keep;
    }
    if *name == COOKIE {
        return Fate::Drop(Why::CookiesRebuilt);
    }
    if *name == AUTHORIZATION && !Plant::StripListCaseSensitive.is_on() {
        return match authorization {
            Next::Keep(_) => Fate::Keep,
            Next::Strip(moved) => Fate::Drop(Why::Authorization(moved)),
            Next::LookUp | Next::Nothing => Fate::Drop(Why::NetrcAgain),
        };
    }
    let stays = *name == CONTENT_TYPE && Plant::ContentTypeKept.is_on();
    if body == NextBody::Drop
        && [CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING].contains(name)
        && !stays
    {
        return Fate::Drop(Why::BodyDropped);
    }
    match origin {
        _ if *name == HOST && Plant::HostOverrideKept.is_on() => Fate::Keep,
        _ if value.is_sensitive() && Plant::SensitiveFieldKept.is_on() => Fate::Keep,
        Move::To(moved) if *name == HOST => Fate::Drop(Why::HostOverride(moved)),
        Move::To(moved) if value.is_sensitive() => Fate::Drop(Why::Sensitive(moved)),
        Move::To(_) | Move::Nowhere => Fate::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sensitive_value_never_crosses_to_another_origin() {
        let name = HeaderName::from_static("x-key");
        let plain = HeaderValue::from_static("k");
        let mut secret = plain.clone();
        secret.set_sensitive(true);
        let check = |value, origin| field(&name, value, NextBody::Keep, origin, Next::Nothing);
        assert_eq!(check(&secret, Move::Nowhere), Fate::Keep);
        for moved in [Moved::Host, Moved::Scheme, Moved::Port] {
            let want = Fate::Drop(Why::Sensitive(moved));
            assert_eq!(check(&secret, Move::To(moved)), want, "{moved:?}");
            assert_eq!(check(&plain, Move::To(moved)), Fate::Keep, "{moved:?}");
        }
    }

    #[test]
    fn cookies_and_proxy_credentials_are_made_anew_everywhere() {
        let value = HeaderValue::from_static("v");
        for origin in [Move::Nowhere, Move::To(Moved::Host)] {
            let check = |name| field(&name, &value, NextBody::Keep, origin, Next::Nothing);
            assert_eq!(check(COOKIE), Fate::Drop(Why::CookiesRebuilt), "{origin:?}");
            for name in [PROXY_AUTHORIZATION, PROXY_AUTHENTICATE] {
                assert_eq!(check(name), Fate::Drop(Why::ProxyRebuilt), "{origin:?}");
            }
        }
    }
}
