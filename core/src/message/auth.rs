//! Credentials for a request.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::Secret;
use crate::policy::digest::DigestAuth;

/// How a request proves who sends it.
///
/// `A` is the runtime's own kind: a value that signs a request, looks at the response and may ask
/// for another round.
///
/// Source: the `auth` parameter of requests; `HTTPBasicAuth` in requests, `auth.py`.
#[derive(Clone, Debug)]
pub enum Auth<A> {
    /// User and password in the `Authorization` header (RFC 7617).
    Basic {
        /// The user name: text, or bytes that are taken as they are.
        user: Secret<Credential>,
        /// The password.
        password: Secret<Credential>,
    },
    /// A token in the `Authorization` header (RFC 6750).
    Bearer(Secret<String>),
    /// User and password in the `Proxy-Authorization` header.
    ///
    /// Source: `HTTPProxyAuth` in requests, `auth.py`.
    ProxyBasic {
        /// The user name.
        user: Secret<Credential>,
        /// The password.
        password: Secret<Credential>,
    },
    /// User and password, given in answer to a challenge (RFC 7616): the first request goes out
    /// without, and is sent again once the server has asked.
    ///
    /// Source: `HTTPDigestAuth` in requests, `auth.py`.
    Digest(DigestAuth),
    /// The runtime's own.
    Custom(A),
}

/// Part of a credential: text, which goes out as ISO-8859-1 where it fits, or bytes as they are.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// Credentials are not shown.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl From<&str> for Credential {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Credential {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for Credential {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&[u8]> for Credential {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl<A> Auth<A> {
    /// User and password by RFC 7617.
    pub fn basic(user: impl Into<Credential>, password: impl Into<Credential>) -> Self {
        Self::Basic { user: Secret::new(user.into()), password: Secret::new(password.into()) }
    }

    /// User and password by RFC 7616. Clones are the same object: keep one, or give it to the
    /// session, and the server's challenge has to be waited for only once.
    pub fn digest(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self::Digest(DigestAuth::new(user, password))
    }

    /// A bearer token by RFC 6750.
    pub fn bearer(token: impl Into<String>) -> Self {
        Self::Bearer(Secret::new(token.into()))
    }

    /// User and password for a proxy.
    pub fn proxy_basic(user: impl Into<Credential>, password: impl Into<Credential>) -> Self {
        Self::ProxyBasic { user: Secret::new(user.into()), password: Secret::new(password.into()) }
    }
}
