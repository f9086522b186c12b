//! A request as the caller describes it, before a session's settings are merged in.
//!
//! Source: `Request` in requests 2.34.2, `models.py`, and the parameters of `Session.request`.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use url::Url;

use super::auth::Auth;
use super::body::{Rewind, SourceId};
use super::hooks::Hooks;
use super::kit::Kit;
use super::mistake::RequestError;
use super::options::{CallOptions, Certificate};
use crate::cookies::Cookie;
use crate::headers::{self, HeaderError};
use crate::policy::merge::Given;
use crate::policy::proxies::Proxies;
use crate::policy::settings::Verify;
use crate::settings::Timeouts;
use crate::wire::form::Params;
use crate::wire::multipart::{Content as PartContent, Part};

/// What to ask for, and how: give it to `Session::request`, or to `Session::prepare_request`.
///
/// What is left out comes from the session. A mistake in a header field or a JSON value is kept
/// and told when the request is prepared, so that calls can be chained.
///
/// ```
/// use sessio_core::Request;
///
/// let request: Request = Request::post("https://a.test/items")
///     .param("page", 2)
///     .header("X-Trace", "7")
///     .form([("name", "spade"), ("colour", "green")])
///     .allow_redirects(false);
/// ```
pub struct Request<K: Kit = ()> {
    pub(crate) method: String,
    pub(crate) url: Address,
    pub(crate) query: Query,
    pub(crate) headers: Vec<(HeaderName, Change)>,
    pub(crate) data: Data,
    pub(crate) json: Option<Bytes>,
    pub(crate) files: Vec<Part>,
    pub(crate) encoding: FormEncoding,
    pub(crate) sources: Vec<K::Source>,
    pub(crate) rewinds: Vec<Rewind>,
    pub(crate) cookies: Vec<Cookie>,
    pub(crate) auth: Given<Auth<K::Auth>>,
    pub(crate) hooks: Hooks<K::Hook>,
    pub(crate) options: CallOptions,
    pub(crate) mistake: Option<RequestError>,
}

/// The URL of a request: text that is still to be read, or a value that was.
#[derive(Clone)]
pub enum Address {
    /// Text or bytes: read once, when the request is prepared.
    Text(Vec<u8>),
    /// Read already: nothing is parsed or escaped any more.
    Url(Url),
}

/// The query parameters of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Query {
    /// None: the session's alone.
    #[default]
    Absent,
    /// Names and values that merge with the session's.
    Mapping(Params),
    /// Pairs that take the place of the session's.
    Pairs(Params),
    /// Text that takes the place of the session's and is put in as it is.
    Text(String),
}

/// What a request does to a header field of the session.
#[derive(Clone)]
pub(crate) enum Change {
    Set(HeaderValue),
    Append(HeaderValue),
    Remove,
}

/// The `data` of a request.
#[derive(Clone, Debug, Default)]
pub(crate) enum Data {
    #[default]
    Nothing,
    Form(Params),
    Bytes(Bytes),
    Source {
        source: SourceId,
        length: Option<u64>,
    },
}

/// How a form goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormEncoding {
    /// As `multipart/form-data` if there are files, else URL-encoded.
    ByContent,
    /// As `multipart/form-data` in any case.
    Multipart,
}

/// A source of bytes for an upload, with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload<S> {
    /// The runtime's source.
    pub source: S,
    /// How many bytes it will deliver. Unknown: the body is sent in chunks.
    pub length: Option<u64>,
    /// Whether it can be read again, for a redirect, an auth round or a retry.
    pub rewind: Rewind,
}

/// The text may hold a password and is not shown.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{} bytes of text", text.len()),
            Self::Url(url) => write!(f, "{}", super::prepared::Shown(url)),
        }
    }
}

