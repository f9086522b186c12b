//! A jar as a plain value and as JSON, to be written down and read again.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::cookie::{BadCookie, Cookie, Naming, Reach, SameSite};
use super::jar::Jar;
use super::mapping::Which;
use crate::{Secret, WallTime};

/// The version of the format that [`Jar::save`] writes.
const VERSION: u32 = 1;

/// Every cookie of a jar, those that end with the session included; limits are not part of it.
///
/// It holds the values in the clear, to be kept as safe as the cookies. `Debug` does not show them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedJar {
    /// The version of the format.
    pub version: u32,
    /// The cookies, oldest first.
    pub cookies: Vec<SavedCookie>,
}

/// One cookie of a [`SavedJar`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedCookie {
    /// The name, or the text of a nameless cookie.
    pub name: String,
    /// The value.
    pub value: Option<String>,
    /// The domain as shown, with its dot.
    pub domain: String,
    /// The path.
    pub path: String,
    /// `Secure`.
    #[serde(default)]
    pub secure: bool,
    /// `HttpOnly`.
    #[serde(default)]
    pub http_only: bool,
    /// It ends with the session.
    #[serde(default)]
    pub discard: bool,
    /// It has no name of its own.
    #[serde(default)]
    pub nameless: bool,
    /// It goes to the one host that set it.
    #[serde(default)]
    pub host_only: bool,
    /// Milliseconds since the Unix epoch.
    #[serde(default)]
    pub expires: Option<i64>,
    /// Ports.
    #[serde(default)]
    pub port: Option<String>,
    /// `strict`, `lax` or `none`; anything else is not kept.
    #[serde(default)]
    pub same_site: Option<String>,
}

impl fmt::Debug for SavedCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.nameless { "***" } else { &self.name };
        write!(f, "SavedCookie({name:?} for {:?} {:?})", self.domain, self.path)
    }
}

/// Why a saved jar cannot be restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// It was written by a later version.
    Version(u32),
    /// A cookie in it could not go into a header field.
    Cookie(BadCookie),
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(f, "saved cookies of unknown version {version}"),
            Self::Cookie(_) => f.write_str("unusable cookie among the saved"),
        }
    }
}

impl core::error::Error for RestoreError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Version(_) => None,
            Self::Cookie(bad) => Some(bad),
        }
    }
}

/// Why a text is no saved jar. It does not repeat what the text holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// It is no JSON, or not that of a saved jar; where, both from 1.
    Form {
        /// The line.
        line: usize,
        /// The byte in the line.
        column: usize,
    },
    /// Its cookies cannot be restored.
    Restore(RestoreError),
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form { line, column } => {
                write!(f, "no saved cookies: unreadable at line {line} column {column}")
            }
            Self::Restore(why) => why.fmt(f),
        }
    }
}

impl core::error::Error for JsonError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Form { .. } => None,
            Self::Restore(why) => why.source(),
        }
    }
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        // The message itself may quote a value.
        Self::Form { line: error.line(), column: error.column() }
    }
}

const SAME_SITES: [(&str, SameSite); 3] =
    [("strict", SameSite::Strict), ("lax", SameSite::Lax), ("none", SameSite::None)];

impl Jar {
    /// All cookies as a plain value.
    #[must_use]
    pub fn save(&self) -> SavedJar {
        self.saved(Which::All)
    }

    fn saved(&self, which: Which) -> SavedJar {
        let cookies = self.by_creation().filter(|cookie| which.has(cookie)).map(save).collect();
        SavedJar { version: VERSION, cookies }
    }

    /// The cookies as JSON, with nothing lost; limits are not part of it.
    ///
    /// It holds the values in the clear: keep it as safe as the cookies.
    ///
    /// # Errors
    /// None that is known of: there is nothing in a jar that JSON cannot hold.
    pub fn to_json(&self, which: Which) -> Result<String, JsonError> {
        Ok(serde_json::to_string(&self.saved(which))?)
    }

    /// A jar from what [`Jar::to_json`] wrote, with the default limits.
    ///
    /// # Errors
    /// It is no such text, of a later version, or one of its cookies is none.
    pub fn from_json(text: &str) -> Result<Self, JsonError> {
        Self::restore(serde_json::from_str(text)?).map_err(JsonError::Restore)
    }

    /// A jar with these cookies in this order, and the default limits.
    ///
    /// # Errors
    /// An unknown version, or a cookie that is none.
    pub fn restore(saved: SavedJar) -> Result<Self, RestoreError> {
        if saved.version != VERSION {
            return Err(RestoreError::Version(saved.version));
        }
        let mut jar = Self::new();
        for cookie in saved.cookies.into_iter().map(restore) {
            cookie.check().map_err(RestoreError::Cookie)?;
            jar.insert(cookie);
        }
        Ok(jar)
    }
}

