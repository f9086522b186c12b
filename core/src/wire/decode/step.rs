//! What one step of a codec did, and what it has seen of its stream.

/// What one step of a codec did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// Coded bytes taken in. All that were offered, unless the room for output was filled.
    pub(super) consumed: usize,
    /// Bytes given out, at the start of the room.
    pub(super) produced: usize,
    /// A fault comes after the bytes that were given out with it, and repeats.
    pub(super) fault: Option<Fault>,
}

/// What is wrong with the coded bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// They are not of that coding.
    Corrupt,
    /// They ask for more memory than is allowed.
    #[cfg_attr(not(feature = "zstd"), expect(dead_code, reason = "only zstd has a window limit"))]
    WindowTooLarge,
}

/// What a codec has seen of its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Completeness {
    /// No byte at all, or a whole stream.
    Whole,
    /// A part.
    Partial,
}
