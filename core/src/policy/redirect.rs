//! Whether a response leads to another request, and what that request may keep.
//!
//! Source: `SessionRedirectMixin` in requests 2.34.2, `sessions.py`; RFC 9110, section 15.4.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use http::header::AUTHORIZATION;
use http::{HeaderName, Method, StatusCode};
use url::Url;

use crate::headers::Headers;
use crate::planted::Plant;
use crate::policy::authorization::{self, Header, Netrc, Source, rebuild_auth};
use crate::policy::fields::{Fate, Why, field};
use crate::policy::origin::moved;
pub use crate::policy::rebuild::{NextBody, NextMethod, next_body, rebuild_method};

/// How many redirects a call follows unless told otherwise.
///
/// Source: `DEFAULT_REDIRECT_LIMIT` in requests, `models.py`.
pub const REDIRECTS_MAX: usize = 30;

/// What a response is, as to redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It leads nowhere: another status, or no Location.
    Final,
    /// It leads elsewhere this once: 302, 303, 307.
    Temporary,
    /// It leads elsewhere for good: 301, 308.
    Permanent,
}

/// What a response with this status and these fields is. An empty Location counts as one.
///
/// Source: `is_redirect` and `is_permanent_redirect` of `Response` in requests, `models.py`.
#[must_use]
pub fn kind(status: StatusCode, location: Option<&[u8]>) -> Kind {
    match (status.as_u16(), location) {
        (302 | 303 | 307, Some(_)) => Kind::Temporary,
        (301 | 308, Some(_)) => Kind::Permanent,
        _ => Kind::Final,
    }
}

/// The Location field of a response, resolved against the URL that answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location<'a> {
    /// There is none.
    Missing,
    /// It is empty, which leads nowhere.
    Empty,
    /// It is no URL.
    Invalid,
    /// It leads here.
    To(&'a Url),
}

/// All that the decision depends on.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    /// The status of the response.
    pub status: StatusCode,
    /// Where the response leads.
    pub location: Location<'a>,
    /// The method of the request that was answered.
    pub method: &'a Method,
    /// The URL of the request that was answered.
    pub url: &'a Url,
    /// The header fields of the request that was answered.
    pub headers: &'a Headers,
    /// Where that request's Authorization came from.
    pub authorization: Source,
    /// Whether netrc may be asked for the next host.
    pub netrc: Netrc,
    /// How many redirects the call has followed so far.
    pub followed: usize,
    /// How many it may follow; [`REDIRECTS_MAX`] by default.
    pub redirects_max: usize,
}

/// What to do with a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the answer.
    Stop(Stop),
    /// It leads on, but the call must not go there: an error with this response.
    Refuse(Refusal),
    /// Another request follows.
    Follow(Box<Next>),
}

/// Why a response is the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Its status is none of 301, 302, 303, 307, 308.
    Status,
    /// It has no Location.
    NoLocation,
    /// Its Location is empty.
    EmptyLocation,
}

/// Why a redirect is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The call has followed as many as it may: this many.
    TooManyRedirects(usize),
    /// The Location is no URL.
    InvalidLocation,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyRedirects(max) => write!(f, "exceeded {max} redirects"),
            Self::InvalidLocation => f.write_str("the Location of a redirect is no URL"),
        }
    }
}

impl core::error::Error for Refusal {}

/// The request that follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// Where it goes.
    pub url: Url,
    /// Its method.
    pub method: Method,
    /// Why it has that method.
    pub because: NextMethod,
    /// What becomes of the body.
    pub body: NextBody,
    /// The header fields that go along, in their order.
    pub headers: Headers,
    /// The header fields that do not, and why.
    pub dropped: Vec<(HeaderName, Why)>,
    /// What becomes of the Authorization; already carried out in `headers`, but for the look-up.
    pub authorization: authorization::Next,
}

