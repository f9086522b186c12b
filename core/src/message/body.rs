//! The body of a prepared request: bytes at hand, or parts that the runtime's sources deliver.

use alloc::sync::Arc;
use core::fmt;

use bytes::Bytes;

/// Which of a request's sources: the runtime keeps them, the core asks for them by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub usize);

/// Whether a source can be read again from where it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewind {
    /// It can: a file, or an iterable that can be iterated anew.
    Possible,
    /// It cannot: a generator, a pipe. A redirect, an auth round or a retry that needs the body
    /// again ends in an error.
    Impossible,
}

/// One part of a streamed body.
#[derive(Clone)]
pub enum Part {
    /// Bytes at hand: the frame of a multipart body, say.
    Bytes(Bytes),
    /// What a source delivers.
    Source {
        /// Which one.
        source: SourceId,
        /// How many bytes it will deliver, if that is known. It is held to: more or fewer is an
        /// error.
        length: Option<u64>,
        /// Whether it can be read a second time.
        rewind: Rewind,
    },
}

/// The body of a request as it will be sent.
#[derive(Clone, Default)]
pub enum Body {
    /// None at all.
    #[default]
    Empty,
    /// Bytes at hand.
    Bytes(Bytes),
    /// Parts in order, at least one of them from a source.
    Parts(Arc<[Part]>),
}

impl Body {
    /// A body that one source delivers.
    #[must_use]
    pub fn source(source: SourceId, length: Option<u64>, rewind: Rewind) -> Self {
        Self::Parts(Arc::new([Part::Source { source, length, rewind }]))
    }

    /// The length in bytes; `None` if a source does not know its own.
    #[must_use]
    pub fn len(&self) -> Option<u64> {
        match self {
            Self::Empty => Some(0),
            Self::Bytes(bytes) => u64::try_from(bytes.len()).ok(),
            Self::Parts(parts) => parts.iter().try_fold(0_u64, |sum, part| {
                let length = match part {
                    Part::Bytes(bytes) => u64::try_from(bytes.len()).ok()?,
                    Part::Source { length, .. } => (*length)?,
                };
                sum.checked_add(length)
            }),
        }
    }

    /// Whether the length is known to be zero.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// Whether the body can be sent a second time.
    #[must_use]
    pub fn rewind(&self) -> Rewind {
        let one_shot =
            |part: &Part| matches!(part, Part::Source { rewind: Rewind::Impossible, .. });
        match self {
            Self::Parts(parts) if parts.iter().any(one_shot) => Rewind::Impossible,
            _ => Rewind::Possible,
        }
    }

    /// The bytes, if they are at hand.
    #[must_use]
    pub const fn as_bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Empty | Self::Parts(_) => None,
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Source { source, length: Some(length), .. } => {
                write!(f, "source {} ({length} bytes)", source.0)
            }
            Self::Source { source, length: None, .. } => write!(f, "source {}", source.0),
        }
    }
}

/// Bodies hold form passwords and uploads: only sizes are shown.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Parts(parts) => f.debug_list().entries(parts.iter()).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn source(length: Option<u64>, rewind: Rewind) -> Part {
        Part::Source { source: SourceId(0), length, rewind }
    }

    #[test]
    fn the_length_is_known_when_every_part_knows_its_own() {
        let frame = || Part::Bytes(Bytes::from_static(b"1234"));
        let rows = [
            (Body::Empty, Some(0)),
            (Body::Bytes(Bytes::from_static(b"abc")), Some(3)),
            (Body::Parts(Arc::new([frame(), source(Some(6), Rewind::Possible)])), Some(10)),
            (Body::Parts(Arc::new([frame(), source(None, Rewind::Possible)])), None),
            (Body::source(SourceId(0), Some(u64::MAX), Rewind::Possible), Some(u64::MAX)),
        ];
        for (body, want) in rows {
            assert_eq!(body.len(), want, "{body:?}");
        }
    }

    #[test]
    fn one_source_that_cannot_go_back_makes_the_body_one_shot() {
        let both = [source(None, Rewind::Possible), source(None, Rewind::Impossible)];
        assert_eq!(Body::Parts(Arc::new(both)).rewind(), Rewind::Impossible);
        assert_eq!(Body::Bytes(Bytes::new()).rewind(), Rewind::Possible);
    }

    #[test]
    fn debug_shows_sizes_only() {
        assert_eq!(format!("{:?}", Body::Bytes(Bytes::from_static(b"pass=1"))), "6 bytes");
    }
}
