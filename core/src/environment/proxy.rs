//! A proxy as it is written in settings and variables, parsed once.
//!
//! Source: `parse_url` in urllib3 2.8.0, `util/url.py`, and `prepend_scheme_if_needed` in
//! requests 2.34.2, `utils.py`.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::fmt;

use percent_encoding::percent_decode_str;
use url::Host;

use crate::secret::Secret;

/// The text of a proxy setting, and what it means. Copies are cheap.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy(Arc<(Secret<String>, Result<ProxyUrl, InvalidProxyUrl>)>);

impl Proxy {
    /// A proxy from text; what is wrong with the text is said when the proxy is used.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Arc::new((Secret::new(text.into()), ProxyUrl::parse(text))))
    }

    /// The text as it was given, which may hold a password.
    #[must_use]
    pub fn text(&self) -> &Secret<String> {
        &self.0.0
    }

    /// What it means.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn url(&self) -> Result<&ProxyUrl, InvalidProxyUrl> {
        self.0.1.as_ref().map_err(|error| *error)
    }

    /// Whether the text is empty, which means that there is no proxy.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text().reveal().is_empty()
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.url() {
            Ok(url) => write!(f, "{url}"),
            Err(error) => write!(f, "({error})"),
        }
    }
}

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// HTTP in the clear.
    Http,
    /// HTTP over TLS.
    Https,
    /// SOCKS 4: addresses only, names are resolved here.
    Socks4,
    /// SOCKS 4a: names are resolved there.
    Socks4a,
    /// SOCKS 5 with names resolved here.
    Socks5,
    /// SOCKS 5 with names resolved there.
    Socks5h,
}

impl Scheme {
    const ALL: [(Self, &'static str, u16); 6] = [
        (Self::Http, "http", 80),
        (Self::Https, "https", 443),
        (Self::Socks4, "socks4", 1080),
        (Self::Socks4a, "socks4a", 1080),
        (Self::Socks5, "socks5", 1080),
        (Self::Socks5h, "socks5h", 1080),
    ];

    /// Whether it speaks HTTP.
    #[must_use]
    pub const fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }

    /// Its name in a URL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(scheme, ..)| *scheme == self).map_or("", |(_, name, _)| name)
    }
}

/// Where a proxy is and how it is spoken to.
///
/// `Debug` and `Display` show no credentials.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ProxyUrl {
    /// How it is spoken to.
    pub scheme: Scheme,
    /// Its host.
    pub host: Host<String>,
    /// Its port: 80 for http, 443 for https, 1080 for the rest if none is given.
    pub port: u16,
    /// Its user, escapes decoded; none if there is no `@`.
    pub user: Option<Secret<String>>,
    /// Its password, escapes decoded; none if there is no colon before the `@`.
    pub password: Option<Secret<String>>,
}

/// What is wrong with a proxy's text, which is not repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidProxyUrl {
    /// It names no host: `InvalidProxyURL` in requests.
    MissingHost,
    /// Its host is none: `InvalidURL` in requests, and so are the next two.
    Host,
    /// Its port is no number up to 65535.
    Port,
    /// Its scheme is none of http, https, socks4, socks4a, socks5, socks5h.
    Scheme,
}

impl fmt::Display for InvalidProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingHost => "the proxy URL has no host",
            Self::Host => "the host of the proxy URL is invalid",
            Self::Port => "the port of the proxy URL is invalid",
            Self::Scheme => "the proxy URL has an unknown scheme",
        })
    }
}

impl core::error::Error for InvalidProxyUrl {}

impl ProxyUrl {
    /// A proxy from text; one without a scheme, `p:3128` or `//p:3128`, is taken as http.
    ///
    /// # Errors
    /// What is wrong with the text. A host that has to be guessed from too few or too many
    /// slashes is missing.
    pub fn parse(text: &str) -> Result<Self, InvalidProxyUrl> {
        let (scheme, rest) = split_scheme(text);
        let rest = rest.ok_or(InvalidProxyUrl::MissingHost)?;
        let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
        let (userinfo, place) = match authority.rsplit_once('@') {
            Some((userinfo, place)) => (Some(userinfo), place),
            None => (None, authority),
        };
        let (host, port) = split_port(place);
        if host.is_empty() {
            return Err(InvalidProxyUrl::MissingHost);
        }
        let (scheme, _, default) = Scheme::ALL
            .into_iter()
            .find(|(_, name, _)| name.eq_ignore_ascii_case(scheme))
            .ok_or(InvalidProxyUrl::Scheme)?;
        let (user, password) = match userinfo.map(|info| info.split_once(':').ok_or(info)) {
            None => (None, None),
            Some(Err(user)) => (Some(user), None),
            Some(Ok((user, password))) => (Some(user), Some(password)),
        };
        Ok(Self {
            scheme,
            host: Host::parse(host).map_err(|_| InvalidProxyUrl::Host)?,
            port: match port {
                None | Some("") => default,
                Some(digits) => decimal(digits).ok_or(InvalidProxyUrl::Port)?,
            },
            user: user.map(decode),
            password: password.map(decode),
        })
    }
}

