//! Which proxy a request goes through, who says so, and what the proxy is told.
//!
//! It is decided anew for every hop of a call.
//!
//! Source: `rebuild_proxies` in requests 2.34.2, `sessions.py`; `proxy_headers` and `request_url`,
//! `adapters.py`; RFC 9112, 3.2.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use http::HeaderValue;
use url::Url;

use crate::environment::Trusted;
use crate::environment::proxy::{InvalidProxyUrl, Proxy, ProxyUrl};
use crate::policy::bypass::{Bypass, should_bypass_proxies};
use crate::policy::credentials::{Credentials, NotLatin1};
use crate::policy::proxies::{Entry, Proxies, keys, resolve_proxies};

/// What a call says about proxies.
#[derive(Clone, Copy, Debug)]
pub enum Call<'a> {
    /// Nothing.
    Inherit,
    /// None at all, whatever session and environment say.
    Direct,
    /// These before those of the session, key by key.
    Use(&'a Proxies),
}

/// All that the choice depends on.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// What the call says.
    pub call: Call<'a>,
    /// What the session says.
    pub session: &'a Proxies,
    /// What the environment says, as far as it is trusted.
    pub environment: Trusted<'a>,
}

/// Who named the proxy, or said that there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The call, under this key.
    Call(String),
    /// The call, for all URLs.
    CallDirect,
    /// The session, under this key.
    Session(String),
    /// This variable of the environment.
    Environment(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(key) => write!(f, "call proxies[{key}]"),
            Self::CallDirect => f.write_str("call"),
            Self::Session(key) => write!(f, "session proxies[{key}]"),
            Self::Environment(variable) => write!(f, "env {variable}"),
        }
    }
}

/// The proxy that a request goes through, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice<'a> {
    /// None.
    Direct(Direct),
    /// This one.
    Via {
        /// The proxy.
        proxy: &'a ProxyUrl,
        /// Who named it.
        source: Source,
    },
}

/// Why there is no proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Direct {
    /// Nobody named one.
    NoneSet,
    /// It was turned off.
    Off(Source),
    /// The environment names one, but NO_PROXY passes it by with this entry.
    NoProxy(String),
}

impl fmt::Display for Choice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Via { proxy, source } => write!(f, "{proxy} ({source})"),
            Self::Direct(Direct::NoneSet) => f.write_str("none"),
            Self::Direct(Direct::Off(source)) => write!(f, "none (off: {source})"),
            Self::Direct(Direct::NoProxy(entry)) => write!(f, "none (no_proxy {entry})"),
        }
    }
}

/// The proxy that was chosen cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// Who named it.
    pub source: Source,
    /// What is wrong with it.
    pub error: InvalidProxyUrl,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unusable proxy of {}", self.source)
    }
}

impl core::error::Error for Unusable {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// The proxy for a URL: call and session key by key, the call first; then the environment.
///
/// Any setting that fits goes before the environment, even a less specific one. What is off, and
/// what is empty, means no proxy: nobody further is asked. NO_PROXY concerns the environment's
/// proxies only; the list in the settings goes before the environment's.
///
/// # Errors
/// If the proxy that was chosen is no usable one.
pub fn choose<'a>(url: &Url, seen: &Seen<'a>) -> Result<Choice<'a>, Unusable> {
    if matches!(seen.call, Call::Direct) {
        return Ok(Choice::Direct(Direct::Off(Source::CallDirect)));
    }
    let call = match seen.call {
        Call::Use(proxies) => Some(proxies),
        Call::Inherit | Call::Direct => None,
    };
    let is_named = call.is_some_and(|proxies| !proxies.is_empty()) || !seen.session.is_empty();
    // Making the keys costs allocations, which most requests need not pay.
    let keys = if is_named { keys(url) } else { Vec::new() };
    for key in keys {
        let of_call = call.map_or(Entry::Absent, |proxies| proxies.get(&key));
        match (of_call, seen.session.get(&key)) {
            (Entry::Absent, Entry::Absent) => {}
            (Entry::Absent, Entry::Off { .. }) => return Ok(off(Source::Session(key))),
            (Entry::Absent, Entry::Via { proxy, .. }) => return via(proxy, Source::Session(key)),
            (Entry::Off { .. }, _) => return Ok(off(Source::Call(key))),
            (Entry::Via { proxy, .. }, _) => return via(proxy, Source::Call(key)),
        }
    }
    let list = call.and_then(Proxies::no_proxy).or_else(|| seen.session.no_proxy());
    of_environment(url, list, seen.environment)
}

fn off(source: Source) -> Choice<'static> {
    Choice::Direct(Direct::Off(source))
}

fn via(proxy: &Proxy, source: Source) -> Result<Choice<'_>, Unusable> {
    if proxy.is_empty() {
        return Ok(off(source));
    }
    match proxy.url() {
        Ok(proxy) => Ok(Choice::Via { proxy, source }),
        Err(error) => Err(Unusable { source, error }),
    }
}

