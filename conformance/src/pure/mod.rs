//! The pure vectors: functions of requests beside their counterparts in the core.
//!
//! Each file below knows the functions of one subject. None is left out, as a test sees to.

pub mod content;
pub mod cookies;
pub mod digest;
pub mod fields;
pub mod form;
pub mod netrc;
pub mod policy;
pub mod prepare;
pub mod proxies;
pub mod retry;
pub mod url;

use serde_json::Value;

/// What a function gave.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A result in the form of the format's section 5.
    Out(Value),
    /// An error of this public kind.
    Error(String),
}

/// One subject: `None` if the function is not of it.
type Subject = fn(function: &str, input: &Value) -> Option<Outcome>;

/// All subjects.
const SUBJECTS: &[Subject] = &[
    content::run,
    cookies::run,
    digest::run,
    fields::run,
    form::run,
    netrc::run,
    policy::run,
    prepare::run,
    proxies::run,
    retry::run,
    url::run,
];

/// Runs one case of `function`; `None` if no subject knows the function.
#[must_use]
pub fn run(function: &str, input: &Value) -> Option<Outcome> {
    SUBJECTS.iter().find_map(|subject| subject(function, input))
}
