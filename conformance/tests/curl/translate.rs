//! A case of curl as a vector of the project's format.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sessio_core::Jar;

/// What curl calls itself in the cases.
const AGENT: &str = "curl/0.0.0-conformance";

/// How a file of cookies begins.
const TITLE: &str = "# Netscape HTTP Cookie File\n";

/// The wall clock: in August 2026, when the cases were taken from curl.
pub(crate) const CLOCK: i64 = 1_787_500_000;

/// Statuses after which curl tries again.
const RETRIED: [u16; 6] = [408, 429, 500, 502, 503, 504];

pub(crate) fn decoded(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().expect("base64")).expect("base64")
}

pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

/// The case with hosts that end in a number renamed: those are addresses to `url`, and bad ones.
pub(crate) fn renamed(case: &Value) -> Value {
    let suffix = format!(".{}", case["id"]);
    let rename = |text: &str| {
        let mut text = text.to_owned();
        for end in ["/", ":", "?", " ", "\r\n"] {
            text = text.replace(&format!("{suffix}{end}"), &format!("{suffix}x{end}"));
        }
        text
    };
    let mut case = case.clone();
    for op in case["ops"].as_array_mut().into_iter().flatten() {
        for url in op["urls"].as_array_mut().into_iter().flatten() {
            let text = rename(&format!("{} ", url.as_str().expect("a URL")));
            *url = text.trim_end().into();
        }
    }
    for name in ["exchanges", "proxy_exchanges"] {
        for exchange in case["expect"][name].as_array_mut().into_iter().flatten() {
            let bytes = decoded(&exchange["request_b64"]);
            if let Ok(text) = String::from_utf8(bytes) {
                exchange["request_b64"] = STANDARD.encode(rename(&text)).into();
            }
        }
    }
    case
}

/// The case as a vector without expectations.
pub(crate) fn vector(case: &Value) -> Value {
    let mut vector = json!({
        "id": format!("curl-{}", case["id"]),
        "area": "curl",
        "clock": CLOCK,
        "session": session(case),
        "calls": calls(case),
        "servers": servers(case),
    });
    let (env, files) = surroundings(case);
    vector["env"] = env;
    vector["files"] = files;
    vector
}

fn session(case: &Value) -> Value {
    let mut session = json!({
        "default_headers": false,
        "headers": [["User-Agent", AGENT], ["Accept", "*/*"]],
    });
    let ops = list(case, "ops");
    if let Some(max) = ops.iter().find_map(|op| op["follow"]["max"].as_u64()) {
        session["max_redirects"] = max.into();
    }
    if let Some(total) = ops.iter().find_map(|op| op["retry"].as_u64()) {
        let retries = json!({"total": total, "status_forcelist": RETRIED, "raise_on_status": false,
            "redirect": 0, "allowed_methods": null});
        session["mounts"] = json!([{"prefix": "http://", "adapter": {"max_retries": retries}}]);
    }
    if ops.iter().any(|op| op["proxy"]["auth"]["scheme"] == "digest") {
        session["proxy_auth"] = "digest".into();
    }
    if let Some(max) = ops.iter().find_map(|op| op["max_filesize"].as_u64()) {
        session["body_bytes_max"] = max.into();
    }
    session
}

/// The environment and the files.
fn surroundings(case: &Value) -> (Value, Value) {
    let mut env = case["env"].as_object().cloned().unwrap_or_default();
    let mut files = Map::new();
    for op in list(case, "ops") {
        match op["noproxy"].as_str() {
            Some("") => env.retain(|name, _| !name.eq_ignore_ascii_case("no_proxy")),
            Some(exempt) => drop(env.insert("no_proxy".into(), exempt.into())),
            None => {}
        }
        let is_exempt = env.keys().any(|name| name.eq_ignore_ascii_case("no_proxy"));
        if let (Some(url), true) = (proxy(op), is_exempt) {
            // A proxy that hosts are exempt from is one of the environment in requests.
            env.insert("http_proxy".into(), url.into());
        }
        if let Some(name) = op["netrc"]["file"].as_str() {
            files.insert(".netrc".into(), json!({"b64": case["files"][name]}));
        }
    }
    (Value::Object(env), Value::Object(files))
}

/// The proxy of an operation, with its user and password.
fn proxy(op: &Value) -> Option<String> {
    let url = op["proxy"]["url"].as_str()?;
    if url.is_empty() {
        return Some(String::new());
    }
    let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let Some(user) = op["proxy"]["auth"]["user"].as_str() else { return Some(url) };
    let escaped =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let password = op["proxy"]["auth"]["password"].as_str().unwrap_or_default();
    let (scheme, rest) = url.split_once("://").expect("it has a scheme");
    Some(format!("{scheme}://{}:{}@{rest}", escaped(user), escaped(password)))
}

