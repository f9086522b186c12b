//! Cookies: `http.cookiejar` and `cookies.py` of requests beside `sessio_core::cookies`.

use serde_json::{Value, json};
use sessio_core::WallTime;
use sessio_core::cookies::{Clear, Cookie, Jar, parse_date};
use url::Url;

use super::Outcome;
use crate::value::{from_latin1, latin1};

/// The moment at which a case begins unless it says otherwise.
const START: i64 = 1_700_000_000;

/// Runs a case of the functions on cookies.
#[must_use]
pub fn run(function: &str, input: &Value) -> Option<Outcome> {
    let out = match function {
        "cookie_date" => {
            let date = parse_date(text(&input["value"]).as_bytes());
            json!(date.ok().map(WallTime::unix_seconds))
        }
        "cookie_extract" => jar_out(&filled(input).0),
        "cookie_match" => matches(input),
        "prepare_cookies" => {
            let explicit = header(&input["headers"], "cookie");
            explicit
                .map_or_else(|| line(&jar(&input["cookies"]), &input["url"], START), Value::from)
        }
        "merge_cookies" => merge(input),
        "cookiejar_ops" => {
            let mut jar = Jar::new();
            let ops = list(&input["ops"]).iter();
            let results: Vec<Value> = ops.filter_map(|op| operation(&mut jar, op)).collect();
            json!({"results": results, "jar": jar_out(&jar)})
        }
        _ => return None,
    };
    Some(Outcome::Out(out))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn url(value: &Value) -> Url {
    Url::parse(text(value)).unwrap_or_else(|e| panic!("{value}: {e}"))
}

/// The value of a header field among `[[name, value], ...]`.
fn header<'v>(headers: &'v Value, name: &str) -> Option<&'v str> {
    list(headers).iter().find(|pair| text(&pair[0]).eq_ignore_ascii_case(name))?[1].as_str()
}

/// The pairs of a dictionary.
fn pairs(value: &Value) -> Vec<(&str, Option<&str>)> {
    list(value).iter().map(|pair| (text(&pair[0]), pair[1].as_str())).collect()
}

/// COOKIE of the format; without a value it deletes.
fn set(jar: &mut Jar, cookie: &Value) {
    let field = |name: &str| cookie.get(name).and_then(Value::as_str);
    let Some(value) = field("value") else {
        jar.remove_in(text(&cookie["name"]), field("domain"), field("path"));
        return;
    };
    let mut made = Cookie::new(text(&cookie["name"]), value)
        .with_domain(field("domain").unwrap_or_default())
        .with_path(field("path").unwrap_or("/"))
        .with_secure(cookie["secure"] == true);
    if let Some(expires) = cookie["expires"].as_i64() {
        made = made.with_expires(WallTime::from_unix_seconds(expires));
    }
    if let Some(port) = field("port") {
        made = made.with_port(port);
    }
    jar.set(made).expect("a cookie that fits into a header field");
}

/// `cookies` of a call: a dictionary or a jar.
fn jar(value: &Value) -> Jar {
    let Some(cookies) = value.get("jar") else {
        return Jar::from_pairs(pairs(value)).expect("cookies that fit into a header field");
    };
    let mut jar = Jar::new();
    list(cookies).iter().for_each(|cookie| set(&mut jar, cookie));
    jar
}

/// COOKIE_OUT of the format.
fn jar_out(jar: &Jar) -> Value {
    crate::client::observe::cookies(jar.iter())
}

/// The jar after the steps of a case, and the time then.
fn filled(input: &Value) -> (Jar, i64) {
    let (mut jar, mut now) = (Jar::new(), input["clock"].as_i64().unwrap_or(START));
    for step in list(&input["steps"]) {
        if let Some(seconds) = step["advance"].as_i64() {
            now += seconds;
        } else if let Some(cookie) = step.get("set") {
            set(&mut jar, cookie);
        } else if let Some(place) = step.get("delete") {
            jar.remove_in(text(&place[0]), place[1].as_str(), place[2].as_str());
        } else {
            let lines = list(&step["set_cookie"]).iter();
            let lines: Vec<Vec<u8>> = lines.map(|line| latin1(text(line))).collect();
            let lines = lines.iter().map(Vec::as_slice);
            jar.extract(lines, &url(&step["url"]), WallTime::from_unix_seconds(now));
        }
    }
    (jar, now)
}

/// The `Cookie` line for a URL, or null.
fn line(jar: &Jar, to: &Value, now: i64) -> Value {
    let line = jar.header(&url(to), WallTime::from_unix_seconds(now));
    json!(line.map(|line| from_latin1(line.value.as_bytes())))
}

fn matches(input: &Value) -> Value {
    let (jar, mut now) = filled(input);
    let requests = list(&input["requests"]).iter().map(|request| {
        now += request["advance"].as_i64().unwrap_or(0);
        // A request that has the header already is given none.
        match header(&request["headers"], "cookie") {
            Some(_) => Value::Null,
            None => line(&jar, request.get("url").unwrap_or(request), now),
        }
    });
    requests.collect()
}

fn merge(input: &Value) -> Value {
    let mut own = jar(&input["jar"]);
    match &input["cookies"] {
        cookies @ Value::Object(_) => own.update(&jar(cookies)),
        cookies => {
            own.add_missing(pairs(cookies)).expect("cookies that fit into a header field");
        }
    }
    jar_out(&own)
}

fn operation(jar: &mut Jar, op: &Value) -> Option<Value> {
    let at = |number: usize| op.get(number).and_then(Value::as_str);
    let error = |kind: &str| Some(json!({"error": kind}));
    Some(match text(&op[0]) {
        "set" => {
            set(jar, &op[1]);
            return None;
        }
        "get" | "getitem" => match jar.get_in(text(&op[1]), at(2), at(3)) {
            Ok(None) if op[0] == "getitem" => return error("KeyError"),
            Ok(value) => json!(value),
            Err(_) => return error("CookieConflictError"),
        },
        "in" => json!(jar.contains(text(&op[1]))),
        "del" | "remove" => {
            jar.remove_in(text(&op[1]), at(2), at(3));
            return None;
        }
        "clear" => {
            let what = match (at(1), at(2), at(3)) {
                (None, ..) => Clear::All,
                (Some(domain), None, _) => Clear::Domain(domain),
                (Some(domain), Some(path), None) => Clear::Path(domain, path),
                (Some(domain), Some(path), Some(name)) => Clear::Cookie(domain, path, name),
            };
            return jar.clear(what).err().and_then(|_| error("KeyError"));
        }
        "keys" => json!(jar.keys()),
        "values" => json!(jar.values()),
        "items" => json!(jar.items()),
        "domains" => json!(jar.list_domains()),
        "paths" => json!(jar.list_paths()),
        "multiple_domains" => json!(jar.multiple_domains()),
        "dict" => json!(jar.get_dict(at(1), at(2))),
        "pickle" => {
            *jar = Jar::restore(jar.save()).expect("what was saved can be restored");
            return None;
        }
        "copy" => {
            *jar = jar.clone();
            return None;
        }
        "update" => {
            for (name, value) in pairs(&op[1]) {
                set(jar, &json!({"name": name, "value": value}));
            }
            return None;
        }
        other => panic!("no such operation: {other}"),
    })
}
