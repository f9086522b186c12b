//! Whether a request asks for another protocol on its connection, and which one it gets.
//!
//! Source: RFC 9110, sections 7.8 and 15.2.2.

use alloc::string::String;

use super::interim::{Refusal, Upgrade};
use crate::headers::Headers;

/// Whether these fields of a request ask for another protocol: `Connection` has the option
/// `upgrade`, and `Upgrade` names at least one protocol.
///
/// ```
/// use sessio_core::Headers;
/// use sessio_core::policy::interim::Upgrade;
/// use sessio_core::policy::upgrade::asked;
///
/// let mut headers = Headers::new();
/// headers.try_set("Upgrade", "websocket").unwrap();
/// assert_eq!(asked(&headers), Upgrade::NotAsked);
/// headers.try_set("Connection", "keep-alive, Upgrade").unwrap();
/// assert_eq!(asked(&headers), Upgrade::Asked);
/// ```
#[must_use]
pub fn asked(headers: &Headers) -> Upgrade {
    let has_option = || members(headers, "connection").any(|m| m.eq_ignore_ascii_case(b"upgrade"));
    match members(headers, "upgrade").next().is_some() && has_option() {
        true => Upgrade::Asked,
        false => Upgrade::NotAsked,
    }
}

/// The protocols that a 101 with these `Upgrade` fields switches to, as it names them, the lowest
/// layer first.
///
/// Each has to be one that the request asked for, in any case of its letters.
///
/// # Errors
/// [`Refusal::OtherProtocol`] if one is not, or none is named.
pub fn switched<'a>(
    request: &Headers,
    response: impl Iterator<Item = &'a [u8]>,
) -> Result<String, Refusal> {
    let mut named = String::new();
    for protocol in response.flat_map(list) {
        if !members(request, "upgrade").any(|asked| asked.eq_ignore_ascii_case(protocol)) {
            return Err(Refusal::OtherProtocol);
        }
        if !named.is_empty() {
            named.push_str(", ");
        }
        named.push_str(&String::from_utf8_lossy(protocol));
    }
    match named.is_empty() {
        true => Err(Refusal::OtherProtocol),
        false => Ok(named),
    }
}

/// The members of all fields of this name.
fn members<'a>(headers: &'a Headers, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    headers.get_all(name).flat_map(|value| list(value.as_bytes()))
}

/// The members of a list that are not empty.
fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|member| !member.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(connection: &str, upgrade: &str) -> Headers {
        let mut headers = Headers::new();
        headers.try_set("Connection", connection).unwrap();
        headers.try_set("Upgrade", upgrade).unwrap();
        headers
    }

    #[test]
    fn it_takes_both_fields_to_ask() {
        let rows = [
            ("upgrade", "websocket", Upgrade::Asked),
            ("Keep-Alive ,UPGRADE", "a/1, b", Upgrade::Asked),
            ("upgrade", "", Upgrade::NotAsked),
            ("upgrade", ", ,", Upgrade::NotAsked),
            ("keep-alive", "websocket", Upgrade::NotAsked),
            ("upgraded", "websocket", Upgrade::NotAsked),
        ];
        for (connection, upgrade, want) in rows {
            assert_eq!(asked(&headers(connection, upgrade)), want, "{connection}: {upgrade}");
        }
        assert_eq!(asked(&Headers::new()), Upgrade::NotAsked);
    }

    #[test]
    fn only_what_was_asked_for_may_be_switched_to() {
        let other = Err(Refusal::OtherProtocol);
        let rows: [(&str, &[&str], Result<&str, Refusal>); 7] = [
            ("websocket", &["websocket"], Ok("websocket")),
            ("websocket", &["WebSocket"], Ok("WebSocket")),
            ("a/1, b", &["b", " a/1 ,"], Ok("b, a/1")),
            ("websocket", &["h2c"], other),
            ("websocket", &["websocket, h2c"], other),
            ("websocket", &[], other),
            ("websocket", &[" ,"], other),
        ];
        for (asked, answered, want) in rows {
            let fields = answered.iter().map(|value| value.as_bytes());
            let got = switched(&headers("upgrade", asked), fields);
            assert_eq!(got.as_deref().map_err(|why| *why), want, "{asked}: {answered:?}");
        }
    }
}