fn calls(case: &Value) -> Vec<Value> {
    let ops = list(case, "ops");
    let env = surroundings(case).0;
    let is_exempt = env
        .as_object()
        .is_some_and(|env| env.keys().any(|name| name.eq_ignore_ascii_case("no_proxy")));
    let has_cookies = ops.iter().any(|op| op["cookies"]["engine"] == true);
    let mut calls = Vec::new();
    for op in ops {
        for file in list(&op["cookies"], "load") {
            load(case, file.as_str().expect("a name"), &mut calls);
        }
        for url in list(op, "urls") {
            if !has_cookies {
                calls.push(json!({"op": "clear_cookies"}));
            }
            calls.push(call(op, url.as_str().expect("a URL"), is_exempt));
        }
    }
    calls
}

/// The cookies of a file, one by one.
fn load(case: &Value, name: &str, calls: &mut Vec<Value>) {
    let text = decoded(&case["files"][name]);
    let text = String::from_utf8_lossy(&text).into_owned();
    // A line that is none of such a file gives no cookie; curl reads header lines as well.
    let jars = text.lines().map(dotted);
    let jars = jars.filter_map(|line| Jar::from_netscape(&format!("{TITLE}{line}\n")).ok());
    let jars: Vec<Jar> = jars.collect();
    for cookie in jars.iter().flat_map(Jar::iter) {
        let domain = cookie.domain().trim_start_matches('.');
        let dot = if cookie.is_host_only() { "" } else { "." };
        let domain = format!("{dot}{domain}");
        calls.push(json!({"op": "set_cookie", "cookie": {
            "name": cookie.name(), "value": cookie.value(), "domain": domain,
            "path": cookie.path(), "secure": cookie.is_secure(),
        }}));
    }
}

/// The line with a dot before the domain if its second cell says that hosts below are meant: curl
/// goes by that cell alone, the form that others read asks for both.
fn dotted(line: &str) -> String {
    let (only, line) = match line.strip_prefix("#HttpOnly_") {
        Some(line) => ("#HttpOnly_", line),
        None => ("", line),
    };
    let is_bare = line.split('\t').nth(1) == Some("TRUE") && !line.starts_with('.');
    format!("{only}{}{line}", if is_bare { "." } else { "" })
}

fn call(op: &Value, url: &str, is_exempt: bool) -> Value {
    let url = addressed(op, url);
    let mut headers: Vec<Value> = Vec::new();
    for row in list(op, "headers") {
        // The first one counts in curl; here it is a mapping.
        if headers.iter().any(|known| known[0] == row[1]) {
            continue;
        }
        let value = match row[0].as_str() {
            Some("remove") => Value::Null,
            Some("empty") => "".into(),
            _ => row[2].clone(),
        };
        headers.push(json!([row[1], value]));
    }
    if let Some(range) = op["range"].as_str() {
        let end = if range.contains('-') { "" } else { "-" };
        headers.push(json!(["Range", format!("bytes={range}{end}")]));
    }
    if let Some(token) = op["bearer"].as_str() {
        headers.push(json!(["Authorization", format!("Bearer {token}")]));
    }
    let inline: Vec<&str> =
        list(&op["cookies"], "inline").iter().filter_map(Value::as_str).collect();
    if !inline.is_empty() {
        headers.push(json!(["Cookie", inline.join("; ")]));
    }
    if op["compressed"] == true {
        headers.push(json!(["Accept-Encoding", "deflate, gzip, br, zstd"]));
    }
    let mut call = json!({
        "via": "request",
        "url": url,
        "allow_redirects": op["follow"]["enabled"] == true,
        "read": [],
    });
    let method = body(op, &mut call, &mut headers);
    call["method"] = op["method"].as_str().unwrap_or(method).into();
    call["headers"] = headers.into();
    let in_url = url::Url::parse(&url).ok().filter(|url| !url.username().is_empty());
    if let (Some(url), true) =
        (in_url, op["auth"]["scheme"] == "digest" && op["auth"]["user"].is_null())
    {
        let part = |text: &str| {
            percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
        };
        call["auth"] =
            json!({"digest": [part(url.username()), part(url.password().unwrap_or_default())]});
    }
    if let Some(user) = op["auth"]["user"].as_str() {
        let kind = if op["auth"]["scheme"] == "digest" { "digest" } else { "basic" };
        call["auth"] = json!({kind: [user, op["auth"]["password"].as_str().unwrap_or_default()]});
    }
    if let (Some(proxy), false) = (proxy(op), is_exempt) {
        call["proxies"] = json!([["http", proxy], ["https", proxy]]);
    }
    // Over sockets this is real time: nothing here is slow, and what hangs has to end.
    call["timeout"] = 1.into();
    if op["fail"] != Value::Null && op["fail"] != false {
        call["read"] = json!([{"raise_for_status": true}]);
    }
    call
}

/// Whether cookies are kept and the operation is sent to the host of its `Host` field: curl goes by
/// that field for cookies, where sessio is told another address for the host.
fn named(op: &Value) -> Option<&str> {
    let has_cookies = !op["cookies"].is_null() && op["proxy"].is_null();
    let mut hosts = list(op, "headers").iter().filter(|row| row[1] == "Host" && row[0] == "set");
    hosts.next()?[2].as_str().filter(|_| has_cookies)
}

