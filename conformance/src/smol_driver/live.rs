//! A response of `sessio-smol`, read through its own methods.

use std::io;

use sessio_core::message::cuts::Cut;
use sessio_smol::{Items, Response, Result};
use smol::io::AsyncReadExt;

use crate::real::live::Reads;

/// The items, each waited for on this thread.
fn waited<C: Cut>(mut items: Items<'_, C>) -> impl Iterator<Item = Result<C::Item>> {
    std::iter::from_fn(move || smol::block_on(items.next()))
}

impl Reads for Response {
    fn content_items(&mut self, size: usize) -> impl Iterator<Item = Result<impl Into<Vec<u8>>>> {
        waited(self.iter_content(size))
    }

    fn text_items(&mut self, size: usize) -> impl Iterator<Item = Result<String>> {
        waited(self.iter_text(size))
    }

    fn lines(&mut self, between: &[u8]) -> impl Iterator<Item = Result<impl Into<Vec<u8>>>> {
        waited(self.iter_lines_by(between))
    }

    fn text_lines(&mut self, between: &str) -> impl Iterator<Item = Result<String>> {
        waited(self.iter_text_lines_by(between))
    }

    fn whole(&mut self) -> Result<impl Into<Vec<u8>>> {
        smol::block_on(self.content())
    }

    fn as_it_came(&mut self) {
        let _ = self.raw();
    }

    fn read_most(&mut self, most: u64) -> io::Result<Vec<u8>> {
        let mut read = Vec::new();
        smol::block_on(AsyncReadExt::take(self, most).read_to_end(&mut read)).map(|_| read)
    }

    fn give_up(&mut self) {
        self.close();
    }
}
