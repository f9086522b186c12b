//! The chunked coding of a request body, read as it arrives.
//!
//! Source: RFC 9112, section 7.1.

/// Reads chunks and keeps their sizes.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunks {
    state: State,
    /// The sizes of the chunks so far, without the last of size zero.
    pub(super) sizes: Vec<usize>,
    /// The content so far.
    pub(super) content: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Size,
    Data {
        size: usize,
    },
    DataEnd,
    Trailers,
}

/// How far a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// More bytes are needed.
    More,
    /// The body is complete.
    Done,
    /// It cannot be read.
    Broken,
}

impl Chunks {
    /// Takes what it can off the front of `buffer`.
    pub(super) fn read(&mut self, buffer: &mut Vec<u8>) -> Progress {
        loop {
            match self.state {
                State::Size => {
                    let Some(line) = take_line(buffer) else { return Progress::More };
                    let Some(size) = size(&line) else { return Progress::Broken };
                    self.state = if size == 0 { State::Trailers } else { State::Data { size } };
                }
                State::Data { size } => {
                    if buffer.len() < size {
                        return Progress::More;
                    }
                    self.content.extend(buffer.drain(..size));
                    self.sizes.push(size);
                    self.state = State::DataEnd;
                }
                State::DataEnd => {
                    if buffer.len() < 2 {
                        return Progress::More;
                    }
                    if buffer.drain(..2).as_slice() != b"\r\n" {
                        return Progress::Broken;
                    }
                    self.state = State::Size;
                }
                State::Trailers => match take_line(buffer) {
                    None => return Progress::More,
                    Some(line) if line.is_empty() => return Progress::Done,
                    Some(_trailer) => {}
                },
            }
        }
    }
}

fn take_line(buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let end = buffer.windows(2).position(|pair| pair == b"\r\n")?;
    let line = buffer.drain(..end).collect();
    buffer.drain(..2);
    Some(line)
}

fn size(line: &[u8]) -> Option<usize> {
    let digits = line.split(|&byte| byte == b';').next()?.trim_ascii();
    let digits = std::str::from_utf8(digits).ok()?;
    let digits_only = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digits_only { usize::from_str_radix(digits, 16).ok() } else { None }
}
