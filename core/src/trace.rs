//! The decision trace: what a call decided, and why, for an observer that asked for it.
//!
//! Nothing is collected unless the session's `trace` is on. No event holds a credential, unless
//! the session records [with secrets](Recording::WithSecrets).

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use http::{HeaderName, Method, Version};

use crate::io::IoError;
use crate::policy::addresses::NotPublic;
use crate::policy::authorization;
use crate::policy::digest::Unusable;
use crate::policy::fields::Why;
use crate::policy::redirect::{NextBody, NextMethod, Stop};
use crate::policy::retry::{self, Retried};
use crate::policy::reuse::Close;
use crate::settings::TimeoutKind;
use crate::time::Instant;

/// Something that happened or was decided, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The number of the call in its session; the first is 1.
    pub call: u64,
    /// When, by the embedder's clock.
    pub at: Instant,
    /// What.
    pub what: What,
}

/// A head, as it was sent or came.
#[derive(Clone, PartialEq, Eq)]
pub struct Head {
    /// Method and URL, or status and reason.
    pub first: Box<str>,
    /// The version of HTTP.
    pub version: Version,
    /// Names in lower case and values, in order; `***` is a value that is hidden.
    pub fields: Vec<(Box<str>, Box<str>)>,
}

impl Head {
    /// The first value of the field `name`, which is in lower case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, _)| &**own == name).map(|(_, value)| &**value)
    }

    /// All values of the field `name`, which is in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(own, _)| &**own == name).map(|(_, value)| &**value)
    }
}

impl fmt::Display for Head {
    /// All on one line, with `; ` between.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first)?;
        self.fields.iter().try_for_each(|(name, value)| write!(f, "; {name}: {value}"))
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What happened or was decided.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum What {
    /// A request is to be sent.
    Request {
        /// Its method.
        method: Method,
        /// Its URL, without userinfo.
        url: Box<str>,
    },
    /// The adapter mounted under this prefix serves it.
    Adapter(Box<str>),
    /// These cookies go along, by name.
    CookiesSent(Box<str>),
    /// A `Set-Cookie` line, by its name, and what became of it.
    Cookie {
        /// The name of the cookie.
        name: Box<str>,
        /// Stored, replaced, deleted, or refused and why.
        verdict: Box<str>,
    },
    /// netrc has an entry for this host, and it is used.
    Netrc(Box<str>),
    /// An idle connection of this route is used again.
    Reused(Box<str>),
    /// The idle connection was no longer sound, so another is taken.
    Spoiled(Box<str>),
    /// The proxy that the request goes by, and who named it; or none, and why.
    Proxy(Box<str>),
    /// An address may not be connected to.
    Refused(NotPublic),
    /// The proxy on this route is asked for a tunnel.
    Tunnel(Box<str>),
    /// TLS stands on this route.
    Secured(Box<str>),
    /// A connection is opened to this host and port.
    Open(Box<str>),
    /// An attempt to connect failed.
    NotConnected(Box<str>, IoError),
    /// The connection stands.
    Connected(Box<str>),
    /// A reused connection died before a byte of the response: the request goes out once more.
    Again,
    /// An attempt went wrong, and the request is made again.
    Retry(Retried),
    /// An attempt went wrong, and the request is not made again.
    NotRetried(retry::Stop),
    /// The head that was sent: request line and fields, credentials hidden.
    Sent(Box<Head>),
    /// What becomes of a body that waits for `100 Continue`.
    Expect(Expecting),
    /// An interim response: its status and fields, credentials hidden.
    Interim(Box<Head>),
    /// The status line and fields that came, credentials hidden.
    Received(Box<Head>),
    /// The body has come: so many bytes of content.
    Body(u64),
    /// The connection is kept for another request.
    Kept,
    /// The connection speaks this protocol now, and is the caller's.
    Upgraded(Box<str>),
    /// The connection is closed.
    Closed(Close),
    /// The response leads to another request.
    Redirect {
        /// The status that says so.
        status: u16,
        /// Where to, without userinfo.
        to: Box<str>,
        /// The method.
        method: NextMethod,
        /// The body.
        body: NextBody,
    },
    /// A header field does not go along.
    Dropped(HeaderName, Why),
    /// A header field that the caller gave to a part of a form is not sent: the part writes it
    /// itself.
    PartHeaderDropped(Box<str>),
    /// What becomes of the `Authorization` field.
    Authorization(authorization::Next),
    /// The response is the answer.
    Answer(Stop),
    /// The content coding is unknown: the content is left as it came.
    UnknownCoding(String),
    /// The challenge for this realm is answered.
    Answered(Box<str>),
    /// The response is a challenge, and is left as it is.
    Unanswered(Unusable),
    /// A hook or an auth handler has the request sent again.
    Resend,
    /// A limit of time ran out.
    Timeout(TimeoutKind),
    /// The call is over, with a response: its last event.
    Finished,
    /// The call is over, with this error: its last event.
    Failed(Box<str>),
}

/// What becomes of a body that waits for the server's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expecting {
    /// It waits.
    Held,
    /// The server wants it.
    Continue,
    /// The server said nothing for too long, so it goes out.
    TimeUp,
    /// The server does not know the expectation: the request is sent again without.
    Refused,
}

impl fmt::Display for Expecting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Held => "body: waits for 100 Continue",
            Self::Continue => "body: goes out, the server wants it",
            Self::TimeUp => "body: goes out, the server said nothing in time",
            Self::Refused => "417: sent again without Expect",
        })
    }
}

/// Collects events if somebody asked for them.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    call: u64,
    secrets: Secrets,
    events: Option<Vec<Event>>,
    way: Way,
}

