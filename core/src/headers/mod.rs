//! Header fields: an ordered list whose names match in any case.
//!
//! `http::HeaderMap` changes the order of what is left after a `remove`; requests keeps it, and the
//! order goes out on the wire. So the session layer has a list of its own over the same names and
//! values.
//!
//! Source: `CaseInsensitiveDict` in requests 2.34.2, `structures.py`.

pub mod content_type;
pub mod dict;
pub mod links;
mod same_name;

use alloc::vec::Vec;
use core::fmt;

use http::{HeaderName, HeaderValue};

use crate::planted::Plant;
pub(crate) use same_name::same_name;

/// An ordered list of header fields; a name may occur more than once.
///
/// Look-ups take a name in any case. Values marked sensitive
/// ([`HeaderValue::set_sensitive`]) and the fields that carry credentials are not shown by `Debug`.
///
/// ```
/// use sessio_core::Headers;
///
/// let mut headers = Headers::new();
/// headers.try_set("Accept", "text/html")?;
/// headers.try_set("X-Trace", "7")?;
/// headers.try_set("ACCEPT", "*/*")?; // in place: the order stays
/// assert_eq!(headers.get_str("accept"), Some("*/*"));
/// assert_eq!(headers.iter().next().map(|(name, _)| name.as_str()), Some("accept"));
/// # Ok::<(), sessio_core::headers::HeaderError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    fields: Vec<(HeaderName, HeaderValue)>,
}

/// What is wrong with a header field that the caller gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// The name is empty or has a character that is no token character (RFC 9110, 5.6.2).
    Name(alloc::string::String),
    /// The value of this field begins with white space or has a control character.
    ///
    /// The value itself is not kept: it may be a secret.
    Value(alloc::string::String),
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(
                f,
                "invalid header name {name:?}: a name is letters, digits and !#$%&'*+-.^_`|~"
            ),
            Self::Value(name) => write!(
                f,
                "invalid value of header {name:?}: leading white space, line breaks and control \
                 characters are not allowed"
            ),
        }
    }
}

impl core::error::Error for HeaderError {}

/// A field name from text in any case.
///
/// # Errors
/// [`HeaderError::Name`] if `text` is no token.
pub fn name(text: &str) -> Result<HeaderName, HeaderError> {
    HeaderName::from_bytes(text.as_bytes()).map_err(|_| HeaderError::Name(text.into()))
}

/// A field value from bytes, under requests' rule: no leading white space, no line break.
///
/// # Errors
/// [`HeaderError::Value`], which names the field and does not repeat the value.
///
/// Source: `check_header_validity` in requests, `utils.py`; RFC 9110, 5.5.
pub fn value(name: &HeaderName, bytes: &[u8]) -> Result<HeaderValue, HeaderError> {
    let invalid = || HeaderError::Value(name.as_str().into());
    if first_char(bytes).is_some_and(char::is_whitespace) {
        return Err(invalid());
    }
    if Plant::LineBreakReplaced.is_on() {
        let text: Vec<u8> = bytes.iter().copied().filter(|b| !b.is_ascii_control()).collect();
        return HeaderValue::from_bytes(&text).map_err(|_| invalid());
    }
    HeaderValue::from_bytes(bytes).map_err(|_| invalid())
}