impl From<&str> for Address {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Address {
    fn from(text: String) -> Self {
        Self::Text(text.into_bytes())
    }
}

impl From<&[u8]> for Address {
    fn from(text: &[u8]) -> Self {
        Self::Text(text.into())
    }
}

impl From<Url> for Address {
    fn from(url: Url) -> Self {
        Self::Url(url)
    }
}

impl From<&Url> for Address {
    fn from(url: &Url) -> Self {
        Self::Url(url.clone())
    }
}

/// The constructors that are named after methods.
macro_rules! verbs {
    ($($name:ident $method:ident),+ $(,)?) => {
        $(
            #[doc = concat!("A `", stringify!($method), "` request.")]
            pub fn $name(url: impl Into<Address>) -> Self {
                Self::new(Method::$method, url)
            }
        )+
    };
}

impl<K: Kit> Request<K> {
    /// A request with any method; letters of the method become capitals, as in requests.
    pub fn new(method: impl AsRef<str>, url: impl Into<Address>) -> Self {
        Self {
            method: method.as_ref().to_ascii_uppercase(),
            url: url.into(),
            query: Query::Absent,
            headers: Vec::new(),
            data: Data::Nothing,
            json: None,
            files: Vec::new(),
            encoding: FormEncoding::ByContent,
            sources: Vec::new(),
            rewinds: Vec::new(),
            cookies: Vec::new(),
            auth: Given::Absent,
            hooks: Hooks::new(),
            options: CallOptions::default(),
            mistake: None,
        }
    }

    verbs! { get GET, options OPTIONS, post POST, put PUT, patch PATCH, delete DELETE }

    /// A `HEAD` request, which does not follow redirects unless told to, as in requests.
    pub fn head(url: impl Into<Address>) -> Self {
        Self::new(Method::HEAD, url).allow_redirects(false)
    }

    /// Adds a query parameter; it merges with the session's, and `None` takes one of those away.
    #[must_use]
    pub fn param(
        mut self,
        name: impl Into<Vec<u8>>,
        value: impl Into<crate::wire::form::Value>,
    ) -> Self {
        match &mut self.query {
            Query::Mapping(params) | Query::Pairs(params) => params.push(name, value),
            Query::Absent | Query::Text(_) => {
                let mut params = Params::new();
                params.push(name, value);
                self.query = Query::Mapping(params);
            }
        }
        self
    }

    /// Sets the query parameters: see [`Query`] for what merges with the session's.
    #[must_use]
    pub fn params(mut self, query: impl Into<Query>) -> Self {
        self.query = query.into();
        self
    }

    /// Sets a header field, in place of the session's. Text goes out as UTF-8, where requests takes
    /// latin-1; any bytes but line breaks and NUL may be given.
    #[must_use]
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref();
        self.change(name, |name| headers::value(name, value).map(Change::Set))
    }

    /// Sets a header field to a value that is one already; one that is marked sensitive never
    /// crosses to another origin.
    #[must_use]
    pub fn header_value(self, name: &str, value: HeaderValue) -> Self {
        self.change(name, |_| Ok(Change::Set(value)))
    }

