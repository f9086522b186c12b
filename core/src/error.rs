//! What a call can end in instead of a response.
//!
//! The kinds carry the names of requests' exceptions (`exceptions.py`) and their hierarchy:
//! [`ErrorKind::is_connection`], [`ErrorKind::is_timeout`] and [`ErrorKind::is_invalid_url`] say
//! what is a special case of what.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::cookies::CookieConflict;
use crate::environment::proxy::InvalidProxyUrl;
use crate::headers::HeaderError;
use crate::http1::ReceiveError;
use crate::http1::send::SendError;
use crate::io::IoError;
use crate::message::prepared::Shown;
use crate::message::{PreparedRequest, RequestError, Response};
use crate::policy::adapter::NoAdapter;
use crate::policy::addresses::NotPublic;
use crate::policy::credentials::NotLatin1;
use crate::policy::framing::FramingError;
use crate::policy::proxy::Unusable;
use crate::policy::redirect::Refusal;
use crate::policy::retry::{Exhausted, Retried};
use crate::policy::retry_after::BadRetryAfter;
use crate::policy::status::StatusError;
use crate::settings::{LimitKind, TimeoutError, TimeoutKind};
use crate::tls::TlsError;
use crate::url::UrlError;
use crate::wire::decode::DecodeError;
#[cfg(feature = "json")]
use crate::wire::json::JsonError;
use crate::wire::lines::LineTooLong;
use crate::wire::multipart::MultipartError;
use crate::wire::request_head::RequestHeadError;
use crate::wire::socks::SocksError;

/// The class of an error: what a caller decides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The URL has no scheme.
    MissingSchema,
    /// No adapter is mounted for the URL's scheme.
    InvalidSchema,
    /// The URL cannot be read.
    InvalidUrl,
    /// The URL of a proxy cannot be read.
    InvalidProxyUrl,
    /// A header field that the caller gave is none.
    InvalidHeader,
    /// The method is no token.
    InvalidMethod,
    /// What was asked for does not go together.
    InvalidRequest,
    /// A value cannot be written as JSON.
    InvalidJson,
    /// The body is no JSON.
    JsonDecode,
    /// The status is an error ([`Response::raise_for_status`]).
    Http,
    /// The connection could not be made, or broke.
    Connection,
    /// The connection did not stand in time.
    ConnectTimeout,
    /// The peer was silent for too long.
    ReadTimeout,
    /// The call was not over in time.
    TotalTimeout,
    /// No connection became free in time.
    PoolTimeout,
    /// TLS failed, or is not to be had.
    Ssl,
    /// A proxy could not be used.
    Proxy,
    /// More redirects than allowed.
    TooManyRedirects,
    /// The body's framing is broken, or it ended early.
    ChunkedEncoding,
    /// The body cannot be decoded.
    ContentDecoding,
    /// The body was streamed and is gone.
    StreamConsumed,
    /// Retries ran out.
    Retry,
    /// The request's body is wanted a second time and cannot be had.
    UnrewindableBody,
    /// The source of the request's body failed, or does not keep to its length.
    Upload,
    /// A limit of [`Limits`](crate::settings::Limits) was passed.
    Limit,
    /// More than one cookie has that name.
    CookieConflict,
    /// A hook or an auth handler refused the response.
    Hook,
}

impl ErrorKind {
    /// Whether this is a special case of [`ErrorKind::Connection`], as in requests.
    #[must_use]
    pub const fn is_connection(self) -> bool {
        matches!(
            self,
            Self::Connection | Self::ConnectTimeout | Self::Ssl | Self::Proxy | Self::PoolTimeout
        )
    }

    /// Whether a timeout ran out.
    #[must_use]
    pub const fn is_timeout(self) -> bool {
        matches!(
            self,
            Self::ConnectTimeout | Self::ReadTimeout | Self::TotalTimeout | Self::PoolTimeout
        )
    }

    /// Whether a URL is at fault.
    #[must_use]
    pub const fn is_invalid_url(self) -> bool {
        matches!(
            self,
            Self::InvalidUrl | Self::InvalidProxyUrl | Self::MissingSchema | Self::InvalidSchema
        )
    }
}

