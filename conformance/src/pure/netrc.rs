//! netrc: the look-up for a URL, and what a redirect makes of it.

use serde_json::{Value, json};
use sessio_core::Secret;
use sessio_core::environment::netrc::locations;
use sessio_core::environment::{Environment, Trust};
use sessio_core::policy::authorization::{Header, Netrc, Next, Source, rebuild_auth};
use sessio_core::policy::credentials::Credentials;
use url::{Host, Url};

use crate::pure::Outcome;
use crate::pure::policy::{invalid_url, not_latin1, url};
use crate::pure::proxies::environment;
use crate::value;

/// Runs one case.
pub fn run(function: &str, input: &Value) -> Option<Outcome> {
    match function {
        "get_netrc_auth" => Some(Outcome::Out(look_up(input))),
        "rebuild_auth" => Some(rebuild(input)),
        _ => None,
    }
}

/// The text of the netrc file that the files of a vector have, whose home directory is `@files`.
pub(crate) fn netrc_text(input: &Value) -> Option<Secret<String>> {
    let paths = locations(input["env"]["NETRC"].as_str(), Some("@files"));
    let file = |path: &String| input["files"].get(path.strip_prefix("@files/")?);
    let content = value::bytes(paths.iter().find_map(file)?);
    Some(Secret::new(String::from_utf8_lossy(&content).into_owned()))
}

/// Login and password for the host of a URL.
fn login(environment: &Environment, url: &Url) -> Option<(String, String)> {
    let host = match url.host()? {
        Host::Ipv6(ip) => ip.to_string(),
        host => host.to_string(),
    };
    let login = environment.trusted(Trust::ALL).netrc(&host, None)?;
    Some((login.user.reveal().clone(), login.password.reveal().clone()))
}

fn look_up(input: &Value) -> Value {
    json!(url(&input["url"]).and_then(|url| login(&environment(input), &url)))
}

fn rebuild(input: &Value) -> Outcome {
    let (Some(old), Some(new)) = (url(&input["old"]), url(&input["new"])) else {
        return invalid_url();
    };
    let mut headers = value::pairs(&input["headers"]);
    let is_authorization = |(name, _): &(Value, Value)| {
        name.as_str().is_some_and(|name| name.eq_ignore_ascii_case("Authorization"))
    };
    let (header, source) = match headers.iter().any(is_authorization) {
        true => (Header::Present, Source::Explicit),
        false => (Header::Absent, Source::Netrc),
    };
    let netrc = match input["trust_env"] {
        Value::Bool(false) => Netrc::Leave,
        _ => Netrc::Consult,
    };
    match rebuild_auth(&old, &new, header, source, netrc) {
        Next::Nothing | Next::Keep(_) => {}
        Next::Strip(_) => headers.retain(|pair| !is_authorization(pair)),
        Next::LookUp => {
            headers.retain(|pair| !is_authorization(pair));
            if let Some((user, password)) = login(&environment(input), &new) {
                match Credentials::from_text(&user, &password) {
                    Ok(found) => {
                        let value = found.basic();
                        let value = value.to_str().expect("ASCII");
                        headers.push((json!("Authorization"), json!(value)));
                    }
                    Err(error) => return not_latin1(error),
                }
            }
        }
    }
    Outcome::Out(json!(headers))
}
