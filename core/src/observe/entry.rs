//! One hop, as an entry of a HAR file.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use http::Version;
use serde_json::{Value, json};
use url::Url;

use super::date::iso;
use super::phases::{Moments, Phases};
use super::place::Place;
use crate::cookies::{Limits, SetCookie};
use crate::time::{Instant, Now, WallTime};
use crate::trace::{Head, What};

/// What stands for a hidden value.
const HIDDEN: &str = "***";

/// What is known of a hop.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    moments: Moments,
    /// Method and URL.
    asked: (Box<str>, Box<str>),
    request: Option<Head>,
    response: Option<Head>,
    /// By name, for when the fields are hidden.
    cookies_sent: Box<str>,
    /// Names and verdicts.
    cookies_set: Vec<(Box<str>, Box<str>)>,
    body_bytes: u64,
    to: Option<Box<str>>,
    decisions: Vec<String>,
}

impl Entry {
    pub(super) fn new(began: Instant) -> Self {
        Self {
            moments: Moments::new(began),
            asked: ("".into(), "".into()),
            request: None,
            response: None,
            cookies_sent: "".into(),
            cookies_set: Vec::new(),
            body_bytes: 0,
            to: None,
            decisions: Vec::new(),
        }
    }

    /// Whether its response has come.
    pub(super) const fn is_answered(&self) -> bool {
        self.response.is_some()
    }

    /// Takes in what happened at `at`.
    pub(super) fn add(&mut self, at: Instant, what: &What, place: &Place<'_>) {
        self.moments.add(at, place);
        match place {
            Place::Hop { method, url } => self.asked = (method.as_str().into(), (*url).into()),
            Place::Cookies(names) => self.cookies_sent = (*names).into(),
            Place::Sent(head) => self.request = Some((*head).clone()),
            Place::Received(head) => self.response = Some((*head).clone()),
            Place::Body(bytes) => self.body_bytes = *bytes,
            Place::SetCookie { name, verdict } => {
                self.cookies_set.push(((*name).into(), (*verdict).into()));
            }
            Place::Redirect(to) => self.to = Some((*to).into()),
            Place::Way(_)
            | Place::Opening
            | Place::Connected
            | Place::Tunnel(_)
            | Place::Secured
            | Place::Interim(_)
            | Place::Over
            | Place::Decision => {}
        }
        let is_told = matches!(
            place,
            Place::Hop { .. }
                | Place::Cookies(_)
                | Place::Sent(_)
                | Place::Received(_)
                | Place::Body(_)
        );
        if !is_told {
            self.decisions.push(format!("{what}"));
        }
    }

    /// The entry as HAR wants it; `read` says what date a moment has.
    pub(super) fn to_value(&self, read: Now) -> Value {
        let (timings, time) = self.timings();
        json!({
            "startedDateTime": iso(wall(self.moments.began, read)),
            "time": time,
            "request": self.request_value(),
            "response": self.response_value(),
            "cache": {},
            "timings": timings,
            "_decisions": self.decisions,
        })
    }

    fn request_value(&self) -> Value {
        let (method, url) = (&*self.asked.0, &*self.asked.1);
        let head = self.request.as_ref();
        let query = Url::parse(url).map_or_else(
            |_| Vec::new(),
            |url| {
                url.query_pairs()
                    .map(|(name, value)| json!({"name": name, "value": value}))
                    .collect()
            },
        );
        let length =
            if head.is_some_and(|head| head.get("transfer-encoding").is_some()) { -1 } else { 0 };
        json!({
            "method": method,
            "url": url,
            "httpVersion": version(head),
            "cookies": self.request_cookies(),
            "headers": fields(head),
            "queryString": query,
            "headersSize": -1,
            "bodySize": declared(head).unwrap_or(length),
        })
    }

