//! Whether what was observed is what curl does, as far as both can be the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::translate::{decoded, list};

/// Fields that are each client's own: how they read is no part of a case.
const OWN: [&str; 3] = ["expect", "proxy-connection", "accept-encoding"];

/// A request, as far as it is compared.
#[derive(Debug, PartialEq)]
struct Request {
    line: String,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What differs from the case, if anything does.
pub(crate) fn difference(case: &Value, observed: &Value) -> Option<String> {
    let expect = &case["expect"];
    requests(case, observed)
        .or_else(|| outcome(expect, observed))
        .or_else(|| output(expect, observed))
}

/// The requests that went out.
fn requests(case: &Value, observed: &Value) -> Option<String> {
    let expect = &case["expect"];
    for (is_proxy, name) in [(true, "proxy_exchanges"), (false, "exchanges")] {
        let servers = list(case, "servers").iter().any(|server| server == "http-proxy");
        let of_proxy = |entry: &&Value| (entry["server"] == 1 && servers) == is_proxy;
        let mut sent: Vec<Request> =
            list(observed, "wire").iter().filter(of_proxy).filter_map(seen).collect();
        if !case["server"]["skip"].is_null() {
            // What the server leaves unread is sent or not.
            for (sent, row) in sent.iter_mut().zip(list(expect, name)) {
                let read = wanted(&decoded(&row["request_b64"])).body.len();
                sent.body.truncate(read);
            }
        }
        let wanted: Vec<Request> =
            list(expect, name).iter().map(|row| wanted(&decoded(&row["request_b64"]))).collect();
        let wanted = if is_digest(case) { without_first_body(wanted, &sent) } else { wanted };
        if sent != wanted {
            let differs = sent.iter().zip(&wanted).position(|(one, other)| one != other);
            let at = differs.unwrap_or(sent.len().min(wanted.len()));
            let outcome = list(observed, "calls").iter().find(|call| !call["error"].is_null());
            return Some(format!(
                "request {at}: {:?} and not {:?} {}",
                sent.get(at),
                wanted.get(at),
                outcome.map_or(Value::Null, |call| call["error"].clone())
            ));
        }
    }
    None
}

fn is_digest(case: &Value) -> bool {
    list(case, "needs").iter().any(|need| need == "auth-digest")
}

/// curl sends no body as long as it expects to be asked for Digest; requests does, and so do we.
fn without_first_body(mut wanted: Vec<Request>, sent: &[Request]) -> Vec<Request> {
    let is_asked = |request: &Request| request.fields.iter().any(|(n, _)| n == "authorization");
    for (wanted, sent) in wanted.iter_mut().zip(sent) {
        if wanted.body.is_empty() && !is_asked(wanted) {
            wanted.body.clone_from(&sent.body);
            let length = sent.fields.iter().find(|(name, _)| name == "content-length");
            wanted.fields.extend(length.cloned());
            wanted.fields.sort();
        }
    }
    wanted
}

fn sorted(mut fields: Vec<(String, String)>) -> Vec<(String, String)> {
    for (name, value) in &mut fields {
        if name.ends_with("authorization") && value.starts_with("Digest ") {
            // The rest depends on a number that the client makes up; servers that check it are
            // another test's.
            *value = "Digest".to_owned();
        }
    }
    for (name, value) in &mut fields {
        if name == "cookie" {
            // Cookies of one path length go out in the order of creation, which files do not hold.
            let mut pairs: Vec<&str> = value.split(';').map(str::trim).collect();
            pairs.sort_unstable();
            *value = pairs.join("; ");
        }
    }
    // That there is no body may be said or not (RFC 9110, 8.6).
    let is_nothing = |name: &str, value: &str| name == "content-length" && value == "0";
    fields.retain(|(name, value)| !OWN.contains(&name.as_str()) && !is_nothing(name, value));
    fields.sort();
    fields
}

fn seen(entry: &Value) -> Option<Request> {
    let line = entry["request_line"].as_str()?.to_owned();
    let fields = list(entry, "headers").iter();
    let fields =
        fields.filter_map(|f| Some((f[0].as_str()?.to_owned(), f[1].as_str()?.to_owned())));
    let body = match &entry["body"] {
        // Of long bodies the length is noted, and a hash.
        Value::Object(long) if long.contains_key("len") => {
            vec![
                b'?';
                long["len"].as_u64().and_then(|len| usize::try_from(len).ok()).expect("a length")
            ]
        }
        Value::String(text) => text.chars().map(|c| c as u8).collect(),
        other => {
            other["b64"].as_str().map_or_else(Vec::new, |b| STANDARD.decode(b).expect("base64"))
        }
    };
    Some(Request { line, fields: sorted(fields.collect()), body })
}

fn wanted(bytes: &[u8]) -> Request {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(bytes.len());
    let (head, body) = bytes.split_at(end);
    let body = body.get(4..).unwrap_or_default();
    let head: String = head.iter().map(|byte| char::from(*byte)).collect();
    let mut lines = head.split("\r\n");
    // A quote is no character of a URI (RFC 3986): it goes out escaped.
    let line = lines.next().unwrap_or_default().replace('"', "%22");
    let fields: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let is_chunked = fields.iter().any(|(n, v)| n == "transfer-encoding" && v == "chunked");
    let body = if is_chunked { unchunked(body) } else { body.to_vec() };
    let body = if body.len() > 3_000 { vec![b'?'; body.len()] } else { body };
    Request { line, fields: sorted(fields), body }
}

/// The content of chunks.
fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    while let Some(end) = rest.windows(2).position(|w| w == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).ok();
        let Some(size) = size.and_then(|s| usize::from_str_radix(s.trim(), 16).ok()) else { break };
        let Some(data) = rest.get(end + 2..end + 2 + size) else { break };
        content.extend_from_slice(data);
        rest = rest.get(end + 4 + size..).unwrap_or_default();
    }
    content
}

