//! Requests as a server reads them: head, then a body by chunks or by length.
//!
//! This parser shares nothing with the client's code, so that neither hides the other's mistakes.
//!
//! Source: RFC 9112, sections 2 and 6; what counts as complete is in `oracle/FORMAT.md`, 3.6.

use super::chunked::{Chunks, Progress};

/// A request that has arrived, or what there is of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// The first line, without its line end.
    pub(super) line: Vec<u8>,
    /// Names in lower case, values without surrounding blanks, in order of arrival.
    pub(super) headers: Vec<(String, Vec<u8>)>,
    /// Without the framing of chunks.
    pub(super) body: Vec<u8>,
    /// The sizes of the chunks, if chunked.
    pub(super) chunks: Option<Vec<usize>>,
}

/// What has been read of a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Reader {
    buffer: Vec<u8>,
    state: State,
}

#[derive(Clone, Debug, Default)]
enum State {
    #[default]
    Head,
    Chunked {
        request: Request,
        chunks: Chunks,
    },
    Sized {
        request: Request,
        length: usize,
    },
}

/// What reading gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// Nothing has arrived.
    Nothing,
    /// Part of a request.
    Part,
    /// A whole request.
    Whole(Request),
    /// A request whose body cannot be read.
    Broken(Request),
}

/// What a request that stopped arriving leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing had arrived.
    Nothing,
    /// Bytes that are no head.
    Raw(Vec<u8>),
    /// A head, and part of the body.
    Part(Request),
}

impl Reader {
    /// A reader that begins with bytes that came with something else.
    pub(super) fn with(buffer: Vec<u8>) -> Self {
        Self { buffer, state: State::Head }
    }

    /// Adds bytes; [`Self::read`] looks at them.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Reads as far as the bytes go. After a whole request the rest stays for the next one.
    pub(super) fn read(&mut self) -> Read {
        loop {
            match std::mem::take(&mut self.state) {
                State::Head => match self.head() {
                    None if self.buffer.is_empty() => return Read::Nothing,
                    None => return Read::Part,
                    Some(request) => match framing(&request) {
                        Framing::Chunked => {
                            self.state = State::Chunked { request, chunks: Chunks::default() };
                        }
                        Framing::Sized(length) => self.state = State::Sized { request, length },
                        Framing::Unreadable => return Read::Broken(self.broken(request)),
                    },
                },
                State::Chunked { request, mut chunks } => match chunks.read(&mut self.buffer) {
                    Progress::More => {
                        self.state = State::Chunked { request, chunks };
                        return Read::Part;
                    }
                    Progress::Done => return Read::Whole(chunked(request, chunks)),
                    Progress::Broken => {
                        let request = chunked(request, chunks);
                        return Read::Broken(self.broken(request));
                    }
                },
                State::Sized { mut request, length } => {
                    if self.buffer.len() < length {
                        self.state = State::Sized { request, length };
                        return Read::Part;
                    }
                    request.body = self.buffer.drain(..length).collect();
                    return Read::Whole(request);
                }
            }
        }
    }

    /// What there is of a request of which no more will come.
    pub(super) fn give_up(&mut self) -> Rest {
        match std::mem::take(&mut self.state) {
            State::Head if self.buffer.is_empty() => Rest::Nothing,
            State::Head => Rest::Raw(std::mem::take(&mut self.buffer)),
            State::Chunked { request, chunks } => {
                let request = chunked(request, chunks);
                Rest::Part(self.broken(request))
            }
            State::Sized { request, .. } => Rest::Part(self.broken(request)),
        }
    }

    /// Whether a request has begun and not ended.
    pub(super) fn has_part(&self) -> bool {
        !self.buffer.is_empty() || !matches!(self.state, State::Head)
    }

    /// The bytes that no request has taken.
    pub(super) fn into_unread(self) -> Vec<u8> {
        self.buffer
    }

    fn head(&mut self) -> Option<Request> {
        let end = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
        let head: Vec<u8> = self.buffer.drain(..end + 4).take(end).collect();
        let mut lines = lines(&head).into_iter();
        let line = lines.next().unwrap_or_default().to_vec();
        let headers = lines.map(header).collect();
        Some(Request { line, headers, body: Vec::new(), chunks: None })
    }

    /// All that is left belongs to the body that cannot be read.
    fn broken(&mut self, mut request: Request) -> Request {
        request.body.append(&mut self.buffer);
        request
    }
}

impl Request {
    /// The first value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&[u8]> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_slice())
    }

    /// The target of a CONNECT, host without brackets, or `None` for other methods.
    pub(super) fn connect_target(&self) -> Option<(String, u16)> {
        let target = self.line.strip_prefix(b"CONNECT ")?.split(|&byte| byte == b' ').next()?;
        let target = std::str::from_utf8(target).ok()?;
        let (host, port) = target.rsplit_once(':')?;
        Some((host.trim_matches(['[', ']']).to_owned(), port.parse().ok()?))
    }
}

enum Framing {
    Chunked,
    Sized(usize),
    Unreadable,
}

fn framing(request: &Request) -> Framing {
    let coding = request.header("transfer-encoding").unwrap_or_default().to_ascii_lowercase();
    if coding.windows(7).any(|bytes| bytes == b"chunked") {
        return Framing::Chunked;
    }
    let Some(length) = request.header("content-length") else { return Framing::Sized(0) };
    let digits = std::str::from_utf8(length).ok().filter(|l| l.bytes().all(|b| b.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).map_or(Framing::Unreadable, Framing::Sized)
}

fn chunked(mut request: Request, chunks: Chunks) -> Request {
    request.body = chunks.content;
    request.chunks = Some(chunks.sizes);
    request
}

fn lines(head: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut from = 0;
    while let Some(length) = head[from..].windows(2).position(|pair| pair == b"\r\n") {
        lines.push(&head[from..from + length]);
        from += length + 2;
    }
    lines.push(&head[from..]);
    lines
}

fn header(line: &[u8]) -> (String, Vec<u8>) {
    let colon = line.iter().position(|&byte| byte == b':').unwrap_or(line.len());
    let value = line.get(colon + 1..).unwrap_or_default();
    let name: String = line[..colon].iter().copied().map(char::from).collect();
    (name.to_lowercase(), blanks_off(value).to_vec())
}

fn blanks_off(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}
