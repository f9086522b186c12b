//! A reader of one response over the pieces under test, as small as can be: it holds what was not
//! used, and gives what came out when the stream ends.

use http::Method;
use sessio_core::policy::framing::{self, Framing, body_framing};
use sessio_core::policy::interim::{self, INTERIM_MAX, Upgrade};
use sessio_core::policy::reuse::{self, Received, Reuse, Seen, Sent};
use sessio_core::wire::chunked::{ChunkLimits, Decoder, Step};
use sessio_core::wire::head::{
    FieldLines, HeadLimits, Leniency, Progress, ResponseHead, Strictness,
};

/// What came of a response.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// It is whole.
    Accept(Box<Message>),
    /// An error; in the body, with its head known.
    Reject(String),
    /// The stream ended inside the body, of which this was there.
    Incomplete(Vec<u8>),
}

/// A whole response.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    pub(crate) head: ResponseHead,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: FieldLines,
    pub(crate) surplus: Vec<u8>,
    pub(crate) reason: framing::Reason,
    pub(crate) leniencies: Vec<Leniency>,
    pub(crate) reuse: Reuse,
}

enum State {
    Head,
    Length { left: u64 },
    Chunked(Decoder),
    UntilClose,
    Ended(FieldLines),
    Failed(String),
}

pub(crate) struct Reader {
    method: Method,
    upgrade: Upgrade,
    strictness: Strictness,
    state: State,
    unused: Vec<u8>,
    head: ResponseHead,
    verdict: Option<framing::Verdict>,
    interim: u32,
    body: Vec<u8>,
}

impl Reader {
    pub(crate) fn new(method: &Method, upgrade: Upgrade, strictness: Strictness) -> Self {
        Self {
            method: method.clone(),
            upgrade,
            strictness,
            state: State::Head,
            unused: Vec::new(),
            head: ResponseHead::new(),
            verdict: None,
            interim: 0,
            body: Vec::new(),
        }
    }

    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.unused.extend_from_slice(bytes);
        loop {
            match self.step() {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    self.state = State::Failed(error);
                    return;
                }
            }
        }
    }

    /// One step; whether another may follow at once.
    fn step(&mut self) -> Result<bool, String> {
        match &mut self.state {
            State::Head => return self.step_head(),
            State::Length { left } => {
                let length = usize::try_from(*left).unwrap_or(usize::MAX).min(self.unused.len());
                self.body.extend(self.unused.drain(..length));
                *left -= length as u64;
                if *left == 0 {
                    self.state = State::Ended(FieldLines::default());
                }
            }
            State::Chunked(decoder) => {
                let step = decoder.step(&self.unused, &ChunkLimits::default());
                match step.map_err(|e| format!("{e}: {:?}", std::error::Error::source(&e)))? {
                    Step::NeedMore { used } => drop(self.unused.drain(..used)),
                    Step::Data { skip, length, .. } => {
                        self.unused.drain(..skip);
                        self.body.extend(self.unused.drain(..length));
                        return Ok(true);
                    }
                    Step::End { used } => {
                        self.unused.drain(..used);
                        self.state = State::Ended(decoder.trailers().clone());
                    }
                }
            }
            State::UntilClose => self.body.append(&mut self.unused),
            State::Ended(_) | State::Failed(_) => {}
        }
        Ok(false)
    }

    fn step_head(&mut self) -> Result<bool, String> {
        let limits = HeadLimits::default();
        let progress = self.head.parse(&self.unused, &limits, self.strictness);
        let Progress::Complete { used } = progress.map_err(|e| e.to_string())? else {
            return Ok(false);
        };
        self.unused.drain(..used);
        let status = self.head.status();
        match interim::decide(status, self.upgrade, self.interim, INTERIM_MAX) {
            interim::Verdict::Skip => {
                self.interim += 1;
                return Ok(!self.unused.is_empty());
            }
            interim::Verdict::Refuse(why) => return Err(why.to_string()),
            interim::Verdict::Final => {}
        }
        let verdict = body_framing(&self.method, &self.head).map_err(|e| e.to_string())?;
        self.verdict = Some(verdict);
        self.state = match verdict.framing {
            Framing::None => State::Ended(FieldLines::default()),
            Framing::Length(left) => State::Length { left },
            Framing::Chunked => State::Chunked(Decoder::new()),
            Framing::UntilClose => State::UntilClose,
        };
        Ok(true)
    }

    /// The stream ends.
    pub(crate) fn end(self) -> Outcome {
        let trailers = match self.state {
            State::Failed(error) => return Outcome::Reject(error),
            State::Head => return Outcome::Reject("ended in the head".into()),
            State::Length { .. } | State::Chunked(_) => return Outcome::Incomplete(self.body),
            State::UntilClose => FieldLines::default(),
            State::Ended(trailers) => trailers,
        };
        let framing = self.verdict.expect("a response that is whole has a framing");
        let received = if self.unused.is_empty() { Received::Whole } else { Received::WithSurplus };
        let reuse = reuse::decide(&Seen {
            version: self.head.version(),
            framing,
            request: reuse::Options { close: false, keep_alive: true },
            response: reuse::options(self.head.fields_named("connection")),
            sent: Sent::Whole,
            received,
        });
        let leniencies = self.head.leniencies().iter().collect();
        Outcome::Accept(Box::new(Message {
            head: self.head,
            body: self.body,
            trailers,
            surplus: self.unused,
            reason: framing.reason,
            leniencies,
            reuse,
        }))
    }
}

/// Reads the bytes in pieces.
pub(crate) fn read(
    pieces: &[&[u8]],
    method: &Method,
    upgrade: Upgrade,
    strictness: Strictness,
) -> Outcome {
    let mut reader = Reader::new(method, upgrade, strictness);
    for piece in pieces {
        reader.feed(piece);
    }
    reader.end()
}

/// Reads the bytes whole, cut in two everywhere (of long inputs, at some places), and one by one;
/// the outcome, which is the same each time.
pub(crate) fn read_in_every_cut(
    id: &str,
    bytes: &[u8],
    method: &Method,
    upgrade: Upgrade,
    strictness: Strictness,
) -> Outcome {
    let whole = read(&[bytes], method, upgrade, strictness);
    let length = bytes.len();
    let cuts = (0..=length)
        .filter(|cut| length < 2_000 || *cut < 80 || length - cut < 40 || cut % 8_191 == 0);
    for cut in cuts {
        let (first, second) = bytes.split_at(cut);
        let got = read(&[first, second], method, upgrade, strictness);
        assert_eq!(got, whole, "{id}: cut at {cut}");
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(read(&single, method, upgrade, strictness), whole, "{id}: byte by byte");
    whole
}
