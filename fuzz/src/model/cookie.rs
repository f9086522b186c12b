//! A cookie jar as a list, with the rules of the RFC in the order in which it has them.
//!
//! Source: RFC 6265bis, sections 5.1.3, 5.1.4, 5.6, 5.7 and 5.8.3.

use url::{Host, Url};

use super::date;
use super::head::trim;

/// A cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Its name; empty if it has none.
    pub name: Vec<u8>,
    /// Its value.
    pub value: Vec<u8>,
    /// The host or domain.
    pub domain: String,
    /// Whether it is for that host alone.
    pub host_only: bool,
    /// Its path.
    pub path: Vec<u8>,
    /// Whether it is for TLS.
    pub secure: bool,
    /// When it ends, in seconds since 1970.
    pub expires: Option<i64>,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is new.
    Stored,
    /// It took the place of its like.
    Replaced,
    /// Its like is gone.
    Deleted,
    /// There was none like it.
    Expired,
    /// It was not taken.
    Refused,
    /// The model does not know: the domain needs more than letters, digits, dots and dashes.
    Unknown,
}

/// The jar: oldest first.
#[derive(Debug, Default)]
pub struct Jar {
    cookies: Vec<Cookie>,
}

impl Jar {
    /// Takes one line of a response of `url`.
    pub fn store(&mut self, line: &[u8], url: &Url, now: i64) -> Verdict {
        let cookie = match read(line, url, now) {
            Ok(cookie) => cookie,
            Err(verdict) => return verdict,
        };
        let hides = |old: &Cookie| {
            let related = is_below(&old.domain, &cookie.domain)
                || is_below(&cookie.domain, &old.domain)
                || old.domain == cookie.domain;
            old.secure
                && old.name == cookie.name
                && related
                && path_matches(&cookie.path, &old.path)
        };
        if !is_secure(url) && self.cookies.iter().any(hides) {
            return Verdict::Refused;
        }
        let like = self.cookies.iter().position(|old| {
            (&old.name, &old.domain, old.host_only, &old.path)
                == (&cookie.name, &cookie.domain, cookie.host_only, &cookie.path)
        });
        let is_over = cookie.expires.is_some_and(|expires| expires <= now);
        match (like, is_over) {
            (None, true) => Verdict::Expired,
            (None, false) => {
                self.cookies.push(cookie);
                Verdict::Stored
            }
            (Some(place), true) => {
                self.cookies.remove(place);
                Verdict::Deleted
            }
            (Some(place), false) => {
                self.cookies[place] = cookie;
                Verdict::Replaced
            }
        }
    }

    /// The pairs that go to `url`, in order.
    #[must_use]
    pub fn sent(&self, url: &Url, now: i64) -> Vec<Vec<u8>> {
        let Some(host) = url.host_str() else { return Vec::new() };
        let path = if url.path().is_empty() { "/" } else { url.path() };
        let mut fitting: Vec<&Cookie> = Vec::new();
        for cookie in &self.cookies {
            let domain = cookie.domain == host
                || (!cookie.host_only && !is_ip(url) && is_below(host, &cookie.domain));
            let path = path_matches(path.as_bytes(), &cookie.path);
            let alive = cookie.expires.is_none_or(|expires| expires > now);
            if domain && path && alive && (!cookie.secure || is_secure(url)) {
                fitting.push(cookie);
            }
        }
        fitting.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pair = |cookie: &Cookie| match cookie.name.is_empty() {
            true => cookie.value.clone(),
            false => [&cookie.name[..], b"=", &cookie.value].concat(),
        };
        fitting.into_iter().map(pair).collect()
    }
}