/// Declares the causes of errors: each small error of a module below, and what is said here.
macro_rules! causes {
    ($($(#[$gate:meta])? $variant:ident($type:ty)),+ $(,)?) => {
        /// What exactly went wrong.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Cause {
            $(
                $(#[$gate])?
                #[doc = concat!("See [`", stringify!($type), "`].")]
                $variant($type),
            )+
            /// Said in words.
            Text(Box<str>),
        }

        impl Cause {
            fn as_error(&self) -> Option<&(dyn core::error::Error + 'static)> {
                match self {
                    $($(#[$gate])? Self::$variant(error) => Some(error),)+
                    Self::Text(_) => None,
                }
            }
        }

        impl fmt::Display for Cause {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $($(#[$gate])? Self::$variant(error) => error.fmt(f),)+
                    Self::Text(text) => f.write_str(text),
                }
            }
        }

        $(
            $(#[$gate])?
            impl From<$type> for Cause {
                fn from(error: $type) -> Self {
                    Self::$variant(error)
                }
            }
        )+
    };
}

causes! {
    Adapter(NoAdapter),
    Cookie(CookieConflict),
    Decode(DecodeError),
    Head(RequestHeadError),
    Header(HeaderError),
    Io(IoError),
    #[cfg(feature = "json")]
    Json(JsonError),
    Limit(LimitKind),
    Line(LineTooLong),
    Multipart(MultipartError),
    Proxy(Unusable),
    ProxyUser(NotLatin1),
    Receive(ReceiveError),
    Redirect(Refusal),
    Request(RequestError),
    Retry(Exhausted),
    RetryAfter(BadRetryAfter),
    Send(SendError),
    Address(NotPublic),
    Socks(SocksError),
    Status(StatusError),
    Timeout(TimeoutError),
    Tls(TlsError),
    Url(UrlError),
}

impl From<&str> for Cause {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// Why a call ended without a response.
///
/// It says what was being done in few words; [`source`](core::error::Error::source) has the rest.
/// Neither shows a credential.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    cause: Cause,
    request: Option<Arc<PreparedRequest>>,
    response: Option<Response>,
    retries: Vec<Retried>,
}

impl Error {
    /// An error of this kind.
    #[must_use]
    pub fn new(kind: ErrorKind, cause: impl Into<Cause>) -> Self {
        let (cause, retries) = (cause.into(), Vec::new());
        Self(Box::new(Inner { kind, cause, request: None, response: None, retries }))
    }

    /// The error of a timeout.
    pub(crate) fn timeout(which: TimeoutKind) -> Self {
        let kind = match which {
            TimeoutKind::Connect => ErrorKind::ConnectTimeout,
            TimeoutKind::Read => ErrorKind::ReadTimeout,
            TimeoutKind::Total => ErrorKind::TotalTimeout,
            TimeoutKind::Pool => ErrorKind::PoolTimeout,
        };
        Self::new(kind, Cause::Text(alloc::format!("{which}").into()))
    }

    /// The same error, with the request that it befell.
    #[must_use]
    pub fn with_request(mut self, request: Arc<PreparedRequest>) -> Self {
        self.0.request.get_or_insert(request);
        self
    }

    /// The same error, with the response that led to it or what came of one.
    #[must_use]
    pub fn with_response(mut self, response: Response) -> Self {
        self.0.response.get_or_insert(response);
        self
    }

    /// The same error as one of the proxy.
    pub(crate) fn of_proxy(mut self) -> Self {
        self.0.kind = ErrorKind::Proxy;
        self
    }

    /// The same error, with the attempts that went wrong before.
    #[must_use]
    pub(crate) fn with_retries(mut self, retries: Vec<Retried>) -> Self {
        self.0.retries = retries;
        self
    }

    /// The same error, when it is the last of all that were allowed: as in requests, a read timeout
    /// is an error of the connection then.
    pub(crate) fn at_last(mut self) -> Self {
        if self.0.kind == ErrorKind::ReadTimeout {
            self.0.kind = ErrorKind::Connection;
        }
        self
    }

    /// The class of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What exactly went wrong.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        &self.0.cause
    }

    /// The request that it befell.
    #[must_use]
    pub fn request(&self) -> Option<&Arc<PreparedRequest>> {
        self.0.request.as_ref()
    }

    /// The attempts of the same hop that went wrong before, oldest first; the last one, which the
    /// error is about, is not among them.
    #[must_use]
    pub fn retries(&self) -> &[Retried] {
        &self.0.retries
    }

    /// The response that led to the error, or what had come of one: its content is then
    /// [`Content::Partial`](crate::message::Content::Partial).
    #[must_use]
    pub fn response(&self) -> Option<&Response> {
        self.0.response.as_ref()
    }

    /// The same response, to be completed by a runtime that collects a streamed body.
    pub fn response_mut(&mut self) -> Option<&mut Response> {
        self.0.response.as_mut()
    }

    /// Takes the response out.
    #[must_use]
    pub fn into_response(self) -> Option<Response> {
        self.0.response
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(request) = self.request() {
            write!(f, "{} {}: ", request.method, Shown(&request.url))?;
        }
        self.0.cause.fmt(f)?;
        match self.0.retries.len() {
            0 => Ok(()),
            1 => f.write_str(" (after 1 retry)"),
            count => write!(f, " (after {count} retries)"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("cause", &self.0.cause)
            .field("response", &self.0.response.as_ref().map(|r| r.status))
            .finish_non_exhaustive()
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.0.cause.as_error()
    }
}

/// Makes `From` for the small errors whose kind is always the same.
macro_rules! kinds {
    ($($(#[$gate:meta])? $type:ty => $kind:ident),+ $(,)?) => {
        $(
            $(#[$gate])?
            impl From<$type> for Error {
                fn from(error: $type) -> Self {
                    Self::new(ErrorKind::$kind, error)
                }
            }
        )+
    };
}

kinds! {
    CookieConflict => CookieConflict,
    DecodeError => ContentDecoding,
    HeaderError => InvalidHeader,
    IoError => Connection,
    #[cfg(feature = "json")]
    JsonError => JsonDecode,
    LimitKind => Limit,
    LineTooLong => Limit,
    MultipartError => InvalidRequest,
    NoAdapter => InvalidSchema,
    BadRetryAfter => InvalidHeader,
    Exhausted => Retry,
    RequestHeadError => InvalidHeader,
    SendError => Upload,
    SocksError => Connection,
    StatusError => Http,
    TimeoutError => InvalidRequest,
}

impl From<UrlError> for Error {
    fn from(error: UrlError) -> Self {
        let kind = match &error {
            UrlError::MissingSchema { .. } => ErrorKind::MissingSchema,
            UrlError::InvalidSchema { .. } => ErrorKind::InvalidSchema,
            UrlError::InvalidUrl { .. } => ErrorKind::InvalidUrl,
        };
        Self::new(kind, error)
    }
}

impl From<Unusable> for Error {
    /// Source: `InvalidProxyURL` is raised for a missing host alone, in requests' `adapters.py`.
    fn from(unusable: Unusable) -> Self {
        let kind = match unusable.error {
            InvalidProxyUrl::MissingHost => ErrorKind::InvalidProxyUrl,
            InvalidProxyUrl::Host | InvalidProxyUrl::Port | InvalidProxyUrl::Scheme => {
                ErrorKind::InvalidUrl
            }
        };
        Self::new(kind, unusable)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let kind = match refusal {
            Refusal::TooManyRedirects(_) => ErrorKind::TooManyRedirects,
            Refusal::InvalidLocation => ErrorKind::InvalidUrl,
        };
        Self::new(kind, refusal)
    }
}

impl From<ReceiveError> for Error {
    fn from(error: ReceiveError) -> Self {
        let kind = match &error {
            ReceiveError::Chunk(_) | ReceiveError::Incomplete { .. } => ErrorKind::ChunkedEncoding,
            ReceiveError::Framing(FramingError::ContentLengthsDiffer(..)) => {
                ErrorKind::InvalidHeader
            }
            ReceiveError::Head(_)
            | ReceiveError::Framing(_)
            | ReceiveError::Interim(_)
            | ReceiveError::Unasked
            | ReceiveError::NoResponse
            | ReceiveError::InHead => ErrorKind::Connection,
        };
        Self::new(kind, error)
    }
}

impl From<RequestError> for Error {
    fn from(error: RequestError) -> Self {
        let kind = match &error {
            RequestError::Header(_) | RequestError::Cookie(_) | RequestError::Credentials(_) => {
                ErrorKind::InvalidHeader
            }
            #[cfg(feature = "json")]
            RequestError::Json(_) => ErrorKind::InvalidJson,
            RequestError::FilesWith(_) => ErrorKind::InvalidRequest,
            RequestError::Method(_) => ErrorKind::InvalidMethod,
        };
        Self::new(kind, error)
    }
}

impl Response {
    /// The response itself if its status is below 400 or above 599.
    ///
    /// # Errors
    /// [`ErrorKind::Http`] with the response, in the words of requests.
    ///
    /// Source: `Response.raise_for_status` in requests, `models.py`.
    pub fn raise_for_status(&self) -> Result<&Self, Error> {
        let reason = Some(self.reason_bytes());
        match crate::policy::status::raise_for_status(self.status.as_u16(), reason, self.url()) {
            Ok(()) => Ok(self),
            Err(error) => Err(Error::from(error).with_response(self.clone())),
        }
    }
}
