//! How the methods of a response cut its body into items.

use sessio_core::Response;
pub use sessio_core::message::cuts::{ByteCut, LineCut, TextCut, TextLineCut};
use sessio_core::wire::lines::{LINE_BYTES_MAX, LineEnd};
use sessio_core::wire::pieces::PieceSize;

/// Items of so many bytes; see `iter_content`.
#[must_use]
pub fn bytes(count: usize) -> ByteCut {
    ByteCut::new(PieceSize::from_count(count))
}

/// Items of the text of so many bytes.
#[must_use]
pub fn text(count: usize, response: &Response) -> TextCut {
    TextCut::new(PieceSize::from_count(count), response.charset())
}

/// What is between these delimiters; an empty one means lines.
#[must_use]
pub fn lines(delimiter: &[u8]) -> LineCut {
    LineCut::new(LineEnd::delimiter(delimiter, LineEnd::Bytes), LINE_BYTES_MAX)
}

/// The text between these delimiters; an empty one means lines.
#[must_use]
pub fn text_lines(delimiter: &str, response: &Response) -> TextLineCut {
    let end = LineEnd::delimiter(delimiter.as_bytes(), LineEnd::Text);
    TextLineCut::new(end, LINE_BYTES_MAX, response.charset())
}
