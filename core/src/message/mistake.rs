//! What can be wrong with a request as the caller describes it.

use core::fmt;

use crate::cookies::BadCookie;
use crate::headers::HeaderError;
use crate::policy::credentials::NotLatin1;
use crate::policy::method::InvalidMethod;

/// A mistake in a request, told when it is prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// A header field is none.
    Header(HeaderError),
    /// A value cannot be written as JSON.
    #[cfg(feature = "json")]
    Json(crate::wire::json_out::JsonOutError),
    /// A cookie cannot go into a header field.
    Cookie(BadCookie),
    /// Credentials cannot be written.
    Credentials(NotLatin1),
    /// The method is no token.
    Method(InvalidMethod),
    /// Files go together with form fields only, not with this.
    FilesWith(&'static str),
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(error) => error.fmt(f),
            #[cfg(feature = "json")]
            Self::Json(error) => error.fmt(f),
            Self::Cookie(error) => error.fmt(f),
            Self::Credentials(error) => error.fmt(f),
            Self::Method(error) => error.fmt(f),
            Self::FilesWith(other) => {
                write!(
                    f,
                    "files go out as multipart/form-data beside form fields, not beside {other}"
                )
            }
        }
    }
}

impl core::error::Error for RequestError {}
