//! The caller's text of a URL, read as requests reads it and under the rules of WHATWG.
//!
//! Source: `PreparedRequest.prepare_url` in requests 2.34.2, `models.py`; `parse_url` in urllib3
//! 2.8, `util/url.py`; <https://url.spec.whatwg.org/>.

use alloc::borrow::Cow;
use alloc::string::String;

use ::url::{ParseError, Url};

use super::URL_BYTES_MAX;
use super::components::{Components, authority};
use super::error::{Reason, UrlError, shown};
use super::parts::{cut, is_scheme};
use super::requote::requote_uri;

/// Reads the text of a URL, once; what is legal and needs no other escapes is not copied.
///
/// Leading blanks go. A scheme that does not begin with `http` is not touched: whether an adapter
/// takes it is found out later. Of the others, `//` and a host are asked for; escapes of unreserved
/// characters are undone (`%7E` becomes `~`), illegal characters are escaped, escapes are put in
/// capitals, an empty query or fragment goes, and a component with a bad escape (`%zz`) counts as
/// never escaped: each of its `%` becomes `%25`.
///
/// ```
/// let url = sessio_core::url::parse("HTTP://A.test/%7Euser/a b")?;
/// assert_eq!(url.as_str(), "http://a.test/~user/a%20b");
/// # Ok::<(), sessio_core::url::UrlError>(())
/// ```
///
/// # Errors
/// [`UrlError`], which says what is missing or wrong and never shows user, password or query.
pub fn parse(text: impl AsRef<[u8]>) -> Result<Url, UrlError> {
    parse_with_params(text, "")
}

/// [`parse`] with `params`, text that is encoded already, put at the end of the query; nothing is
/// added to a scheme that does not begin with `http`.
///
/// As in requests, a `#` in `params` begins the fragment.
///
/// # Errors
/// As [`parse`].
pub fn parse_with_params(text: impl AsRef<[u8]>, params: &str) -> Result<Url, UrlError> {
    let bytes = text.as_ref();
    let text = core::str::from_utf8(bytes)
        .map_err(|_| UrlError::invalid(&String::from_utf8_lossy(bytes), Reason::NotUtf8))?;
    let text = text.trim_start_matches(is_blank);
    if text.len() > URL_BYTES_MAX || params.len() > URL_BYTES_MAX {
        return Err(UrlError::invalid(text, Reason::TooLong));
    }
    let text = &*without_breaks(text);
    match scheme(text)? {
        Scheme::Foreign => {
            Url::parse(text).map_err(|_| UrlError::InvalidSchema { text: shown(text) })
        }
        Scheme::Http => {
            let parts = Components::split(text)?;
            let url = if params.is_empty() && parts.is_encoded() {
                Url::parse(text)
            } else {
                Url::parse(&parts.join(params))
            };
            finish(text, url)
        }
        Scheme::HttpLike => finish(text, like_http(text, params)?),
    }
}

/// What Python's `str.lstrip` takes away.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// `text` without TAB, LF and CR, which WHATWG takes out wherever they are.
pub(super) fn without_breaks(text: &str) -> Cow<'_, str> {
    if text.bytes().any(is_break) {
        Cow::Owned(text.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect())
    } else {
        Cow::Borrowed(text)
    }
}

const fn is_break(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r')
}

/// How a URL's text begins.
enum Scheme {
    /// `http:` or `https:`.
    Http,
    /// Another scheme that begins with `http`, as `http+unix:` does.
    HttpLike,
    /// Any other.
    Foreign,
}

fn scheme(text: &str) -> Result<Scheme, UrlError> {
    let missing = || UrlError::MissingSchema { text: shown(text) };
    let head = text.as_bytes().get(..4).unwrap_or_default();
    let (scheme, _) = text.split_once(':').ok_or_else(missing)?;
    if !head.eq_ignore_ascii_case(b"http") {
        // `Url` would read past what is no scheme, such as control characters.
        return if is_scheme(scheme) {
            Ok(Scheme::Foreign)
        } else {
            Err(UrlError::InvalidSchema { text: shown(text) })
        };
    }
    if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") {
        return Ok(Scheme::Http);
    }
    if scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-')) {
        return Ok(Scheme::HttpLike);
    }
    // As in `http.example:80/x`: a host and its port.
    Err(missing())
}

