//! The jar as a dictionary, under requests' names.
//!
//! Source: `RequestsCookieJar` in requests 2.34.2, `cookies.py`; `CookieJar.clear` in
//! `http.cookiejar`. Domains and paths are compared as they are shown, a leading dot included.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::cookie::{BadCookie, Cookie};
use super::jar::Jar;
use crate::WallTime;

/// More than one cookie has the name that was asked for; say its domain or path too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieConflict {
    /// The name.
    pub name: String,
}

impl fmt::Display for CookieConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there are multiple cookies with name {:?}", self.name)
    }
}

impl core::error::Error for CookieConflict {}

/// Nothing was there to clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchCookie;

impl fmt::Display for NoSuchCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such cookie")
    }
}

impl core::error::Error for NoSuchCookie {}

/// What [`Jar::clear`] removes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clear<'a> {
    /// Everything.
    All,
    /// All cookies of a domain.
    Domain(&'a str),
    /// All cookies of a domain and path.
    Path(&'a str, &'a str),
    /// The cookie of a domain, path and name.
    Cookie(&'a str, &'a str, &'a str),
}

/// Which cookies are written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    #[default]
    All,
    /// Those that do not end with the session ([`Cookie::is_discarded`]).
    Lasting,
}

impl Which {
    pub(super) const fn has(self, cookie: &Cookie) -> bool {
        match self {
            Self::All => true,
            Self::Lasting => !cookie.discard,
        }
    }
}

impl Jar {
    /// A jar with a cookie for every host from each pair; of one name twice the last counts.
    ///
    /// Source: `cookiejar_from_dict`.
    ///
    /// # Errors
    /// A cookie could not go into a header field.
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Result<Self, BadCookie> {
        let mut jar = Self::new();
        pairs.into_iter().try_for_each(|(name, value)| jar.set(made(name, value)))?;
        Ok(jar)
    }

    /// All cookies: domain by domain and path by path, each in the order of its first cookie.
    pub fn iter(&self) -> impl Iterator<Item = &Cookie> {
        let mut cookies: Vec<&Cookie> = self.by_creation().collect();
        // Two stable passes by first appearance group without further keys.
        group(&mut cookies, |cookie| (&cookie.domain, &cookie.path));
        group(&mut cookies, |cookie| (&cookie.domain, ""));
        cookies.into_iter()
    }

    /// The names, in the order of [`Jar::iter`].
    #[must_use]
    pub fn keys(&self) -> Vec<&str> {
        self.iter().map(Cookie::name).collect()
    }

    /// The values, in the order of [`Jar::iter`].
    #[must_use]
    pub fn values(&self) -> Vec<Option<&str>> {
        self.iter().map(Cookie::value).collect()
    }

    /// Names and values, in the order of [`Jar::iter`].
    #[must_use]
    pub fn items(&self) -> Vec<(&str, Option<&str>)> {
        self.iter().map(|cookie| (cookie.name(), cookie.value())).collect()
    }

    /// The value of the cookie called `name`; none if there is none, or it has no value.
    ///
    /// # Errors
    /// There are more of that name.
    pub fn get(&self, name: &str) -> Result<Option<&str>, CookieConflict> {
        self.get_in(name, None, None)
    }