/// Whether the calls ended as curl did.
fn outcome(expect: &Value, observed: &Value) -> Option<String> {
    let errors = list(observed, "calls").iter().map(|call| match &call["error"]["kind"] {
        Value::Null => call["reads"][0]["error"]["kind"].clone(),
        kind => kind.clone(),
    });
    let exits: Vec<i64> = list(expect, "exit").iter().filter_map(Value::as_i64).collect();
    let errors: Vec<Value> = errors.collect();
    // curl's exit code is that of the last transfer.
    let error = match exits.first() {
        Some(0) => errors.last().cloned().filter(|kind| !kind.is_null()),
        _ => errors.into_iter().find(|kind| !kind.is_null()),
    };
    let is_same = match (&error, exits.first()) {
        (None, Some(0)) => true,
        (Some(kind), Some(47)) => kind == "TooManyRedirects",
        (Some(kind), Some(22)) => kind == "HTTPError",
        (Some(_), Some(0)) | (None, _) => false,
        (Some(_), _) => true,
    };
    (!is_same)
        .then(|| format!("ended in {error:?}, curl in {} {}", expect["exit"], expect["exit_name"]))
}

/// Whether the content is what curl puts out, which may have heads before it.
fn output(expect: &Value, observed: &Value) -> Option<String> {
    if expect["output_b64"].is_null() || expect["exit"][0] != 0 {
        return None;
    }
    let wanted = decoded(&expect["output_b64"]);
    let mut calls = list(observed, "calls").iter().filter(|call| !call["status"].is_null());
    let call = if expect["output_scope"] == "first-url" { calls.next() } else { calls.next_back() };
    let content: Vec<u8> = match &call?["body"] {
        Value::String(text) => text.chars().map(|c| c as u8).collect(),
        other => {
            other["b64"].as_str().map_or_else(Vec::new, |b| STANDARD.decode(b).expect("base64"))
        }
    };
    let is_same = if expect["output_has_headers"] == true {
        // Trailers may be behind it.
        content.is_empty() || wanted.windows(content.len()).any(|part| part == content)
    } else {
        // curl puts out what each attempt gave.
        wanted.ends_with(&content)
    };
    (!is_same).then(|| {
        format!(
            "gave {:?}, curl {:?}",
            String::from_utf8_lossy(&content),
            String::from_utf8_lossy(&wanted)
        )
    })
}
