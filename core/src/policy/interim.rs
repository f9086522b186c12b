//! Whether a response is the answer, or an interim one before it.
//!
//! Source: RFC 9110, sections 7.8 and 15.2. requests takes 101 to 103 for the answer.

use core::fmt;

use http::StatusCode;

use crate::planted::Plant;

/// Interim responses to one request at most, unless told otherwise.
pub const INTERIM_MAX: u32 = 16;

/// Whether the request asked for another protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Upgrade {
    /// It has: see [`upgrade::asked`](super::upgrade::asked).
    Asked,
    /// It has not.
    #[default]
    NotAsked,
}

/// What to do with a response whose head is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the answer.
    Final,
    /// Tell about it and wait for the next one.
    Skip,
    /// Close the connection.
    Refuse(Refusal),
}

/// Why a response cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is an interim response, and `interim_max` of them came before.
    TooManyInterim,
    /// 101, and nothing in the request asked for it.
    UnaskedSwitch,
    /// 101, and to a protocol that the request did not name.
    OtherProtocol,
    /// 101, or the answer to CONNECT, while the request was not all sent.
    EarlySwitch,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooManyInterim => "too many interim responses",
            Self::UnaskedSwitch => "protocol switched without being asked to (status 101)",
            Self::OtherProtocol => "switched to a protocol that was not asked for (status 101)",
            Self::EarlySwitch => "protocol switched before the request was sent",
        })
    }
}

impl core::error::Error for Refusal {}

/// Decides about a response of this status, when `before` interim ones came before it.
#[must_use]
pub fn decide(status: StatusCode, upgrade: Upgrade, before: u32, interim_max: u32) -> Verdict {
    let interim_max = match Plant::InterimUnlimited.is_on() {
        true => u32::MAX,
        false => interim_max.saturating_add(Plant::InterimOneMore.is_on().into()),
    };
    match (status.as_u16(), upgrade) {
        (101, _) if Plant::SwitchUnasked.is_on() => Verdict::Final,
        (103, _) if Plant::InterimIsAnswer.is_on() => Verdict::Final,
        (101, Upgrade::Asked) => Verdict::Final,
        (101, Upgrade::NotAsked) => Verdict::Refuse(Refusal::UnaskedSwitch),
        (100..=199, _) if before >= interim_max => Verdict::Refuse(Refusal::TooManyInterim),
        (100..=199, _) => Verdict::Skip,
        _ => Verdict::Final,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Final, Refuse, Skip};

    #[test]
    fn interim_responses_are_skipped_up_to_the_limit() {
        let rows = [
            (100, 0, Skip),
            (103, 15, Skip),
            (199, 16, Refuse(Refusal::TooManyInterim)),
            (101, 0, Refuse(Refusal::UnaskedSwitch)),
            (200, 16, Final),
            (999, 0, Final),
        ];
        for (status, before, want) in rows {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(decide(status, Upgrade::NotAsked, before, INTERIM_MAX), want, "{status}");
        }
        let switched = decide(StatusCode::SWITCHING_PROTOCOLS, Upgrade::Asked, 0, INTERIM_MAX);
        assert_eq!(switched, Final);
    }
}
