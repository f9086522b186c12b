//! The end of a call: what it came to is compared with what its peers gave and what befell it.

use sessio_core::message::Content;
use sessio_core::{Error, ErrorKind, Response};

use super::call::Reading;
use super::chain::{Chain, Then};
use super::fault::{Fault, FaultSet};
use super::run::{Live, Run, Violation};
use super::served::{Leads, Served, Verdict};

/// Faults after which a call may end in an error.
const MAY_FAIL: [Fault; 24] = [
    Fault::Refused,
    Fault::ConnectTimeout,
    Fault::Unresolved,
    Fault::ResetAtOnce,
    Fault::WriteReset,
    Fault::HalfClose,
    Fault::ReadReset,
    Fault::EarlyEnd,
    Fault::EarlyBytes,
    Fault::Silence,
    Fault::SourceFails,
    Fault::UploadShort,
    Fault::UploadLong,
    Fault::NoRewind,
    Fault::TightDeadline,
    Fault::Cancel,
    Fault::CloseOnReuse,
    Fault::TlsAlert,
    Fault::AsksCertificate,
    Fault::ProxyRefuses,
    Fault::ProxyAuth,
    Fault::ProxyGarbage,
    Fault::ProxyCloses,
    Fault::SocksRefuses,
];

/// Faults that are bytes which nobody asked for, before there is HTTP on a connection.
const TWO_ERRORS: [Fault; 4] =
    [Fault::EarlyBytes, Fault::ProxyGarbage, Fault::ProxyCloses, Fault::SocksRefuses];

/// Faults of a connection that the next request on it may suffer from.
const INHERITED: [Fault; 8] = [
    Fault::NoCloseNotify,
    Fault::Rule,
    Fault::KeepAliveLie,
    Fault::CloseOnReuse,
    Fault::IdleBytes,
    Fault::WriteReset,
    Fault::HalfClose,
    Fault::WriteBlock,
];

/// Faults that cost time, and so may run into a deadline.
const SLOW: [Fault; 8] = [
    Fault::SlowHead,
    Fault::SlowBody,
    Fault::ReadPause,
    Fault::WriteBlock,
    Fault::FewPlaces,
    Fault::SecondAddress,
    Fault::RedirectLoop,
    Fault::ShortRead,
];

fn any(befell: FaultSet, of: &[Fault]) -> bool {
    of.iter().any(|fault| befell.has(*fault))
}

/// Whether something befell a call for which it may fail, or an attempt of it.
pub(super) fn may_go_wrong(chain: &Chain) -> bool {
    any(chain.befell, &MAY_FAIL) || any(chain.befell, &SLOW) || any(chain.inherits, &INHERITED)
}

