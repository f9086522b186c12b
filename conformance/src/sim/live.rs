//! A response of the simulation, with what is left to be read of it.

use sessio_core::exchange::{Coded, PieceEnd};
use sessio_core::message::cuts::{ByteCut, Cut, LineCut, TextCut, TextLineCut};
use sessio_core::wire::charset::Charset;
use sessio_core::wire::lines::{LINE_BYTES_MAX, LineEnd};
use sessio_core::wire::pieces::PieceSize;
use sessio_core::{Error, ErrorKind, Input, Output, Response};

use super::drive::Run;
use crate::client::{Failure, Item, Items, Live, observe};

/// A response, whole or streamed.
pub struct SimLive {
    response: Response,
    body: Body,
    /// What an iterator took and did not give out.
    left: Option<Part>,
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

impl Part {
    /// At most `most` bytes from the front, and what is behind them.
    fn split(mut self, most: usize) -> (Self, Option<Self>) {
        if most >= self.bytes.len() {
            return (self, None);
        }
        let behind = Self { bytes: self.bytes.split_off(most), piece: self.piece };
        (Self { bytes: self.bytes, piece: PieceEnd::NotYet }, Some(behind))
    }
}

impl SimLive {
    pub(super) fn whole(response: Response) -> Self {
        let body = Body::Memory(response.bytes().to_vec());
        Self { response, body, left: None }
    }

    pub(super) fn streamed(run: Run) -> Self {
        let response = run.exchange.response().expect("the head is there").clone();
        Self { response, body: Body::Coming(Box::new(run)), left: None }
    }

    /// At most `most` bytes of what comes next; `None` at the end.
    fn next(&mut self, most: usize) -> Result<Option<Part>, Failure> {
        if let Some(left) = self.left.take() {
            let (part, behind) = left.split(most);
            self.left = behind;
            return Ok(Some(part));
        }
        let Body::Coming(run) = &mut self.body else { return Ok(None) };
        if run.until_data()? {
            let Output::Data(data) = run.exchange.poll() else { panic!("it was there") };
            let part = Part { bytes: data.bytes.to_vec(), piece: data.piece };
            let (part, _) = part.split(most);
            run.tell(Input::Consumed(part.bytes.len()));
            return Ok(Some(part));
        }
        match std::mem::replace(&mut self.body, Body::Gone) {
            Body::Coming(run) => run.finish().map(|_| None),
            _ => Ok(None),
        }
    }

    /// At most `max` items, and the error that came instead of one.
    fn items<C: Cut>(&mut self, mut cut: C, max: usize, item: impl Fn(C::Item) -> Item) -> Items {
        let mut given = Items::default();
        let (mut is_whole, mut piece) = (false, PieceEnd::NotYet);
        match &self.body {
            Body::Memory(content) => {
                cut.push(content);
                cut.finish();
                is_whole = true;
            }
            Body::Gone if self.left.is_none() => {
                given.error = Some(consumed());
                return given;
            }
            Body::Coming(_) | Body::Gone | Body::Closed => {}
        }
        while given.items.len() < max {
            match cut.take() {
                Ok(Some(one)) => given.items.push(item(one)),
                Ok(None) if is_whole => break,
                Ok(None) => match self.next(cut.wanted()) {
                    Ok(Some(part)) => {
                        cut.push(&part.bytes);
                        piece = part.piece;
                        if piece == PieceEnd::Here {
                            cut.boundary();
                        }
                    }
                    Ok(None) => {
                        cut.finish();
                        is_whole = true;
                    }
                    Err(failure) => {
                        self.body = Body::Gone;
                        given.error = Some(failure);
                        return given;
                    }
                },
                Err(too_long) => {
                    self.body = Body::Gone;
                    given.error = Some(Error::from(too_long).into());
                    return given;
                }
            }
        }
        if !matches!(self.body, Body::Memory(_)) && !cut.rest().is_empty() {
            self.left = Some(Part { bytes: cut.rest().to_vec(), piece });
        }
        given
    }

    /// The charset of the items, or `None` if they are bytes.
    fn charset(&self, text: bool) -> Result<Option<Charset>, Failure> {
        match observe::encoding(&self.response).filter(|_| text) {
            None => Ok(None),
            Some(name) => {
                let unknown = || Failure::Unsayable(format!("the charset {name}"));
                Charset::for_name(&name).map(Some).ok_or_else(unknown)
            }
        }
    }
}

fn consumed() -> Failure {
    Error::new(ErrorKind::StreamConsumed, "the body was streamed and is gone").into()
}

fn failed(failure: Failure) -> Items {
    Items { items: Vec::new(), error: Some(failure) }
}

impl Live for SimLive {
    fn response(&self) -> &Response {
        &self.response
    }

    fn response_mut(&mut self) -> &mut Response {
        &mut self.response
    }

    fn iter_content(&mut self, size: Option<usize>, max: usize, text: bool) -> Items {
        // `None` and 0 read as much as the peer makes one piece of: it does not depend on arrival.
        let size = size.filter(|size| *size > 0).unwrap_or(usize::MAX);
        let size = PieceSize::from_count(size);
        match self.charset(text) {
            Ok(None) => self.items(ByteCut::new(size), max, |item| Item::Bytes(item.into())),
            Ok(Some(charset)) => self.items(TextCut::new(size, charset), max, Item::Text),
            Err(failure) => failed(failure),
        }
    }

    fn iter_lines(&mut self, delimiter: Option<&[u8]>, max: usize, text: bool) -> Items {
        let end = |usual| LineEnd::delimiter(delimiter.unwrap_or_default(), usual);
        match self.charset(text) {
            Ok(None) => {
                let cut = LineCut::new(end(LineEnd::Bytes), LINE_BYTES_MAX);
                self.items(cut, max, |line| Item::Bytes(line.into()))
            }
            Ok(Some(charset)) => {
                let cut = TextLineCut::new(end(LineEnd::Text), LINE_BYTES_MAX, charset);
                self.items(cut, max, Item::Text)
            }
            Err(failure) => failed(failure),
        }
    }

    fn content(&mut self) -> Result<Vec<u8>, Failure> {
        match &self.body {
            Body::Memory(content) => return Ok(content.clone()),
            Body::Gone if self.left.is_none() => return Err(consumed()),
            Body::Coming(_) | Body::Gone | Body::Closed => {}
        }
        let mut content = Vec::new();
        while let Some(part) = self.next(usize::MAX).inspect_err(|_| self.body = Body::Gone)? {
            content.extend_from_slice(&part.bytes);
        }
        self.body = Body::Memory(content.clone());
        Ok(content)
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
