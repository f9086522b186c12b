//! A strict reader of requests, written for the observer alone: what goes out has to be exactly one
//! request for each that was handed out, with nothing in it that a line break could hide.
//!
//! Source: RFC 9112, sections 3, 5 and 6, as lists and string scans; nothing is shared with the core.

/// The head of a request as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) fields: Vec<(String, String)>,
    /// How the body is delimited.
    pub(crate) framing: Framing,
    /// The bytes of the head, to be looked through.
    pub(crate) raw: Vec<u8>,
}

/// How the body of a request is delimited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Framing {
    #[default]
    None,
    Length(usize),
    Chunked,
}

impl Heard {
    /// The values of a field.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let is_named = move |field: &&(String, String)| field.0.eq_ignore_ascii_case(name);
        self.fields.iter().filter(is_named).map(|field| field.1.as_str())
    }

    /// The value of a field that may stand there once at most.
    pub(super) fn one<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }
}

fn is_token(text: &str) -> bool {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(token)
}

/// Where the head ends, if it has come.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|place| place + 4)
}

/// Reads a head at the start of `bytes`; `None` if it has not come as a whole.
pub(super) fn head(bytes: &[u8]) -> Result<Option<(Heard, usize)>, String> {
    let Some(end) = end_of_head(bytes) else {
        return match bytes.iter().position(|b| *b == 0) {
            Some(_) => Err("NUL in a request head".into()),
            None => Ok(None),
        };
    };
    let raw = &bytes[..end];
    let bad = raw[..end - 2].iter().enumerate().find(|(place, b)| match **b {
        b'\r' => raw[place + 1] != b'\n',
        b'\n' => *place == 0 || raw[place - 1] != b'\r',
        b'\t' => false,
        b => b < 0x20 || b == 0x7f,
    });
    if let Some((place, byte)) = bad {
        return Err(format!("byte {byte:#x} at {place} of a request head"));
    }
    let text: String = raw.iter().copied().map(char::from).collect();
    let mut lines = text[..text.len() - 4].split("\r\n");
    let line = lines.next().unwrap_or_default();
    let parts: Vec<&str> = line.split(' ').collect();
    let [method, target, "HTTP/1.1"] = parts.as_slice() else {
        return Err(format!("request line {line:?}"));
    };
    if !is_token(method) || target.is_empty() || !target.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(format!("request line {line:?}"));
    }
    let mut fields = Vec::with_capacity(8);
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(format!("field {line:?}"))?;
        if !is_token(name) {
            return Err(format!("field name {name:?}"));
        }
        fields.push((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()));
    }
    let mut heard = Heard {
        method: (*method).to_owned(),
        target: (*target).to_owned(),
        fields,
        framing: Framing::None,
        raw: raw.to_vec(),
    };
    heard.framing = framing(&heard)?;
    if heard.all("host").count() != 1 {
        return Err(format!("{} Host fields", heard.all("host").count()));
    }
    for single in ["authorization", "cookie", "proxy-authorization", "content-type"] {
        if heard.all(single).count() > 1 {
            return Err(format!("more than one {single}"));
        }
    }
    Ok(Some((heard, end)))
}

fn framing(heard: &Heard) -> Result<Framing, String> {
    let lengths: Vec<&str> = heard.all("content-length").collect();
    let codings: Vec<&str> = heard.all("transfer-encoding").collect();
    match (lengths.as_slice(), codings.as_slice()) {
        ([], []) => Ok(Framing::None),
        ([length], []) if length.bytes().all(|b| b.is_ascii_digit()) => {
            length.parse().map(Framing::Length).map_err(|_| format!("length {length:?}"))
        }
        ([], ["chunked"]) => Ok(Framing::Chunked),
        framing => Err(format!("framing {framing:?}")),
    }
}

/// Reads a body at the start of `bytes`: what it is, and how many bytes it took; `None` if it has
/// not come as a whole.
pub(super) fn body(framing: Framing, bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, String> {
    match framing {
        Framing::None => Ok(Some((Vec::new(), 0))),
        Framing::Length(length) => Ok(bytes.get(..length).map(|body| (body.to_vec(), length))),
        // Only where it may be over: it is read from its start each time.
        Framing::Chunked if bytes.ends_with(b"\r\n\r\n") => chunks(bytes),
        Framing::Chunked => Ok(None),
    }
}

fn chunks(bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, String> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let Some(end) = bytes[at..].windows(2).position(|two| two == b"\r\n") else {
            return match bytes.len() - at {
                0..=10 => Ok(None),
                _ => Err("a chunk-size line without an end".into()),
            };
        };
        let digits = &bytes[at..at + end];
        let text = core::str::from_utf8(digits).map_err(|_| "chunk size".to_owned())?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(format!("chunk size {text:?}"));
        }
        let size = usize::from_str_radix(text, 16).map_err(|_| format!("chunk size {text:?}"))?;
        at += end + 2;
        let Some(chunk) = bytes.get(at..at + size + 2) else { return Ok(None) };
        if !chunk.ends_with(b"\r\n") {
            return Err("a chunk without its end".into());
        }
        at += size + 2;
        if size == 0 {
            return Ok(Some((body, at)));
        }
        body.extend_from_slice(&chunk[..size]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_a_whole_or_refused() {
        let (heard, used) =
            head(b"GET /x HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\nrest").unwrap().unwrap();
        assert_eq!((heard.target.as_str(), heard.one("x"), used), ("/x", Some("1"), 34));
        assert!(head(b"GET /x HTTP/1.1\r\nHost: a\r\n").unwrap().is_none());
        for bad in [
            "GET /x y HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /x HTTP/1.1\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\ncontent-length: 2\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n",
        ] {
            assert!(head(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_chunked_body_ends_with_its_last_chunk() {
        let read = |bytes: &[u8]| body(Framing::Chunked, bytes);
        assert_eq!(read(b"2\r\nok\r\n0\r\n\r\n"), Ok(Some((b"ok".to_vec(), 12))));
        assert_eq!(read(b"2\r\nok\r\n0\r\n"), Ok(None));
        assert!(read(b"2\r\nokay\r\n\r\n").is_err());
    }
}