/// A scheme that only begins with `http`: host and path are its own affair, requests' requoting is
/// applied to the whole.
fn like_http(text: &str, params: &str) -> Result<Result<Url, ParseError>, UrlError> {
    let (_, _, tail) = authority(text)?;
    let (text, fragment) = cut(text, '#');
    let (base, query) = cut(text, '?');
    let mut joined = String::from(base);
    if !tail.starts_with('/') {
        joined.push('/');
    }
    let parts = [query.unwrap_or_default(), params];
    let mut mark = '?';
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        joined.push(mark);
        joined.push_str(part);
        mark = '&';
    }
    if let Some(fragment) = fragment.filter(|fragment| !fragment.is_empty()) {
        joined.push('#');
        joined.push_str(fragment);
    }
    Ok(Url::parse(&requote_uri(&joined)))
}

/// The last checks, on what the crate `url` made of the text.
fn finish(text: &str, url: Result<Url, ParseError>) -> Result<Url, UrlError> {
    let url = url.map_err(|error| {
        let reason = match error {
            ParseError::EmptyHost => Reason::NoHost,
            other => Reason::Syntax(other),
        };
        UrlError::invalid(text, reason)
    })?;
    let url = match url.port() {
        Some(0) => without_port(url),
        Some(_) | None => url,
    };
    match url.host_str() {
        None => Err(UrlError::invalid(text, Reason::NoHost)),
        Some(host) if host.starts_with(['*', '.']) => Err(UrlError::invalid(text, Reason::Label)),
        Some(host) if host.split('.').any(|label| label.len() > LABEL_BYTES_MAX) => {
            Err(UrlError::invalid(text, Reason::LongLabel))
        }
        Some(_) => Ok(url),
    }
}

/// Port 0 is no port: requests leaves it out.
fn without_port(mut url: Url) -> Url {
    // It fails only for URLs without a host, which have no port.
    let _ = url.set_port(None);
    url
}

