//! What the process environment says, as a value: proxy variables, netrc text, CA bundles.
//!
//! The core never reads the environment; a runtime captures it, or the embedder writes it down.
//!
//! Source: `trust_env` in requests 2.34.2; `getproxies_environment` in CPython 3.11,
//! `urllib/request.py`.

pub mod netrc;
pub mod proxy;

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::environment::netrc::{Entry, NetrcError};
use crate::environment::proxy::Proxy;
use crate::planted::Plant;
use crate::secret::Secret;

/// The environment as it was when it was captured.
#[derive(Clone, Default)]
pub struct Environment {
    proxies: Vec<ProxyVariable>,
    no_proxy: Option<Variable>,
    requests_ca_bundle: Option<Variable>,
    curl_ca_bundle: Option<Variable>,
    ssl_cert_file: Option<Variable>,
    netrc: Netrc,
}

#[derive(Clone, Default)]
enum Netrc {
    #[default]
    None,
    Bad(NetrcError),
    Entries(Vec<Entry>),
}

/// A variable of the environment that holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name as it was spelled.
    pub name: String,
    /// Its value; never empty: an empty variable counts as none.
    pub value: String,
}

/// A variable whose name ends in `_proxy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyVariable {
    /// Its name as it was spelled.
    pub name: String,
    /// Its name without `_proxy`, in lower case: a scheme, or `all`, or `no`.
    pub scheme: String,
    /// Its value, which for `no` is a list of hosts and no URL.
    pub proxy: Proxy,
}

/// Whether one part of the environment counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facet {
    /// It does.
    Trusted,
    /// It does not.
    Ignored,
}

/// Which parts of the environment count; `trust_env` in requests, which has one switch for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trust {
    /// The proxy variables.
    pub proxies: Facet,
    /// The CA bundle variables.
    pub ca: Facet,
    /// The netrc entries.
    pub netrc: Facet,
}

impl Trust {
    /// All of it: `trust_env = True`.
    pub const ALL: Self =
        Self { proxies: Facet::Trusted, ca: Facet::Trusted, netrc: Facet::Trusted };
    /// None of it: `trust_env = False`.
    pub const NONE: Self =
        Self { proxies: Facet::Ignored, ca: Facet::Ignored, netrc: Facet::Ignored };
}

impl Default for Trust {
    fn default() -> Self {
        Self::ALL
    }
}

impl Environment {
    /// The environment that these variables and this netrc text make.
    ///
    /// Lower-case proxy variables go before others, and an empty one takes the other away. Where
    /// REQUEST_METHOD is set this is a CGI process, in which HTTP_PROXY comes from a request's
    /// `Proxy` field and is not read. Other variables are not kept.
    pub fn new<N: AsRef<str>, V: AsRef<str>>(
        variables: impl IntoIterator<Item = (N, V)>,
        netrc: Option<Secret<String>>,
    ) -> Self {
        let variables: Vec<(N, V)> = variables.into_iter().collect();
        let find = |name: &str| {
            let (_, value) = variables.iter().find(|(n, _)| n.as_ref() == name)?;
            let (name, value) = (name.to_string(), value.as_ref().to_string());
            (!value.is_empty()).then_some(Variable { name, value })
        };
        let netrc = match netrc.map(|text| netrc::parse(text.reveal())) {
            None => Netrc::None,
            Some(Ok(entries)) => Netrc::Entries(entries),
            Some(Err(error)) => Netrc::Bad(error),
        };
        Self {
            proxies: proxy_variables(&variables),
            no_proxy: find("no_proxy").or_else(|| find("NO_PROXY")),
            requests_ca_bundle: find("REQUESTS_CA_BUNDLE"),
            curl_ca_bundle: find("CURL_CA_BUNDLE"),
            ssl_cert_file: find("SSL_CERT_FILE"),
            netrc,
        }
    }

