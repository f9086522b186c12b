//! A response as the caller sees it.
//!
//! Source: `Response` in requests 2.34.2, `models.py`.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use url::Url;

use super::PreparedRequest;
use super::prepared::Shown;
use crate::cookies::Cookie;
use crate::headers::Headers;
use crate::policy::redirect;
use crate::policy::retry::Retried;
use crate::wire::head::{ResponseHead, Version};

/// What is at hand of a response's body.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Content {
    /// Nothing: the call was streamed and the body is still to be read, or was read in pieces.
    #[default]
    Unread,
    /// All of it, decoded.
    Complete(Bytes),
    /// What came before an error cut it off, decoded as far as it went.
    Partial(Bytes),
}

/// The answer to a request, with the redirects that led to it.
#[derive(Clone)]
pub struct Response {
    /// The status code.
    pub status: StatusCode,
    /// The body, unless the call was streamed.
    pub content: Content,
    /// The responses that led to this one, oldest first; their own histories are empty.
    pub history: Vec<Self>,
    /// The attempts at this response's own request that went wrong before it, oldest first; those
    /// of redirects are in their responses.
    pub retries: Vec<Retried>,
    /// From the moment the request's connection was wanted to the end of the response head.
    pub elapsed: Duration,
    /// The charset of the text, in place of what the header says.
    pub encoding: Option<String>,
    /// The cookies that this response set, as far as they were accepted.
    pub cookies: Vec<Cookie>,
    /// The request that a redirect leads to, where redirects are not followed.
    pub next: Option<Box<PreparedRequest>>,
    /// The request that was answered.
    pub request: Arc<PreparedRequest>,
    /// The fields of the chunked body's trailer section; they are never merged into the header.
    pub trailers: Headers,
    url: Option<Box<Url>>,
    reason: Reason,
    fields: Fields,
    /// The `Set-Cookie` lines as they came; hooks that edit header fields do not change them.
    pub(crate) set_cookies: Vec<Vec<u8>>,
}

/// The reason phrase: in the head, or made up by a hook.
#[derive(Clone)]
enum Reason {
    OfHead,
    Own(Vec<u8>),
}

/// The header fields: spans of the head as it came, or a list that was edited.
#[derive(Clone)]
enum Fields {
    Head(Box<ResponseHead>),
    Own(Headers),
}

impl Response {
    /// A response of one's own making, for a hook that replaces what came.
    #[must_use]
    pub fn new(request: Arc<PreparedRequest>, status: StatusCode) -> Self {
        Self {
            status,
            content: Content::Complete(Bytes::new()),
            history: Vec::new(),
            retries: Vec::new(),
            elapsed: Duration::ZERO,
            encoding: None,
            cookies: Vec::new(),
            next: None,
            request,
            trailers: Headers::new(),
            url: None,
            reason: Reason::Own(Vec::new()),
            fields: Fields::Own(Headers::new()),
            set_cookies: Vec::new(),
        }
    }

    /// A response whose head has come and whose body has not.
    pub(crate) fn of_head(request: Arc<PreparedRequest>, head: Box<ResponseHead>) -> Self {
        Self {
            status: head.status(),
            content: Content::Unread,
            history: Vec::new(),
            retries: Vec::new(),
            elapsed: Duration::ZERO,
            encoding: None,
            cookies: Vec::new(),
            next: None,
            request,
            trailers: Headers::new(),
            url: None,
            reason: Reason::OfHead,
            set_cookies: head.fields_named("set-cookie").map(<[u8]>::to_vec).collect(),
            fields: Fields::Head(head),
        }
    }

    /// The URL that answered, with the fragment that was asked for.
    #[must_use]
    pub fn url(&self) -> &Url {
        self.url.as_deref().unwrap_or(&self.request.url)
    }

    /// Says that another URL answered.
    pub fn set_url(&mut self, url: Url) {
        self.url = Some(Box::new(url));
    }

    /// The reason phrase as it came: any bytes but control characters.
    #[must_use]
    pub fn reason_bytes(&self) -> &[u8] {
        match (&self.reason, &self.fields) {
            (Reason::Own(reason), _) => reason,
            (Reason::OfHead, Fields::Head(head)) => head.reason(),
            (Reason::OfHead, Fields::Own(_)) => &[],
        }
    }