/// [`value`], marked sensitive: it is for the origin that it is given for and no other.
///
/// # Errors
/// As [`value`].
pub fn secret(name: &HeaderName, bytes: &[u8]) -> Result<HeaderValue, HeaderError> {
    let mut value = value(name, bytes)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The first character of a value: of UTF-8 if it is that, else of ISO-8859-1.
fn first_char(bytes: &[u8]) -> Option<char> {
    let first = *bytes.first()?;
    match core::str::from_utf8(bytes) {
        Ok(text) if !first.is_ascii() => text.chars().next(),
        Ok(_) | Err(_) => Some(first.into()),
    }
}

impl Headers {
    /// No fields.
    #[must_use]
    pub const fn new() -> Self {
        Self { fields: Vec::new() }
    }

    /// No fields, with room for `count`.
    #[must_use]
    pub fn with_capacity(count: usize) -> Self {
        Self { fields: Vec::with_capacity(count) }
    }

    /// The first value of the field `name`.
    pub fn get(&self, name: impl AsRef<str>) -> Option<&HeaderValue> {
        let name = name.as_ref();
        self.fields
            .iter()
            .find(|(n, _)| same_name(n.as_str().as_bytes(), name.as_bytes()))
            .map(|(_, v)| v)
    }

    /// The first value of the field `name`, if it is visible ASCII.
    pub fn get_str(&self, name: impl AsRef<str>) -> Option<&str> {
        self.get(name)?.to_str().ok()
    }

    /// All values of the field `name`, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a HeaderValue> {
        self.fields
            .iter()
            .filter(move |(n, _)| same_name(n.as_str().as_bytes(), name.as_bytes()))
            .map(|(_, v)| v)
    }

    /// All values of the field `name`, joined by `", "`, as requests shows repeated fields.
    pub fn get_joined(&self, name: &str) -> Option<Vec<u8>> {
        let mut values = self.get_all(name);
        let mut joined = values.next()?.as_bytes().to_vec();
        for value in values {
            joined.extend_from_slice(b", ");
            joined.extend_from_slice(value.as_bytes());
        }
        Some(joined)
    }

    /// Whether there is a field `name`.
    pub fn contains(&self, name: impl AsRef<str>) -> bool {
        self.get(name).is_some()
    }

    /// Makes `value` the only value of the field `name`, in the place of the first one there was,
    /// or at the end.
    pub fn set(&mut self, name: HeaderName, value: HeaderValue) {
        match self.fields.iter().position(|(n, _)| *n == name) {
            None => self.fields.push((name, value)),
            Some(place) => {
                let mut index = 0_usize;
                self.fields.retain(|(n, _)| {
                    let keep = index <= place || *n != name;
                    index = index.saturating_add(1);
                    keep
                });
                if let Some(field) = self.fields.get_mut(place) {
                    field.1 = value;
                }
            }
        }
    }

    /// [`Headers::set`] from text or bytes.
    ///
    /// # Errors
    /// If the name or the value is not one.
    pub fn try_set(&mut self, field: &str, text: impl AsRef<[u8]>) -> Result<(), HeaderError> {
        let field = name(field)?;
        let value = value(&field, text.as_ref())?;
        self.set(field, value);
        Ok(())
    }

    /// [`Headers::try_set`] of a secret, an API key say: it never crosses to another origin when a
    /// redirect leads there, and is shown as `***`.
    ///
    /// ```
    /// let mut session: sessio_core::Session<()> = sessio_core::Session::new(4);
    /// session.headers.try_set_secret("X-Api-Key", "k3y")?;
    /// assert!(!format!("{:?}", session.headers).contains("k3y"));
    /// # Ok::<(), sessio_core::headers::HeaderError>(())
    /// ```
    ///
    /// # Errors
    /// If the name or the value is not one.
    pub fn try_set_secret(
        &mut self,
        field: &str,
        text: impl AsRef<[u8]>,
    ) -> Result<(), HeaderError> {
        let field = name(field)?;
        let value = secret(&field, text.as_ref())?;
        self.set(field, value);
        Ok(())
    }

    /// Adds a field at the end, beside those of the same name.
    pub fn append(&mut self, name: HeaderName, value: HeaderValue) {
        self.fields.push((name, value));
    }

    /// Takes all fields `name` away and returns the first one's value; the order of the rest stays.
    pub fn remove(&mut self, name: impl AsRef<str>) -> Option<HeaderValue> {
        let name = name.as_ref();
        let first = self.get(name).cloned()?;
        self.fields.retain(|(n, _)| !same_name(n.as_str().as_bytes(), name.as_bytes()));
        Some(first)
    }

    /// Keeps the fields for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&HeaderName, &HeaderValue) -> bool) {
        self.fields.retain(|(n, v)| keep(n, v));
    }

    /// The fields in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&HeaderName, &HeaderValue)> {
        self.fields.iter().map(|(n, v)| (n, v))
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is no field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Takes all fields away.
    pub fn clear(&mut self) {
        self.fields.clear();
    }

    /// The same fields as an `http::HeaderMap`.
    #[must_use]
    pub fn to_map(&self) -> http::HeaderMap {
        self.fields.iter().cloned().collect()
    }
}

