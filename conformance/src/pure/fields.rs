//! Functions of requests about header fields.

use serde_json::{Value, json};
use sessio_core::Headers;
use sessio_core::headers::content_type::parse_content_type;
use sessio_core::headers::dict::{
    Quoted, parse_dict_header, parse_list_header, unquote_header_value,
};
use sessio_core::headers::links::{Link, links, parse_header_links};

use super::Outcome;
use crate::value::{from_latin1, latin1, pairs};

/// Runs one case; `None` if `function` is not of this subject.
#[must_use]
pub fn run(function: &str, input: &Value) -> Option<Outcome> {
    let value = input["value"].as_str().unwrap_or_default();
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

/// Fields of a response.
fn headers(given: &Value) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in pairs(given) {
        let text = |v: &Value| v.as_str().expect("a field is text").to_owned();
        let name = sessio_core::headers::name(&text(&name)).expect("a name");
        let value = sessio_core::headers::value(&name, &latin1(&text(&value))).expect("a value");
        headers.append(name, value);
    }
    headers
}

fn link(link: &Link) -> Value {
    let mut pairs = vec![json!(["url", link.url])];
    pairs.extend(link.params.iter().map(|pair| json!(pair)));
    Value::Array(pairs)
}
