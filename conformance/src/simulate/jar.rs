//! A naive cookie jar to compare the core's with: a list, and strings compared as strings.
//!
//! Source: RFC 6265bis, sections 5.6 to 5.8, read anew; nothing is shared with the core's jar.

use std::fmt::Write as _;

use super::world::{HOSTS, Origin, SUFFIXES};

/// A cookie that a peer sets, as it means it; [`SetCookie::line`] is what it writes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SetCookie {
    pub(crate) name: String,
    pub(crate) value: String,
    /// As it is written; `None` is no attribute.
    pub(crate) domain: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) is_secure: bool,
    /// Seconds, already cut to what the text says.
    pub(crate) max_age: Option<i64>,
    /// How `Max-Age` is spelled, if not as that number.
    pub(crate) max_age_text: Option<String>,
    /// A date in the past or the future, in Unix seconds, with its text.
    pub(crate) expires: Option<(i64, &'static str)>,
    /// Text that follows: attributes that say nothing, blanks, doubles.
    pub(crate) tail: String,
    /// Whether the line has a control character.
    pub(crate) is_broken: bool,
}

impl SetCookie {
    /// The value of the `Set-Cookie` field.
    pub(super) fn line(&self) -> String {
        let mut line = format!("{}={}", self.name, self.value);
        if let Some(domain) = &self.domain {
            let _ = write!(line, "; Domain={domain}");
        }
        if let Some(path) = &self.path {
            let _ = write!(line, "; Path={path}");
        }
        if let Some((_, date)) = self.expires {
            let _ = write!(line, "; Expires={date}");
        }
        match (&self.max_age_text, self.max_age) {
            (Some(text), _) => {
                let _ = write!(line, "; Max-Age={text}");
            }
            (None, Some(seconds)) => {
                let _ = write!(line, "; max-age={seconds}");
            }
            (None, None) => {}
        }
        if self.is_secure {
            line.push_str("; secure");
        }
        line.push_str(&self.tail);
        line
    }
}

/// A cookie that was taken.
#[derive(Clone, Debug)]
struct Kept {
    name: String,
    value: String,
    domain: String,
    is_host_only: bool,
    path: String,
    is_secure: bool,
    expires: Option<i64>,
    number: u64,
}

/// The cookies that there should be.
#[derive(Debug, Default)]
pub(crate) struct NaiveJar {
    kept: Vec<Kept>,
    numbered: u64,
    /// Site limits may have thrown one out: from here on the model knows only what must not be.
    pub(super) is_vague: bool,
}

/// Lines of one response that count.
const LINES_MAX: usize = 50;

fn is_below(host: &str, domain: &str) -> bool {
    host == domain || host.ends_with(&format!(".{domain}"))
}

fn covers(path: &str, of_request: &str) -> bool {
    of_request == path
        || of_request.starts_with(path)
            && (path.ends_with('/') || of_request[path.len()..].starts_with('/'))
}

/// The directory of a path, which is the default.
fn directory(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(slash) => &path[..slash],
    }
}

impl NaiveJar {
    /// Takes the lines of one response from `origin`, whose request had this path.
    pub(super) fn take(&mut self, lines: &[SetCookie], origin: Origin, path: &str, now: i64) {
        for line in lines.iter().take(LINES_MAX) {
            if let Some(cookie) = Self::accept(line, origin, path, now) {
                self.store(cookie, origin, now);
            }
        }
    }

    fn accept(line: &SetCookie, origin: Origin, path: &str, now: i64) -> Option<Kept> {
        if line.is_broken || line.name.len() + line.value.len() > 4096 {
            return None;
        }
        let host = origin.name();
        let is_name = HOSTS[origin.host].site.is_some();
        let given = line.domain.as_deref().unwrap_or("").to_ascii_lowercase();
        let given = given.strip_prefix('.').unwrap_or(&given);
        let (domain, is_host_only) = if given.is_empty() {
            (host.to_owned(), true)
        } else if !is_name {
            if given != host {
                return None;
            }
            (host.to_owned(), false)
        } else if SUFFIXES.contains(&given.trim_end_matches('.')) || !is_below(host, given) {
            return None;
        } else {
            (given.to_owned(), false)
        };
        if line.is_secure && !origin.is_tls {
            return None;
        }
        let path = match line.path.as_deref() {
            Some(path) if path.starts_with('/') => path.to_owned(),
            _ => directory(path).to_owned(),
        };
        let prefix = line.name.to_ascii_lowercase();
        if prefix.starts_with("__secure-") && !line.is_secure {
            return None;
        }
        let is_host_cookie = line.is_secure && is_host_only && line.path.as_deref() == Some("/");
        if prefix.starts_with("__host-") && !is_host_cookie {
            return None;
        }
        let expires = match line.max_age {
            Some(seconds) if seconds <= 0 => Some(i64::MIN),
            Some(seconds) => Some(now.saturating_add(seconds)),
            None => line.expires.map(|(at, _)| at),
        };
        Some(Kept {
            name: line.name.clone(),
            value: line.value.clone(),
            domain,
            is_host_only,
            path,
            is_secure: line.is_secure,
            expires,
            number: 0,
        })
    }