impl FromIterator<(HeaderName, HeaderValue)> for Headers {
    fn from_iter<I: IntoIterator<Item = (HeaderName, HeaderValue)>>(fields: I) -> Self {
        Self { fields: fields.into_iter().collect() }
    }
}

impl From<&http::HeaderMap> for Headers {
    fn from(map: &http::HeaderMap) -> Self {
        map.iter().map(|(n, v)| (n.clone(), v.clone())).collect()
    }
}

/// Whether a field of this name carries a credential or a session by definition.
#[must_use]
pub fn is_credential(name: &HeaderName) -> bool {
    use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, SET_COOKIE};
    [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE, SET_COOKIE].contains(name)
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in &self.fields {
            if Plant::SecretInDebug.is_on() {
                map.entry(&name.as_str(), &value.as_bytes().escape_ascii());
            } else if is_credential(name) || value.is_sensitive() {
                map.entry(&name.as_str(), &"***");
            } else {
                map.entry(&name.as_str(), value);
            }
        }
        map.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn headers(rows: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::new();
        for (n, v) in rows {
            headers.append(name(n).unwrap(), HeaderValue::from_str(v).unwrap());
        }
        headers
    }

    #[test]
    fn setting_replaces_in_place_and_drops_repeats() {
        let mut h = headers(&[("a", "1"), ("b", "2"), ("A", "3"), ("c", "4")]);
        h.try_set("A", "5").unwrap();
        assert_eq!(h, headers(&[("a", "5"), ("b", "2"), ("c", "4")]));
    }

    #[test]
    fn removing_keeps_the_order_of_the_rest() {
        let mut h = headers(&[("a", "1"), ("b", "2"), ("c", "3"), ("B", "4"), ("d", "5")]);
        assert_eq!(h.remove("b").unwrap(), "2");
        assert_eq!(h, headers(&[("a", "1"), ("c", "3"), ("d", "5")]));
        assert_eq!(h.remove("b"), None);
    }

    #[test]
    fn repeated_fields_join_with_a_comma() {
        let h = headers(&[("a", "1"), ("b", "2"), ("a", "3")]);
        assert_eq!(h.get_joined("A").unwrap(), b"1, 3");
    }

    #[test]
    fn line_breaks_and_leading_white_space_are_refused() {
        let mut h = Headers::new();
        for bad in [" a", "\ta", "a\r\nX: y", "a\nb", "a\0b", "\u{b}a", "\u{a0}a", "\u{2003}a"] {
            assert_eq!(h.try_set("x", bad), Err(HeaderError::Value("x".into())), "{bad:?}");
        }
        let latin1 = [(&b"\xa0a"[..], true), (b"\x85a", true), (b"a\xa0", false), (b"\xe9", false)];
        for (value, is_bad) in latin1 {
            assert_eq!(h.try_set("y", value).is_err(), is_bad, "{value:?}");
        }
        for bad in ["", "a b", "a:", "é", "a\n"] {
            assert_eq!(h.try_set(bad, "v"), Err(HeaderError::Name(bad.into())), "{bad:?}");
        }
        for good in ["", "a\tb", "a ", "é"] {
            h.try_set("x", good).unwrap();
        }
    }

    #[test]
    fn debug_hides_credentials_and_sensitive_values() {
        let mut h = headers(&[("Authorization", "Basic s3"), ("cookie", "s3=1"), ("x-key", "s3")]);
        let mut secret = HeaderValue::from_static("s3");
        secret.set_sensitive(true);
        h.set(name("x-key").unwrap(), secret);
        assert!(!format!("{h:?}").contains("s3"), "{h:?}");
    }
}
