//! The user and the password that a URL carries.
//!
//! Source: `get_auth_from_url` in requests 2.34.2, `utils.py`.

use alloc::string::String;

use ::url::Url;
use percent_encoding::percent_decode_str;

use super::parts::Parts;
use crate::Secret;

/// A user and a password out of a URL, with their escapes undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Userinfo {
    /// The user; may be empty.
    pub user: String,
    /// The password; may be empty.
    pub password: Secret<String>,
}

/// User and password of the text of a URL; `None` unless both are there (`u:@a.test` has an empty
/// password, `u@a.test` has none).
///
/// Escapes are undone as UTF-8; bytes that are not UTF-8 become U+FFFD.
#[must_use]
pub fn get_auth_from_url(text: &str) -> Option<Userinfo> {
    let (userinfo, _) = Parts::split(text).authority?.rsplit_once('@')?;
    let (user, password) = userinfo.split_once(':')?;
    Some(decoded(user, password))
}

/// User and password of `url`, which was read from `typed`.
///
/// `Url` does not tell `u:@a.test`, an empty password, from `u@a.test`, none. So a user without a
/// password is looked up in `typed`; everything else is as `url` says. Where there is no other text
/// (a redirect), `typed` is `url.as_str()`.
#[must_use]
pub fn userinfo(url: &Url, typed: &str) -> Option<Userinfo> {
    match (url.username(), url.password()) {
        (user, Some(password)) => Some(decoded(user, password)),
        ("", None) => None,
        (user, None) => {
            let (_, rest) = typed.split_once("://")?;
            let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
            let (before, _) = rest.get(..end)?.rsplit_once('@')?;
            before.ends_with(':').then(|| decoded(user, ""))
        }
    }
}

fn decoded(user: &str, password: &str) -> Userinfo {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Userinfo { user: decode(user), password: Secret::new(decode(password)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn pair(found: Option<Userinfo>) -> Option<(String, String)> {
        found.map(|u| (u.user, u.password.into_inner()))
    }

    #[test]
    fn user_and_password_come_together_or_not_at_all() {
        let rows = [
            ("http://u:p@a.test/", Some(("u", "p"))),
            ("http://u:@a.test/", Some(("u", ""))),
            ("http://:p@a.test/", Some(("", "p"))),
            ("http://u@a.test/", None),
            ("http://@a.test/", None),
            ("http://a.test/x:@y", None),
            ("http://a.test/", None),
            ("http://u%40x:p%2Fq@a.test", Some(("u@x", "p/q"))),
            ("http://%C3%A9:%ff@a.test", Some(("\u{e9}", "\u{fffd}"))),
            ("http://u:p:q@r@a.test", Some(("u", "p:q@r"))),
        ];
        for (text, want) in rows {
            let want = want.map(|(u, p)| (u.into(), p.into()));
            assert_eq!(pair(get_auth_from_url(text)), want, "{text}");
            assert_eq!(pair(userinfo(&Url::parse(text).unwrap(), text)), want, "{text}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let found = get_auth_from_url("http://u:hunter2@a.test/");
        assert!(!format!("{found:?}").contains("hunter2"));
    }
}
