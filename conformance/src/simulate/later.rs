//! Answers that ask for another try, and what the reference makes of them.
//!
//! Source: `Retry` in urllib3, `util/retry.py`, and `HTTPAdapter.send` in requests.

use std::time::Duration;

use sessio_core::policy::backoff::Backoff;
use sessio_core::policy::retry::{Methods, OnStatus, Retry};

use super::answer::{Asked, Draft};
use super::chain::Chain;
use super::random::Random;
use super::served::{Leads, Served, Verdict};

/// The retries of a session.
#[derive(Clone, Debug)]
pub(crate) struct Retrying {
    pub(crate) total: usize,
    /// Whether 500 and 503 are tried again without being asked.
    is_forced: bool,
    /// Whether it is an error when no tries are left.
    pub(crate) raises: bool,
    /// Whether every method may be sent again: the caller's own word.
    pub(crate) is_for_all: bool,
}

/// What `Retry-After` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Later {
    Seconds(u64),
    Nonsense,
}

impl Retrying {
    pub(super) fn draw(random: &mut Random) -> Self {
        Self {
            total: random.between(1, 3),
            is_forced: random.chance(500),
            raises: random.chance(500),
            is_for_all: random.chance(200),
        }
    }

    /// As the core has it.
    pub(super) fn retry(&self) -> Retry {
        let times = u32::try_from(self.total).unwrap_or_default();
        let factor = Duration::from_millis(100);
        let mut retry = Retry::times(times);
        retry.backoff = Backoff { factor, ..Backoff::default() };
        if self.is_forced {
            retry.status_forcelist = vec![500, 503];
        }
        if !self.raises {
            retry.raise_on_status = OnStatus::Return;
        }
        if self.is_for_all {
            retry.allowed_methods = Methods::Any;
        }
        retry
    }

    /// Whether an answer to this request asks for another try, given how many are left.
    pub(super) fn concerns(&self, chain: &Chain, served: &Served, left: usize) -> bool {
        let methods = ["HEAD", "GET", "PUT", "DELETE", "OPTIONS", "TRACE"];
        let is_allowed = self.is_for_all || methods.contains(&chain.method.as_str());
        let is_forced = self.is_forced && matches!(served.status, 500 | 503);
        let may_ask = matches!(served.status, 413 | 429 | 503);
        is_allowed && (is_forced || may_ask && served.later.is_some() && left > 0)
    }
}

/// Makes it ask for another try.
pub(super) fn ask(draft: &mut Draft, asked: &Asked<'_>, random: &mut Random) -> bool {
    let is_plain = draft.leads == Leads::Nowhere && draft.verdict == Verdict::Sound;
    if !is_plain || matches!(draft.status, 204 | 304) || draft.later_asked.is_some() {
        return false;
    }
    let later = match random.below(20) {
        0 => Later::Nonsense,
        _ => Later::Seconds(random.below(4) as u64),
    };
    let text = match later {
        Later::Nonsense => "soon".to_owned(),
        Later::Seconds(seconds) => seconds.to_string(),
    };
    draft.status = *random.pick(&[413, 429, 500, 503, 503]);
    draft.fields.push(("Retry-After".into(), text.into_bytes()));
    draft.later_asked = Some(later);
    asked.setup.retrying.is_some() || random.chance(500)
}
