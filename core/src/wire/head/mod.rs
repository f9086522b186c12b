//! Response heads: the bytes up to the blank line, as spans over one buffer.
//!
//! `httparse` reads the well-formed ones; what it is too lax about (empty lines before the status
//! line, a bare LF, status codes below 100) or loses (a reason that is not ASCII) is settled on the
//! bytes themselves, and so is what exactly is wrong with a head that it refuses.
//!
//! Source: RFC 9112, sections 2.2, 4 and 5; RFC 9110, section 5.

mod end;
mod error;
mod escaped;
mod examine;
mod fields;
mod leniency;
mod response_head;
mod trailers;
mod unfold;

pub(crate) use end::find_end;
pub use error::HeadError;
pub(crate) use escaped::Escaped;
pub use fields::FieldLines;
pub use leniency::{Leniencies, Leniency};
pub use response_head::{Progress, ResponseHead, Version};
pub(crate) use trailers::parse_trailers;

/// How large a head may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// Bytes of one head, from its first one to the end of its blank line. Default: 64 KiB.
    ///
    /// A head of exactly this length is accepted. Values above 4 GiB count as 4 GiB.
    pub head_bytes_max: usize,
    /// Field lines of one head; a folded line counts once. Default: 128.
    pub fields_max: usize,
}

impl Default for HeadLimits {
    fn default() -> Self {
        Self { head_bytes_max: 64 << 10, fields_max: 128 }
    }
}

/// How to take heads that break the grammar in ways that servers are known to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// A bare LF ends a line, and a folded line becomes one with a space in the place of the fold;
    /// both are recorded as a [`Leniency`].
    ///
    /// A fold in Content-Length, Transfer-Encoding, Location or Set-Cookie is refused.
    #[default]
    Default,
    /// Lines end with CR LF, and nothing is folded.
    Strict,
}

#[cfg(test)]
mod tests;
