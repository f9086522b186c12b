//! Heads and decisions as the trace shows them: credentials hidden.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::fmt::Write as _;

use crate::cookies::{Decision, Verdict};
use crate::headers::{self, Headers};
use crate::message::prepared::Shown;
use crate::message::{PreparedRequest, Response};
use crate::policy::redirect::Next;
use crate::trace::What;
use crate::wire::decode::Decoding;

use super::Exchange;

/// A request's line and fields.
pub(super) fn request(request: &PreparedRequest) -> Box<str> {
    let mut text = format!("{} {}", request.method, Shown(&request.url));
    fields(&mut text, &request.headers);
    text.into()
}

/// A response's status line and fields.
fn response(response: &Response) -> Box<str> {
    let mut text = format!("{} {}", response.status.as_u16(), response.reason().escape_debug());
    fields(&mut text, &response.headers());
    text.into()
}

fn fields(text: &mut String, headers: &Headers) {
    for (name, value) in headers.iter() {
        let shown = String::from_utf8_lossy(value.as_bytes());
        let is_secret = value.is_sensitive() || headers::is_credential(name);
        let shown = if is_secret { "***" } else { &shown };
        // Writing to a string does not fail.
        let _ = write!(text, "; {name}: {}", shown.escape_debug());
    }
}

impl<S> Exchange<S> {
    pub(super) fn note_head(&mut self, head: &Response, decoding: &Decoding) {
        if self.trace.is_on() {
            let shown = response(head);
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
        let to = format!("{}", Shown(&next.url)).into();
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