fn of_environment<'a>(
    url: &Url,
    list: Option<&str>,
    environment: Trusted<'a>,
) -> Result<Choice<'a>, Unusable> {
    let found = environment.proxy(url.scheme()).or_else(|| environment.proxy("all"));
    let Some(variable) = found else { return Ok(Choice::Direct(Direct::NoneSet)) };
    let list = list.or(environment.no_proxy().map(|variable| variable.value.as_str()));
    match should_bypass_proxies(url, list.unwrap_or_default()) {
        Bypass::No => via(&variable.proxy, Source::Environment(variable.name.clone())),
        Bypass::Entry(entry) => Ok(Choice::Direct(Direct::NoProxy(entry.into()))),
        Bypass::All => Ok(Choice::Direct(Direct::NoProxy("*".into()))),
        Bypass::NoHost => Ok(Choice::Direct(Direct::NoneSet)),
    }
}

/// The credentials of a proxy's URL as a Proxy-Authorization, marked sensitive: where there is a
/// user and a password, which may be empty.
///
/// # Errors
/// If user or password are not latin-1.
///
/// Source: `proxy_headers` in requests, `adapters.py`.
pub fn proxy_headers(proxy: &ProxyUrl) -> Result<Option<HeaderValue>, NotLatin1> {
    match (&proxy.user, &proxy.password) {
        (Some(user), Some(password)) if !user.reveal().is_empty() => {
            Credentials::from_text(user.reveal(), password.reveal())
                .map(|credentials| Some(credentials.basic()))
        }
        _ => Ok(None),
    }
}

/// How user and password of a proxy's URL are shown to an HTTP proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyAuth {
    /// By Basic, with the first request or the request for a tunnel, as requests does.
    #[default]
    Basic,
    /// By Digest, and not before the proxy asks with `407` and a Digest challenge; from then on
    /// before it asks. What one proxy asked is never told to another. A proxy that wants anything
    /// else gets nothing: its `407` is the response, or the error of the tunnel.
    Digest,
}

/// The Proxy-Authorization that a proxy is sent: an HTTP proxy only, in a CONNECT, or in a request
/// in absolute form that the proxy itself answers. SOCKS has a handshake of its own, and a field
/// would go through to the origin.
///
/// # Errors
/// If user or password are not latin-1.
pub fn proxy_authorization(proxy: &ProxyUrl) -> Result<Option<HeaderValue>, NotLatin1> {
    match proxy.scheme.is_http() {
        true => proxy_headers(proxy),
        false => Ok(None),
    }
}

/// What requests writes into a redirected request and hands on beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// The proxies for the URL.
    pub proxies: Proxies,
    /// The Proxy-Authorization that replaces the one the request had.
    pub authorization: Option<HeaderValue>,
}

/// The proxies of a redirected request, and the Proxy-Authorization that stands in the request
/// itself: for http, and only from the proxy under that very key. Proxies found otherwise get
/// theirs from [`proxy_authorization`] when the request is written.
///
/// # Errors
/// If user or password of the proxy are not latin-1.
///
/// Source: `rebuild_proxies` in requests, `sessions.py`.
pub fn rebuild_proxies(
    url: &Url,
    proxies: &Proxies,
    environment: Trusted<'_>,
) -> Result<Rebuilt, NotLatin1> {
    let proxies = resolve_proxies(url, proxies, environment);
    let authorization = match proxies.get(url.scheme()) {
        Entry::Via { proxy, .. } if url.scheme() != "https" => match proxy.url() {
            Ok(proxy) if proxy.password.as_ref().is_some_and(|p| !p.reveal().is_empty()) => {
                proxy_authorization(proxy)?
            }
            Ok(_) | Err(_) => None,
        },
        Entry::Via { .. } | Entry::Off { .. } | Entry::Absent => None,
    };
    Ok(Rebuilt { proxies, authorization })
}

/// What the next hop is to be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Path and query: to the origin itself, through a tunnel, or through SOCKS.
    Origin,
    /// The whole URL: to an HTTP proxy that makes the request on our behalf.
    Absolute,
}

/// The form of the request target.
#[must_use]
pub fn target(url: &Url, choice: &Choice<'_>) -> Target {
    match choice {
        Choice::Via { proxy, .. } if proxy.scheme.is_http() && url.scheme() != "https" => {
            Target::Absolute
        }
        Choice::Via { .. } | Choice::Direct(_) => Target::Origin,
    }
}

