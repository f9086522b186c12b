//! What a call ends in instead of a response: the core's error, and beside it the caller's own.

use std::fmt;
use std::sync::Arc;

use sessio_core::{ErrorKind, PreparedRequest};

use crate::kit::BoxError;

/// What a call comes to.
pub type Result<T> = std::result::Result<T, Error>;

/// Why there is no response.
///
/// An error that a hook, custom auth or an upload source made is kept whole:
/// [`source`](std::error::Error::source) is it, [`Error::into_user`] gives it back.
pub struct Error {
    core: sessio_core::Error,
    user: Option<BoxError>,
}

impl Error {
    /// The core's error, with the caller's own that led to it.
    #[must_use]
    pub const fn with_user(core: sessio_core::Error, user: Option<BoxError>) -> Self {
        Self { core, user }
    }

    /// The same error, with what came of the response.
    #[must_use]
    pub fn with_partial(mut self, partial: sessio_core::Response) -> Self {
        match self.core.response_mut() {
            Some(response) => response.content = partial.content,
            None => self.core = self.core.with_response(partial),
        }
        self
    }

    /// The class of the error, by which a caller decides.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.core.kind()
    }

    /// The core's part: what was being done, for which request.
    #[must_use]
    pub const fn core(&self) -> &sessio_core::Error {
        &self.core
    }

    /// Takes the core's part out.
    #[must_use]
    pub fn into_core(self) -> sessio_core::Error {
        self.core
    }

    /// The request that it befell.
    #[must_use]
    pub fn request(&self) -> Option<&Arc<PreparedRequest>> {
        self.core.request()
    }

    /// The response that led to the error, or what had come of one.
    #[must_use]
    pub fn response(&self) -> Option<&sessio_core::Response> {
        self.core.response()
    }

    /// Takes the response out: its body is what is at hand of it.
    #[must_use]
    pub fn into_response(self) -> Option<sessio_core::Response> {
        self.core.into_response()
    }

    /// The error that a hook, custom auth or an upload source made, if this is from one.
    #[must_use]
    pub fn user(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.user.as_deref()
    }

    /// Takes that error out, as it was made.
    ///
    /// # Errors
    /// This error, if no hook, auth or source made one.
    pub fn into_user(self) -> std::result::Result<BoxError, Self> {
        match self.user {
            Some(user) => Ok(user),
            None => Err(self),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("core", &self.core).field("user", &self.user).finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.user {
            Some(user) => Some(&**user),
            None => std::error::Error::source(&self.core),
        }
    }
}

impl From<sessio_core::Error> for Error {
    fn from(core: sessio_core::Error) -> Self {
        Self { core, user: None }
    }
}

impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        let kind = if error.kind().is_timeout() {
            std::io::ErrorKind::TimedOut
        } else {
            std::io::ErrorKind::Other
        };
        Self::new(kind, error)
    }
}
