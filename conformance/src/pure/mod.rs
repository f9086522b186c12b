//! The pure vectors: functions of requests beside their counterparts in the core.
//!
//! Each file below knows the functions of one subject. What none of them runs is in [`LEFT_OUT`], by
//! name and with the reason; a test holds the list to what is really skipped.

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

/// Functions, and single cases by id, that are not run, and why.
pub const LEFT_OUT: &[(&str, &str)] = &[
    (
        "rewind_body",
        "a source that cannot go back says so to the runtime, which reads it; that the core then \
         ends in UnrewindableBody is shown by exchanges (bodies, redirects, auth)",
    ),
    (
        "super_len",
        "finds out what a Python object is; here a source says its own length, and what is made of \
         it is shown by prepare_body",
    ),
];

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
