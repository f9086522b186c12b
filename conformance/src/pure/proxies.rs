//! Proxies: choice, bypass, environment, what the proxy is told.

use serde_json::{Value, json};
use sessio_core::environment::proxy::Proxy;
use sessio_core::environment::{Environment, Trust, Trusted};
use sessio_core::policy::bypass::{Bypass, should_bypass_proxies};
use sessio_core::policy::merge::Given;
use sessio_core::policy::proxies::{
    Entry, Proxies, get_environ_proxies, resolve_proxies, select_proxy,
};
use sessio_core::policy::proxy::{self, Call, Seen, choose, rebuild_proxies, request_url};
use sessio_core::policy::settings::{Side, Stream, Verify, merge_environment_settings};
use url::Url;

use crate::pure::Outcome;
use crate::pure::netrc::netrc_text;
use crate::pure::policy::{invalid_url, not_latin1, url};
use crate::value;

/// Runs one case.
pub fn run(function: &str, input: &Value) -> Option<Outcome> {
    if function == "proxy_headers" {
        return Some(proxy_headers(input));
    }
    let run = match function {
        "select_proxy" => select,
        "should_bypass_proxies" => bypass,
        "get_environ_proxies" => of_environment,
        "resolve_proxies" => resolve,
        "merge_environment_settings" => settings,
        "rebuild_proxies" => rebuild,
        "request_url" => target,
        _ => return None,
    };
    let environment = environment(input);
    let trust = match input.get("trust_env").or(input["session"].get("trust_env")) {
        Some(Value::Bool(false)) => Trust::NONE,
        _ => Trust::ALL,
    };
    Some(match url(&input["url"]) {
        Some(url) => run(input, &url, environment.trusted(trust)),
        None => invalid_url(),
    })
}

/// The environment of a vector, its files included.
pub(crate) fn environment(input: &Value) -> Environment {
    let none = serde_json::Map::new();
    let variables = input["env"].as_object().unwrap_or(&none);
    let text = |value: &Value| value.as_str().expect("a variable is text").to_owned();
    Environment::new(variables.iter().map(|(name, value)| (name, text(value))), netrc_text(input))
}

fn proxies(pairs: &Value) -> Proxies {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let pair = |(key, value): (Value, Value)| (text(&key).expect("a key is text"), text(&value));
    value::pairs(pairs).into_iter().map(pair).collect()
}

fn text(proxy: &Proxy) -> &str {
    proxy.text().reveal()
}

/// The pairs in the order of their keys.
fn sorted(proxies: &Proxies) -> Vec<(&str, Option<&str>)> {
    let mut pairs: Vec<_> = proxies.iter().map(|(key, proxy)| (key, proxy.map(text))).collect();
    pairs.sort_unstable();
    pairs
}

fn select(input: &Value, url: &Url, _: Trusted<'_>) -> Outcome {
    Outcome::Out(match select_proxy(url, &proxies(&input["proxies"])) {
        Entry::Absent | Entry::Off { .. } => Value::Null,
        Entry::Via { proxy, .. } => json!(text(proxy)),
    })
}

fn bypass(input: &Value, url: &Url, environment: Trusted<'_>) -> Outcome {
    let list = input["no_proxy"].as_str().or(environment.no_proxy().map(|v| v.value.as_str()));
    Outcome::Out(json!(should_bypass_proxies(url, list.unwrap_or_default()) != Bypass::No))
}

fn of_environment(input: &Value, url: &Url, environment: Trusted<'_>) -> Outcome {
    let found = get_environ_proxies(url, input["no_proxy"].as_str(), environment);
    Outcome::Out(json!(sorted(&found)))
}

fn resolve(input: &Value, url: &Url, environment: Trusted<'_>) -> Outcome {
    let resolved = resolve_proxies(url, &proxies(&input["proxies"]), environment);
    Outcome::Out(json!(sorted(&resolved)))
}

fn side(settings: &Value) -> Side<Value> {
    let given = |name: &str| settings.get(name).filter(|value| !value.is_null());
    Side {
        proxies: proxies(&settings["proxies"]),
        stream: match given("stream").map(|value| *value == Value::Bool(true)) {
            None => Given::Absent,
            Some(true) => Given::Use(Stream::Stream),
            Some(false) => Given::Use(Stream::Collect),
        },
        verify: match given("verify") {
            None => Given::Absent,
            Some(Value::String(path)) => Given::Use(Verify::Bundle(path.clone())),
            Some(Value::Bool(false)) => Given::Use(Verify::Off),
            Some(_) => Given::Use(Verify::On),
        },
        cert: given("cert").cloned().into(),
    }
}

fn settings(input: &Value, url: &Url, environment: Trusted<'_>) -> Outcome {
    let merged = merge_environment_settings(url, side(input), side(&input["session"]), environment);
    let listed = sorted(&merged.proxies).into_iter().filter(|(_, proxy)| proxy.is_some());
    Outcome::Out(json!({
        "proxies": listed.collect::<Vec<_>>(),
        "stream": merged.stream == Stream::Stream,
        "verify": match merged.verify {
            Verify::On => json!(true),
            Verify::Off => json!(false),
            Verify::Bundle(path) => json!(path),
            Verify::Pem(_) => json!("a text that no vector has"),
        },
        "cert": merged.cert,
    }))
}

fn rebuild(input: &Value, url: &Url, environment: Trusted<'_>) -> Outcome {
    let rebuilt = match rebuild_proxies(url, &proxies(&input["proxies"]), environment) {
        Ok(rebuilt) => rebuilt,
        Err(error) => return not_latin1(error),
    };
    let mut headers = value::pairs(&input["headers"]);
    let is_ours = |name: &Value| {
        name.as_str().is_some_and(|name| name.eq_ignore_ascii_case("Proxy-Authorization"))
    };
    headers.retain(|(name, _)| !is_ours(name));
    if let Some(value) = rebuilt.authorization {
        headers.push((json!("Proxy-Authorization"), json!(value.to_str().expect("ASCII"))));
    }
    Outcome::Out(json!({"proxies": sorted(&rebuilt.proxies), "headers": headers}))
}

fn proxy_headers(input: &Value) -> Outcome {
    let proxy = Proxy::new(input["proxy"].as_str().expect("a proxy is text"));
    match proxy.url().map(proxy::proxy_headers) {
        Err(_) | Ok(Ok(None)) => Outcome::Out(json!([])),
        Ok(Ok(Some(value))) => {
            Outcome::Out(json!([["Proxy-Authorization", value.to_str().expect("ASCII")]]))
        }
        Ok(Err(error)) => not_latin1(error),
    }
}

fn target(input: &Value, url: &Url, _: Trusted<'_>) -> Outcome {
    let proxies = proxies(&input["proxies"]);
    let environment = Trusted::nothing();
    let seen = Seen { call: Call::Use(&proxies), session: &Proxies::new(), environment };
    match choose(url, &seen) {
        Ok(choice) => Outcome::Out(json!(request_url(url, &choice))),
        Err(_) => Outcome::Error("InvalidProxyURL".into()),
    }
}
