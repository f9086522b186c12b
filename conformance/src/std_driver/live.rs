//! A response of `sessio-std`, read through its own methods.

use std::io::Read;

use sessio_core::message::Content;
use sessio_core::wire::charset::Charset;
use sessio_std::Response;

use super::planted::{failure, reading_failure};
use crate::client::{Failure, Item, Items, Live, observe};

/// A response, with what is left to be read.
#[derive(Debug)]
pub struct StdLive(Response);

/// What items are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Bytes,
    Text,
}

impl StdLive {
    pub(super) const fn new(response: Response) -> Self {
        Self(response)
    }

    /// As in requests, where text was asked for and the charset is not known, there are bytes.
    fn form(&self, text: bool) -> Result<Form, Failure> {
        match observe::encoding(&self.0).filter(|_| text) {
            None => Ok(Form::Bytes),
            Some(name) if Charset::for_name(&name).is_some() => Ok(Form::Text),
            Some(name) => Err(Failure::Unsayable(format!("the charset {name}"))),
        }
    }
}

/// At most `max` items, and the error that came instead of one.
fn collected<T>(
    given: impl Iterator<Item = sessio_std::Result<T>>,
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

impl Live for StdLive {
    fn response(&self) -> &sessio_core::Response {
        &self.0
    }

    fn response_mut(&mut self) -> &mut sessio_core::Response {
        &mut self.0
    }

    fn iter_content(&mut self, size: Option<usize>, max: usize, text: bool) -> Items {
        let size = size.filter(|size| *size > 0).unwrap_or(usize::MAX);
        match self.form(text) {
            Ok(Form::Bytes) => collected(self.0.iter_content(size), max, bytes),
            Ok(Form::Text) => collected(self.0.iter_text(size), max, Item::Text),
            Err(failure) => failed(failure),
        }
    }

    fn iter_lines(&mut self, delimiter: Option<&[u8]>, max: usize, text: bool) -> Items {
        let form = match self.form(text) {
            Ok(form) => form,
            Err(failure) => return failed(failure),
        };
        let between = delimiter.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        match (form, delimiter, between) {
            (Form::Bytes, Some(delimiter), _) => {
                collected(self.0.iter_lines_by(delimiter), max, bytes)
            }
            (Form::Text, _, Some(between)) => {
                collected(self.0.iter_text_lines_by(&between), max, Item::Text)
            }
            (Form::Bytes, None, _) => collected(self.0.iter_lines(), max, bytes),
            (Form::Text, _, None) => collected(self.0.iter_text_lines(), max, Item::Text),
        }
    }

    fn content(&mut self) -> Result<Vec<u8>, Failure> {
        self.0.content().map(Vec::from).map_err(failure)
    }

    fn raw_read(&mut self, count: usize, decode: bool) -> Result<Vec<u8>, Failure> {
        // What is below requests has given everything away when the content is in memory.
        if matches!(self.0.content, Content::Complete(_)) {
            return Ok(Vec::new());
        }
        if !decode {
            // Too late after a first reading: then the rest is decoded as the beginning was.
            let _ = self.0.raw();
        }
        let mut read = Vec::new();
        let most = u64::try_from(count).unwrap_or(u64::MAX);
        match Read::take(&mut self.0, most).read_to_end(&mut read) {
            Ok(_) => Ok(read),
            Err(error) => Err(reading_failure(error)),
        }
    }

    fn close(&mut self) {
        self.0.close();
    }
}
