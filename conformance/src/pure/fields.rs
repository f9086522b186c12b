//! Functions of requests about header fields.

use http::HeaderValue;
use serde_json::{Value, json};
use sessio_core::headers::content_type::parse_content_type;
use sessio_core::headers::dict::{
    Quoted, parse_dict_header, parse_list_header, unquote_header_value,
};
use sessio_core::headers::links::{Link, links, parse_header_links};
use sessio_core::headers::{HeaderError, Headers};

use super::Outcome;
use crate::value::{from_latin1, latin1, pairs};

/// Runs one case; `None` if `function` is not of this subject.
#[must_use]
pub fn run(function: &str, input: &Value) -> Option<Outcome> {
    let value = input["value"].as_str().unwrap_or_default();
    if function == "case_insensitive_dict" {
        return Some(match case_insensitive_dict(&input["ops"]) {
            Ok(value) => Outcome::Out(value),
            Err(_) => Outcome::Error("InvalidHeader".into()),
        });
    }
    Some(Outcome::Out(match function {
        "parse_content_type" => {
            let parsed = parse_content_type(value);
            json!({"type": parsed.media_type, "params": parsed.params})
        }
        "parse_dict_header" => json!(parse_dict_header(value)),
        "parse_list_header" => json!(parse_list_header(value)),
        "parse_header_links" => parse_header_links(value).iter().map(link).collect(),
        "links" => {
            let value = headers(&input["headers"]).get_joined("link");
            let value = from_latin1(&value.unwrap_or_default());
            links(&value).iter().map(|(key, found)| json!([key, link(found)])).collect()
        }
        "unquote_header_value" => {
            let is_filename = input["is_filename"] == true;
            let quoted = if is_filename { Quoted::FileName } else { Quoted::Text };
            json!(unquote_header_value(value, quoted))
        }
        _ => return None,
    }))
}

/// Fields of a response, with the values as they are given.
pub(super) fn headers(given: &Value) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in pairs(given) {
        let text = |v: &Value| v.as_str().expect("a field is text").to_owned();
        let name = sessio_core::headers::name(&text(&name)).expect("a name");
        let value = HeaderValue::from_bytes(&latin1(&text(&value))).expect("a value");
        headers.append(name, value);
    }
    headers
}

/// Runs the operations on a list of fields; names come out in small letters, the one spelling that
/// the list keeps.
fn case_insensitive_dict(ops: &Value) -> Result<Value, HeaderError> {
    let mut fields = Headers::new();
    let mut results = Vec::new();
    for op in ops.as_array().expect("operations") {
        let text = |index: usize| op[index].as_str().unwrap_or_default();
        let (name, value) = (text(1), text(2));
        let shown = |value: Option<&HeaderValue>| json!(value.map(|v| from_latin1(v.as_bytes())));
        match text(0) {
            "set" => fields.try_set(name, latin1(value))?,
            "del" if fields.remove(name).is_none() => results.push(json!({"error": "KeyError"})),
            "del" => {}
            "get" => results.push(shown(fields.get(name))),
            "in" => results.push(fields.contains(name).into()),
            "update" => set_all(&mut fields, &op[1])?,
            "setdefault" => {
                if !fields.contains(name) {
                    fields.try_set(name, latin1(value))?;
                }
                results.push(shown(fields.get(name)));
            }
            "pop" => results.push(shown(fields.remove(name).as_ref())),
            "copy" => fields = fields.clone(),
            "eq" => {
                let mut other = Headers::new();
                set_all(&mut other, &op[1])?;
                results.push((fields.to_map() == other.to_map()).into());
            }
            "lower_items" => results.push(items(&fields)),
            other => panic!("no such operation: {other}"),
        }
    }
    Ok(json!({"results": results, "items": items(&fields), "len": fields.len()}))
}

fn set_all(fields: &mut Headers, given: &Value) -> Result<(), HeaderError> {
    for (name, value) in pairs(given) {
        let text = |v: &Value| v.as_str().expect("a field is text").to_owned();
        fields.try_set(&text(&name), latin1(&text(&value)))?;
    }
    Ok(())
}

fn items(fields: &Headers) -> Value {
    fields.iter().map(|(n, v)| json!([n.as_str(), from_latin1(v.as_bytes())])).collect()
}

fn link(link: &Link) -> Value {
    let mut pairs = vec![json!(["url", link.url])];
    pairs.extend(link.params.iter().map(|pair| json!(pair)));
    Value::Array(pairs)
}