/// Whether it was told already which way the present request goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Way {
    #[default]
    Untold,
    /// It was, and the call has waited for a place since: the same is found out once more.
    Told,
}

/// Whether credentials are written into events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Secrets {
    #[default]
    Hide,
    Show,
}

impl Trace {
    /// For the call with this number.
    pub(crate) fn new(recording: Recording, call: u64) -> Self {
        let (secrets, events) = match recording {
            Recording::Off => (Secrets::Hide, None),
            Recording::On => (Secrets::Hide, Some(Vec::new())),
            Recording::WithSecrets => (Secrets::Show, Some(Vec::new())),
        };
        Self { call, secrets, events, way: Way::Untold }
    }

    /// The call looks for a place once more: what it says of its request until it has found one was
    /// said when it looked first.
    pub(crate) const fn looks_again(&mut self) {
        self.way = Way::Told;
    }

    /// Whether credentials are to be written into events.
    pub(crate) const fn secrets(&self) -> Secrets {
        self.secrets
    }

    /// Notes an event; `what` is made only if somebody wants it.
    pub(crate) fn note(&mut self, at: Instant, what: impl FnOnce() -> What) {
        let Some(events) = &mut self.events else { return };
        let what = what();
        let is_way = matches!(
            what,
            What::Request { .. } | What::Adapter(_) | What::CookiesSent(_) | What::Proxy(_)
        );
        match (self.way, is_way) {
            (Way::Told, true) => {}
            (Way::Told | Way::Untold, _) => {
                self.way = Way::Untold;
                events.push(Event { call: self.call, at, what });
            }
        }
    }

    /// Whether somebody wants events.
    pub(crate) const fn is_on(&self) -> bool {
        self.events.is_some()
    }

    /// The events since the last time they were taken.
    pub(crate) fn take(&mut self) -> Vec<Event> {
        self.events.as_mut().map(core::mem::take).unwrap_or_default()
    }
}

/// Whether a session's calls record their decisions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recording {
    /// They do not, and pay nothing.
    #[default]
    Off,
    /// They do: [`Exchange::take_events`](crate::Exchange::take_events). Credentials are hidden.
    On,
    /// They do, and events hold credentials as they are: header fields, cookies, passwords in URLs.
    ///
    /// Whoever sees such a recording can act as the user. It is for looking at one's own account on
    /// one's own machine; keep it like a password and never attach it to a report.
    WithSecrets,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request { method, url } => write!(f, "request: {method} {url}"),
            Self::Adapter(prefix) => write!(f, "adapter: mounted under {prefix:?}"),
            Self::CookiesSent(names) => write!(f, "cookies sent: {names}"),
            Self::Cookie { name, verdict } => write!(f, "cookie {name}: {verdict}"),
            Self::Netrc(host) => write!(f, "netrc: entry for {host}"),
            Self::Reused(route) => write!(f, "connection: reused to {route}"),
            Self::Spoiled(route) => write!(f, "connection: the idle one to {route} was spoiled"),
            Self::Proxy(way) => write!(f, "proxy: {way}"),
            Self::Refused(why) => write!(f, "connection: {why}"),
            Self::Tunnel(route) => write!(f, "connection: asking for a tunnel to {route}"),
            Self::Secured(route) => write!(f, "connection: secured to {route}"),
            Self::Open(to) => write!(f, "connection: opening to {to}"),
            Self::NotConnected(to, why) => write!(f, "connection: {to}: {why}"),
            Self::Connected(to) => write!(f, "connection: open to {to}"),
            Self::Again => f.write_str("the reused connection was dead: sent again on a fresh one"),
            Self::Retry(retried) => write!(f, "retry: {retried}"),
            Self::NotRetried(why) => write!(f, "no retry: {why}"),
            Self::Sent(head) => write!(f, "sent: {head}"),
            Self::Interim(head) => write!(f, "interim response {}", head.first),
            Self::Expect(what) => what.fmt(f),
            Self::Received(head) => write!(f, "received: {head}"),
            Self::Body(bytes) => write!(f, "body: {bytes} bytes"),
            Self::Kept => f.write_str("connection: kept for another request"),
            Self::Upgraded(to) => write!(f, "connection: handed over, speaks {to} now"),
            Self::Closed(why) => write!(f, "connection: closed, {why}"),
            Self::Redirect { status, to, method, body } => {
                write!(f, "redirect: {status} to {to}, ")?;
                f.write_str(match method {
                    NextMethod::Keep => "with the same method",
                    NextMethod::Get | NextMethod::GetAfterPost => "as GET",
                })?;
                f.write_str(match body {
                    NextBody::Keep => " and body",
                    NextBody::Drop => " without a body",
                })
            }
            Self::Dropped(name, why) => write!(f, "{name} dropped: {why}"),
            Self::PartHeaderDropped(name) => {
                write!(f, "{name:?} of a form part dropped: the part writes it itself")
            }
            Self::Authorization(next) => write!(f, "authorization: {next}"),
            Self::Answer(Stop::Status) => f.write_str("no redirect: the status is none"),
            Self::Answer(Stop::NoLocation) => f.write_str("no redirect: there is no Location"),
            Self::Answer(Stop::EmptyLocation) => f.write_str("no redirect: Location is empty"),
            Self::UnknownCoding(coding) => write!(f, "content left in unknown coding {coding:?}"),
            Self::Answered(realm) => write!(f, "challenge: answered for realm {realm:?}"),
            Self::Unanswered(why) => write!(f, "challenge: not answered, {why}"),
            Self::Resend => f.write_str("sent again, as the hook or auth handler asked"),
            Self::Timeout(which) => which.fmt(f),
            Self::Finished => f.write_str("done"),
            Self::Failed(why) => write!(f, "failed: {why}"),
        }
    }
}