    fn response_value(&self) -> Value {
        let head = self.response.as_ref();
        let first = head.map_or("", |head| &head.first);
        let (status, reason) = first.split_once(' ').unwrap_or((first, ""));
        let to = self.to.as_deref().or_else(|| head.and_then(|head| head.get("location")));
        json!({
            "status": status.parse::<u16>().unwrap_or(0),
            "statusText": reason,
            "httpVersion": version(head),
            "cookies": self.response_cookies(),
            "headers": fields(head),
            "content": {
                "size": self.body_bytes,
                "mimeType": head.and_then(|head| head.get("content-type")).unwrap_or(""),
            },
            "redirectURL": to.unwrap_or(""),
            "headersSize": -1,
            "bodySize": declared(head).unwrap_or(-1),
        })
    }

    fn request_cookies(&self) -> Vec<Value> {
        let shown = self.request.as_ref().and_then(|head| head.get("cookie"));
        match shown.filter(|line| *line != HIDDEN) {
            Some(line) => {
                let pairs = line.split("; ").map(|pair| pair.split_once('=').unwrap_or((pair, "")));
                pairs.map(|(name, value)| json!({"name": name, "value": value})).collect()
            }
            None => {
                let names = self.cookies_sent.split(", ").filter(|name| !name.is_empty());
                names.map(|name| json!({"name": name, "value": HIDDEN})).collect()
            }
        }
    }

    fn response_cookies(&self) -> Vec<Value> {
        let head = self.response.as_ref();
        let lines: Vec<&str> = head.map_or_else(Vec::new, |head| head.all("set-cookie").collect());
        if lines.is_empty() || lines.contains(&HIDDEN) {
            let cookie = |(name, verdict): &(Box<str>, Box<str>)| json!({"name": name, "value": HIDDEN, "comment": verdict});
            return self.cookies_set.iter().map(cookie).collect();
        }
        lines.into_iter().filter_map(set_cookie).collect()
    }

    /// The phases of the hop in milliseconds, and their sum; `ssl` is part of `connect`.
    fn timings(&self) -> (Value, f64) {
        let phases = self.moments.phases();
        let Phases { waiting, connecting, securing, answering, receiving } = phases;
        let connect = connecting.map(|span| span.saturating_add(securing.unwrap_or_default()));
        let spans = [Some(waiting), connect, Some(answering), Some(receiving)];
        let time = spans.into_iter().flatten().map(millis).sum();
        let timings = json!({
            "blocked": millis(waiting),
            "dns": -1,
            "connect": connect.map_or(-1.0, millis),
            "send": 0,
            "wait": millis(answering),
            "receive": millis(receiving),
            "ssl": securing.map_or(-1.0, millis),
        });
        (timings, time)
    }
}

/// Milliseconds with a fraction; at most some 71 minutes.
fn millis(span: Duration) -> f64 {
    f64::from(u32::try_from(span.as_micros()).unwrap_or(u32::MAX)) / 1000.0
}

/// The date of a moment.
fn wall(at: Instant, read: Now) -> WallTime {
    let millis = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    let (later, earlier) = (at.since(read.mono), read.mono.since(at));
    let shift = millis(later).saturating_sub(millis(earlier));
    WallTime::from_unix_millis(read.wall.unix_millis().saturating_add(shift))
}

fn version(head: Option<&Head>) -> String {
    format!("{:?}", head.map_or(Version::HTTP_11, |head| head.version))
}

fn fields(head: Option<&Head>) -> Vec<Value> {
    let fields = head.into_iter().flat_map(|head| &head.fields);
    fields.map(|(name, value)| json!({"name": name, "value": value})).collect()
}

/// The length that a head declares.
fn declared(head: Option<&Head>) -> Option<i64> {
    head?.get("content-length")?.parse().ok()
}

fn set_cookie(line: &str) -> Option<Value> {
    let set = SetCookie::parse(line.as_bytes(), &Limits::default()).ok()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut cookie = json!({
        "name": text(set.name),
        "value": text(set.value),
        "httpOnly": set.http_only,
        "secure": set.secure,
    });
    let given = [("path", set.path), ("domain", set.domain)];
    if let Some(cookie) = cookie.as_object_mut() {
        for (name, value) in given.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            cookie.insert(name.into(), text(value).into());
        }
        if let Some(expires) = set.expires {
            cookie.insert("expires".into(), iso(expires).into());
        }
    }
    Some(cookie)
}
