//! Ordered mappings and lists of pairs: parameters, form fields, headers, proxies.
//!
//! The format is described in `oracle/FORMAT.md`, section 2.

use serde_json::{Number, Value};

use super::{items, text, text_or_bytes, wrong};
use crate::peer::Malformed;
use crate::value::Text;

/// One value of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// Text or bytes.
    Text(Text),
    /// A number, integer or not.
    Number(Number),
    /// A boolean.
    Bool(bool),
    /// None: the field is left out, or removed where settings merge.
    Null,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    /// One value.
    One(Scalar),
    /// Several of the same name.
    Many(Vec<Scalar>),
}

/// Names and values in order.
pub type Fields = Vec<(Text, Field)>;

/// What may be given for `params` and, among other things, for `data`.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldsSpec {
    /// A mapping: it merges with the session's.
    Mapping(Fields),
    /// A list of pairs: it does not merge, and may repeat names.
    List(Fields),
    /// Text or bytes, taken as they are.
    Text(Text),
}

/// Header names and values in order; `None` removes one. Values may be of a wrong type.
pub type Headers = Vec<(Text, Scalar)>;

/// Proxy keys and URLs in order; `None` is an explicit "no proxy".
pub type Proxies = Vec<(String, Option<String>)>;

pub(super) fn spec(value: &Value) -> Result<FieldsSpec, Malformed> {
    match value {
        Value::Array(_) => pairs(value).map(FieldsSpec::Mapping),
        Value::Object(tagged) => match (tagged.get("map"), tagged.get("list")) {
            (Some(mapping), _) => pairs(mapping).map(FieldsSpec::Mapping),
            (None, Some(list)) => pairs(list).map(FieldsSpec::List),
            (None, None) => text_or_bytes(value).map(FieldsSpec::Text),
        },
        _ => text_or_bytes(value).map(FieldsSpec::Text),
    }
}

pub(super) fn headers(value: &Value) -> Result<Headers, Malformed> {
    let header = |pair: &Value| Ok((text_or_bytes(&pair[0])?, scalar(&pair[1])?));
    items(value)?.iter().map(header).collect()
}

pub(super) fn proxies(value: &Value) -> Result<Proxies, Malformed> {
    let proxy = |pair: &Value| {
        let url = if pair[1].is_null() { None } else { Some(text(&pair[1])?) };
        Ok((text(&pair[0])?, url))
    };
    items(value)?.iter().map(proxy).collect()
}

fn pairs(value: &Value) -> Result<Fields, Malformed> {
    items(value)?.iter().map(|pair| Ok((text_or_bytes(&pair[0])?, field(&pair[1])?))).collect()
}

fn field(value: &Value) -> Result<Field, Malformed> {
    match value {
        Value::Array(values) => {
            values.iter().map(scalar).collect::<Result<_, _>>().map(Field::Many)
        }
        one => scalar(one).map(Field::One),
    }
}

fn scalar(value: &Value) -> Result<Scalar, Malformed> {
    match value {
        Value::Null => Ok(Scalar::Null),
        Value::Bool(flag) => Ok(Scalar::Bool(*flag)),
        Value::Number(number) => Ok(Scalar::Number(number.clone())),
        Value::String(_) | Value::Object(_) => text_or_bytes(value).map(Scalar::Text),
        Value::Array(_) => Err(wrong("value", value)),
    }
}
