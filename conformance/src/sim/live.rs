//! A response of the simulation, with what is left to be read of it.

use sessio_core::exchange::{Coded, PieceEnd};
use sessio_core::message::cuts::LineReads;
use sessio_core::wire::charset::{Charset, TextDecoder};
use sessio_core::wire::lines::{LINE_BYTES_MAX, LineEnd, Lines};
use sessio_core::{Error, ErrorKind, Input, Output, Response};

use super::drive::Run;
use crate::client::{Failure, Item, Items, Live, observe};
use ReadingState::{Open, Over};

/// A response, whole or streamed.
pub struct SimLive {
    response: Response,
    body: Body,
    lines: Option<Reading>,
}

/// Lines as far as they were read.
struct Reading {
    lines: Lines,
    reads: LineReads,
    decoder: Option<TextDecoder>,
    state: ReadingState,
}

/// Whether more content may come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ReadingState {
    Open,
    Over,
}

/// What is left of a body.
enum Body {
    /// It is in memory, all of it.
    Memory(Vec<u8>),
    /// It comes in as it is asked for.
    Coming(Box<Run>),
    /// It was given out in pieces, or broke.
    Gone,
    /// It was given up.
    Closed,
}

/// A part of the content.
struct Part {
    bytes: Vec<u8>,
    piece: PieceEnd,
}

impl SimLive {
    pub(super) fn whole(response: Response) -> Self {
        let body = Body::Memory(response.bytes().to_vec());
        Self { response, body, lines: None }
    }

    pub(super) fn streamed(run: Run) -> Self {
        let response = run.exchange.response().expect("the head is there").clone();
        Self { response, body: Body::Coming(Box::new(run)), lines: None }
    }

    /// At most `most` bytes of what comes next; `None` at the end.
    fn next(&mut self, most: usize) -> Result<Option<Part>, Failure> {
        let Body::Coming(run) = &mut self.body else { return Ok(None) };
        if run.until_data()? {
            let Output::Data(data) = run.exchange.poll() else { panic!("it was there") };
            let bytes = data.bytes[..data.bytes.len().min(most)].to_vec();
            let is_all = bytes.len() == data.bytes.len();
            let piece = if is_all { data.piece } else { PieceEnd::NotYet };
            run.tell(Input::Consumed(bytes.len()));
            return Ok(Some(Part { bytes, piece }));
        }
        match std::mem::replace(&mut self.body, Body::Gone) {
            Body::Coming(run) => run.finish().map(|_| None),
            _ => Ok(None),
        }
    }

    /// Collects pieces of `size` bytes at most, `max` of them, which do not cross the peer's own.
    fn pieces(&mut self, size: usize, max: usize) -> (Vec<Vec<u8>>, Option<Failure>) {
        let mut pieces = Vec::new();
        let mut open = Vec::new();
        while pieces.len() < max {
            match self.next(size.saturating_sub(open.len())) {
                Ok(Some(part)) => {
                    open.extend_from_slice(&part.bytes);
                    let ends = part.piece == PieceEnd::Here || open.len() == size;
                    if ends && !open.is_empty() {
                        pieces.push(std::mem::take(&mut open));
                    }
                }
                Ok(None) => break,
                Err(failure) => {
                    self.body = Body::Gone;
                    return (pieces, Some(failure));
                }
            }
        }
        if !open.is_empty() {
            pieces.push(open);
        }
        (pieces, None)
    }

    /// Gives the next content to the lines.
    fn more_lines(&mut self, reading: &mut Reading) -> Result<(), Failure> {
        let part = match &self.body {
            Body::Memory(content) => {
                reading.state = Over;
                Some(content.clone())
            }
            Body::Gone => return Err(consumed()),
            Body::Coming(_) | Body::Closed => {
                let part = self.next(reading.reads.wanted())?;
                if let Some(part) = &part {
                    reading.reads.push(part.bytes.len());
                    if part.piece == PieceEnd::Here {
                        reading.reads.boundary();
                    }
                }
                part.map(|part| part.bytes)
            }
        };
        if part.is_none() {
            reading.state = Over;
        }
        let content = part.unwrap_or_default();
        match &mut reading.decoder {
            None => reading.lines.push(&content),
            Some(decoder) => {
                let mut text = String::new();
                decoder.decode(&content, &mut text);
                if reading.state == Over
                    && let Some(decoder) = reading.decoder.take()
                {
                    decoder.finish(&mut text);
                }
                reading.lines.push(text.as_bytes());
            }
        }
        if reading.state == Over {
            reading.lines.finish();
        }
        Ok(())
    }

    fn charset(&self) -> Result<Option<Charset>, Failure> {
        let Some(name) = observe::encoding(&self.response) else { return Ok(None) };
        let unknown = || Failure::Unsayable(format!("the charset {name}"));
        Charset::for_name(&name).map(Some).ok_or_else(unknown)
    }
}

