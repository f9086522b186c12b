//! Proxies of the environment: the one that the model chooses, by the variable that it names; a
//! host has one answer in all its spellings.
//!
//! Input: the URL, then variables `NAME=value`.

use std::net::{Ipv4Addr, Ipv6Addr};

use ::url::Host;
use sessio_core::Environment;
use sessio_core::environment::Trust;
use sessio_core::policy::proxies::Proxies;
use sessio_core::policy::proxy::{Call, Choice, Direct, Seen, Source, choose};
use sessio_core::url::{self, Url};

use crate::input::Fields;

/// What the model says.
#[derive(Debug, PartialEq)]
enum Want {
    Direct,
    Bypassed,
    By(String),
}

/// Runs one input.
pub fn run(data: &[u8]) {
    let mut input = Fields::of(data);
    let Ok(url) = url::parse(input.text()) else { return };
    let mut variables: Vec<(String, String)> = Vec::new();
    for line in input.rest().take(12) {
        let line = String::from_utf8_lossy(line).into_owned();
        if let Some((name, value)) = line.split_once('=') {
            // As in a process, a name is there once.
            variables.retain(|(known, _)| known != name);
            variables.push((name.into(), value.into()));
        }
    }
    let got = core(&url, &variables);
    assert_eq!(got, model(&url, &variables), "{url} {variables:?}");
    for other in spellings(&url) {
        assert_eq!(core(&other, &variables), got, "{other} and {url}: {variables:?}");
    }
}

fn core(url: &Url, variables: &[(String, String)]) -> Want {
    let pairs = variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let environment = Environment::new(pairs, None);
    let proxies = Proxies::new();
    let environment = environment.trusted(Trust::ALL);
    let seen = Seen { call: Call::Inherit, session: &proxies, environment };
    let source = match choose(url, &seen) {
        Ok(Choice::Direct(Direct::NoProxy(_))) => return Want::Bypassed,
        Ok(Choice::Direct(Direct::NoneSet | Direct::Off(_))) => return Want::Direct,
        Ok(Choice::Via { source, proxy }) => {
            let shown = format!("{proxy} {proxy:?}");
            let secret = proxy.password.as_ref().map(|p| p.reveal().as_str()).unwrap_or_default();
            assert!(secret.len() < 9 || !shown.contains(secret), "a password is shown");
            source
        }
        Err(unusable) => {
            let _ = unusable.to_string();
            unusable.source
        }
    };
    match source {
        Source::Environment(name) => Want::By(name),
        other => panic!("the environment alone says something, not {other}"),
    }
}

/// The same URL, its host written in other ways.
fn spellings(url: &Url) -> Vec<Url> {
    let host = match url.host() {
        Some(Host::Domain(name)) => name.to_uppercase(),
        Some(Host::Ipv4(ip)) => format!("{:#x}", u32::from(ip)),
        Some(Host::Ipv6(_)) | None => return Vec::new(),
    };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    url::parse(format!("{}://{host}{port}/other", url.scheme())).into_iter().collect()
}

/// Source: `getproxies_environment` and `proxy_bypass_environment` in CPython's `urllib`, and
/// `should_bypass_proxies` in requests.
fn model(url: &Url, variables: &[(String, String)]) -> Want {
    let cgi = variables.iter().any(|(name, _)| name == "REQUEST_METHOD");
    let variable = |scheme: &str| -> Option<&str> {
        let wanted = format!("{scheme}_proxy");
        let named = |name: &str| name.to_lowercase() == wanted;
        let lower =
            variables.iter().rev().find(|(name, _)| named(name) && name.ends_with("_proxy"));
        if let Some((name, value)) = lower {
            return Some(name.as_str()).filter(|_| !value.is_empty());
        }
        let any = variables.iter().rev().find(|(name, value)| named(name) && !value.is_empty());
        any.map(|(name, _)| name.as_str()).filter(|_| !(cgi && scheme == "http"))
    };
    let Some(name) = variable(url.scheme()).or_else(|| variable("all")) else {
        return Want::Direct;
    };
    let value = |name: &str| {
        let found = variables.iter().find(|(n, v)| n == name && !v.is_empty());
        found.map(|(_, value)| value.as_str())
    };
    let list = value("no_proxy").or_else(|| value("NO_PROXY")).unwrap_or_default();
    let Some(host) = url.host() else { return Want::Direct };
    if list.trim() == "*" || list.split(',').any(|entry| fits(&host, url, entry)) {
        return Want::Bypassed;
    }
    Want::By(name.to_owned())
}

fn fits(host: &Host<&str>, url: &Url, entry: &str) -> bool {
    let entry: String = entry.trim().chars().filter(|c| *c != ' ').collect();
    let entry = entry.to_ascii_lowercase();
    let bare = entry.trim_start_matches('.');
    if bare.is_empty() {
        return false;
    }
    let tail = |name: &str| name == bare || name.ends_with(&format!(".{bare}"));
    let port = url.port_or_known_default().map(|port| format!(":{port}")).unwrap_or_default();
    match host {
        Host::Domain(name) => tail(name) || (!port.is_empty() && tail(&format!("{name}{port}"))),
        Host::Ipv4(ip) => tail(&ip.to_string()) || in_network_4(*ip, &entry),
        Host::Ipv6(ip) => {
            tail(&ip.to_string())
                || (!port.is_empty() && tail(&format!("{ip}{port}")))
                || in_network_6(*ip, &entry)
        }
    }
}

fn in_network_4(ip: Ipv4Addr, network: &str) -> bool {
    let Some((base, bits)) = network.split_once('/') else { return false };
    let (Ok(Host::Ipv4(base)), Ok(bits @ 1..=32)) = (Host::parse(base), bits.parse::<u32>()) else {
        return false;
    };
    (0..bits).all(|bit| (u32::from(ip) ^ u32::from(base)) >> (31 - bit) & 1 == 0)
}

fn in_network_6(ip: Ipv6Addr, network: &str) -> bool {
    let (base, bits) = network.split_once('/').unwrap_or((network, "128"));
    let (Ok(base), Ok(bits @ 1..=128)) = (base.parse::<Ipv6Addr>(), bits.parse::<u32>()) else {
        return false;
    };
    (0..bits).all(|bit| (u128::from(ip) ^ u128::from(base)) >> (127 - bit) & 1 == 0)
}