    /// The reason phrase as text: UTF-8 if it is that, else ISO-8859-1.
    #[must_use]
    pub fn reason(&self) -> Cow<'_, str> {
        let bytes = self.reason_bytes();
        core::str::from_utf8(bytes)
            .map_or_else(|_| bytes.iter().copied().map(char::from).collect(), Cow::Borrowed)
    }

    /// Puts another reason phrase in.
    pub fn set_reason(&mut self, reason: impl Into<Vec<u8>>) {
        self.reason = Reason::Own(reason.into());
    }

    /// The version in the status line; 1.1 for a response that a hook made.
    #[must_use]
    pub fn version(&self) -> Version {
        match &self.fields {
            Fields::Head(head) => head.version(),
            Fields::Own(_) => Version::Http11,
        }
    }

    /// The first value of the field `name`, in any case, without making the list of fields.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        match &self.fields {
            Fields::Head(head) => head.field(name),
            Fields::Own(headers) => headers.get(name).map(http::HeaderValue::as_bytes),
        }
    }

    /// All values of the field `name`, joined by `", "`, as requests shows repeated fields.
    #[must_use]
    pub fn header_joined<'a>(&'a self, name: &'a str) -> Option<Cow<'a, [u8]>> {
        match &self.fields {
            Fields::Own(headers) => headers.get_joined(name).map(Cow::Owned),
            Fields::Head(head) => {
                let mut values = head.fields_named(name);
                let first = values.next()?;
                Some(values.fold(Cow::Borrowed(first), |joined, value| {
                    Cow::Owned([&*joined, b", ", value].concat())
                }))
            }
        }
    }

    /// The first value of the field `name`, if it is visible ASCII.
    #[must_use]
    pub fn header_str(&self, name: &str) -> Option<&str> {
        core::str::from_utf8(self.header(name)?).ok()
    }

    /// The header fields in order.
    #[must_use]
    pub fn headers(&self) -> Headers {
        match &self.fields {
            Fields::Head(head) => head.to_headers(),
            Fields::Own(headers) => headers.clone(),
        }
    }

    /// The header fields, to be edited: what a hook does decides whether a redirect follows.
    pub fn headers_mut(&mut self) -> &mut Headers {
        if let Fields::Head(head) = &self.fields {
            let headers = head.to_headers();
            if matches!(self.reason, Reason::OfHead) {
                self.reason = Reason::Own(head.reason().to_vec());
            }
            self.fields = Fields::Own(headers);
        }
        match &mut self.fields {
            Fields::Own(headers) => headers,
            Fields::Head(_) => unreachable!("the lines above made it a list"),
        }
    }

    /// The body's bytes, decoded: all of them, or what came before an error; empty if unread.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Complete(bytes) | Content::Partial(bytes) => bytes,
            Content::Unread => &[],
        }
    }

    /// Whether the status is below 400.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.status.as_u16() < 400
    }

    /// Whether this is a redirect that can be followed: 301, 302, 303, 307 or 308 with `Location`.
    #[must_use]
    pub fn is_redirect(&self) -> bool {
        // Nearly every response is none by its status: the field need not be looked for.
        self.status.is_redirection()
            && redirect::kind(self.status, self.header("location")) != redirect::Kind::Final
    }

    /// Whether this is a redirect that leads somewhere: an empty Location does not.
    pub(crate) fn leads_on(&self) -> bool {
        self.is_redirect() && self.header_joined("location").is_some_and(|to| !to.is_empty())
    }

    /// Whether this is a redirect by 301 or 308.
    #[must_use]
    pub fn is_permanent_redirect(&self) -> bool {
        redirect::kind(self.status, self.header("location")) == redirect::Kind::Permanent
    }

    /// The head's buffers, to be used again.
    pub(crate) fn into_head(self) -> Option<Box<ResponseHead>> {
        match self.fields {
            Fields::Head(head) => Some(head),
            Fields::Own(_) => None,
        }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread => f.write_str("Unread"),
            Self::Complete(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Partial(bytes) => write!(f, "{} bytes, cut off", bytes.len()),
        }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("url", &format_args!("{}", Shown(self.url())))
            .field("headers", &self.headers())
            .field("content", &self.content)
            .field("history", &self.history.iter().map(|r| r.status).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Response [{}]>", self.status.as_u16())
    }
}