fn consumed() -> Failure {
    Error::new(ErrorKind::StreamConsumed, "the body was streamed and is gone").into()
}

/// Pieces as text, decoded across their borders; empty ones are left out.
fn texts(pieces: Vec<Vec<u8>>, charset: Charset, is_whole: bool) -> Vec<Item> {
    let mut decoder = TextDecoder::new(charset);
    let mut items = Vec::new();
    for piece in pieces {
        let mut text = String::new();
        decoder.decode(&piece, &mut text);
        if !text.is_empty() {
            items.push(Item::Text(text));
        }
    }
    let mut rest = String::new();
    decoder.finish(&mut rest);
    if is_whole && !rest.is_empty() {
        items.push(Item::Text(rest));
    }
    items
}

impl Live for SimLive {
    fn response(&self) -> &Response {
        &self.response
    }

    fn response_mut(&mut self) -> &mut Response {
        &mut self.response
    }

    fn iter_content(&mut self, size: Option<usize>, max: usize, text: bool) -> Items {
        let size = size.filter(|size| *size > 0).unwrap_or(usize::MAX);
        let (pieces, error) = match &self.body {
            Body::Memory(content) => {
                let pieces = content.chunks(size).take(max).map(<[u8]>::to_vec).collect();
                (pieces, None)
            }
            Body::Gone => return Items { items: Vec::new(), error: Some(consumed()) },
            Body::Coming(_) | Body::Closed => self.pieces(size, max),
        };
        let is_whole = error.is_none() && pieces.len() < max;
        let charset = if text { self.charset() } else { Ok(None) };
        match charset {
            Err(failure) => Items { items: Vec::new(), error: Some(failure) },
            Ok(Some(charset)) => Items { items: texts(pieces, charset, is_whole), error },
            Ok(None) => Items { items: pieces.into_iter().map(Item::Bytes).collect(), error },
        }
    }

    fn iter_lines(&mut self, delimiter: Option<&[u8]>, max: usize, text: bool) -> Items {
        let is_text = text && matches!(self.charset(), Ok(Some(_)));
        let usual = if is_text { LineEnd::Text } else { LineEnd::Bytes };
        let end = match delimiter {
            Some(delimiter) => LineEnd::delimiter(delimiter, usual),
            None => usual,
        };
        let mut reading = match self.lines.take() {
            Some(reading) => reading,
            None => Reading {
                lines: Lines::new(end, LINE_BYTES_MAX),
                reads: LineReads::default(),
                decoder: None,
                state: Open,
            },
        };
        if reading.decoder.is_none() && is_text {
            reading.decoder = self.charset().ok().flatten().map(TextDecoder::new);
        }
        let mut items = Vec::new();
        let mut error = None;
        while items.len() < max {
            match reading.lines.take() {
                Ok(Some(line)) => items.push(match is_text {
                    true => Item::Text(String::from_utf8_lossy(line).into_owned()),
                    false => Item::Bytes(line.to_vec()),
                }),
                Ok(None) if reading.state == Over => break,
                Ok(None) => {
                    if let Err(failure) = self.more_lines(&mut reading) {
                        error = Some(failure);
                        break;
                    }
                }
                Err(_) => {
                    error = Some(Failure::Unsayable("a line too long".into()));
                    break;
                }
            }
        }
        self.lines = (reading.state == Open).then_some(reading);
        Items { items, error }
    }

    fn content(&mut self) -> Result<Vec<u8>, Failure> {
        match &self.body {
            Body::Memory(content) => return Ok(content.clone()),
            Body::Gone => return Err(consumed()),
            Body::Coming(_) | Body::Closed => {}
        }
        let (pieces, error) = self.pieces(10 * 1024, usize::MAX);
        match error {
            Some(failure) => Err(failure),
            None => {
                let content = pieces.concat();
                self.body = Body::Memory(content.clone());
                Ok(content)
            }
        }
    }

    fn raw_read(&mut self, count: usize, decode: bool) -> Result<Vec<u8>, Failure> {
        if let Body::Coming(run) = &mut self.body {
            let content = if decode { Coded::Decoded } else { Coded::AsItCame };
            run.exchange.set_decoding(content);
        }
        let mut read = Vec::new();
        while read.len() < count {
            match self.next(count - read.len())? {
                Some(part) => read.extend_from_slice(&part.bytes),
                None => break,
            }
        }
        Ok(read)
    }

    fn close(&mut self) {
        if matches!(self.body, Body::Coming(_)) {
            self.body = Body::Closed;
        }
    }
}

impl std::fmt::Debug for SimLive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimLive").finish_non_exhaustive()
    }
}
