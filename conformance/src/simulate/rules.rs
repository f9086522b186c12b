//! The table of response rules as answers that a peer may give.
//!
//! Source: `core/tests/data/response_rules.json`, the project's own.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// One response of the table.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) bytes: Vec<u8>,
    pub(crate) status: u16,
    pub(crate) is_accepted: bool,
    pub(crate) body: Vec<u8>,
    /// Whether it answers HEAD.
    pub(crate) is_of_head: bool,
    /// Whether the connection may be used again.
    pub(crate) may_reuse: bool,
    /// Whether the peer leaves the connection open.
    pub(crate) holds: bool,
}

/// Cases whose point is when bytes come, which other faults are about.
const ABOUT_TIME: [&str; 2] = ["before-request", "late-extra-response"];

/// Above this a case is too long to be answered often.
const LONG: usize = 4096;

/// The table, short cases first, and how many those are.
pub(super) fn all() -> &'static (Vec<Rule>, usize) {
    static ALL: OnceLock<(Vec<Rule>, usize)> = OnceLock::new();
    ALL.get_or_init(|| {
        let text = include_str!("../../../core/tests/data/response_rules.json");
        let file: Value = serde_json::from_str(text).expect("the table is JSON");
        let rows = file["cases"].as_array().expect("the table has cases");
        let mut rules: Vec<Rule> = rows
            .iter()
            .filter(|row| !ABOUT_TIME.contains(&row["id"].as_str().unwrap_or_default()))
            .map(rule)
            .collect();
        rules.sort_by_key(|rule| rule.bytes.len());
        let short = rules.partition_point(|rule| rule.bytes.len() <= LONG);
        (rules, short)
    })
}

fn rule(row: &Value) -> Rule {
    let decode = |key: &str| row[key].as_str().map(|t| STANDARD.decode(t).expect("base64"));
    let mut bytes = decode("b64").or_else(|| decode("b64_before")).expect("bytes");
    if let Some([text, times]) = row["repeat"].as_array().map(Vec::as_slice) {
        let times = times.as_u64().and_then(|times| usize::try_from(times).ok()).expect("a count");
        bytes.extend(text.as_str().expect("text").repeat(times).bytes());
    }
    for number in 0..row["numbered_fields"].as_u64().unwrap_or(0) {
        bytes.extend(format!("X-{number}: 1\r\n").bytes());
    }
    bytes.extend(decode("b64_after").unwrap_or_default());
    let is_accepted = row["verdict"] == "accept";
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
    let last_head = if head.starts_with("HTTP/1.1 1") { "200" } else { &head[..] };
    let status = last_head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Rule {
        status: status.unwrap_or(200),
        bytes,
        is_accepted,
        body: row["body"].as_str().unwrap_or_default().into(),
        is_of_head: row["method"] == "HEAD",
        may_reuse: is_accepted && row["reuse"].as_bool().unwrap_or(true),
        holds: row["hold"].as_bool().unwrap_or(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_as_a_whole() {
        let (rules, short) = all();
        assert_eq!(rules.len(), 131);
        assert!(*short > 120 && *short < rules.len());
        assert_eq!(rules.iter().filter(|rule| rule.is_of_head).count(), 3);
    }
}