/// The request target towards the next hop: without fragment, user and password, and without a
/// question mark that nothing follows.
///
/// Source: `request_url` in requests, `adapters.py`.
#[must_use]
pub fn request_url(url: &Url, choice: &Choice<'_>) -> String {
    let mut text = match (target(url, choice), url.host_str(), url.port()) {
        (Target::Absolute, Some(host), Some(port)) => {
            alloc::format!("{}://{host}:{port}", url.scheme())
        }
        (Target::Absolute, Some(host), None) => alloc::format!("{}://{host}", url.scheme()),
        (Target::Absolute, None, _) | (Target::Origin, ..) => String::new(),
    };
    text.push_str(match url.path() {
        "" => "/",
        path => path,
    });
    if let Some(query) = url.query().filter(|query| !query.is_empty()) {
        text.push('?');
        text.push_str(query);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::{Environment, Trust};
    use alloc::string::ToString;

    fn proxies(pairs: &[(&str, Option<&str>)]) -> Proxies {
        pairs.iter().copied().collect()
    }

    /// The choice for http://a.test/ as it is told.
    fn check(
        call: &[(&str, Option<&str>)],
        session: &[(&str, Option<&str>)],
        environment: &[(&str, &str)],
    ) -> String {
        let environment = Environment::new(environment.iter().copied(), None);
        let url = Url::parse("http://a.test/").unwrap();
        let seen = Seen {
            call: Call::Use(&proxies(call)),
            session: &proxies(session),
            environment: environment.trusted(Trust::ALL),
        };
        match choose(&url, &seen) {
            Ok(choice) => choice.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_call_goes_before_the_session_and_both_before_the_environment() {
        let env: &[(&str, &str)] = &[("http_proxy", "e:1"), ("NO_PROXY", "n.test")];
        let (c, s) = (Some("http://u:s3cret@c:1"), Some("s:1"));
        assert_eq!(check(&[("http", c)], &[("http", s)], env), "http://c:1 (call proxies[http])");
        assert_eq!(check(&[], &[("all", s)], env), "http://s:1 (session proxies[all])");
        assert_eq!(check(&[], &[("https", s)], env), "http://e:1 (env http_proxy)");
        let of_host = [("http://a.test", s)];
        let want = "http://s:1 (session proxies[http://a.test])";
        assert_eq!(check(&[("http", c)], &of_host, env), want);
        assert_eq!(check(&[], &[], &[]), "none");
        assert_eq!(check(&[], &[], &[("ALL_PROXY", "e:1")]), "http://e:1 (env ALL_PROXY)");
    }

    #[test]
    fn off_and_empty_ask_nobody_further() {
        let env: &[(&str, &str)] = &[("http_proxy", "e:1")];
        let s = Some("s:1");
        let want = "none (off: call proxies[http])";
        assert_eq!(check(&[("http", None)], &[("http", s)], env), want);
        assert_eq!(check(&[("http", Some(""))], &[("all", s)], env), want);
        assert_eq!(check(&[], &[("all", None)], env), "none (off: session proxies[all])");
        let url = Url::parse("http://a.test/").unwrap();
        let environment = Environment::new(env.iter().copied(), None);
        let environment = environment.trusted(Trust::ALL);
        let seen = Seen { call: Call::Direct, session: &proxies(&[("http", s)]), environment };
        assert_eq!(choose(&url, &seen).unwrap().to_string(), "none (off: call)");
    }

    #[test]
    fn no_proxy_concerns_the_environment_only() {
        let env: &[(&str, &str)] = &[("http_proxy", "e:1"), ("no_proxy", "b.test,a.test")];
        assert_eq!(check(&[], &[], env), "none (no_proxy a.test)");
        assert_eq!(check(&[], &[("http", Some("s:1"))], env), "http://s:1 (session proxies[http])");
        let other = [("no_proxy", Some("x"))];
        assert_eq!(check(&other, &[], env), "http://e:1 (env http_proxy)");
        assert_eq!(check(&[], &[("no_proxy", Some("*"))], env), "none (no_proxy *)");
    }

    #[test]
    fn a_bad_proxy_is_an_error_that_shows_no_password() {
        let bad = [("http", Some("http://u:s3cret@"))];
        assert_eq!(check(&bad, &[], &[]), "unusable proxy of call proxies[http]");
    }

    #[test]
    fn only_http_proxies_of_http_urls_see_the_whole_url() {
        let rows = [
            ("http://u:p@a:81/x?y#z", "http://p", "http://a:81/x?y"),
            ("http://a", "https://p", "http://a/"),
            ("http://a/?", "http://p", "http://a/"),
            ("http://[::1]/", "http://p", "http://[::1]/"),
            ("http://a/x?y#z", "socks5h://p", "/x?y"),
            ("https://a/x?y#z", "http://p", "/x?y"),
            ("http://a//x", "", "//x"),
        ];
        for (url, proxy, want) in rows {
            let settings = proxies(&[("all", Some(proxy))]);
            let environment = Trusted::nothing();
            let seen = Seen { call: Call::Inherit, session: &settings, environment };
            let url = Url::parse(url).unwrap();
            assert_eq!(request_url(&url, &choose(&url, &seen).unwrap()), want, "{url} {proxy}");
        }
    }

    #[test]
    fn http_proxies_with_user_and_password_are_authorized() {
        let rows = [
            ("http://u:p@p", Ok(Some("Basic dTpw"))),
            ("http://u:@p", Ok(Some("Basic dTo="))),
            ("http://u@p", Ok(None)),
            ("http://:p@p", Ok(None)),
            ("socks5://u:p@p", Ok(None)),
            ("http://%E4%B8%AD:p@p", Err(NotLatin1)),
        ];
        for (text, want) in rows {
            let got = proxy_authorization(&ProxyUrl::parse(text).unwrap());
            let got = got.as_ref().map(|v| v.as_ref().map(|v| v.to_str().unwrap()));
            assert_eq!(got.map_err(|e| *e), want, "{text}");
        }
    }
}