    /// Sets a header field to a secret, an API key say: it never crosses to another origin when a
    /// redirect leads there, and the trace shows it as `***`.
    ///
    /// requests sends such a field to whomever a redirect names; only `Authorization` and cookies
    /// stay behind there.
    #[must_use]
    pub fn secret_header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref();
        self.change(name, |name| headers::secret(name, value).map(Change::Set))
    }

    /// Adds a line for a header field beside those that are there.
    #[must_use]
    pub fn append_header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref();
        self.change(name, |name| headers::value(name, value).map(Change::Append))
    }

    /// Takes a header field of the session away.
    #[must_use]
    pub fn without_header(self, name: &str) -> Self {
        self.change(name, |_| Ok(Change::Remove))
    }

    fn change(
        mut self,
        name: &str,
        change: impl FnOnce(&HeaderName) -> Result<Change, HeaderError>,
    ) -> Self {
        let changed = headers::name(name).and_then(|name| Ok((change(&name)?, name)));
        match changed {
            Ok((change, name)) => self.headers.push((name, change)),
            Err(error) => drop(self.mistake.get_or_insert(RequestError::Header(error))),
        }
        self
    }

    /// A form as the body, `application/x-www-form-urlencoded`; beside files, their fields.
    #[must_use]
    pub fn form(mut self, fields: impl Into<Params>) -> Self {
        self.data = Data::Form(fields.into());
        self
    }

    /// Bytes or text as the body, without a `Content-Type` of their own.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.data = Data::Bytes(body.into());
        self
    }

    /// A source as the body: it is read while it is sent.
    #[must_use]
    pub fn upload(mut self, upload: Upload<K::Source>) -> Self {
        let length = upload.length;
        let source = self.source(upload);
        self.data = Data::Source { source, length };
        self
    }

    fn source(&mut self, upload: Upload<K::Source>) -> SourceId {
        let id = SourceId(self.sources.len());
        self.sources.push(upload.source);
        self.rewinds.push(upload.rewind);
        id
    }

    /// A value as JSON, `application/json`, unless there is a form or another body.
    #[cfg(feature = "json")]
    #[must_use]
    pub fn json<T: serde::Serialize + ?Sized>(mut self, value: &T) -> Self {
        match crate::wire::json_out::to_json(value) {
            Ok(text) => self.json = Some(text.into()),
            Err(error) => drop(self.mistake.get_or_insert(RequestError::Json(error))),
        }
        self
    }

    /// Adds a file, or another part of a `multipart/form-data` body, from memory.
    #[must_use]
    pub fn file(mut self, part: Part) -> Self {
        self.files.push(part);
        self
    }

    /// Sends the form as `multipart/form-data` even if no file is added.
    ///
    /// Source: `files` in requests, all of whose contents are `None`.
    #[must_use]
    pub const fn multipart(mut self) -> Self {
        self.encoding = FormEncoding::Multipart;
        self
    }

    /// Adds a file that is read while it is sent; `describe` may give it a file name, a type and
    /// header fields.
    #[must_use]
    pub fn file_upload(
        mut self,
        name: impl Into<String>,
        upload: Upload<K::Source>,
        describe: impl FnOnce(Part) -> Part,
    ) -> Self {
        let length = upload.length;
        let SourceId(index) = self.source(upload);
        let part = Part::new(name, PartContent::File { index, length });
        self.files.push(describe(part));
        self
    }

    /// Adds a cookie for this call alone: it beats one of the session's of the same name, domain
    /// and path, is not kept, and goes to no other host.
    #[must_use]
    pub fn cookie(mut self, cookie: impl Into<Cookie>) -> Self {
        self.cookies.push(cookie.into());
        self
    }

    /// Credentials, in place of the session's.
    #[must_use]
    pub fn auth(mut self, auth: Auth<K::Auth>) -> Self {
        self.auth = Given::Use(auth);
        self
    }

    /// User and password by RFC 7617.
    #[must_use]
    pub fn basic_auth(
        self,
        user: impl Into<super::auth::Credential>,
        password: impl Into<super::auth::Credential>,
    ) -> Self {
        self.auth(Auth::basic(user, password))
    }

    /// User and password by RFC 7616, once the server asks. Give calls a clone of one
    /// [`Auth::digest`](super::Auth::digest), or the session, and it asks only the first of them.
    #[must_use]
    pub fn digest_auth(self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.auth(Auth::digest(user, password))
    }

    /// A bearer token by RFC 6750.
    #[must_use]
    pub fn bearer_auth(self, token: impl Into<String>) -> Self {
        self.auth(Auth::bearer(token))
    }

    /// No credentials: not the session's, not the URL's, not those of netrc.
    #[must_use]
    pub fn no_auth(mut self) -> Self {
        self.auth = Given::Off;
        self
    }

    /// Adds a hook. A request with hooks does not run the session's.
    #[must_use]
    pub fn hook(mut self, hook: K::Hook) -> Self {
        self.hooks.register(hook);
        self
    }

    /// Sets the timeouts of this call.
    #[must_use]
    pub fn timeout(mut self, timeouts: Timeouts) -> Self {
        self.options.timeout = Some(timeouts);
        self
    }

    /// Whether redirects are followed.
    #[must_use]
    pub fn allow_redirects(mut self, allow: bool) -> Self {
        self.options.allow_redirects = Some(allow);
        self
    }

    /// Whether the caller reads the body itself, piece by piece.
    #[must_use]
    pub fn stream(mut self, stream: bool) -> Self {
        self.options.stream = Some(stream);
        self
    }

    /// Proxies of this call, merged with the session's key by key.
    #[must_use]
    pub fn proxies(mut self, proxies: Proxies) -> Self {
        self.options.proxies = Given::Use(proxies);
        self
    }

    /// No proxy for this call, whatever session and environment say.
    #[must_use]
    pub fn no_proxy(mut self) -> Self {
        self.options.proxies = Given::Off;
        self
    }

    /// How the certificate of the peer is checked.
    #[must_use]
    pub fn verify(mut self, verify: Verify) -> Self {
        self.options.verify = Some(verify);
        self
    }

    /// The certificate that this side shows.
    #[must_use]
    pub fn cert(mut self, certificate: Certificate) -> Self {
        self.options.cert = Some(certificate);
        self
    }

    /// All that is not part of the message: timeouts, redirects, proxies, TLS.
    pub const fn options_mut(&mut self) -> &mut CallOptions {
        &mut self.options
    }
}

impl<K: Kit> fmt::Debug for Request<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("method", &self.method).finish_non_exhaustive()
    }
}
