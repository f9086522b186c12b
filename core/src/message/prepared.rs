//! A request as it goes out: method, URL, header fields, body.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use http::Method;
use url::Url;

use super::Body;
use crate::cookies::Cookie;
use crate::headers::Headers;

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
    pub(crate) credentials: Credentials,
}

/// The cookies that were given for one call, and the host that it was addressed to: they go to no
/// other.
#[derive(Clone, Debug, Default)]
pub struct CallCookies {
    /// The cookies in the order given.
    pub cookies: Vec<Cookie>,
    /// The host of the URL that the call was addressed to, in `url`'s spelling.
    pub host: Option<Box<str>>,
}

/// Where a request's credentials come from; netrc is asked only where nothing was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// There are none, so netrc may be asked for the next host.
    #[default]
    None,
    /// From netrc: looked up again for each host.
    Netrc,
    /// From the call, the session, the URL or a header field: netrc stays out.
    Explicit,
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
            credentials: Credentials::None,
        }
    }

    /// Path and query, as they stand in the request line.
    ///
    /// Source: `path_url` in requests, `models.py`.
    #[must_use]
    pub fn path_url(&self) -> &str {
        self.url.as_str().get(path_range(&self.url)).filter(|path| !path.is_empty()).unwrap_or("/")
    }
}

/// Where path and query lie in the text of a URL.
fn path_range(url: &Url) -> core::ops::Range<usize> {
    use url::Position::{AfterQuery, BeforePath};
    let start = url.as_str().len().saturating_sub(url[BeforePath..].len());
    let end = start.saturating_add(url[BeforePath..AfterQuery].len());
    start..end
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
    fn the_path_goes_with_its_query_and_without_its_fragment() {
        let rows = [
            ("http://a.test", "/"),
            ("http://u:p@a.test:81/x?y=1#z", "/x?y=1"),
            ("http://a.test/?#", "/?"),
            ("mailto:a@b", "a@b"),
        ];
        for (url, want) in rows {
            let request = PreparedRequest::new(Method::GET, Url::parse(url).unwrap());
            assert_eq!(request.path_url(), want, "{url}");
        }
    }

    #[test]
    fn debug_hides_the_userinfo() {
        let url = Url::parse("http://s3cret:s3cret@a.test/x").unwrap();
        let shown = format!("{:?}", PreparedRequest::new(Method::GET, url));
        assert!(!shown.contains("s3cret") && shown.contains("http://***@a.test/x"), "{shown}");
    }
}
