//! The method as it goes out.
//!
//! Source: `prepare_method` in requests 2.34.2, `models.py`; RFC 9110, 9.1.

use alloc::string::String;
use core::fmt;

use http::Method;

use crate::planted::Plant;

/// The text is no method: empty, or with a character that no token has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidMethod(pub String);

impl fmt::Display for InvalidMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid method {:?}: a method is letters, digits and !#$%&'*+-.^_`|~", self.0)
    }
}

impl core::error::Error for InvalidMethod {}

/// The method in upper case, whatever it is.
#[must_use]
pub fn prepare_method(text: &str) -> String {
    text.to_uppercase()
}

/// The method of this name in any case.
///
/// # Errors
/// If the name is no token.
pub fn parse(text: &str) -> Result<Method, InvalidMethod> {
    let text = match text.split_once(char::is_whitespace) {
        Some((text, _)) if Plant::MethodCut.is_on() => text,
        _ => text,
    };
    let upper = prepare_method(text);
    Method::from_bytes(upper.as_bytes()).map_err(|_| InvalidMethod(upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_tokens_in_upper_case() {
        for (text, want) in [("get", "GET"), ("Purge", "PURGE"), ("m-search", "M-SEARCH")] {
            assert_eq!(parse(text).unwrap().as_str(), want, "{text}");
        }
        for text in ["", "GET ", "G\r\nX", "é"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
