//! Redirects: followed, stopped or refused as the table says, and no header field goes where it
//! must not.
//!
//! Input: status, method, how often was followed (a digit), flags (1 the Authorization is netrc's,
//! 2 netrc may be asked), the URL, the Location, then header fields `Name: value`; `!` in front
//! marks the value as sensitive.

use http::{HeaderName, HeaderValue, Method, StatusCode};
use sessio_core::Headers;
use sessio_core::policy::authorization::{Netrc, Source};
use sessio_core::policy::redirect::{Location, NextBody, Refusal, Seen, Stop, Verdict, decide};
use sessio_core::url::{Url, redirect_target, resolve_location};

use crate::input::Fields;

/// How many redirects are followed here.
const MAX: usize = 3;

/// Runs one input.
pub fn run(data: &[u8]) {
    let mut input = Fields::of(data);
    let status = input.text().parse().ok().and_then(|code| StatusCode::from_u16(code).ok());
    let (Some(status), Ok(method)) = (status, Method::from_bytes(input.bytes())) else { return };
    let (followed, flags) = (usize::from(input.number() % 8), input.number());
    let Ok(url) = sessio_core::url::parse(input.text()) else { return };
    let location = input.bytes();
    let mut headers = Headers::new();
    for line in input.rest() {
        let (line, sensitive) = line.strip_prefix(b"!").map_or((line, false), |line| (line, true));
        let colon = line.iter().position(|b| *b == b':').unwrap_or(line.len());
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line.get(colon + 1..).unwrap_or_default());
        if let (Ok(name), Ok(mut value)) = (name, value) {
            value.set_sensitive(sensitive);
            headers.append(name, value);
        }
    }
    let field = Some(location).filter(|location| *location != b"-");
    let resolved = match redirect_target(status.as_u16(), field) {
        Err(_) => Err(()),
        Ok(None) => Ok(None),
        Ok(Some("")) => Ok(Some(None)),
        Ok(Some(text)) => {
            resolve_location(&url, text.as_bytes()).map(|to| Some(Some(to))).map_err(|_| ())
        }
    };
    let location = match &resolved {
        Err(()) => Location::Invalid,
        Ok(None) => Location::Missing,
        Ok(Some(None)) => Location::Empty,
        Ok(Some(Some(to))) => Location::To(to),
    };
    let authorization = if flags & 1 != 0 { Source::Netrc } else { Source::Explicit };
    let netrc = if flags & 2 != 0 { Netrc::Consult } else { Netrc::Leave };
    let seen = Seen {
        status,
        location,
        method: &method,
        url: &url,
        headers: &headers,
        authorization,
        netrc,
        followed,
        redirects_max: MAX,
    };
    check(&seen);
}

fn check(seen: &Seen<'_>) {
    let is_redirect = [301, 302, 303, 307, 308].contains(&seen.status.as_u16());
    let next = match (decide(seen.clone()), seen.location) {
        (Verdict::Stop(Stop::Status), _) => return assert!(!is_redirect),
        (Verdict::Stop(Stop::NoLocation), at) => return assert_eq!(at, Location::Missing),
        (Verdict::Stop(Stop::EmptyLocation), at) => return assert_eq!(at, Location::Empty),
        (Verdict::Refuse(Refusal::TooManyRedirects(max)), _) => {
            return assert!(max == MAX && seen.followed >= MAX);
        }
        (Verdict::Refuse(Refusal::InvalidLocation), at) => {
            return assert_eq!(at, Location::Invalid);
        }
        (Verdict::Follow(next), Location::To(to)) => {
            assert_eq!(next.url, *to);
            next
        }
        (Verdict::Follow(_), at) => panic!("followed to {at:?}"),
    };
    assert!(is_redirect && seen.followed < MAX);
    let (method, body) = method_and_body(seen.method.as_str(), seen.status.as_u16());
    assert_eq!((next.method.as_str(), next.body), (method, body));
    let wanted = seen.headers.iter().filter(|(name, value)| {
        is_kept(name.as_str(), value.is_sensitive(), seen, &next.url, body)
    });
    let plain = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.to_string(), value.as_bytes().to_vec(), value.is_sensitive())
    };
    let wanted: Vec<_> = wanted.map(plain).collect();
    let kept: Vec<_> = next.headers.iter().map(plain).collect();
    assert_eq!(kept, wanted, "from {} to {}", seen.url, next.url);
    assert_eq!(next.headers.len() + next.dropped.len(), seen.headers.len());
}

/// What follows on which method, and whether the body goes along.
fn method_and_body(method: &str, status: u16) -> (&str, NextBody) {
    let with_content = ["PUT", "PATCH", "DELETE", "QUERY"].contains(&method);
    match (status, method) {
        (307 | 308, _) => (method, NextBody::Keep),
        (302 | 303, "HEAD") => (method, NextBody::Drop),
        (302 | 303, _) => ("GET", NextBody::Drop),
        (_, "POST") => ("GET", NextBody::Drop),
        _ if with_content => (method, NextBody::Keep),
        _ => (method, NextBody::Drop),
    }
}

/// Whether a field goes along.
fn is_kept(name: &str, sensitive: bool, seen: &Seen<'_>, to: &Url, body: NextBody) -> bool {
    let place = |url: &Url| {
        let port = url.port().or(match url.scheme() {
            "http" | "ws" => Some(80),
            "https" | "wss" => Some(443),
            "ftp" => Some(21),
            _ => None,
        });
        (url.scheme().to_owned(), url.host_str().map(str::to_owned), port)
    };
    let (from, to) = (place(seen.url), place(to));
    let same = from == to;
    let upgrade = from.1 == to.1
        && (from.0.as_str(), from.2, to.0.as_str(), to.2) == ("http", Some(80), "https", Some(443));
    match name {
        "cookie" | "proxy-authorization" => false,
        "authorization" => {
            (same || upgrade) && (seen.authorization, seen.netrc) != (Source::Netrc, Netrc::Consult)
        }
        "content-length" | "content-type" | "transfer-encoding" if body == NextBody::Drop => false,
        "host" => same,
        _ => same || !sensitive,
    }
}
