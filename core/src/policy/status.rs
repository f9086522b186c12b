//! Whether the status of a response is an error, and what is said then.
//!
//! Source: `raise_for_status` in requests 2.34.2, `models.py`.

use alloc::string::{String, ToString};
use core::fmt;

use url::Url;

use crate::planted::Plant;

/// Who is to blame for a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// 400 to 499.
    Client,
    /// 500 to 599.
    Server,
}

/// A status from 400 to 599; `HTTPError` in requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusError {
    /// The status.
    pub status: u16,
    /// The reason phrase; none if there was no response head to take it from.
    pub reason: Option<String>,
    /// The URL that answered, without user and password.
    pub url: String,
    /// Who is to blame.
    pub blame: Blame,
}

impl fmt::Display for StatusError {
    /// In the words of requests, which people search for in their logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blame = match self.blame {
            Blame::Client => "Client",
            Blame::Server => "Server",
        };
        let reason = self.reason.as_deref().unwrap_or("None");
        write!(f, "{} {blame} Error: {reason} for url: {}", self.status, self.url)
    }
}

impl core::error::Error for StatusError {}

/// Whether a status is no error; 600 and above is none either.
///
/// # Errors
/// The status from 400 to 599, with reason and URL.
pub fn raise_for_status(status: u16, reason: Option<&[u8]>, url: &Url) -> Result<(), StatusError> {
    let blame = match status {
        400..=499 => Blame::Client,
        500..=599 => Blame::Server,
        _ => return Ok(()),
    };
    Err(StatusError {
        status,
        reason: reason.map(decode_reason),
        url: without_userinfo(url),
        blame,
    })
}

/// A reason phrase as text: UTF-8 if it is that, else latin-1.
#[must_use]
pub fn decode_reason(bytes: &[u8]) -> String {
    match core::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

fn without_userinfo(url: &Url) -> String {
    let mut url = url.clone();
    if Plant::SecretInStatusError.is_on() {
        return url.to_string();
    }
    // They fail only where there is no host, and then there is no userinfo.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = (u16, Option<&'static [u8]>, Option<&'static str>);

    #[test]
    fn four_and_five_hundreds_are_errors() {
        let url = Url::parse("http://u:p@a/x").unwrap();
        let rows: [Row; 7] = [
            (399, Some(b"X"), None),
            (400, Some(b"Bad"), Some("400 Client Error: Bad for url: http://a/x")),
            (499, Some(b""), Some("499 Client Error:  for url: http://a/x")),
            (500, None, Some("500 Server Error: None for url: http://a/x")),
            (599, Some(b"\xe9"), Some("599 Server Error: \u{e9} for url: http://a/x")),
            (404, Some("é".as_bytes()), Some("404 Client Error: \u{e9} for url: http://a/x")),
            (600, Some(b"X"), None),
        ];
        for (status, reason, want) in rows {
            let got = raise_for_status(status, reason, &url).err().map(|error| error.to_string());
            assert_eq!(got.as_deref(), want, "{status}");
        }
    }
}
