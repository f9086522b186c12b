//! Values as the vector format writes them: bytes, text or bytes, ordered mappings.
//!
//! The format is described in `oracle/FORMAT.md`, section 2.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

/// Text or bytes: a plain string is text, a tagged object is bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// Text, to be encoded as the client encodes it.
    Str(String),
    /// Bytes, to be taken as they are.
    Bytes(Vec<u8>),
}

impl Text {
    /// The text in UTF-8, or the bytes.
    #[must_use]
    pub fn utf8(&self) -> &[u8] {
        match self {
            Self::Str(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// Each character of `text` as one byte.
///
/// # Panics
/// If a character is above U+00FF: the vector is malformed.
#[must_use]
pub fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or_else(|_| panic!("not latin-1: {text:?}")))
        .collect()
}

/// Text as requests writes it into a header field: ISO-8859-1 if it fits, else UTF-8.
#[must_use]
pub fn latin1_or_utf8(text: &str) -> Vec<u8> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes.unwrap_or_else(|| text.as_bytes().to_vec())
}

/// Bytes as text, each byte one character.
#[must_use]
pub fn from_latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// An input byte string.
///
/// # Panics
/// If `value` is none: the vector is malformed.
#[must_use]
pub fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => latin1(text),
        Value::Object(tagged) => {
            let (tag, inner) = tagged.iter().next().expect("an empty object is no byte string");
            match (tag.as_str(), inner) {
                ("b64", Value::String(text)) => BASE64.decode(text).expect("bad base64"),
                ("bytes", Value::String(text)) => latin1(text),
                ("utf8", Value::String(text)) => text.as_bytes().to_vec(),
                ("repeat", Value::Array(pair)) => {
                    let count = pair[1].as_u64().and_then(|n| usize::try_from(n).ok());
                    bytes(&pair[0]).repeat(count.expect("repeat takes a count"))
                }
                ("parts", Value::Array(parts)) => parts.iter().flat_map(bytes).collect(),
                _ => panic!("no byte string: {value}"),
            }
        }
        _ => panic!("no byte string: {value}"),
    }
}

/// Text or bytes from an input value.
#[must_use]
pub fn text(value: &Value) -> Text {
    match value {
        Value::String(text) => Text::Str(text.clone()),
        other => Text::Bytes(bytes(other)),
    }
}

/// A byte string as results have it: plain if printable ASCII, TAB, LF or CR; else base64; and
/// above 3,000 bytes length and SHA-256.
#[must_use]
pub fn out_bytes(bytes: &[u8]) -> Value {
    let plain = |b: &u8| matches!(b, 0x20..=0x7e | b'\t' | b'\n' | b'\r');
    if bytes.len() > 3000 {
        json!({"len": bytes.len(), "sha256": crate::sha256::hex(bytes)})
    } else if bytes.iter().all(plain) {
        Value::String(from_latin1(bytes))
    } else {
        json!({"b64": BASE64.encode(bytes)})
    }
}

/// The pairs of an ordered mapping, `[[key, value], ...]` or `{"list": ...}` or `{"map": ...}`.
#[must_use]
pub fn pairs(value: &Value) -> Vec<(Value, Value)> {
    let list = value.get("list").or_else(|| value.get("map")).unwrap_or(value);
    let pair = |p: &Value| (p[0].clone(), p[1].clone());
    list.as_array().map(|list| list.iter().map(pair).collect()).unwrap_or_default()
}