    fn store(&mut self, mut cookie: Kept, origin: Origin, now: i64) {
        let hides = |old: &Kept| {
            old.is_secure
                && old.name == cookie.name
                && (is_below(&old.domain, &cookie.domain) || is_below(&cookie.domain, &old.domain))
                && covers(&old.path, &cookie.path)
        };
        if !origin.is_tls && self.kept.iter().any(hides) {
            return;
        }
        let same = |old: &Kept| {
            (&old.name, &old.domain, old.is_host_only, &old.path)
                == (&cookie.name, &cookie.domain, cookie.is_host_only, &cookie.path)
        };
        let place = self.kept.iter().position(same);
        if cookie.expires.is_some_and(|at| at <= now) {
            if let Some(place) = place {
                self.kept.remove(place);
            }
            return;
        }
        self.numbered += 1;
        cookie.number = place.map_or(self.numbered, |place| self.kept[place].number);
        match place {
            Some(place) => self.kept[place] = cookie,
            None => self.kept.push(cookie),
        }
        let site = HOSTS[origin.host].site;
        let of_site = |kept: &&Kept| site.is_some_and(|site| is_below(&kept.domain, site));
        self.is_vague |= self.kept.iter().filter(of_site).count() > 170;
    }

    /// How many there are; compared with the core's at the end.
    pub(super) fn live(&self, now: i64) -> usize {
        self.kept.iter().filter(|cookie| cookie.expires.is_none_or(|at| at > now)).count()
    }

    /// The `Cookie` line of a request, with a call's own cookies, of which each is a name and a
    /// value that nobody else has.
    pub(super) fn line(&self, origin: Origin, path: &str, now: i64) -> Vec<String> {
        let host = origin.name();
        let mut fit: Vec<&Kept> = self
            .kept
            .iter()
            .filter(|cookie| {
                let reaches = match cookie.is_host_only {
                    true => host == cookie.domain,
                    false => is_below(host, &cookie.domain),
                };
                reaches
                    && covers(&cookie.path, path)
                    && (origin.is_tls || !cookie.is_secure)
                    && cookie.expires.is_none_or(|at| at > now)
            })
            .collect();
        fit.sort_by_key(|cookie| (std::cmp::Reverse(cookie.path.len()), cookie.number));
        fit.into_iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Origin = Origin { is_tls: false, host: 0, port: 80 };
    const A_TLS: Origin = Origin { is_tls: true, host: 0, port: 443 };
    const X_A: Origin = Origin { is_tls: false, host: 6, port: 80 };
    const EVIL_A: Origin = Origin { is_tls: false, host: 5, port: 80 };

    fn cookie(name: &str, domain: Option<&str>) -> SetCookie {
        let (name, value) = (name.to_owned(), "1".to_owned());
        SetCookie { name, value, domain: domain.map(str::to_owned), ..SetCookie::default() }
    }

    #[test]
    fn a_cookie_reaches_its_domain_and_no_other() {
        let mut jar = NaiveJar::default();
        jar.take(&[cookie("own", None), cookie("all", Some("A.test"))], A, "/d/x", 0);
        jar.take(&[cookie("evil", Some("test")), cookie("not", Some("ample.test"))], A, "/", 0);
        assert_eq!(jar.line(A, "/d/y", 0), ["own=1", "all=1"]);
        assert_eq!(jar.line(X_A, "/d/y", 0), ["all=1"]);
        assert!(jar.line(EVIL_A, "/d/y", 0).is_empty());
        assert!(jar.line(A, "/de", 0).is_empty());
    }

    #[test]
    fn what_is_secure_is_neither_shown_nor_hidden_in_the_clear() {
        let mut jar = NaiveJar::default();
        let secure = SetCookie { is_secure: true, ..cookie("k", None) };
        jar.take(std::slice::from_ref(&secure), A_TLS, "/", 0);
        jar.take(&[secure, cookie("k", None)], A, "/", 0);
        assert!(jar.line(A, "/", 0).is_empty());
        assert_eq!(jar.line(A_TLS, "/", 0), ["k=1"]);
        let gone = SetCookie { max_age: Some(0), is_secure: true, ..cookie("k", None) };
        jar.take(&[gone], A_TLS, "/", 0);
        assert_eq!(jar.live(0), 0);
    }
}
