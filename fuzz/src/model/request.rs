//! A request as a strict server reads it.
//!
//! Source: RFC 9112, sections 3, 5 and 6.

use super::{chunked, head};

/// A request.
#[derive(Debug)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a str,
    /// The target.
    pub target: &'a str,
    /// Names in small letters, and values without blanks around them.
    pub fields: Vec<(String, &'a [u8])>,
    /// The body.
    pub body: Vec<u8>,
    /// Bytes of it all.
    pub used: usize,
}

impl Request<'_> {
    /// All values of a field, by its name in small letters.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&[u8]> {
        self.fields.iter().filter(|(n, _)| n == name).map(|(_, value)| *value).collect()
    }
}

/// Reads a request from the front of `bytes`; `None` if more has to come.
///
/// # Errors
/// What is wrong with it.
pub fn read(bytes: &[u8]) -> Result<Option<Request<'_>>, &'static str> {
    let Some(end) = bytes.windows(4).position(|at| at == b"\r\n\r\n") else { return Ok(None) };
    let (mut lines, mut left) = (Vec::new(), &bytes[..end]);
    while let Some(at) = left.windows(2).position(|at| at == b"\r\n") {
        lines.push(&left[..at]);
        left = &left[at + 2..];
    }
    lines.push(left);
    if lines.iter().any(|line| line.iter().any(|b| (*b < b' ' && *b != b'\t') || *b == 0x7f)) {
        return Err("a control character");
    }
    let line = std::str::from_utf8(lines[0]).map_err(|_| "the request line is not ASCII")?;
    let words: Vec<&str> = line.split(' ').collect();
    let [method, target, "HTTP/1.1"] = words[..] else { return Err("no request line") };
    if method.is_empty() || !method.bytes().all(is_token) {
        return Err("no method");
    }
    if target.is_empty() || !target.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("no target");
    }
    let mut fields = Vec::new();
    for line in &lines[1..] {
        let colon = line.iter().position(|b| *b == b':').ok_or("no colon")?;
        let name = std::str::from_utf8(&line[..colon]).map_err(|_| "no name")?;
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err("no name");
        }
        fields.push((name.to_ascii_lowercase(), head::trim(&line[colon + 1..])));
    }
    let mut request = Request { method, target, fields, body: Vec::new(), used: end + 4 };
    if request.values("host").len() != 1 {
        return Err("not one Host");
    }
    let Some((body, used)) = body(&request, &bytes[end + 4..])? else { return Ok(None) };
    request.used += used;
    request.body = body;
    Ok(Some(request))
}

fn body(request: &Request<'_>, rest: &[u8]) -> Result<Option<(Vec<u8>, usize)>, &'static str> {
    let (lengths, codings) =
        (request.values("content-length"), request.values("transfer-encoding"));
    match (&lengths[..], &codings[..]) {
        ([], []) => Ok(Some((Vec::new(), 0))),
        ([length], []) => {
            let text = std::str::from_utf8(length).map_err(|_| "no length")?;
            let length: usize = text.parse().map_err(|_| "no length")?;
            Ok(rest.get(..length).map(|body| (body.to_vec(), length)))
        }
        ([], [coding]) if coding.eq_ignore_ascii_case(b"chunked") => match chunked::read(rest) {
            chunked::Read::Whole { data, used, .. } => Ok(Some((data, used))),
            chunked::Read::Partial(_) => Ok(None),
            chunked::Read::Refused(_) => Err("no chunks"),
        },
        _ => Err("not one framing"),
    }
}

/// Whether a byte may stand in a name or a method.
#[must_use]
pub fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
