//! A request as it goes out: method, URL, header fields, body.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderValue, Method};
use url::Url;

use super::Body;
use crate::cookies::CallCookies;
use crate::headers::Headers;
use crate::policy::authorization::Source;
use crate::policy::digest::DigestAuth;

/// What a session makes of a `Request`: inspect it, edit it, send it.
///
/// It is sent as it stands: nothing is merged into it any more. The `Host` field and, where the
/// caller removed them, `User-Agent` and `Accept-Encoding` are put in by the transport.
///
/// Source: `PreparedRequest` in requests, `models.py`.
#[derive(Clone)]
pub struct PreparedRequest {
    /// The method.
    pub method: Method,
    /// The URL, with the fragment and any userinfo, neither of which is sent.
    pub url: Url,
    /// The fields in the order in which they go out.
    pub headers: Headers,
    /// The body.
    pub body: Body,
    /// The cookies of this call alone.
    pub(crate) call_cookies: CallCookies,
    /// Where the `Authorization` field comes from.
    pub(crate) credentials: Source,
    /// What answers a challenge of this URL's origin.
    pub(crate) digest: Option<DigestAuth>,
    /// Header fields of form parts that gave way to the part's own; the call's trace tells them.
    pub(crate) part_headers_dropped: Box<[String]>,
}

impl PreparedRequest {
    /// A request of just these, with no fields at all.
    #[must_use]
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: Headers::new(),
            body: Body::Empty,
            call_cookies: CallCookies::default(),
            credentials: Source::Netrc,
            digest: None,
            part_headers_dropped: Box::default(),
        }
    }

    /// Puts another body in, and says how it is framed.
    ///
    /// Source: `prepare_body` and `prepare_content_length` in requests, `models.py`.
    pub fn set_body(&mut self, body: Body) {
        self.body = body;
        self.frame_body();
    }

    /// Says how the body is framed: one framing, the library's.
    ///
    /// Source: `prepare_content_length` in requests, `models.py`.
    pub(crate) fn frame_body(&mut self) {
        let headers = &mut self.headers;
        match self.body.len() {
            Some(_) if matches!(self.body, Body::Empty) => {
                headers.remove(TRANSFER_ENCODING);
                let may_have_body = !matches!(self.method.as_str(), "GET" | "HEAD");
                if may_have_body && !headers.contains(CONTENT_LENGTH) {
                    headers.set(CONTENT_LENGTH, HeaderValue::from_static("0"));
                }
            }
            Some(length) => {
                headers.remove(TRANSFER_ENCODING);
                headers.set(CONTENT_LENGTH, HeaderValue::from(length));
            }
            None => {
                headers.remove(CONTENT_LENGTH);
                headers.set(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
            }
        }
    }

    /// Path and query, as they stand in the request line.
    ///
    /// Source: `path_url` in requests, `models.py`.
    #[must_use]
    pub fn path_url(&self) -> String {
        crate::url::path_url(&self.url)
    }
}

/// The URL without user name and password, for people to read.
pub(crate) struct Shown<'a>(pub(crate) &'a Url);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use url::Position::{BeforeHost, BeforeUsername};
        let url = self.0;
        if url.username().is_empty() && url.password().is_none() {
            return f.write_str(url.as_str());
        }
        write!(f, "{}***@{}", &url[..BeforeUsername], &url[BeforeHost..])
    }
}

impl fmt::Debug for PreparedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedRequest")
            .field("method", &self.method)
            .field("url", &format_args!("{}", Shown(&self.url)))
            .field("headers", &self.headers)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn debug_hides_the_userinfo() {
        let url = Url::parse("http://s3cret:s3cret@a.test/x").unwrap();
        let shown = format!("{:?}", PreparedRequest::new(Method::GET, url));
        assert!(!shown.contains("s3cret") && shown.contains("http://***@a.test/x"), "{shown}");
    }
}
