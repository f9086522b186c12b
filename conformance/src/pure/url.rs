//! Functions of requests about URLs and addresses.

use serde_json::{Value, json};
use sessio_core::url::{self, UrlError, host};

use super::Outcome;
use super::form::params;
use crate::value::{latin1, text};

/// Runs one case; `None` if `function` is not of this subject.
#[must_use]
pub fn run(function: &str, input: &Value) -> Option<Outcome> {
    let field = |name: &str| input[name].as_str().unwrap_or_default();
    Some(match function {
        "prepare_url" => {
            let url = text(&input["url"]);
            let params = match &input["params"] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                given => params(given).encode(),
            };
            outcome(url::parse_with_params(url.utf8(), &params).map(String::from))
        }
        "path_url" => outcome(url::parse(field("url")).map(|url| url::path_url(&url))),
        "requote_uri" => out(&url::requote_uri(field("uri"))),
        "unquote_unreserved" => {
            outcome(url::unquote_unreserved(field("uri")).map(std::borrow::Cow::into_owned))
        }
        "get_auth_from_url" => {
            let found = url::get_auth_from_url(field("url"));
            let (user, password) =
                found.map(|u| (u.user, u.password.into_inner())).unwrap_or_default();
            Outcome::Out(json!([user, password]))
        }
        "prepend_scheme_if_needed" => {
            out(&url::prepend_scheme_if_needed(field("url"), field("scheme")))
        }
        "urldefragauth" => out(&url::urldefragauth(field("url"))),
        "is_ipv4_address" => Outcome::Out(host::is_ipv4_address(field("value")).into()),
        "is_valid_cidr" => Outcome::Out(host::is_valid_cidr(field("value")).into()),
        "address_in_network" => match host::address_in_network(field("ip"), field("net")) {
            Some(is_in) => Outcome::Out(is_in.into()),
            None => Outcome::Error("ValueError".into()),
        },
        "dotted_netmask" => match input["bits"].as_u64().and_then(|bits| u8::try_from(bits).ok()) {
            Some(bits) => out(&host::dotted_netmask(bits).to_string()),
            None => Outcome::Error("ValueError".into()),
        },
        "get_redirect_target" => {
            let status = input["status"].as_u64().and_then(|n| u16::try_from(n).ok());
            let headers = super::fields::headers(&input["headers"]);
            let location = headers.get_joined("location");
            match url::redirect_target(status.unwrap_or_default(), location.as_deref()) {
                Ok(target) => Outcome::Out(json!(target)),
                Err(error) => outcome(Err(error)),
            }
        }
        "resolve_redirect_url" => match (url::parse(field("request_url")), field("location")) {
            (_, "") => Outcome::Out(Value::Null),
            (Ok(base), location) => {
                outcome(url::resolve_location(&base, &latin1(location)).map(String::from))
            }
            (Err(error), _) => outcome(Err(error)),
        },
        _ => return None,
    })
}

fn out(text: &str) -> Outcome {
    Outcome::Out(text.into())
}

fn outcome(result: Result<String, UrlError>) -> Outcome {
    match result {
        Ok(text) => out(&text),
        Err(error) => Outcome::Error(kind(&error).into()),
    }
}

/// The public name of an error.
fn kind(error: &UrlError) -> &'static str {
    match error {
        UrlError::MissingSchema { .. } => "MissingSchema",
        UrlError::InvalidSchema { .. } => "InvalidSchema",
        UrlError::InvalidUrl { .. } => "InvalidURL",
    }
}
