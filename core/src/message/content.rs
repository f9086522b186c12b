//! What a response's body says: its text, its charset, its JSON, and the links of its header.
//!
//! Source: `Response.text`, `encoding`, `apparent_encoding`, `json` and `links` in requests 2.34.2,
//! `models.py`.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::Response;
use crate::headers::links::{self, Link};
use crate::wire::charset::{self, Charset};

impl Response {
    /// The charset of the text: what the caller set, else what `Content-Type` names or implies.
    #[must_use]
    pub fn encoding(&self) -> Option<Cow<'_, str>> {
        if let Some(encoding) = &self.encoding {
            return Some(Cow::Borrowed(encoding));
        }
        // Bytes beyond ASCII are ISO-8859-1 in a field, as everywhere in requests.
        match latin1(self.header("content-type")?) {
            Cow::Borrowed(value) => charset::encoding_from_content_type(value).map(Cow::Borrowed),
            Cow::Owned(value) => {
                let encoding = charset::encoding_from_content_type(&value)?;
                Some(Cow::Owned(String::from(encoding)))
            }
        }
    }

    /// Sets the charset of the text; `None` goes back to what the header says.
    pub fn set_encoding(&mut self, encoding: Option<String>) {
        self.encoding = encoding;
    }

    /// A guess at the charset of the content that is at hand: see
    /// [`charset::apparent_encoding`].
    #[must_use]
    pub fn apparent_encoding(&self) -> &'static str {
        charset::apparent_encoding(self.bytes())
    }

    /// The text of the content that is at hand.
    ///
    /// It is read in [`encoding`](Self::encoding), or where that says nothing in
    /// [`apparent_encoding`](Self::apparent_encoding); what is not of the charset is U+FFFD.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        charset::text(self.bytes(), self.encoding().as_deref())
    }

    /// The charset in which a body is read that comes in pieces, when nothing can be guessed yet:
    /// that of [`encoding`](Self::encoding) if it is known, else UTF-8.
    #[must_use]
    pub fn charset(&self) -> Charset {
        let named = self.encoding().and_then(|name| Charset::for_name(&name));
        named.unwrap_or(Charset::UTF_8)
    }

    /// The content that is at hand, as JSON.
    ///
    /// # Errors
    /// If it is no JSON, or not of the type that is asked for.
    #[cfg(feature = "json")]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, crate::wire::json::JsonError> {
        crate::wire::json::parse(self.bytes(), self.encoding().as_deref())
    }

    /// The links of the `Link` field by their relation, or by their URL where they have none.
    #[must_use]
    pub fn links(&self) -> Vec<(String, Link)> {
        let Some(first) = self.header("link") else { return Vec::new() };
        match self.headers().get_joined("link") {
            Some(all) => links::links(&latin1(&all)),
            None => links::links(&latin1(first)),
        }
    }
}

/// Bytes of a field as text.
fn latin1(bytes: &[u8]) -> Cow<'_, str> {
    match core::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => Cow::Borrowed(text),
        _ => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Content, PreparedRequest};
    use bytes::Bytes;

    fn response(fields: &[(&str, &str)], content: &'static [u8]) -> Response {
        let url = url::Url::parse("http://a.test/").unwrap();
        let request = PreparedRequest::new(http::Method::GET, url);
        let mut response = Response::new(request.into(), http::StatusCode::OK);
        for (name, value) in fields {
            let name = http::HeaderName::try_from(*name).unwrap();
            response.headers_mut().append(name, value.parse().unwrap());
        }
        response.content = Content::Complete(Bytes::from_static(content));
        response
    }

    #[test]
    fn the_caller_goes_before_the_header_and_the_header_before_a_guess() {
        type Row<'a> = (Option<&'a str>, Option<&'a str>, &'a [u8], &'a str);
        let rows: [Row<'_>; 6] = [
            (None, None, b"caf\xc3\xa9", "caf\u{e9}"),
            (None, None, b"caf\xe9", "caf\u{e9}"),
            (None, Some("text/plain"), b"caf\xc3\xa9", "caf\u{c3}\u{a9}"),
            (None, Some("text/plain; charset=utf-8"), b"caf\xc3\xa9", "caf\u{e9}"),
            (Some("latin-1"), Some("text/plain; charset=utf-8"), b"\xe9", "\u{e9}"),
            (Some("bogus"), None, b"\xc3\xa9", "\u{e9}"),
        ];
        for (encoding, content_type, content, want) in rows {
            let fields: Vec<_> = content_type.iter().map(|t| ("content-type", *t)).collect();
            let mut response = response(&fields, content);
            response.set_encoding(encoding.map(String::from));
            assert_eq!(response.text(), want, "{encoding:?} {content_type:?}");
        }
    }

    #[test]
    fn links_of_all_lines_are_read() {
        let lines = [("link", "<u1>; rel=next"), ("link", "<u2>; rel=\"last\", <u3>")];
        let links = response(&lines, b"").links();
        let keys: Vec<_> = links.iter().map(|(key, link)| (key.as_str(), &*link.url)).collect();
        assert_eq!(keys, [("next", "u1"), ("last", "u2"), ("u3", "u3")]);
        assert!(response(&[], b"").links().is_empty());
    }

    #[cfg(feature = "json")]
    #[test]
    fn json_is_read_in_the_form_that_it_has() {
        assert_eq!(response(&[], b"[1,2]").json::<Vec<u8>>(), Ok(alloc::vec![1, 2]));
        assert_eq!(response(&[], b"[\0" as &[u8]).json::<Vec<u8>>().unwrap_err().line, 1);
    }
}