/// Why a response is not what it has to be.
type Wrong = (&'static str, String);

impl Run {
    /// A call is over.
    pub(super) fn judge(&mut self, live: &mut Live) -> Result<(), Violation> {
        let events: Vec<String> =
            live.exchange.take_events().iter().map(|event| event.what.to_string()).collect();
        for event in &events {
            self.no_secret(live.call, event)?;
        }
        let outcome = live.exchange.outcome();
        let Some(chain) = self.chains[live.call].take() else { return Ok(()) };
        if let Some(line) = live.line.map(|line| &mut self.wire.lines[line])
            && line.user == Some(live.call)
            && line.is_busy()
        {
            line.spoil(self.now, "its response was not read to the end");
        }
        let wrong = match &outcome {
            Ok(response) => self.response(&chain, live, response),
            Err(error) => self.error(&chain, live, error),
        };
        let shown = match &outcome {
            Ok(response) => {
                let bytes = match &response.content {
                    Content::Complete(bytes) | Content::Partial(bytes) => bytes.len(),
                    Content::Unread => live.got.len(),
                };
                format!("{}: {} with {bytes} bytes", live.call, response.status)
            }
            // Which of two errors it is may depend on what had come when it was looked at.
            Err(_) if any(chain.befell, &TWO_ERRORS) => format!("{}: an error", live.call),
            Err(error) => format!("{}: {:?}", live.call, error.kind()),
        };
        self.log(|| format!("call {shown}"));
        self.note(&[shown.len() as u64, live.got.len() as u64]);
        self.ran.outcomes.push(shown);
        self.ran.tally.count(chain.befell);
        if let Ok(response) = outcome {
            self.session.recycle(response);
        }
        wrong.map_err(|(invariant, text)| Violation { invariant, text, call: Some(live.call) })
    }

    /// Counts what befell a call that was dropped.
    pub(super) fn settle_tally(&mut self, call: usize) {
        if let Some(chain) = self.chains[call].take() {
            self.ran.tally.count(chain.befell);
        }
    }

    fn response(&self, chain: &Chain, live: &Live, response: &Response) -> Result<(), Wrong> {
        if chain.must_not_go {
            return Err(("I7", "a request that must not go out has a response".into()));
        }
        let Some(served) = chain.served.and_then(|number| self.served.get(number)) else {
            return Err(("I11", "a response that nobody gave".into()));
        };
        named(chain, served, response)?;
        if served.verdict == Verdict::Broken {
            return Err(("I10", format!("a broken response is taken: {}", brief(served))));
        }
        if chain.then(served) != Then::Answer {
            return Err(("I14", format!("taken for the answer: {}", brief(served))));
        }
        if let Some(retrying) = &self.setup.retrying
            && !may_go_wrong(chain)
            // A connection that could not be made has used up a try.
            && !chain.is_excused
            && retrying.concerns(chain, served, chain.tries_left)
            && (chain.tries_left > 0 || retrying.raises)
        {
            return Err(("I14", format!("not tried again: {}", brief(served))));
        }
        // Redirects put theirs in the place of what was there, as in requests.
        let leads_on =
            served.leads != Leads::Nowhere && matches!(served.status, 301 | 302 | 303 | 307 | 308);
        let is_kept = chain.hops == 0 && chain.has_proved && !leads_on;
        let history = chain.hops + usize::from(is_kept);
        if response.history.len() != history || chain.hops > chain.hops_max {
            let text = format!("{} in the history, {} hops", response.history.len(), chain.hops);
            return Err(("I14", text));
        }
        let content = match (&response.content, live.reading) {
            (Content::Complete(bytes), _) => bytes,
            (Content::Unread, Reading::Pieces(_) | Reading::Until(_)) => live.got.as_slice(),
            (Content::Unread, Reading::Whole) => return Err(("I10", "an unread body".into())),
            (Content::Partial(_), _) => return Err(("I10", "a partial body".into())),
        };
        if content != served.body && served.verdict == Verdict::Sound {
            let (got, want) = (content.len(), served.body.len());
            return Err(("I10", format!("{got} bytes of content where {want} were sent")));
        }
        Ok(())
    }

    fn error(&self, chain: &Chain, live: &Live, error: &Error) -> Result<(), Wrong> {
        let mut text = format!("{error} {error:?}");
        let mut source = core::error::Error::source(error);
        while let Some(cause) = source {
            text.push_str(&format!(" {cause} {cause:?}"));
            source = cause.source();
        }
        if let Some(owner) = self.markers.is_in(&text) {
            return Err(("I15", format!("a secret of {owner:?} stands in {text:?}")));
        }
        let is_excused = chain.must_not_go
            || chain.is_excused
            || any(chain.befell, &MAY_FAIL)
            || any(chain.inherits, &INHERITED)
            || error.kind().is_timeout()
                && (any(chain.befell, &SLOW) || chain.befell.has(Fault::TryLater))
            || error.kind() == ErrorKind::PoolTimeout
            || self.broken_answer(chain)
            || self.broken_answer_under_way(chain)
            || live.line.is_some_and(|line| {
                any(self.wire.lines[line].befell, &[Fault::ResetAtOnce, Fault::EarlyBytes])
            });
        match is_excused {
            true => Ok(()),
            false => Err((
                "G",
                format!("it fails though nothing befell it: {error} ({:?})", error.kind()),
            )),
        }
    }

    /// Whether the last response of a chain is one that must or may end it.
    fn broken_answer(&self, chain: &Chain) -> bool {
        let served = chain.served.and_then(|number| self.served.get(number));
        served.is_some_and(|served| {
            served.verdict != Verdict::Sound
                || self.setup.retrying.is_some() && matches!(served.status, 413 | 429 | 500 | 503)
                || chain.then(served) == Then::Fail
                || served.leads == Leads::Astray
        })
    }

    /// The same for one that it has begun to give.
    fn broken_answer_under_way(&self, chain: &Chain) -> bool {
        let served = chain.answering.and_then(|number| self.served.get(number));
        served.is_some_and(|served| served.verdict != Verdict::Sound)
    }
}

/// The response has to be the one that was given to this request.
fn named(chain: &Chain, served: &Served, response: &Response) -> Result<(), Wrong> {
    if !served.is_named {
        let foreign = response.header("x-serve").is_some();
        return if foreign { Err(("I11", "another call's response".into())) } else { Ok(()) };
    }
    if (served.call, served.hop) != (chain.call, chain.hops) {
        return Err(("I11", format!("the response to hop {} of call {}", served.hop, served.call)));
    }
    let (tag, number) = (response.header_str("x-tag"), response.header_str("x-serve"));
    let number = number.and_then(|number| number.parse::<usize>().ok());
    let own = format!("t{}", chain.call);
    if tag != Some(own.as_str()) || number != chain.served {
        let text = format!("response {number:?} of {tag:?} where {:?} was due", chain.served);
        return Err(("I11", text));
    }
    if response.status.as_u16() != served.status {
        return Err(("I11", format!("status {}", response.status)));
    }
    Ok(())
}

fn brief(served: &Served) -> String {
    let Served { status, verdict, leads, origin, .. } = served;
    format!("{status} of {origin}, {verdict:?}, leads {leads:?}")
}