/// Whether the response leads to another request, and what that request keeps.
///
/// The limit is checked before the Location is looked at, as in requests. Which scheme may be
/// gone to is not decided here: a URL that no adapter is mounted for is refused there.
#[must_use]
pub fn decide(seen: Seen<'_>) -> Verdict {
    if !matches!(seen.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Verdict::Stop(Stop::Status);
    }
    let off = usize::from(Plant::RedirectsOneLess.is_on());
    let redirects_max = seen.redirects_max.saturating_sub(off);
    let redirects_max = redirects_max.saturating_add(Plant::RedirectsOneMore.is_on().into());
    let target = match seen.location {
        Location::Invalid if Plant::BadLocationIgnored.is_on() => {
            return Verdict::Stop(Stop::NoLocation);
        }
        Location::Missing => return Verdict::Stop(Stop::NoLocation),
        Location::Empty => return Verdict::Stop(Stop::EmptyLocation),
        Location::Invalid | Location::To(_) if seen.followed >= redirects_max => {
            return Verdict::Refuse(Refusal::TooManyRedirects(seen.redirects_max));
        }
        Location::Invalid => return Verdict::Refuse(Refusal::InvalidLocation),
        Location::To(target) => target,
    };
    Verdict::Follow(Box::new(follow(&seen, target)))
}

