//! What becomes of the method and the body of a request that is redirected.
//!
//! Source: `rebuild_method` and `resolve_redirects` in requests 2.34.2, `sessions.py`; RFC 9110,
//! 15.4.2 to 15.4.4.

use http::{Method, StatusCode};

use crate::planted::Plant;

/// Whether the method of a redirected request changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextMethod {
    /// It stays.
    Keep,
    /// It becomes GET: 302 or 303, after anything but HEAD.
    Get,
    /// It becomes GET: 301 after POST, as browsers do.
    GetAfterPost,
}

impl NextMethod {
    /// The method itself, where `method` was the last one.
    #[must_use]
    pub fn apply(self, method: &Method) -> Method {
        match self {
            Self::Keep => method.clone(),
            Self::Get | Self::GetAfterPost => Method::GET,
        }
    }
}

/// The method that follows `method` after `status`.
///
/// Source: `rebuild_method` in requests, `sessions.py`; RFC 9110, 15.4.2 to 15.4.4.
#[must_use]
pub fn rebuild_method(method: &Method, status: StatusCode) -> NextMethod {
    match status.as_u16() {
        303 if Plant::MethodKept.is_on() => NextMethod::Keep,
        302 | 303 if method != Method::HEAD => NextMethod::Get,
        301 if method == Method::POST => NextMethod::GetAfterPost,
        _ => NextMethod::Keep,
    }
}

/// What becomes of the body of a redirected request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextBody {
    /// It is sent again, from its start.
    Keep,
    /// It is not, and the fields that describe it go with it.
    Drop,
}

/// Whether the body goes along.
///
/// It does after 307 and 308, and after 301 where the method is one whose content says what to
/// do: requests drops it there and so sends an empty PUT.
#[must_use]
pub fn next_body(method: &Method, status: StatusCode) -> NextBody {
    match status.as_u16() {
        307 | 308 => NextBody::Keep,
        301 if matches!(method.as_str(), "PUT" | "PATCH" | "DELETE" | "QUERY") => NextBody::Keep,
        _ if Plant::BodyKeptAsGet.is_on() => NextBody::Keep,
        _ => NextBody::Drop,
    }
}
