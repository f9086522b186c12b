//! Digest answers, step by step.
//!
//! The function of requests has one state for all servers; what the core remembers of each server
//! is shown by exchanges.

use serde_json::{Value, json};
use sessio_core::policy::digest::{
    Answered, Body, DigestAuth, DigestChallenge, Message, answer, choose,
};
use sessio_core::wire::challenge;

use super::Outcome;
use crate::value::{from_latin1, latin1_or_utf8};

/// The client's nonce of a step that names none.
const CNONCE: &str = "0a4f113b00112233";

/// Runs one case.
pub fn run(function: &str, input: &Value) -> Option<Outcome> {
    if function != "digest" {
        return None;
    }
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let auth = DigestAuth::new(text(&input["username"]), text(&input["password"]));
    let mut state = State::default();
    let steps = input["steps"].as_array().expect("steps");
    Some(Outcome::Out(steps.iter().map(|step| state.step(&auth, step)).collect()))
}

#[derive(Default)]
struct State {
    challenge: Option<DigestChallenge>,
    answered: String,
    count: u32,
}

impl State {
    /// What goes out, or null if nothing can be answered.
    fn step(&mut self, auth: &DigestAuth, step: &Value) -> Value {
        let url = step["url"].as_str().expect("a URL is text");
        let message = Message {
            method: step["method"].as_str().unwrap_or("GET"),
            target: &target(url),
            body: Body::Whole(&[]),
        };
        if let Some(field) = step["www_authenticate"].as_str() {
            let challenges = challenge::parse([&*latin1_or_utf8(field)]);
            self.challenge = choose(&challenges, message.body).ok();
        }
        let Some(challenge) = &self.challenge else { return Value::Null };
        if challenge.nonce != self.answered {
            self.answered.clone_from(&challenge.nonce);
            self.count = 0;
        }
        self.count += 1;
        let cnonce = step["cnonce"].as_str().unwrap_or(CNONCE);
        let answered = Answered { count: self.count, cnonce };
        match answer(auth, challenge, &message, answered) {
            // Text that is not ISO-8859-1 is sent in UTF-8; here it is shown as text.
            Ok(value) => json!(
                core::str::from_utf8(value.as_bytes())
                    .map_or_else(|_| from_latin1(value.as_bytes()), str::to_owned)
            ),
            Err(_) => Value::Null,
        }
    }
}

/// Path and query of a URL as it is written: requests prepares it before it is answered for.
fn target(url: &str) -> String {
    let (_, rest) = url.split_once("://").expect("an absolute URL");
    let rest = rest.split('#').next().unwrap_or_default();
    let place = rest.find(['/', '?']).map_or("", |start| &rest[start..]);
    let place = place.strip_suffix('?').unwrap_or(place);
    if place.starts_with('/') { place.to_owned() } else { format!("/{place}") }
}
