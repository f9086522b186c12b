//! Pairs of names and values as a query or a form carries them.
//!
//! Source: `RequestEncodingMixin._encode_params` in requests 2.34.2, `models.py`; `urlencode` and
//! `quote_plus` of Python's `urllib.parse`; `repr` of Python's numbers.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bytes::Bytes;

use super::float;

use crate::url::charset::push_escape;

/// A value of a pair.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// The pair is left out; over a setting of the session it takes that pair away.
    None,
    /// Text, which goes out in UTF-8.
    Text(String),
    /// Bytes, which go out as they are.
    Bytes(Bytes),
    /// A whole number.
    Int(i128),
    /// A number, which goes out as Python prints it: `2.5`, `1.0`, `1e+16`, `nan`.
    Float(f64),
    /// `True` or `False`, as Python prints them.
    Bool(bool),
    /// The pair once for each value.
    List(Vec<Value>),
}

impl Value {
    /// The values to be sent, in order: none of [`Value::None`], each of a list.
    #[must_use]
    pub fn flatten(&self) -> Vec<Cow<'_, [u8]>> {
        let mut flat = Vec::new();
        let mut open = alloc::vec![core::slice::from_ref(self).iter()];
        // A stack of its own: how deep lists are nested is the caller's business.
        while let Some(values) = open.last_mut() {
            match values.next() {
                None => drop(open.pop()),
                Some(Self::None) => {}
                Some(Self::List(values)) => open.push(values.iter()),
                Some(Self::Text(text)) => flat.push(Cow::Borrowed(text.as_bytes())),
                Some(Self::Bytes(bytes)) => flat.push(Cow::Borrowed(bytes.as_ref())),
                Some(Self::Int(number)) => flat.push(owned(number.to_string())),
                Some(Self::Float(number)) => flat.push(owned(float::float_repr(*number))),
                Some(Self::Bool(true)) => flat.push(Cow::Borrowed(b"True")),
                Some(Self::Bool(false)) => flat.push(Cow::Borrowed(b"False")),
            }
        }
        flat
    }
}

fn owned(text: String) -> Cow<'static, [u8]> {
    Cow::Owned(text.into_bytes())
}

/// Names and values in order; a name may occur more than once.
///
/// ```
/// use sessio_core::wire::form::Params;
///
/// let mut params = Params::from([("q", "a b")]);
/// params.push("n", 7);
/// params.push("tag", vec!["x", "y"]);
/// params.push("page", None::<u32>);
/// assert_eq!(params.encode(), "q=a+b&n=7&tag=x&tag=y");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params {
    pairs: Vec<(Vec<u8>, Value)>,
}

impl Params {
    /// No pairs.
    #[must_use]
    pub const fn new() -> Self {
        Self { pairs: Vec::new() }
    }

    /// Adds a pair at the end; a name of text goes out in UTF-8.
    pub fn push(&mut self, name: impl Into<Vec<u8>>, value: impl Into<Value>) {
        self.pairs.push((name.into(), value.into()));
    }

    /// Makes `value` the only value of `name`, in the place of the first there was, or at the end.
    pub fn set(&mut self, name: impl Into<Vec<u8>>, value: impl Into<Value>) {
        let name = name.into();
        let Some(place) = self.pairs.iter().position(|(n, _)| *n == name) else {
            self.push(name, value);
            return;
        };
        let mut index = 0_usize;
        self.pairs.retain(|(n, _)| {
            let keep = index <= place || *n != name;
            index = index.saturating_add(1);
            keep
        });
        if let Some(pair) = self.pairs.get_mut(place) {
            pair.1 = value.into();
        }
    }

    /// Keeps the pairs for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&[u8], &Value) -> bool) {
        self.pairs.retain(|(name, value)| keep(name, value));
    }

    /// The pairs in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], &Value)> {
        self.pairs.iter().map(|(name, value)| (name.as_slice(), value))
    }

    /// Whether there is no pair.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The pairs as `application/x-www-form-urlencoded`: blanks as `+`, everything but letters,
    /// digits and `_.-~` as escapes.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut out = String::new();
        for (name, value) in &self.pairs {
            for value in value.flatten() {
                if !out.is_empty() {
                    out.push('&');
                }
                quote_plus(&mut out, name);
                out.push('=');
                quote_plus(&mut out, &value);
            }
        }
        out
    }
}