    /// The same among those of a domain, a path, or both.
    ///
    /// # Errors
    /// There are more of that name.
    pub fn get_in(
        &self,
        name: &str,
        domain: Option<&str>,
        path: Option<&str>,
    ) -> Result<Option<&str>, CookieConflict> {
        let cookies = self.shards.values().flatten();
        let mut values = cookies
            .filter(|cookie| cookie.name == name && is_in(cookie, domain, path))
            .filter_map(Cookie::value);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(CookieConflict { name: String::from(name) }),
            (value, None) => Ok(value),
        }
    }

    /// Whether a cookie of that name has a value.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.shards.values().flatten().any(|cookie| cookie.name == name && cookie.value.is_some())
    }

    /// Removes all cookies called `name`, and says how many.
    pub fn remove(&mut self, name: &str) -> usize {
        self.remove_in(name, None, None)
    }

    /// The same among those of a domain, a path, or both.
    ///
    /// Source: `remove_cookie_by_name`.
    pub fn remove_in(&mut self, name: &str, domain: Option<&str>, path: Option<&str>) -> usize {
        self.retain(None, |cookie| cookie.name != name || !is_in(cookie, domain, path)).len()
    }

    /// Removes what `what` says, and says how many.
    ///
    /// # Errors
    /// A domain, path or cookie was named that is not there.
    pub fn clear(&mut self, what: Clear<'_>) -> Result<usize, NoSuchCookie> {
        let removed = self.retain(None, |cookie| match what {
            Clear::All => false,
            Clear::Domain(domain) => cookie.domain != domain,
            Clear::Path(domain, path) => cookie.domain != domain || cookie.path != path,
            Clear::Cookie(domain, path, name) => {
                cookie.domain != domain || cookie.path != path || cookie.name != name
            }
        });
        if removed.is_empty() && what != Clear::All { Err(NoSuchCookie) } else { Ok(removed.len()) }
    }

    /// Removes the cookies that end with the session.
    pub fn clear_session_cookies(&mut self) {
        self.retain(None, |cookie| !cookie.discard);
    }

    /// Removes the cookies whose time has come at `now`.
    pub fn clear_expired_cookies(&mut self, now: WallTime) {
        self.retain(None, |cookie| !cookie.is_expired(now));
    }

    /// Every domain once, in the order of [`Jar::iter`].
    #[must_use]
    pub fn list_domains(&self) -> Vec<&str> {
        once_each(self.iter().map(Cookie::domain))
    }

    /// Every path once, in the order of [`Jar::iter`].
    #[must_use]
    pub fn list_paths(&self) -> Vec<&str> {
        once_each(self.iter().map(Cookie::path))
    }

    /// Whether a domain has more than one cookie: what requests answers under this name.
    #[must_use]
    pub fn multiple_domains(&self) -> bool {
        self.list_domains().len() < self.len()
    }

    /// Names and values of the cookies of a domain, a path, or both. Of a name that occurs twice
    /// the first place and the last value.
    #[must_use]
    pub fn get_dict(&self, domain: Option<&str>, path: Option<&str>) -> Vec<(&str, Option<&str>)> {
        let (mut pairs, mut places) = (Vec::new(), BTreeMap::new());
        for cookie in self.iter().filter(|cookie| is_in(cookie, domain, path)) {
            let place = *places.entry(cookie.name()).or_insert(pairs.len());
            match pairs.get_mut(place) {
                Some((_, value)) => *value = cookie.value(),
                None => pairs.push((cookie.name(), cookie.value())),
            }
        }
        pairs
    }

    /// Puts in the cookies of `other`; they take the place of those with their domain, path and
    /// name.
    pub fn update(&mut self, other: &Self) {
        for cookie in other.iter() {
            self.insert(cookie.clone());
        }
    }

    /// Puts in a cookie for every host for each pair whose name no cookie of the jar has.
    ///
    /// Source: `merge_cookies` with a dictionary.
    ///
    /// # Errors
    /// A cookie could not go into a header field; then none is put in.
    pub fn add_missing<'a>(
        &mut self,
        pairs: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Result<(), BadCookie> {
        let given = Self::from_pairs(pairs)?;
        let known: BTreeSet<String> = self.iter().map(|own| own.name.clone()).collect();
        for cookie in given.iter().filter(|cookie| !known.contains(cookie.name())) {
            self.insert(cookie.clone());
        }
        Ok(())
    }
}

fn made(name: &str, value: Option<&str>) -> Cookie {
    value.map_or_else(|| Cookie::valueless(name), |value| Cookie::new(name, value))
}

fn is_in(cookie: &Cookie, domain: Option<&str>, path: Option<&str>) -> bool {
    domain.is_none_or(|domain| cookie.domain == domain)
        && path.is_none_or(|path| cookie.path == path)
}

/// Brings those with equal keys together, in the order of the first of each.
fn group<'a>(cookies: &mut [&'a Cookie], key: impl Fn(&'a Cookie) -> (&'a str, &'a str)) {
    let mut first = BTreeMap::new();
    for (number, cookie) in cookies.iter().enumerate() {
        first.entry(key(cookie)).or_insert(number);
    }
    cookies.sort_by_key(|cookie| first.get(&key(cookie)).copied());
}

