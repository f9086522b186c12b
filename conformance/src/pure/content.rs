//! Content of responses: charsets, text, JSON, items and lines.

use serde_json::{Value, json};
use sessio_core::wire::charset::{self, Charset, TextDecoder, encoding_from_content_type};
use sessio_core::wire::json::{guess_json_utf, parse};
use sessio_core::wire::lines::{LINE_BYTES_MAX, LineEnd, Lines};
use sessio_core::wire::pieces::{PieceSize, Pieces};

use super::Outcome;
use crate::value;

/// Runs a function of this subject.
pub(super) fn run(function: &str, input: &Value) -> Option<Outcome> {
    Some(match function {
        "get_encoding_from_headers" => Outcome::Out(json!(encoding(input))),
        "guess_json_utf" => Outcome::Out(json!(guess_json_utf(&content(input)))),
        "response_text" => response_text(input),
        "response_json" => response_json(input),
        "iter_content" => match items(input, Size::Asked) {
            Ok(Items::Bytes(items)) => Outcome::Out(items.iter().map(|item| bytes(item)).collect()),
            Ok(Items::Text(items)) => Outcome::Out(json!(items)),
            Err(outcome) => outcome,
        },
        "iter_lines" => iter_lines(input),
        _ => return None,
    })
}

fn bytes(bytes: &[u8]) -> Value {
    json!({"bytes": value::from_latin1(bytes)})
}

/// The encoding that the `Content-Type` of `headers` gives.
fn encoding(input: &Value) -> Option<String> {
    let headers = value::pairs(&input["headers"]);
    let is_type = |(name, _): &&(Value, Value)| {
        name.as_str().is_some_and(|name| name.eq_ignore_ascii_case("content-type"))
    };
    let content_type = headers.iter().rfind(is_type)?.1.as_str()?;
    encoding_from_content_type(content_type).map(str::to_owned)
}

/// The whole body.
fn content(input: &Value) -> Vec<u8> {
    match &input["chunks"] {
        Value::Array(chunks) => chunks.iter().flat_map(value::bytes).collect(),
        _ => value::bytes(&input["body"]),
    }
}

fn response_text(input: &Value) -> Outcome {
    let (content, encoding) = (content(input), encoding(input));
    let text = charset::text(&content, encoding.as_deref());
    Outcome::Out(json!({"encoding": encoding, "text": text}))
}

fn response_json(input: &Value) -> Outcome {
    match parse(&content(input), encoding(input).as_deref()) {
        Ok(value) => Outcome::Out(value),
        Err(_) => Outcome::Error("JSONDecodeError".to_owned()),
    }
}

enum Items {
    Bytes(Vec<Vec<u8>>),
    Text(Vec<String>),
}

/// Which size of items is meant.
enum Size {
    Asked,
    /// 512, where none is asked for.
    OfLines,
}

/// The items of `iter_content`.
fn items(input: &Value, size: Size) -> Result<Items, Outcome> {
    let count = match size {
        Size::OfLines if input.get("size").is_none() => 512,
        Size::Asked | Size::OfLines => {
            input["size"].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
        }
    };
    let mut items = Vec::new();
    match &input["chunks"] {
        // What the transport gives here is an item already.
        Value::Array(chunks) => items.extend(chunks.iter().map(value::bytes)),
        _ => {
            let mut pieces = Pieces::new(PieceSize::from_count(count));
            pieces.push(&value::bytes(&input["body"]));
            pieces.boundary();
            while let Some(item) = pieces.take() {
                items.push(item.to_vec());
            }
        }
    }
    match (input["decode"].as_bool(), input["encoding"].as_str()) {
        (Some(true), Some(name)) => {
            let charset = Charset::for_name(name);
            let charset = charset.ok_or_else(|| Outcome::Error("UnknownCharset".to_owned()))?;
            Ok(Items::Text(decoded(&items, charset)))
        }
        _ => Ok(Items::Bytes(items)),
    }
}

fn decoded(items: &[Vec<u8>], charset: Charset) -> Vec<String> {
    let mut decoder = TextDecoder::new(charset);
    let mut texts = Vec::new();
    for item in items {
        let mut text = String::new();
        decoder.decode(item, &mut text);
        texts.push(text);
    }
    let mut text = String::new();
    decoder.finish(&mut text);
    texts.push(text);
    texts.retain(|text| !text.is_empty());
    texts
}

/// What lines are written as.
#[derive(Clone, Copy)]
enum Kind {
    Bytes,
    Text,
}

fn iter_lines(input: &Value) -> Outcome {
    let items = match items(input, Size::OfLines) {
        Ok(items) => items,
        Err(outcome) => return outcome,
    };
    let end = match items {
        Items::Bytes(_) => LineEnd::Bytes,
        Items::Text(_) => LineEnd::Text,
    };
    let end = match input.get("delimiter") {
        Some(delimiter @ (Value::String(_) | Value::Object(_))) => {
            LineEnd::delimiter(value::text(delimiter).utf8(), end)
        }
        _ => end,
    };
    let mut lines = Lines::new(end, LINE_BYTES_MAX);
    let mut found = Vec::new();
    let (pieces, kind) = match items {
        Items::Bytes(items) => (items, Kind::Bytes),
        Items::Text(items) => (items.into_iter().map(String::into_bytes).collect(), Kind::Text),
    };
    let write = |line: &[u8]| match kind {
        Kind::Bytes => bytes(line),
        Kind::Text => json!(String::from_utf8_lossy(line)),
    };
    for piece in pieces.iter().map(Some).chain([None]) {
        match piece {
            Some(piece) => lines.push(piece),
            None => lines.finish(),
        }
        loop {
            match lines.take() {
                Ok(Some(line)) => found.push(write(line)),
                Ok(None) => break,
                Err(_) => return Outcome::Error("LineTooLong".to_owned()),
            }
        }
    }
    Outcome::Out(Value::Array(found))
}