impl<N: Into<Vec<u8>>, V: Into<Value>> FromIterator<(N, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self { pairs: pairs.into_iter().map(|(n, v)| (n.into(), v.into())).collect() }
    }
}

impl<N: Into<Vec<u8>>, V: Into<Value>, const COUNT: usize> From<[(N, V); COUNT]> for Params {
    fn from(pairs: [(N, V); COUNT]) -> Self {
        pairs.into_iter().collect()
    }
}

/// Appends `bytes` as `urllib.parse.quote_plus` writes them.
pub fn quote_plus(out: &mut String, bytes: &[u8]) {
    out.reserve(bytes.len());
    for byte in bytes {
        match byte {
            b' ' => out.push('+'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => {
                out.push((*byte).into());
            }
            byte => push_escape(out, *byte),
        }
    }
}

macro_rules! value_from {
    ($($from:ty => |$value:ident| $into:expr),+ $(,)?) => {
        $(impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $into
            }
        })+
    };
}

// Not from `u8`: a `Vec<u8>` is bytes, not a list of numbers.
value_from! {
    &str => |text| Self::Text(text.into()),
    &String => |text| Self::Text(text.clone()),
    String => |text| Self::Text(text),
    Cow<'_, str> => |text| Self::Text(text.into_owned()),
    char => |text| Self::Text(text.into()),
    &[u8] => |bytes| Self::Bytes(Bytes::copy_from_slice(bytes)),
    Vec<u8> => |bytes| Self::Bytes(bytes.into()),
    Bytes => |bytes| Self::Bytes(bytes),
    bool => |truth| Self::Bool(truth),
    i16 => |number| Self::Int(number.into()),
    u16 => |number| Self::Int(number.into()),
    i32 => |number| Self::Int(number.into()),
    u32 => |number| Self::Int(number.into()),
    i64 => |number| Self::Int(number.into()),
    u64 => |number| Self::Int(number.into()),
    i128 => |number| Self::Int(number),
    isize => |number| i128::try_from(number).map_or(Self::None, Self::Int),
    usize => |number| i128::try_from(number).map_or(Self::None, Self::Int),
    f32 => |number| Self::Float(float::widen(number)),
    f64 => |number| Self::Float(number),
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Self {
        values.into_iter().collect()
    }
}

impl<T: Into<Value>, const COUNT: usize> From<[T; COUNT]> for Value {
    fn from(values: [T; COUNT]) -> Self {
        values.into_iter().collect()
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn pairs_are_encoded_in_order() {
        let rows: [(Params, &str); 9] = [
            (Params::new(), ""),
            (Params::from([("a", "1"), ("b", "2"), ("a", "3")]), "a=1&b=2&a=3"),
            (Params::from([("a b", "c d")]), "a+b=c+d"),
            (Params::from([("x", "~-._*/+&=#%")]), "x=~-._%2A%2F%2B%26%3D%23%25"),
            (Params::from([("\u{e9}", vec!["\u{4e2d}", ""])]), "%C3%A9=%E4%B8%AD&%C3%A9="),
            (Params::from([("a", Value::None), ("b", 1.into())]), "b=1"),
            (Params::from([("a", [Some(true), None, Some(false)])]), "a=True&a=False"),
            (Params::from([("a", vec![vec![1], vec![2, 3]])]), "a=1&a=2&a=3"),
            (Params::from([(b"k".to_vec(), &b"v\xff"[..])]), "k=v%FF"),
        ];
        for (params, want) in rows {
            assert_eq!(params.encode(), want, "{params:?}");
        }
    }

    #[test]
    fn floats_look_as_python_prints_them() {
        let rows = [
            (2.5, "2.5"),
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
            (9007199254740993.0, "9007199254740992.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-1.25e-7, "-1.25e-07"),
            (f64::NAN, "nan"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (number, want) in rows {
            assert_eq!(float::float_repr(number), want);
        }
    }

    #[test]
    fn setting_replaces_in_place_and_drops_repeats() {
        let mut params = Params::from([("a", 1), ("b", 2), ("a", 3)]);
        params.set("a", 4);
        params.set("c", 5);
        assert_eq!(params.encode(), "a=4&b=2&c=5");
    }
}
