//! What recorded results replace by placeholders.
//!
//! The format is described in `oracle/FORMAT.md`, section 4.

/// The values of the client under test that stand for the library's defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// Its `User-Agent`.
    pub user_agent: String,
    /// Its `Accept-Encoding`.
    pub accept_encoding: String,
    /// A `User-Agent` that it adds where the caller removed the header; empty if it adds none.
    pub transport_user_agent: String,
}

/// The length of a multipart boundary, as in the recordings.
const BOUNDARY_LENGTH: usize = 32;

/// The generated multipart boundary of a request or response, if it has one: 32 hexadecimal
/// digits in the content type, or at the start of the body.
#[must_use]
pub fn boundary(content_type: &str, body: &[u8]) -> Option<String> {
    let named = content_type.split_once("boundary=").map(|(_, value)| value);
    let named = named.filter(|value| is_generated(value.as_bytes())).map(str::to_owned);
    named.or_else(|| {
        let start = body.strip_prefix(b"--")?;
        let (name, rest) = start.split_at_checked(BOUNDARY_LENGTH)?;
        let ends = rest.starts_with(b"\r\n") || rest.starts_with(b"--");
        let found = ends && is_generated(name);
        found.then(|| name.iter().copied().map(char::from).collect())
    })
}

/// A header value with its placeholders; `name` is in lower case.
#[must_use]
pub fn normal_header(
    name: &str,
    value: &str,
    defaults: &Defaults,
    boundary: Option<&str>,
) -> String {
    match name {
        "user-agent" if value == defaults.user_agent => "USER-AGENT".to_owned(),
        "user-agent" if !value.is_empty() && value == defaults.transport_user_agent => {
            "TRANSPORT-USER-AGENT".to_owned()
        }
        "accept-encoding" if value == defaults.accept_encoding => "ACCEPT-ENCODING".to_owned(),
        "authorization" | "proxy-authorization" if value.starts_with("Digest ") => {
            let value = replace_quoted(value, "cnonce=\"", "CNONCE");
            replace_quoted(&value, "response=\"", "RESPONSE")
        }
        _ => boundary.map_or_else(|| value.to_owned(), |own| value.replace(own, "BOUNDARY")),
    }
}

/// A body with its boundary replaced.
#[must_use]
pub fn normal_body(body: &[u8], boundary: Option<&str>) -> Vec<u8> {
    let Some(own) = boundary.map(str::as_bytes) else { return body.to_vec() };
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.windows(own.len()).position(|bytes| bytes == own) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(b"BOUNDARY");
        rest = &rest[at + own.len()..];
    }
    out.extend_from_slice(rest);
    out
}

fn is_generated(name: &[u8]) -> bool {
    name.len() == BOUNDARY_LENGTH && name.iter().all(u8::is_ascii_hexdigit)
}

fn replace_quoted(value: &str, opening: &str, placeholder: &str) -> String {
    let Some((before, rest)) = value.split_once(opening) else { return value.to_owned() };
    let Some((_, after)) = rest.split_once('"') else { return value.to_owned() };
    format!("{before}{opening}{placeholder}\"{after}")
}
