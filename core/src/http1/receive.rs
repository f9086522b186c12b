//! The incoming half of a cycle: response heads, then the body by its framing.
//!
//! It looks at the bytes that have come in and says which of them are content; it holds none.

use alloc::boxed::Box;

use http::Method;

use crate::headers::Headers;
use crate::planted::Plant;
use crate::policy::framing::{self, Framing};
use crate::policy::interim::{self, Upgrade};
use crate::settings::Limits;
use crate::wire::chunked::{self, Chunk, ChunkLimits};
use crate::wire::head::{HeadLimits, Progress, ResponseHead, Strictness};

use super::ReceiveError;

/// What the bytes so far mean while a head is awaited.
#[derive(Debug)]
pub(crate) enum HeadStep {
    /// The head is not complete.
    NeedMore,
    /// An interim response (1xx) took so many bytes; another head follows.
    Interim { used: usize, status: u16 },
    /// The final head took so many bytes.
    Final { used: usize },
}

/// Waits for the final head of a response.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    interim: u32,
    strictness: Strictness,
    upgrade: Upgrade,
}

impl Heads {
    /// For a request that asks for another protocol, or does not.
    pub(crate) fn after(upgrade: Upgrade) -> Self {
        Self { upgrade, ..Self::default() }
    }

    /// Looks at the bytes received since the last head.
    pub(crate) fn step(
        &mut self,
        head: &mut ResponseHead,
        received: &[u8],
        limits: &Limits,
    ) -> Result<HeadStep, ReceiveError> {
        let mut head_limits =
            HeadLimits { head_bytes_max: limits.head_bytes_max, fields_max: limits.fields_max };
        if Plant::HeadUnlimited.is_on() {
            head_limits.head_bytes_max = usize::MAX;
        }
        let more = usize::from(Plant::FieldsOneMore.is_on());
        head_limits.fields_max = head_limits.fields_max.saturating_add(more);
        let used = match head.parse(received, &head_limits, self.strictness)? {
            Progress::Partial => return Ok(HeadStep::NeedMore),
            Progress::Complete { used } => used,
        };
        let status = head.status();
        match interim::decide(status, self.upgrade, self.interim, limits.interim_max) {
            interim::Verdict::Refuse(refusal) => Err(ReceiveError::Interim(refusal)),
            interim::Verdict::Skip => {
                self.interim = self.interim.saturating_add(1);
                Ok(HeadStep::Interim { used, status: status.as_u16() })
            }
            interim::Verdict::Final => Ok(HeadStep::Final { used }),
        }
    }
}

/// The body of a response, as its framing tells it.
#[derive(Debug)]
pub(crate) enum Body {
    /// So many bytes are left.
    Length(u64),
    /// In chunks. In a box, as what follows: other bodies need not carry its room along.
    Chunked(Box<chunked::Decoder>),
    /// Up to the end of the stream.
    UntilClose,
    /// It has come to its end.
    Ended,
}

/// What the bytes so far mean within a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BodyStep {
    /// `len` bytes of content lie behind `skip` bytes of framing.
    Content { skip: usize, len: usize, ends: Ends },
    /// These bytes are framing; more has to come in.
    NeedMore { used: usize },
    /// The body has ended behind these bytes.
    End { used: usize },
}

/// What ends with a run of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// Nothing.
    Nothing,
    /// A chunk of the transfer coding.
    Chunk,
}

impl Body {
    /// Whether the end of the body is known without the end of the stream.
    pub(crate) const fn has_known_end(&self) -> bool {
        !matches!(self, Self::UntilClose)
    }

    /// The body that follows this head.
    pub(crate) fn of_head(
        method: &Method,
        head: &ResponseHead,
    ) -> Result<(Self, framing::Verdict), ReceiveError> {
        let verdict = framing::body_framing(method, head)?;
        let body = match verdict.framing {
            Framing::None | Framing::Length(0) => Self::Ended,
            Framing::Length(length) => Self::Length(length),
            Framing::Chunked => Self::Chunked(Box::default()),
            Framing::UntilClose => Self::UntilClose,
        };
        Ok((body, verdict))
    }

    /// Looks at the bytes that have come in and were not used yet.
    pub(crate) fn step(&mut self, bytes: &[u8]) -> Result<BodyStep, ReceiveError> {
        match self {
            Self::Ended => Ok(BodyStep::End { used: 0 }),
            Self::UntilClose | Self::Length(_) if bytes.is_empty() => {
                Ok(BodyStep::NeedMore { used: 0 })
            }
            Self::UntilClose => {
                Ok(BodyStep::Content { skip: 0, len: bytes.len(), ends: Ends::Nothing })
            }
            Self::Length(left) => {
                let len = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left = left.saturating_sub(len as u64);
                if *left == 0 {
                    *self = Self::Ended;
                }
                Ok(BodyStep::Content { skip: 0, len, ends: Ends::Nothing })
            }
            Self::Chunked(decoder) => Ok(match decoder.step(bytes, &ChunkLimits::default())? {
                chunked::Step::Data { skip, length, chunk: Chunk::Ends } => {
                    BodyStep::Content { skip, len: length, ends: Ends::Chunk }
                }
                chunked::Step::Data { skip, length, chunk: Chunk::Continues } => {
                    BodyStep::Content { skip, len: length, ends: Ends::Nothing }
                }
                chunked::Step::NeedMore { used } => BodyStep::NeedMore { used },
                chunked::Step::End { used } => BodyStep::End { used },
            }),
        }
    }

    /// The stream has ended: whether the body has too.
    pub(crate) fn closed(&mut self) -> Result<(), ReceiveError> {
        match self {
            Self::Length(_) if Plant::LengthCutOff.is_on() => {
                *self = Self::Ended;
                Ok(())
            }
            Self::Chunked(_) if Plant::ChunksCutOff.is_on() => {
                *self = Self::Ended;
                Ok(())
            }
            Self::Ended => Ok(()),
            Self::Chunked(decoder) if decoder.is_ended() => Ok(()),
            Self::UntilClose => {
                *self = Self::Ended;
                Ok(())
            }
            Self::Length(left) => Err(ReceiveError::Incomplete { missing: Some(*left) }),
            Self::Chunked(_) => Err(ReceiveError::Incomplete { missing: None }),
        }
    }

    /// The fields of the trailer section, if there is one.
    pub(crate) fn into_trailers(self) -> Option<Headers> {
        match self {
            Self::Chunked(decoder) if !decoder.trailers().is_empty() => {
                Some(decoder.trailers().to_headers())
            }
            Self::Chunked(_) | Self::Length(_) | Self::UntilClose | Self::Ended => None,
        }
    }
}