fn save(cookie: &Cookie) -> SavedCookie {
    let name = |same_site| SAME_SITES.iter().find(|(_, known)| *known == same_site);
    SavedCookie {
        name: cookie.name.clone(),
        value: cookie.value().map(ToOwned::to_owned),
        domain: cookie.domain.clone(),
        path: cookie.path.clone(),
        secure: cookie.secure,
        http_only: cookie.http_only,
        discard: cookie.discard,
        nameless: cookie.naming == Naming::Nameless,
        host_only: cookie.reach == Reach::Host,
        expires: cookie.expires.map(WallTime::unix_millis),
        port: cookie.port.clone(),
        same_site: cookie.same_site.and_then(name).map(|(name, _)| String::from(*name)),
    }
}

fn restore(saved: SavedCookie) -> Cookie {
    let known = |name: String| SAME_SITES.iter().find(|(known, _)| *known == name);
    let named = Cookie::valueless(saved.name).with_domain(saved.domain).with_path(saved.path);
    // A cookie for one host that names none would go everywhere; let it go nowhere.
    let reach = if saved.host_only { Reach::Host } else { named.reach };
    Cookie {
        value: saved.value.map(Secret::new),
        secure: saved.secure,
        http_only: saved.http_only,
        discard: saved.discard,
        naming: if saved.nameless { Naming::Nameless } else { Naming::Named },
        reach,
        expires: saved.expires.map(WallTime::from_unix_millis),
        port: saved.port,
        same_site: saved.same_site.and_then(known).map(|(_, same_site)| *same_site),
        ..named
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use url::Url;

    const NOW: WallTime = WallTime::from_unix_seconds(1_700_000_000);

    #[test]
    fn a_jar_comes_back_as_it_was() {
        let url = Url::parse("https://www.a.test/d/").unwrap();
        let mut jar = Jar::new();
        for line in [
            &b"z=1; Path=/; SameSite=Lax; HttpOnly"[..],
            b"a=\"\xff;\"; Domain=a.test; Max-Age=9; Secure",
            b"nameless",
        ] {
            jar.store(line, &url, NOW);
        }
        jar.set(Cookie::new("h", "4").with_port("80")).unwrap();
        let text = serde_json::to_string(&jar.save()).unwrap();
        let saved: SavedJar = serde_json::from_str(&text).unwrap();
        assert!(!format!("{saved:?}").contains("nameless\""), "{saved:?}");
        let again = Jar::restore(saved).unwrap();
        assert_eq!(again, jar);
        assert_eq!(again.header(&url, NOW).map(|line| line.value), {
            jar.header(&url, NOW).map(|line| line.value)
        });
    }

    #[test]
    fn what_was_never_saved_is_not_restored() {
        let later = SavedJar { version: 2, cookies: Vec::new() };
        assert_eq!(Jar::restore(later), Err(RestoreError::Version(2)));
        let mut jar = Jar::new();
        jar.set(Cookie::new("a", "1")).unwrap();
        let mut saved = jar.save();
        saved.cookies[0].value = Some("1\r\nX: y".into());
        let want = Err(RestoreError::Cookie(BadCookie::ControlCharacter));
        assert_eq!(Jar::restore(saved), want);
    }

    #[test]
    fn json_comes_back_and_what_is_none_is_refused_without_quoting_it() {
        let mut jar = Jar::new();
        jar.set(Cookie::new("s", "1")).unwrap();
        jar.set(Cookie::new("l", "é").with_discard(false)).unwrap();
        let text = jar.to_json(Which::All).unwrap();
        assert_eq!(Jar::from_json(&text), Ok(jar.clone()));
        let lasting = Jar::from_json(&jar.to_json(Which::Lasting).unwrap()).unwrap();
        assert_eq!(lasting.keys(), ["l"]);
        let rows = [
            ("", (1, 0)),
            ("{\"version\":1,\n\"cookies\":\"hunter2\"}", (2, 19)),
            ("{\"version\":\"hunter2\"}", (1, 20)),
        ];
        for (text, (line, column)) in rows {
            let error = Jar::from_json(text).unwrap_err();
            assert_eq!(error, JsonError::Form { line, column }, "{text}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
        let later = JsonError::Restore(RestoreError::Version(2));
        assert_eq!(Jar::from_json("{\"version\":2,\"cookies\":[]}"), Err(later));
    }
}
