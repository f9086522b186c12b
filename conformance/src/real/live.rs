//! A response of a runtime, read through its own methods.

use std::io;
use std::ops::DerefMut;

use sessio_core::Response;
use sessio_core::message::Content;
use sessio_core::wire::charset::Charset;
use sessio_runtime::Result;

use super::planted::{failure, reading_failure};
use crate::client::{Failure, Item, Items, Live, observe};

/// A response that is read on the thread that asks, whatever its runtime does to get there.
pub trait Reads: DerefMut<Target = Response> {
    /// `iter_content`.
    fn content_items(&mut self, size: usize) -> impl Iterator<Item = Result<impl Into<Vec<u8>>>>;
    /// `iter_text`.
    fn text_items(&mut self, size: usize) -> impl Iterator<Item = Result<String>>;
    /// `iter_lines_by`; nothing between lines is lines.
    fn lines(&mut self, between: &[u8]) -> impl Iterator<Item = Result<impl Into<Vec<u8>>>>;
    /// `iter_text_lines_by`, likewise.
    fn text_lines(&mut self, between: &str) -> impl Iterator<Item = Result<String>>;
    /// `content`.
    ///
    /// # Errors
    /// As that.
    fn whole(&mut self) -> Result<impl Into<Vec<u8>>>;
    /// `raw`, if it is not too late for it.
    fn as_it_came(&mut self);
    /// Reads at most so many bytes by the traits for readers.
    ///
    /// # Errors
    /// As that.
    fn read_most(&mut self, most: u64) -> io::Result<Vec<u8>>;
    /// `close`.
    fn give_up(&mut self);
}

/// A response, with what is left to be read.
#[derive(Debug)]
pub struct RealLive<R>(pub R);

/// What items are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Bytes,
    Text,
}

impl<R: Reads> RealLive<R> {
    /// As in requests, where text was asked for and the charset is not known, there are bytes.
    fn form(&self, text: bool) -> std::result::Result<Form, Failure> {
        match observe::encoding(&self.0).filter(|_| text) {
            None => Ok(Form::Bytes),
            Some(name) if Charset::for_name(&name).is_some() => Ok(Form::Text),
            Some(name) => Err(Failure::Unsayable(format!("the charset {name}"))),
        }
    }
}

/// At most `max` items, and the error that came instead of one.
fn collected<T>(
    given: impl Iterator<Item = Result<T>>,
    max: usize,
    item: impl Fn(T) -> Item,
) -> Items {
    let mut items = Items::default();
    for result in given.take(max) {
        match result {
            Ok(one) => items.items.push(item(one)),
            Err(error) => items.error = Some(failure(error)),
        }
    }
    items
}

fn bytes(bytes: impl Into<Vec<u8>>) -> Item {
    Item::Bytes(bytes.into())
}

fn failed(failure: Failure) -> Items {
    Items { items: Vec::new(), error: Some(failure) }
}

impl<R: Reads> Live for RealLive<R> {
    fn response(&self) -> &Response {
        &self.0
    }

    fn response_mut(&mut self) -> &mut Response {
        &mut self.0
    }

    fn iter_content(&mut self, size: Option<usize>, max: usize, text: bool) -> Items {
        let size = size.filter(|size| *size > 0).unwrap_or(usize::MAX);
        match self.form(text) {
            Ok(Form::Bytes) => collected(self.0.content_items(size), max, bytes),
            Ok(Form::Text) => collected(self.0.text_items(size), max, Item::Text),
            Err(failure) => failed(failure),
        }
    }

    fn iter_lines(&mut self, delimiter: Option<&[u8]>, max: usize, text: bool) -> Items {
        let delimiter = delimiter.unwrap_or_default();
        match self.form(text) {
            Ok(Form::Bytes) => collected(self.0.lines(delimiter), max, bytes),
            Ok(Form::Text) => {
                let between = String::from_utf8_lossy(delimiter);
                collected(self.0.text_lines(&between), max, Item::Text)
            }
            Err(failure) => failed(failure),
        }
    }

    fn content(&mut self) -> std::result::Result<Vec<u8>, Failure> {
        self.0.whole().map(Into::into).map_err(failure)
    }

    fn raw_read(&mut self, count: usize, decode: bool) -> std::result::Result<Vec<u8>, Failure> {
        // What is below requests has given everything away when the content is in memory.
        if matches!(self.0.content, Content::Complete(_)) {
            return Ok(Vec::new());
        }
        if !decode {
            // Too late after a first reading: then the rest is decoded as the beginning was.
            self.0.as_it_came();
        }
        self.0.read_most(u64::try_from(count).unwrap_or(u64::MAX)).map_err(reading_failure)
    }

    fn close(&mut self) {
        self.0.give_up();
    }
}