/// The URL of a call.
fn addressed(op: &Value, url: &str) -> String {
    let url = if url.contains(":/") { url.to_owned() } else { format!("http://{url}") };
    match (named(op), url.strip_prefix("http://127.0.0.1:8990")) {
        (Some(host), Some(rest)) => format!("http://{host}{rest}"),
        _ => url,
    }
}

/// Puts the body into the call; the method that goes with it.
fn body(op: &Value, call: &mut Value, headers: &mut Vec<Value>) -> &'static str {
    let content = &op["body"]["b64"];
    // Chunks are asked for by a field in curl, by a body of unknown length here.
    let is_chunks = |row: &Value| row[0] == "Transfer-Encoding" && row[1] == "chunked";
    let chunks = headers.iter().position(is_chunks).map(|at| headers.remove(at));
    let has = |headers: &[Value], name: &str| {
        headers.iter().any(|row| row[0].as_str().is_some_and(|n| n.eq_ignore_ascii_case(name)))
    };
    match op["body"]["kind"].as_str() {
        Some("stream") => {
            call["data"] = json!({"generator": [{"b64": content}]});
            return "PUT";
        }
        Some("upload") => {
            call["data"] = json!({"b64": content});
            if chunks.is_some() {
                call["data"] = json!({"generator": [{"b64": content}]});
            }
            return "PUT";
        }
        Some(kind) => {
            call["data"] = match (chunks, content.as_str()) {
                (None, _) => json!({"b64": content}),
                (Some(_), Some("")) => json!({"generator": []}),
                (Some(_), _) => json!({"generator": [{"b64": content}]}),
            };
            let media = if kind == "json" {
                "application/json"
            } else {
                "application/x-www-form-urlencoded"
            };
            if !has(headers, "content-type") {
                headers.push(json!(["Content-Type", media]));
            }
            if kind == "json" && !has(headers, "accept") {
                headers.push(json!(["Accept", media]));
            }
        }
        None if op["head"] == true => return "HEAD",
        None => return "GET",
    }
    "POST"
}

/// The host and port that a request is for, by its `Host` field.
fn host_of(request: &[u8]) -> Option<(String, u16)> {
    let text = String::from_utf8_lossy(request);
    let host = text.lines().find_map(|line| line.strip_prefix("Host: "))?.trim().to_owned();
    match host.rsplit_once(':') {
        Some((name, port)) => Some((name.to_owned(), port.parse().ok()?)),
        None => Some((host, 80)),
    }
}

/// The servers: the one of the case under each name that it is given, and the proxy.
fn servers(case: &Value) -> Vec<Value> {
    let is_named = list(case, "ops").iter().any(|op| {
        let urls = list(op, "urls").iter().filter_map(Value::as_str);
        let mut hosts = urls.map(|url| url.split_once("://").map_or(url, |(_, rest)| rest));
        !op["resolve"].is_null()
            || !op["connect_to"].is_null()
            || named(op).is_some()
            || hosts.any(|host| host.starts_with("localhost"))
    });
    let mut all: Vec<((String, u16), &str, Vec<Value>)> =
        vec![(("127.0.0.1".to_owned(), 8990), "origin", Vec::new())];
    if list(case, "servers").iter().any(|server| server == "http-proxy") {
        all.push((("127.0.0.1".to_owned(), 8991), "http-proxy", Vec::new()));
        for exchange in list(&case["expect"], "proxy_exchanges") {
            all[1].2.push(reply(case, exchange));
        }
    }
    let skipped = list(case, "servers").iter().any(|server| server == "http-proxy");
    for exchange in list(&case["expect"], "exchanges") {
        let request = decoded(&exchange["request_b64"]);
        let own = ("127.0.0.1".to_owned(), 8990);
        let place = if is_named || skipped { host_of(&request).unwrap_or(own) } else { own };
        let at = match all.iter().position(|(known, kind, _)| *known == place && *kind == "origin")
        {
            Some(at) => at,
            None => {
                all.push((place, "origin", Vec::new()));
                all.len() - 1
            }
        };
        all[at].2.push(reply(case, exchange));
    }
    let server = |((host, port), kind, replies): ((String, u16), &str, Vec<Value>)| json!({"host": host, "port": port, "kind": kind, "replies": replies});
    all.into_iter().map(server).collect()
}

fn reply(case: &Value, exchange: &Value) -> Value {
    let Some(name) = exchange["reply"].as_str() else {
        return json!({"send": "", "then": "close"});
    };
    // A server that says so closes.
    let text = String::from_utf8_lossy(&decoded(&case["replies"][name])).to_lowercase();
    let is_last = exchange["close"] == true || text.contains("\nconnection: close");
    let then = if is_last { "close" } else { "keep" };
    let is_connect = decoded(&exchange["request_b64"]).starts_with(b"CONNECT ");
    let send = json!({"b64": case["replies"][name]});
    match is_connect && name.starts_with("connect") && case["servers"].to_string().contains("proxy")
    {
        true => json!({"tunnel": true, "send": send}),
        false => json!({"send": send, "then": then}),
    }
}
