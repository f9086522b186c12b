//! Heads and decisions as the trace shows them: credentials hidden.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use http::{HeaderName, HeaderValue, Version};
use url::Url;

use crate::cookies::{Decision, Verdict};
use crate::headers::{self, Headers};
use crate::message::prepared::Shown;
use crate::message::{PreparedRequest, Response};
use crate::planted::Plant;
use crate::policy::redirect::Next;
use crate::trace::{Head, Secrets, What};
use crate::wire;
use crate::wire::decode::Decoding;
use crate::wire::head::ResponseHead;

use super::Exchange;

/// A request's line and fields.
pub(super) fn request(request: &PreparedRequest, secrets: Secrets) -> Box<Head> {
    let first = format!("{} {}", request.method, url(&request.url, secrets)).into();
    let fields = fields(&request.headers, secrets);
    Box::new(Head { first, version: Version::HTTP_11, fields })
}

/// A response's status line and fields.
fn response(response: &Response, secrets: Secrets) -> Box<Head> {
    let first = format!("{} {}", response.status.as_u16(), response.reason().escape_debug()).into();
    let version = version(response.version());
    Box::new(Head { first, version, fields: fields(&response.headers(), secrets) })
}

/// The status line and fields of an interim response.
pub(super) fn interim(head: &ResponseHead, secrets: Secrets) -> Box<Head> {
    let first = format!("{}", head.status().as_u16()).into();
    let version = version(head.version());
    Box::new(Head { first, version, fields: fields(&head.to_headers(), secrets) })
}

const fn version(version: wire::head::Version) -> Version {
    match version {
        wire::head::Version::Http10 => Version::HTTP_10,
        wire::head::Version::Http11 => Version::HTTP_11,
    }
}

/// A URL, without its userinfo unless that is wanted.
pub(super) fn url(url: &Url, secrets: Secrets) -> Box<str> {
    match secrets {
        Secrets::Hide => format!("{}", Shown(url)).into(),
        Secrets::Show => url.as_str().into(),
    }
}

fn fields(headers: &Headers, secrets: Secrets) -> Vec<(Box<str>, Box<str>)> {
    let field = |(name, value): (&HeaderName, &HeaderValue)| {
        let text = String::from_utf8_lossy(value.as_bytes());
        let is_secret = value.is_sensitive() || headers::is_credential(name);
        let is_secret = is_secret && !Plant::SecretInTrace.is_on();
        let shown: Box<str> = match secrets {
            Secrets::Hide if is_secret => "***".into(),
            Secrets::Hide => format!("{}", without_userinfo(&text).escape_debug()).into(),
            Secrets::Show => format!("{}", text.escape_debug()).into(),
        };
        (name.as_str().into(), shown)
    };
    headers.iter().map(field).collect()
}

/// A value, with `***` for the userinfo of each URL in it: a `Location` or `Link` may hold some.
fn without_userinfo(text: &str) -> Cow<'_, str> {
    if !(text.contains("//") && text.contains('@')) {
        return Cow::Borrowed(text);
    }
    let mut pieces = text.split("//");
    let mut shown = String::from(pieces.next().unwrap_or_default());
    for piece in pieces {
        let end = piece.find(['/', '?', '#', '\\', ' ', '>', '"']).unwrap_or(piece.len());
        let (authority, rest) = piece.split_at_checked(end).unwrap_or((piece, ""));
        shown.push_str("//");
        match authority.rsplit_once('@') {
            Some((_, host)) => shown.extend(["***@", host]),
            None => shown.push_str(authority),
        }
        shown.push_str(rest);
    }
    Cow::Owned(shown)
}

impl<S> Exchange<S> {
    pub(super) fn note_head(&mut self, head: &Response, decoding: &Decoding) {
        if self.trace.is_on() {
            let shown = response(head, self.trace.secrets());
            self.trace.note(self.now, || What::Received(shown));
            if let Decoding::Unknown { coding } = decoding {
                let coding = coding.clone();
                self.trace.note(self.now, || What::UnknownCoding(coding));
            }
        }
    }

    pub(super) fn note_redirect(&mut self, status: u16, next: &Next) {
        if !self.trace.is_on() {
            return;
        }
        let to = url(&next.url, self.trace.secrets());
        let (method, body) = (next.because, next.body);
        self.trace.note(self.now, || What::Redirect { status, to, method, body });
        self.trace.note(self.now, || What::Authorization(next.authorization));
        // What became of Authorization has just been said, and why.
        let dropped = next.dropped.iter().filter(|(name, _)| *name != http::header::AUTHORIZATION);
        for (name, why) in dropped {
            self.trace.note(self.now, || What::Dropped(name.clone(), *why));
        }
    }
}

impl What {
    /// What became of a cookie.
    pub(super) fn cookie(decision: &Decision) -> Self {
        let verdict = match &decision.verdict {
            Verdict::Stored => "stored".into(),
            Verdict::Replaced => "stored in place of the one before".into(),
            Verdict::Deleted => "deleted".into(),
            Verdict::Expired => "expired already".into(),
            Verdict::Refused(why) => format!("refused: {why}").into(),
        };
        Self::Cookie { name: decision.name.as_str().into(), verdict }
    }
}

/// The request and how far it is: buffers and bodies hold credentials, and are not shown.
impl<S> fmt::Debug for Exchange<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("request", &self.call.request)
            .field("state", &self.state.name())
            .field("response", &self.response)
            .field("hops", &self.call.hops.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn userinfo_in_a_field_is_hidden_and_the_rest_stays() {
        let rows = [
            ("/plain", "/plain"),
            ("http://a.test/u@b", "http://a.test/u@b"),
            ("http://u:p@a.test/x?y#z", "http://***@a.test/x?y#z"),
            ("http://u:p@q@a.test", "http://***@a.test"),
            ("//u:p@a.test/", "//***@a.test/"),
            (
                "<http://u:p@a.test>; rel=next, <//v@b.test/>",
                "<http://***@a.test>; rel=next, <//***@b.test/>",
            ),
            ("me@a.test", "me@a.test"),
        ];
        for (text, want) in rows {
            assert_eq!(without_userinfo(text), want, "{text}");
        }
    }
}