    /// The parts of it that count.
    #[must_use]
    pub const fn trusted(&self, trust: Trust) -> Trusted<'_> {
        Trusted { environment: Some(self), trust }
    }

    /// Why the netrc text was not understood, if there was one and it was not; requests ignores
    /// such a file silently.
    #[must_use]
    pub const fn netrc_error(&self) -> Option<&NetrcError> {
        match &self.netrc {
            Netrc::Bad(error) => Some(error),
            Netrc::None | Netrc::Entries(_) => None,
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let netrc: &dyn fmt::Debug = match &self.netrc {
            Netrc::None => &"none",
            Netrc::Bad(error) => error,
            Netrc::Entries(entries) => entries,
        };
        f.debug_struct("Environment")
            .field("proxies", &self.proxies)
            .field("no_proxy", &self.no_proxy)
            .field("requests_ca_bundle", &self.requests_ca_bundle)
            .field("curl_ca_bundle", &self.curl_ca_bundle)
            .field("ssl_cert_file", &self.ssl_cert_file)
            .field("netrc", netrc)
            .finish()
    }
}

/// Two passes, so that what is written in lower case has the last word.
fn proxy_variables<N: AsRef<str>, V: AsRef<str>>(variables: &[(N, V)]) -> Vec<ProxyVariable> {
    let mut found: Vec<ProxyVariable> = Vec::new();
    for (name, value) in variables {
        set_proxy(&mut found, name.as_ref(), value.as_ref());
    }
    let is_cgi = variables.iter().any(|(name, _)| name.as_ref() == "REQUEST_METHOD");
    if is_cgi && !Plant::CgiProxyTrusted.is_on() {
        found.retain(|variable| variable.scheme != "http");
    }
    for (name, value) in variables.iter().filter(|(name, _)| name.as_ref().ends_with("_proxy")) {
        let lower = name.as_ref().to_lowercase();
        if value.as_ref().is_empty() {
            found.retain(|variable| Some(variable.scheme.as_str()) != lower.strip_suffix("_proxy"));
        } else {
            set_proxy(&mut found, name.as_ref(), value.as_ref());
        }
    }
    found
}

/// Puts a variable in the place of the one for the same scheme, or at the end.
fn set_proxy(found: &mut Vec<ProxyVariable>, name: &str, value: &str) {
    let lower = name.to_lowercase();
    let Some(scheme) = lower.strip_suffix("_proxy").filter(|_| !value.is_empty()) else { return };
    let variable =
        ProxyVariable { name: name.into(), scheme: scheme.into(), proxy: Proxy::new(value) };
    match found.iter_mut().find(|v| v.scheme == scheme) {
        Some(place) => *place = variable,
        None => found.push(variable),
    }
}

/// An environment, and which parts of it count; what does not is as if it were not there.
#[derive(Clone, Copy, Debug)]
pub struct Trusted<'a> {
    environment: Option<&'a Environment>,
    trust: Trust,
}

impl<'a> Trusted<'a> {
    /// No environment at all.
    #[must_use]
    pub const fn nothing() -> Self {
        Self { environment: None, trust: Trust::NONE }
    }