fn read(line: &[u8], url: &Url, now: i64) -> Result<Cookie, Verdict> {
    if line.iter().any(|b| (*b < 0x20 && *b != b'\t') || *b == 0x7f) {
        return Err(Verdict::Refused);
    }
    let mut parts = line.split(|b| *b == b';');
    let (name, value) = split(parts.next().unwrap_or_default())
        .map_err(|value| (&b""[..], value))
        .unwrap_or_else(|e| e);
    if (name.is_empty() && value.is_empty()) || name.len() + value.len() > 4096 {
        return Err(Verdict::Refused);
    }
    let (mut domain, mut path, mut secure) = (&b""[..], None, false);
    let (mut expires, mut max_age) = (None, None);
    for part in parts {
        let (name, value) = split(part).unwrap_or_else(|name| (name, &[]));
        if value.len() > 1024 {
            continue;
        }
        match name.to_ascii_lowercase().as_slice() {
            b"domain" => domain = value,
            b"path" => path = Some(value),
            b"secure" => secure = true,
            b"expires" => expires = date::parse(value).or(expires),
            b"max-age" => max_age = age(value).or(max_age),
            _ => {}
        }
    }
    if url.host_str().is_some_and(|host| host.starts_with('.')) {
        return Err(Verdict::Refused);
    }
    let (domain, host_only) = self::domain(domain, url)?;
    if secure && !is_secure(url) {
        return Err(Verdict::Refused);
    }
    let path = match path {
        Some(path) if path.starts_with(b"/") => (path.to_vec(), true),
        given => (default_path(url), given.is_some()),
    };
    let begins = |prefix: &[u8]| {
        let text = if name.is_empty() { value } else { name };
        text.len() >= prefix.len() && text[..prefix.len()].eq_ignore_ascii_case(prefix)
    };
    let (path, has_path) = path;
    let whole = host_only && has_path && path == b"/";
    if begins(b"__secure-") && (name.is_empty() || !secure) {
        return Err(Verdict::Refused);
    }
    if begins(b"__host-") && (name.is_empty() || !secure || !whole) {
        return Err(Verdict::Refused);
    }
    let expires = match max_age {
        Some(age) if age <= 0 => Some(i64::MIN),
        Some(age) => Some(i64::try_from(i128::from(now) + age).unwrap_or(i64::MAX)),
        None => expires,
    };
    let (name, value) = (name.to_vec(), value.to_vec());
    Ok(Cookie { name, value, domain, host_only, path, secure, expires })
}

/// Name and value, or the text if it has no equals sign.
fn split(part: &[u8]) -> Result<(&[u8], &[u8]), &[u8]> {
    match part.iter().position(|b| *b == b'=') {
        Some(at) => Ok((trim(&part[..at]), trim(&part[at + 1..]))),
        None => Err(trim(part)),
    }
}

/// `-`? 1*DIGIT, at most so much that any clock is past it.
fn age(value: &[u8]) -> Option<i128> {
    let text = std::str::from_utf8(value).ok()?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse::<i128>().unwrap_or(i128::MAX >> 1);
    Some(if text.starts_with('-') { -size } else { size })
}

/// The domain of the cookie, and whether it is the host's alone.
fn domain(given: &[u8], url: &Url) -> Result<(String, bool), Verdict> {
    let host = url.host_str().ok_or(Verdict::Refused)?.to_owned();
    if !given.is_ascii() {
        return Err(Verdict::Refused);
    }
    let given = String::from_utf8_lossy(given).to_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let odd = !given.chars().all(plain) || given.contains("--");
    let domain = given.strip_prefix('.').unwrap_or(&given);
    if is_ip(url) {
        return match domain {
            "" => Ok((host, true)),
            domain if domain == host => Ok((host, false)),
            _ if odd => Err(Verdict::Unknown),
            _ => Err(Verdict::Refused),
        };
    }
    if odd {
        return Err(Verdict::Unknown);
    }
    if domain.is_empty() {
        return Ok((host, true));
    }
    match (site(domain), site(&host)) {
        (None, _) if domain == host => Ok((host, true)),
        (None, _) => Err(Verdict::Refused),
        (Some(site), own) => {
            if domain != host && !is_below(&host, domain) {
                return Err(Verdict::Refused);
            }
            // A host that is a public suffix itself lies in no site but its own.
            if own.unwrap_or(&host) != site {
                return Err(Verdict::Refused);
            }
            Ok((domain.to_owned(), false))
        }
    }
}

/// The registrable domain: the last two labels, without the list of public suffixes.
fn site(domain: &str) -> Option<&str> {
    if domain.parse::<std::net::Ipv4Addr>().is_ok() {
        return None;
    }
    // A final dot is no label.
    let dotless = domain.strip_suffix('.').unwrap_or(domain);
    let label = &dotless[..dotless.rfind('.')?];
    let start = label.rfind('.').map_or(0, |dot| dot + 1);
    if label.is_empty() { None } else { Some(&domain[start..]) }
}

fn default_path(url: &Url) -> Vec<u8> {
    let path = url.path();
    match path.rfind('/') {
        Some(last) if last > 0 && path.starts_with('/') => path[..last].into(),
        _ => b"/".to_vec(),
    }
}

/// Whether `host` ends in a dot and `domain`.
fn is_below(host: &str, domain: &str) -> bool {
    host.ends_with(&format!(".{domain}"))
}

fn path_matches(path: &[u8], cookie: &[u8]) -> bool {
    path == cookie
        || (path.starts_with(cookie) && (cookie.ends_with(b"/") || path[cookie.len()] == b'/'))
}

fn is_secure(url: &Url) -> bool {
    ["https", "wss"].contains(&url.scheme())
}

/// Of a scheme that is not http's, an address is text like any other host.
fn is_ip(url: &Url) -> bool {
    let is_text = |host: &str| host.parse::<std::net::Ipv4Addr>().is_ok();
    match url.host() {
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Some(Host::Domain(host)) => is_text(host),
        None => false,
    }
}
