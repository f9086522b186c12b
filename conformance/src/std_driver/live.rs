//! A response of `sessio-std`, read through its own methods.

use std::io::{self, Read};

use sessio_std::{Response, Result};

use crate::real::live::Reads;

impl Reads for Response {
    fn content_items(&mut self, size: usize) -> impl Iterator<Item = Result<impl Into<Vec<u8>>>> {
        self.iter_content(size)
    }

    fn text_items(&mut self, size: usize) -> impl Iterator<Item = Result<String>> {
        self.iter_text(size)
    }

    fn lines(&mut self, between: &[u8]) -> impl Iterator<Item = Result<impl Into<Vec<u8>>>> {
        self.iter_lines_by(between)
    }

    fn text_lines(&mut self, between: &str) -> impl Iterator<Item = Result<String>> {
        self.iter_text_lines_by(between)
    }

    fn whole(&mut self) -> Result<impl Into<Vec<u8>>> {
        self.content()
    }

    fn as_it_came(&mut self) {
        let _ = self.raw();
    }

    fn read_most(&mut self, most: u64) -> io::Result<Vec<u8>> {
        let mut read = Vec::new();
        Read::take(self, most).read_to_end(&mut read).map(|_| read)
    }

    fn give_up(&mut self) {
        self.close();
    }
}