    fn facet(self, facet: Facet) -> Option<&'a Environment> {
        match facet {
            Facet::Trusted => self.environment,
            Facet::Ignored => None,
        }
    }

    /// All proxy variables, NO_PROXY among them as the scheme `no`.
    #[must_use]
    pub fn proxies(self) -> &'a [ProxyVariable] {
        self.facet(self.trust.proxies).map_or(&[], |environment| &environment.proxies)
    }

    /// The proxy variable for a scheme, or for `all`.
    #[must_use]
    pub fn proxy(self, scheme: &str) -> Option<&'a ProxyVariable> {
        self.proxies().iter().find(|variable| variable.scheme == scheme)
    }

    /// The hosts that no proxy is for: no_proxy, or NO_PROXY if that is empty.
    #[must_use]
    pub fn no_proxy(self) -> Option<&'a Variable> {
        self.facet(self.trust.proxies)?.no_proxy.as_ref()
    }

    /// The file of root certificates: REQUESTS_CA_BUNDLE, or CURL_CA_BUNDLE if that is empty, or
    /// SSL_CERT_FILE, which OpenSSL reads and requests does not.
    #[must_use]
    pub fn ca_bundle(self) -> Option<&'a Variable> {
        let environment = self.facet(self.trust.ca)?;
        let requests = environment.requests_ca_bundle.as_ref();
        requests.or(environment.curl_ca_bundle.as_ref()).or(environment.ssl_cert_file.as_ref())
    }

    /// Login and password for a host, which is a name in lower case or an address without
    /// brackets; with `user`, only if the entry is that user's.
    ///
    /// Source: `get_netrc_auth` in requests, `utils.py`.
    #[must_use]
    pub fn netrc(self, host: &str, user: Option<&str>) -> Option<netrc::Login<'a>> {
        match &self.facet(self.trust.netrc)?.netrc {
            Netrc::Entries(entries) => netrc::lookup(entries, host, user),
            Netrc::None | Netrc::Bad(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    type Variables = [(&'static str, &'static str)];

    fn check(variables: &[(&str, &str)], scheme: &str) -> Option<(String, String)> {
        let environment = Environment::new(variables.iter().copied(), None);
        let found = environment.trusted(Trust::ALL).proxy(scheme)?;
        Some((found.name.clone(), found.proxy.text().reveal().clone()))
    }

    #[test]
    fn lower_case_goes_before_upper_case_and_empty_takes_away() {
        let rows: &[(&Variables, Option<(&str, &str)>)] = &[
            (&[("HTTP_PROXY", "http://u")], Some(("HTTP_PROXY", "http://u"))),
            (&[("http_proxy", "l"), ("HTTP_PROXY", "u")], Some(("http_proxy", "l"))),
            (&[("HTTP_PROXY", "u"), ("http_proxy", "")], None),
            (&[("HTTP_PROXY", "")], None),
            (&[("HTTP_PROXY", "u"), ("REQUEST_METHOD", "")], None),
            (&[("http_proxy", "l"), ("REQUEST_METHOD", "GET")], Some(("http_proxy", "l"))),
            (&[("https_proxy", "s")], None),
        ];
        for (variables, want) in rows {
            let want = want.map(|(name, text)| (name.to_string(), text.to_string()));
            assert_eq!(check(variables, "http"), want, "{variables:?}");
        }
    }

    #[test]
    fn each_facet_can_be_turned_off_by_itself() {
        let variables =
            [("http_proxy", "p"), ("NO_PROXY", "n"), ("no_proxy", ""), ("CURL_CA_BUNDLE", "c")];
        let netrc = Some(Secret::new("machine a login l password p".to_string()));
        let environment = Environment::new(variables, netrc);
        let check = |trust| {
            let seen = environment.trusted(trust);
            [
                seen.proxy("http").is_some() && seen.no_proxy().is_some(),
                seen.ca_bundle().is_some(),
                seen.netrc("a", None).is_some(),
            ]
        };
        let rows = [
            (Trust::ALL, [true, true, true]),
            (Trust { proxies: Facet::Ignored, ..Trust::ALL }, [false, true, true]),
            (Trust { ca: Facet::Ignored, ..Trust::ALL }, [true, false, true]),
            (Trust { netrc: Facet::Ignored, ..Trust::ALL }, [true, true, false]),
            (Trust::NONE, [false, false, false]),
        ];
        for (trust, want) in rows {
            assert_eq!(check(trust), want, "{trust:?}");
        }
    }

    #[test]
    fn the_bundle_of_requests_goes_before_those_of_curl_and_openssl() {
        let rows: &[(&Variables, Option<&str>)] = &[
            (&[("REQUESTS_CA_BUNDLE", "r"), ("CURL_CA_BUNDLE", "c")], Some("r")),
            (&[("REQUESTS_CA_BUNDLE", ""), ("CURL_CA_BUNDLE", "c")], Some("c")),
            (&[("REQUESTS_CA_BUNDLE", ""), ("CURL_CA_BUNDLE", "")], None),
            (&[("SSL_CERT_FILE", "s"), ("CURL_CA_BUNDLE", "c")], Some("c")),
            (&[("SSL_CERT_FILE", "s"), ("CURL_CA_BUNDLE", "")], Some("s")),
            (&[("SSL_CERT_FILE", "")], None),
        ];
        for (variables, want) in rows {
            let environment = Environment::new(variables.iter().copied(), None);
            let found = environment.trusted(Trust::ALL).ca_bundle();
            assert_eq!(found.map(|v| v.value.as_str()), *want, "{variables:?}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let netrc = Some(Secret::new("machine a login l password s3cret".to_string()));
        let environment = Environment::new([("http_proxy", "http://u:s3cret@p:1")], netrc);
        assert!(!format!("{environment:?}").contains("s3cret"), "{environment:?}");
    }
}