fn once_each<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    names.filter(|name| seen.insert(*name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(cookies: &[(&str, &str, &str)]) -> Jar {
        let mut jar = Jar::new();
        for (name, domain, path) in cookies {
            let cookie = Cookie::new(*name, [*domain, *path].concat());
            jar.set(cookie.with_domain(*domain).with_path(*path)).unwrap();
        }
        jar
    }

    #[test]
    fn iteration_goes_by_domain_then_path_then_age() {
        let jar = jar(&[
            ("a", "b.test", "/"),
            ("b", "a.test", "/x"),
            ("c", "b.test", "/y"),
            ("d", "a.test", "/"),
            ("e", "b.test", "/"),
            ("f", "a.test", "/x"),
        ]);
        assert_eq!(jar.keys(), ["a", "e", "c", "b", "f", "d"]);
        assert_eq!(jar.list_domains(), ["b.test", "a.test"]);
        assert_eq!(jar.list_paths(), ["/", "/y", "/x"]);
        assert_eq!(jar.items()[1], ("e", Some("b.test/")));
        assert_eq!(jar.values()[1], Some("b.test/"));
    }

    #[test]
    fn an_ambiguous_name_is_a_conflict_until_its_place_is_said() {
        let jar = jar(&[("k", "a.test", "/"), ("k", "b.test", "/x"), ("j", "a.test", "/")]);
        let rows = [
            ("j", None, None, Ok(Some("a.test/"))),
            ("none", None, None, Ok(None)),
            ("k", None, None, Err(CookieConflict { name: "k".into() })),
            ("k", Some("a.test"), None, Ok(Some("a.test/"))),
            ("k", None, Some("/x"), Ok(Some("b.test/x"))),
            ("k", Some("b.test"), Some("/"), Ok(None)),
        ];
        for (name, domain, path, want) in rows {
            assert_eq!(jar.get_in(name, domain, path), want, "{name} {domain:?} {path:?}");
        }
        assert!(jar.contains("k") && !jar.contains("none"));
    }

    #[test]
    fn clearing_removes_what_it_says_and_nothing_else() {
        let all = [("k", "a.test", "/"), ("k", "b.test", "/x"), ("j", "a.test", "/")];
        let rows = [
            (Clear::All, Ok(3)),
            (Clear::Domain("a.test"), Ok(2)),
            (Clear::Path("b.test", "/x"), Ok(1)),
            (Clear::Cookie("a.test", "/", "j"), Ok(1)),
            (Clear::Domain(".a.test"), Err(NoSuchCookie)),
            (Clear::Path("a.test", "/x"), Err(NoSuchCookie)),
            (Clear::Cookie("b.test", "/x", "j"), Err(NoSuchCookie)),
        ];
        for (what, want) in rows {
            let mut jar = jar(&all);
            assert_eq!(jar.clear(what), want, "{what:?}");
            assert_eq!(jar.len(), 3 - want.unwrap_or(0), "{what:?}");
            assert_eq!(jar.iter().count(), jar.len(), "{what:?}");
        }
        let mut jar = jar(&all);
        assert_eq!(jar.remove_in("k", Some("a.test"), None), 1);
        assert_eq!(jar.remove("k"), 1);
        assert_eq!(jar.keys(), ["j"]);
        assert!(!jar.multiple_domains());
        assert_eq!(Jar::new().clear(Clear::All), Ok(0));
    }

    #[test]
    fn an_update_replaces_and_a_dictionary_only_adds() {
        let mut own = jar(&[("a", "", "/"), ("b", "d.test", "/p")]);
        own.add_missing([("b", Some("9")), ("c", Some("3"))]).unwrap();
        assert_eq!(own.get_dict(None, None).len(), 3);
        assert_eq!(own.get("b"), Ok(Some("d.test/p")));
        own.update(&Jar::from_pairs([("a", Some("1")), ("a", Some("2"))]).unwrap());
        assert_eq!((own.get("a"), own.len()), (Ok(Some("2")), 3));
        assert!(own.add_missing([("x", Some("\n"))]).is_err());
    }
}