/// RFC 1035, 2.3.4. An IPv6 literal is shorter than that.
const LABEL_BYTES_MAX: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, params: &str, want: &str) {
        let url = parse_with_params(text, params).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(url.as_str(), want, "{text} + {params}");
        let again = parse(url.as_str()).unwrap();
        assert_eq!(again, url, "{text} read twice");
    }

    #[test]
    fn text_is_put_in_one_form() {
        let rows = [
            ("http://a.test", "http://a.test/"),
            ("  HTTP://A.Test/Path", "http://a.test/Path"),
            ("http://a.test/a b?c d#e f", "http://a.test/a%20b?c%20d#e%20f"),
            ("http://a.test/%7e%c3%a9", "http://a.test/~%C3%A9"),
            ("http://a.test/%41%zz?%41", "http://a.test/%2541%25zz?A"),
            ("http://a.test/[x]|y?[z]", "http://a.test/%5Bx%5D%7Cy?%5Bz%5D"),
            ("http://a.test/?#", "http://a.test/"),
            ("http://a.test/?a#b#c", "http://a.test/?a#b%23c"),
            ("http://a.test/x/%2e%2E/y", "http://a.test/y"),
            ("http://a.test\\x\\y?z\\w", "http://a.test/x/y?z%5Cw"),
            ("ht\ntp://a.te\tst/\r\nx", "http://a.test/x"),
            ("http://0x7f.1/", "http://127.0.0.1/"),
            ("http://u%7e:p%2fq@x@a.test", "http://u~:p%2Fq%40x@a.test/"),
            ("http+unix://%2Ftmp%2Fs/x%7e y", "http+unix://%2Ftmp%2Fs/x~%20y"),
            ("http+unix://h?q", "http+unix://h/?q"),
            ("mailto:x@y.test", "mailto:x@y.test"),
            ("data:,%7e", "data:,%7e"),
        ];
        for (text, want) in rows {
            check(text, "", want);
        }
    }

    #[test]
    fn params_go_between_query_and_fragment() {
        let rows = [
            ("http://a.test", "a=1", "http://a.test/?a=1"),
            ("http://a.test/p?", "a=1", "http://a.test/p?a=1"),
            ("http://a.test/p?q#f", "a=1", "http://a.test/p?q&a=1#f"),
            ("http://a.test/p", "a=[\u{e9}]%7e", "http://a.test/p?a=[%C3%A9]~"),
            ("http+unix://h/p#f", "a=1", "http+unix://h/p?a=1#f"),
            ("mailto:x@y.test", "a=1", "mailto:x@y.test"),
        ];
        for (text, params, want) in rows {
            let url = parse_with_params(text, params).unwrap();
            assert_eq!(url.as_str(), want, "{text} + {params}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused_by_kind() {
        let missing = ["", "x", "/x", "a.test/x", "//a.test", "http.example:80/x", "httpbin/x"];
        for text in missing {
            let got = parse(text);
            assert!(matches!(got, Err(UrlError::MissingSchema { .. })), "{text}: {got:?}");
        }
        for text in ["1.2.3.4:80/", "//u:p@a.test", "://a", "/x:y", "ftp://", "\0http://a.test/"] {
            let got = parse(text);
            assert!(matches!(got, Err(UrlError::InvalidSchema { .. })), "{text}: {got:?}");
        }
        let no_host = [
            "http:",
            "http://",
            "http:///x",
            "http://?q",
            "http:a.test",
            "https:/a.test",
            "http:\\\\a.test",
            "http://\\a.test",
            "http:x://y",
            "http://u:p@",
            "http+unix:/x",
            "http://:80/",
        ];
        for text in no_host {
            let got = parse(text).unwrap_err();
            assert!(
                matches!(got, UrlError::InvalidUrl { reason: Reason::NoHost, .. }),
                "{text}: {got:?}"
            );
        }
        let bad = [
            "http://a b/",
            "http://[::1",
            "http://a.test:x/",
            "http://a.test:65536/",
            "http://*.a.test",
            "http://.a.test",
            "http://good%2F10.0.0.1/",
            "http://[fe80::1%25e]/",
        ];
        for text in bad {
            let got = parse(text);
            assert!(matches!(got, Err(UrlError::InvalidUrl { .. })), "{text}: {got:?}");
        }
        assert!(parse(b"http://a.test/\xff").is_err());
    }

    #[test]
    fn a_url_that_was_read_reads_the_same_again() {
        const PIECES: [&str; 24] = [
            "a", "%", "4", "1", "z", "\u{e9}", "/", " ", "[", "]", "?", "#", "%7E", "%2f", "|",
            "\\", ":", "@", "'", "..", ";", "%2e", "\n", "\0",
        ];
        const HEADS: [&str; 6] =
            ["http://a.test", "https://", "http+unix://h", "http:", "x:", "http://u:p@a.test/"];
        let mut state = 1_u64;
        let mut next = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % bound
        };
        let mut read = 0;
        for _ in 0..20_000 {
            let mut text = String::from(HEADS[next(HEADS.len())]);
            (0..next(9)).for_each(|_| text.push_str(PIECES[next(PIECES.len())]));
            if let Ok(url) = parse(&text) {
                // `x:` has an opaque path, where blanks stay.
                let is_clean =
                    |b: u8| b.is_ascii_graphic() || (b == b' ' && text.starts_with("x:"));
                assert!(url.as_str().bytes().all(is_clean), "{text:?} {url}");
                assert_eq!(parse(url.as_str()).as_ref(), Ok(&url), "{text:?}");
                read += 1;
            }
        }
        assert!(read > 5_000, "{read}");
    }

    #[test]
    fn the_length_is_bounded() {
        let text = |len: usize| {
            let mut text = String::from("http://a.test/");
            text.extend(core::iter::repeat_n('x', len - text.len()));
            text
        };
        assert!(parse(text(URL_BYTES_MAX)).is_ok());
        let got = parse(text(URL_BYTES_MAX + 1)).unwrap_err();
        assert!(matches!(got, UrlError::InvalidUrl { reason: Reason::TooLong, .. }), "{got:?}");
    }
}
