//! What of a request an answer proves.
//!
//! Source: RFC 7616, 3.4.3.

/// The request that is proved.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its whole target, as it stands in the request line.
    pub target: &'a str,
    /// Its body.
    pub body: Body<'a>,
}

/// The body of a request, for `auth-int`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// It is at hand: these parts in a row.
    Whole(&'a [&'a [u8]]),
    /// It comes from a source, piece by piece.
    Streamed,
}