fn follow(seen: &Seen<'_>, target: &Url) -> Next {
    let because = rebuild_method(seen.method, seen.status);
    let body = next_body(seen.method, seen.status);
    let header = match seen.headers.get(AUTHORIZATION) {
        Some(_) => Header::Present,
        None => Header::Absent,
    };
    let authorization = rebuild_auth(seen.url, target, header, seen.authorization, seen.netrc);
    let origin = moved(seen.url, target);
    let mut headers = Headers::with_capacity(seen.headers.len());
    let mut dropped = Vec::new();
    for (name, value) in seen.headers.iter() {
        match field(name, value, body, origin, authorization) {
            Fate::Keep => headers.append(name.clone(), value.clone()),
            Fate::Drop(why) => dropped.push((name.clone(), why)),
        }
    }
    let method = because.apply(seen.method);
    Next { url: target.clone(), method, because, body, headers, dropped, authorization }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::authorization::Same;
    use alloc::string::String;
    use http::HeaderValue;

    fn headers(rows: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in rows {
            headers.try_set(name, value).unwrap();
        }
        headers
    }

    /// What follows a request of `method` to http://a/ with `fields` after `status` to `target`.
    fn check(method: &str, status: u16, target: &str, fields: &Headers) -> Next {
        let target = Url::parse(target).unwrap();
        let verdict = decide(Seen {
            status: StatusCode::from_u16(status).unwrap(),
            location: Location::To(&target),
            method: &Method::from_bytes(method.as_bytes()).unwrap(),
            url: &Url::parse("http://a/").unwrap(),
            headers: fields,
            authorization: Source::Explicit,
            netrc: Netrc::Leave,
            followed: 0,
            redirects_max: REDIRECTS_MAX,
        });
        let Verdict::Follow(next) = verdict else { panic!("{verdict:?}") };
        *next
    }

    #[test]
    fn method_and_body_follow_the_table() {
        use NextBody::{Drop, Keep};
        let rows = [
            ("GET", [("GET", Drop), ("GET", Drop), ("GET", Drop), ("GET", Keep), ("GET", Keep)]),
            (
                "HEAD",
                [("HEAD", Drop), ("HEAD", Drop), ("HEAD", Drop), ("HEAD", Keep), ("HEAD", Keep)],
            ),
            ("POST", [("GET", Drop), ("GET", Drop), ("GET", Drop), ("POST", Keep), ("POST", Keep)]),
            ("PUT", [("PUT", Keep), ("GET", Drop), ("GET", Drop), ("PUT", Keep), ("PUT", Keep)]),
            (
                "PATCH",
                [("PATCH", Keep), ("GET", Drop), ("GET", Drop), ("PATCH", Keep), ("PATCH", Keep)],
            ),
            (
                "DELETE",
                [
                    ("DELETE", Keep),
                    ("GET", Drop),
                    ("GET", Drop),
                    ("DELETE", Keep),
                    ("DELETE", Keep),
                ],
            ),
            (
                "QUERY",
                [("QUERY", Keep), ("GET", Drop), ("GET", Drop), ("QUERY", Keep), ("QUERY", Keep)],
            ),
            (
                "PURGE",
                [("PURGE", Drop), ("GET", Drop), ("GET", Drop), ("PURGE", Keep), ("PURGE", Keep)],
            ),
        ];
        for (method, after) in rows {
            for (status, (want, body)) in [301, 302, 303, 307, 308].into_iter().zip(after) {
                let next = check(method, status, "http://a/2", &Headers::new());
                assert_eq!(next.method, want, "{status} after {method}");
                assert_eq!(next.body, body, "{status} after {method}");
            }
        }
    }

    #[test]
    fn each_field_goes_where_it_may() {
        let mut sent = headers(&[
            ("Authorization", "Bearer t"),
            ("X-Plain", "1"),
            ("Cookie", "a=b"),
            ("Content-Type", "text/plain"),
            ("Proxy-Authorization", "Basic x"),
            ("Host", "other"),
            ("Content-Length", "4"),
        ]);
        let mut secret = HeaderValue::from_static("k");
        secret.set_sensitive(true);
        sent.set(HeaderName::from_static("x-key"), secret);
        let rows = [
            ("http://a/2", 307, "authorization x-plain content-type host content-length x-key"),
            ("http://a/2", 302, "authorization x-plain host x-key"),
            ("https://a/", 302, "authorization x-plain"),
            ("http://a:81/", 302, "x-plain"),
            ("http://b/", 307, "x-plain content-type content-length"),
        ];
        for (target, status, want) in rows {
            let next = check("POST", status, target, &sent);
            let names: Vec<_> = next.headers.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names.join(" "), want, "{status} to {target}");
            assert_eq!(names.len() + next.dropped.len(), sent.len(), "{status} to {target}");
        }
    }

    #[test]
    fn each_dropped_field_has_its_reason() {
        let sent = headers(&[("Authorization", "Bearer t"), ("Host", "o"), ("Content-Type", "x")]);
        let next = check("POST", 303, "http://b/", &sent);
        let told: Vec<_> = next
            .dropped
            .iter()
            .map(|(name, why)| alloc::format!("{name}: {why}"))
            .collect::<Vec<String>>();
        assert_eq!(
            told,
            ["authorization: host changed", "host: host changed", "content-type: body dropped"]
        );
        let next = check("POST", 303, "https://a/", &sent);
        assert_eq!(next.authorization, authorization::Next::Keep(Same::Upgrade));
    }

    #[test]
    fn a_response_stops_or_is_refused_for_a_reason() {
        let target = Url::parse("http://a/2").unwrap();
        let to = Location::To(&target);
        let rows = [
            (200, to, 0, 30, Verdict::Stop(Stop::Status)),
            (300, to, 0, 30, Verdict::Stop(Stop::Status)),
            (304, to, 0, 30, Verdict::Stop(Stop::Status)),
            (302, Location::Missing, 0, 30, Verdict::Stop(Stop::NoLocation)),
            (302, Location::Empty, 30, 30, Verdict::Stop(Stop::EmptyLocation)),
            (302, Location::Invalid, 29, 30, Verdict::Refuse(Refusal::InvalidLocation)),
            (302, Location::Invalid, 30, 30, Verdict::Refuse(Refusal::TooManyRedirects(30))),
            (302, to, 30, 30, Verdict::Refuse(Refusal::TooManyRedirects(30))),
            (302, to, 0, 0, Verdict::Refuse(Refusal::TooManyRedirects(0))),
        ];
        for (status, location, followed, redirects_max, want) in rows {
            let seen = Seen {
                status: StatusCode::from_u16(status).unwrap(),
                location,
                method: &Method::GET,
                url: &target,
                headers: &Headers::new(),
                authorization: Source::Explicit,
                netrc: Netrc::Leave,
                followed,
                redirects_max,
            };
            assert_eq!(decide(seen.clone()), want, "{seen:?}");
        }
    }

    #[test]
    fn only_five_statuses_with_a_location_redirect() {
        for status in 100..=999 {
            let code = StatusCode::from_u16(status).unwrap();
            let want = match status {
                301 | 308 => Kind::Permanent,
                302 | 303 | 307 => Kind::Temporary,
                _ => Kind::Final,
            };
            assert_eq!(kind(code, Some(b"/x")), want, "{status}");
            assert_eq!(kind(code, None), Kind::Final, "{status}");
        }
    }
}