/// The scheme and what follows its `://`, or `None` if something else follows.
fn split_scheme(text: &str) -> (&str, Option<&str>) {
    if text.starts_with('/') {
        return ("http", text.strip_prefix("//"));
    }
    let is_scheme = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-'))
    };
    match text.split_once(':') {
        Some((name, rest)) if is_scheme(name) => match rest.strip_prefix("//") {
            Some(rest) => (name, Some(rest)),
            // "localhost:3128" is a host and a port.
            None if decimal(rest.trim_end_matches('/')).is_some() => ("http", Some(text)),
            None => (name, None),
        },
        _ => ("http", Some(text)),
    }
}

/// Host and port, the host in brackets if it is an IPv6 address.
fn split_port(place: &str) -> (&str, Option<&str>) {
    match place.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (place, None),
    }
}

fn decimal(digits: &str) -> Option<u16> {
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn decode(escaped: &str) -> Secret<String> {
    Secret::new(percent_decode_str(escaped).decode_utf8_lossy().to_string())
}

impl fmt::Display for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.scheme.as_str(), self.host, self.port)
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn a_proxy_is_scheme_host_and_port() {
        use InvalidProxyUrl::{Host, MissingHost, Port, Scheme};
        let rows = [
            ("http://p.test:3128", Ok("http://p.test:3128")),
            ("http://p.test", Ok("http://p.test:80")),
            ("https://p.test:80/x", Ok("https://p.test:80")),
            ("SOCKS5h://P.test", Ok("socks5h://p.test:1080")),
            ("socks4://p:80", Ok("socks4://p:80")),
            ("p.test:3128", Ok("http://p.test:3128")),
            ("localhost:3128/", Ok("http://localhost:3128")),
            ("p.test", Ok("http://p.test:80")),
            ("u:p@p.test", Err(MissingHost)),
            ("http://[::1]:1", Ok("http://[::1]:1")),
            ("http://[::1]", Ok("http://[::1]:80")),
            ("http://p:", Ok("http://p:80")),
            ("http://u:p@q@p:1", Ok("http://p:1")),
            ("http://evil\\@p", Ok("http://evil:80")),
            ("http://:3128", Err(MissingHost)),
            ("http:/p:3128", Err(MissingHost)),
            ("http:///p:8080", Err(MissingHost)),
            ("//p", Ok("http://p:80")),
            ("//u:p@p:1", Ok("http://p:1")),
            ("//", Err(MissingHost)),
            ("/p", Err(MissingHost)),
            ("///p", Err(MissingHost)),
            ("", Err(MissingHost)),
            ("http://p:port", Err(Port)),
            ("http://p:65536", Err(Port)),
            ("http://p:+1", Err(Port)),
            ("http://a b", Err(Host)),
            ("http://[::1", Err(Host)),
            ("gopher://p:70", Err(Scheme)),
        ];
        for (text, want) in rows {
            let got = ProxyUrl::parse(text).map(|url| format!("{url}"));
            assert_eq!(got.as_deref().map_err(|e| *e), want, "{text:?}");
        }
    }

    #[test]
    fn user_and_password_are_decoded_and_not_shown() {
        let rows = [
            ("http://p", None, None),
            ("http://u@p", Some("u"), None),
            ("http://u:@p", Some("u"), Some("")),
            ("http://:w@p", Some(""), Some("w")),
            ("socks5://us%40er:p%3Aw@p", Some("us@er"), Some("p:w")),
            ("http://%C3%A9:s3cret@p", Some("é"), Some("s3cret")),
        ];
        for (text, user, password) in rows {
            let url = ProxyUrl::parse(text).unwrap();
            let reveal = |secret: &Option<Secret<String>>| secret.clone().map(Secret::into_inner);
            assert_eq!(reveal(&url.user).as_deref(), user, "{text}");
            assert_eq!(reveal(&url.password).as_deref(), password, "{text}");
            assert!(!format!("{url:?} {url} {:?}", Proxy::new(text)).contains("s3cret"));
        }
    }
}
