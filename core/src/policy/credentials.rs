//! What credentials look like on the wire.
//!
//! Source: `_basic_auth_str` in requests 2.34.2, `auth.py`; RFC 7617, RFC 6750.

use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderValue;

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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

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
