//! Requests as the servers saw them.
//!
//! The rules are those of `oracle/FORMAT.md`, section 4.

use serde_json::Value;

use super::{Difference, PRESENCE_ONLY, differ, list, member, names, same, shown};

/// Compares the requests in order of arrival.
pub(super) fn requests(expect: &Value, observed: &Value) -> Result<(), Difference> {
    let (wanted, got) = (list(expect), list(observed));
    for (index, (wanted, got)) in wanted.iter().zip(got).enumerate() {
        request(&format!("/wire/{index}"), wanted, got)?;
    }
    let common = wanted.len().min(got.len());
    let field = format!("/wire/{common}");
    match (wanted.get(common), got.get(common)) {
        (None, None) => Ok(()),
        (Some(missing), _) => Err(differ(&field, title(missing), "no more requests".to_owned())),
        (_, Some(extra)) => Err(differ(&field, "no more requests".to_owned(), title(extra))),
    }
}

fn title(entry: &Value) -> String {
    let place = format!("server {} connection {}", entry["server"], entry["conn"]);
    match entry["request_line"].as_str() {
        Some(line) => format!("{line:?} at {place}"),
        None if entry["socks"].is_object() => format!("a SOCKS handshake at {place}"),
        None => format!("an incomplete request at {place}"),
    }
}

fn request(field: &str, wanted: &Value, got: &Value) -> Result<(), Difference> {
    let line = |entry: &Value| entry["request_line"].as_str().unwrap_or_default().to_owned();
    let (wanted_line, got_line) = (line(wanted), line(got));
    if (&wanted["server"], &wanted["conn"]) != (&got["server"], &got["conn"]) {
        return Err(differ(field, title(wanted), title(got)));
    }
    if wanted_line.starts_with("CONNECT ") {
        return connect(field, (wanted, &wanted_line), (got, &got_line));
    }
    for name in names(wanted, got) {
        let field = format!("{field}/{name}");
        match (name, member(wanted, name), member(got, name)) {
            ("headers", Some(wanted), Some(got)) => headers(&field, wanted, got)?,
            (_, wanted, got) => same(&field, wanted, got)?,
        }
    }
    Ok(())
}

/// Of a CONNECT count method, target and `proxy-authorization`; the rest depends on Python.
fn connect(
    field: &str,
    (wanted, wanted_line): (&Value, &str),
    (got, got_line): (&Value, &str),
) -> Result<(), Difference> {
    let start = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    if start(wanted_line) != start(got_line) {
        return Err(differ(field, title(wanted), title(got)));
    }
    let credentials = |entry: &Value| -> Vec<Value> {
        let headers = list(&entry["headers"]).iter();
        headers.filter(|header| header[0] == "proxy-authorization").cloned().collect()
    };
    let (wanted_own, got_own) = (credentials(wanted), credentials(got));
    same(&format!("{field}/headers"), Some(&wanted_own.into()), Some(&got_own.into()))?;
    for name in ["tls", "unanswered", "incomplete", "digest_valid"] {
        same(&format!("{field}/{name}"), member(wanted, name), member(got, name))?;
    }
    Ok(())
}

/// Compares header sequences; of placeholders for a user agent only the presence.
pub(super) fn headers(field: &str, expect: &Value, observed: &Value) -> Result<(), Difference> {
    let (wanted, got) = (list(expect), list(observed));
    let fits = |wanted: &Value, got: &Value| {
        let any = wanted[1].as_str().is_some_and(|value| PRESENCE_ONLY.contains(&value));
        wanted[0] == got[0] && (any || wanted[1] == got[1])
    };
    let end = wanted.len().max(got.len());
    let first = (0..end).find(|&at| match (wanted.get(at), got.get(at)) {
        (Some(wanted), Some(got)) => !fits(wanted, got),
        _ => true,
    });
    let Some(at) = first else { return Ok(()) };
    let lacks = |these: &[Value], header: &Value| !these.iter().any(|other| fits(header, other));
    let field = format!("{field}/{at}");
    match (wanted.get(at), got.get(at)) {
        (Some(header), _) if lacks(got, header) => {
            Err(differ(&field, shown(Some(header)), seen(got, at, &header[0])))
        }
        (wanted_here, got_here) => Err(differ(&field, shown(wanted_here), shown(got_here))),
    }
}

/// The header of that name if there is one, else what stands in its place.
fn seen(got: &[Value], at: usize, name: &Value) -> String {
    match got.iter().find(|header| header[0] == *name) {
        Some(other) => shown(Some(other)),
        None => format!("no such header, here {}", shown(got.get(at))),
    }
}
