//! A session's state as a value that can be written down: what Python's pickling keeps.
//!
//! Connections, hooks and custom auth do not go along: they belong to the process. The value holds
//! passwords, cookies, and the key of a certificate that was given as text: keep it where only its owner can read it.
//!
//! Source: `Session.__getstate__` and `HTTPAdapter.__getstate__` in requests 2.34.2.

mod adapters;
mod retry;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::adapters::Adapters;
use crate::cookies::{Jar, RestoreError, SavedJar};
use crate::environment::{Facet, Trust};
use crate::headers::{HeaderError, Headers, name, value};
use crate::message::auth::Credential;
use crate::message::{Auth, Certificate, Kit};
use crate::policy::digest::{DigestAuth, UserName};
use crate::policy::merge::Given;
use crate::policy::proxies::Proxies;
use crate::policy::settings::Verify;
use crate::secret::Secret;
use crate::session::Session;
use crate::settings::Timeouts;
use crate::wire::form::{Params, Value};
use adapters::SavedAdapter;

/// The version of the form that is written now.
pub const VERSION: u32 = 1;

/// A session's state: save it with [`Session::save`], and bring it back with [`Session::restore`].
#[derive(Clone, Serialize, Deserialize)]
pub struct SavedSession {
    version: u32,
    headers: Vec<SavedField>,
    params: Vec<(SavedText, SavedValue)>,
    auth: SavedAuth,
    cookies: SavedJar,
    proxies: Vec<(String, Option<String>)>,
    verify: SavedVerify,
    cert: Option<SavedCertificate>,
    stream: bool,
    max_redirects: usize,
    trust_env: SavedTrust,
    timeouts: SavedTimeouts,
    adapters: Vec<SavedAdapter>,
}

#[derive(Clone, Serialize, Deserialize)]
struct SavedField {
    name: String,
    value: SavedText,
    sensitive: bool,
}

#[derive(Clone, Serialize, Deserialize)]
struct SavedTrust {
    proxies: bool,
    ca: bool,
    netrc: bool,
}

#[derive(Clone, Serialize, Deserialize)]
struct SavedTimeouts {
    connect: Option<Duration>,
    read: Option<Duration>,
    total: Option<Duration>,
    pool: Option<Duration>,
}

#[derive(Clone, Serialize, Deserialize)]
enum SavedAuth {
    Absent,
    Off,
    Basic(SavedText, SavedText),
    ProxyBasic(SavedText, SavedText),
    Bearer(String),
    Digest { user: String, password: String, hashed: bool },
}

/// Text where it is some, so that people can read what is saved.
#[derive(Clone, Serialize, Deserialize)]
enum SavedText {
    Text(String),
    Bytes(Vec<u8>),
}

#[derive(Clone, Serialize, Deserialize)]
enum SavedVerify {
    On,
    Off,
    Bundle(String),
    Pem(SavedText),
}

#[derive(Clone, Serialize, Deserialize)]
enum SavedCertificate {
    Both(String),
    Pair(String, String),
    PemBoth(SavedText),
    PemPair(SavedText, SavedText),
}

#[derive(Clone, Serialize, Deserialize)]
enum SavedValue {
    None,
    Text(String),
    Bytes(Vec<u8>),
    Int(String),
    Float(f64),
    Bool(bool),
    List(Vec<SavedValue>),
}

/// Why a saved session cannot be brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreSessionError {
    /// It was written by a later version of this crate.
    Version(u32),
    /// A header field is none.
    Header(HeaderError),
    /// The cookies are not readable.
    Cookies(RestoreError),
    /// A method among those that an adapter retries is none.
    Method,
}

impl fmt::Display for RestoreSessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(
                f,
                "the saved session is of version {version}; this build reads up to {VERSION}"
            ),
            Self::Header(error) => error.fmt(f),
            Self::Cookies(error) => error.fmt(f),
            Self::Method => f.write_str("a method that the saved session retries is none"),
        }
    }
}

impl core::error::Error for RestoreSessionError {}

impl<S, K: Kit> Session<S, K> {
    /// The session's state; custom auth and hooks are left out.
    #[must_use]
    pub fn save(&self) -> SavedSession {
        let Timeouts { connect, read, total, pool } = self.timeouts;
        SavedSession {
            version: VERSION,
            headers: self
                .headers
                .iter()
                .map(|(name, value)| SavedField {
                    name: name.as_str().into(),
                    value: SavedText::of(value.as_bytes()),
                    sensitive: value.is_sensitive(),
                })
                .collect(),
            params: self
                .params
                .iter()
                .map(|(name, value)| (SavedText::of(name), SavedValue::of(value)))
                .collect(),
            auth: SavedAuth::of(self.auth.as_ref()),
            cookies: self.cookies.save(),
            proxies: self
                .proxies
                .iter()
                .map(|(key, proxy)| (key.into(), proxy.map(|p| p.text().reveal().clone())))
                .collect(),
            verify: SavedVerify::of(&self.verify),
            cert: self.cert.as_ref().map(SavedCertificate::of),
            stream: self.stream,
            max_redirects: self.max_redirects,
            trust_env: SavedTrust::of(self.trust_env),
            timeouts: SavedTimeouts { connect, read, total, pool },
            adapters: adapters::save(self.adapters()),
        }
    }

    /// Brings a saved state back: everything that it holds replaces what the session has. Idle
    /// connections are closed; hooks, custom auth and limits stay.
    ///
    /// # Errors
    /// If it is of a later version, or not readable. The session is then as it was.
    pub fn restore(&mut self, saved: SavedSession) -> Result<(), RestoreSessionError> {
        if saved.version > VERSION {
            return Err(RestoreSessionError::Version(saved.version));
        }
        let headers = restore_headers(&saved.headers)?;
        let cookies = Jar::restore(saved.cookies).map_err(RestoreSessionError::Cookies)?;
        let adapters = adapters::restore(saved.adapters)?;
        self.headers = headers;
        self.cookies = cookies;
        self.cert = saved.cert.map(SavedCertificate::into_certificate);
        self.params = Params::new();
        for (name, value) in saved.params {
            self.params.push(name.into_bytes(), value.into_value());
        }
        match saved.auth.into_auth() {
            Some(auth) => self.auth = auth,
            // Custom auth is not saved, so it stays.
            None if matches!(self.auth, Given::Use(Auth::Custom(_))) => {}
            None => self.auth = Given::Absent,
        }
        self.proxies = saved.proxies.into_iter().collect::<Proxies>();
        self.verify = saved.verify.into_verify();
        self.stream = saved.stream;
        self.max_redirects = saved.max_redirects;
        self.trust_env = saved.trust_env.into_trust();
        let SavedTimeouts { connect, read, total, pool } = saved.timeouts;
        self.timeouts = Timeouts { connect, read, total, pool };
        self.close();
        self.adapters = Adapters::empty();
        for (prefix, adapter) in adapters {
            self.mount(prefix, adapter);
        }
        Ok(())
    }
}

fn restore_headers(saved: &[SavedField]) -> Result<Headers, RestoreSessionError> {
    let mut headers = Headers::with_capacity(saved.len());
    for field in saved {
        let name = name(&field.name).map_err(RestoreSessionError::Header)?;
        let content = value(&name, field.value.as_bytes());
        let mut content = content.map_err(RestoreSessionError::Header)?;
        content.set_sensitive(field.sensitive);
        headers.append(name, content);
    }
    Ok(headers)
}

impl SavedText {
    fn of(bytes: &[u8]) -> Self {
        match core::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.into()),
            Err(_) => Self::Bytes(bytes.into()),
        }
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }

    fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl SavedTrust {
    fn of(trust: Trust) -> Self {
        let [proxies, ca, netrc] =
            [trust.proxies, trust.ca, trust.netrc].map(|facet| facet == Facet::Trusted);
        Self { proxies, ca, netrc }
    }

    fn into_trust(self) -> Trust {
        let [proxies, ca, netrc] = [self.proxies, self.ca, self.netrc]
            .map(|trusted| if trusted { Facet::Trusted } else { Facet::Ignored });
        Trust { proxies, ca, netrc }
    }
}

impl SavedVerify {
    fn of(verify: &Verify) -> Self {
        match verify {
            Verify::On => Self::On,
            Verify::Off => Self::Off,
            Verify::Bundle(path) => Self::Bundle(path.clone()),
            Verify::Pem(text) => Self::Pem(SavedText::of(text)),
        }
    }

    fn into_verify(self) -> Verify {
        match self {
            Self::On => Verify::On,
            Self::Off => Verify::Off,
            Self::Bundle(path) => Verify::Bundle(path),
            Self::Pem(text) => Verify::pem(text.into_bytes()),
        }
    }
}

impl SavedCertificate {
    fn of(certificate: &Certificate) -> Self {
        match certificate {
            Certificate::Both(path) => Self::Both(path.clone()),
            Certificate::Pair { certificate, key } => Self::Pair(certificate.clone(), key.clone()),
            Certificate::PemBoth(both) => Self::PemBoth(SavedText::of(both.reveal())),
            Certificate::PemPair { certificate, key } => {
                Self::PemPair(SavedText::of(certificate), SavedText::of(key.reveal()))
            }
        }
    }

    fn into_certificate(self) -> Certificate {
        match self {
            Self::Both(path) => Certificate::Both(path),
            Self::Pair(certificate, key) => Certificate::Pair { certificate, key },
            Self::PemBoth(both) => Certificate::pem(both.into_bytes()),
            Self::PemPair(certificate, key) => {
                Certificate::pem_pair(certificate.into_bytes(), key.into_bytes())
            }
        }
    }
}

impl SavedAuth {
    fn of<A>(auth: Given<&Auth<A>>) -> Self {
        let part = |part: &Secret<Credential>| match part.reveal() {
            Credential::Text(text) => SavedText::Text(text.clone()),
            Credential::Bytes(bytes) => SavedText::Bytes(bytes.clone()),
        };
        match auth {
            Given::Absent | Given::Use(Auth::Custom(_)) => Self::Absent,
            Given::Off => Self::Off,
            Given::Use(Auth::Basic { user, password }) => Self::Basic(part(user), part(password)),
            Given::Use(Auth::ProxyBasic { user, password }) => {
                Self::ProxyBasic(part(user), part(password))
            }
            Given::Use(Auth::Bearer(token)) => Self::Bearer(token.reveal().clone()),
            // What servers asked stays behind: their nonces will be old.
            Given::Use(Auth::Digest(digest)) => Self::Digest {
                user: digest.user().reveal().clone(),
                password: digest.password().reveal().clone(),
                hashed: digest.user_name() == UserName::Hashed,
            },
        }
    }

    fn into_auth<A>(self) -> Option<Given<Auth<A>>> {
        let part = |part| match part {
            SavedText::Text(text) => Credential::Text(text),
            SavedText::Bytes(bytes) => Credential::Bytes(bytes),
        };
        Some(match self {
            Self::Absent => return None,
            Self::Off => Given::Off,
            Self::Basic(user, password) => Given::Use(Auth::basic(part(user), part(password))),
            Self::ProxyBasic(user, password) => {
                Given::Use(Auth::proxy_basic(part(user), part(password)))
            }
            Self::Bearer(token) => Given::Use(Auth::bearer(token)),
            Self::Digest { user, password, hashed } => {
                let name = if hashed { UserName::Hashed } else { UserName::Plain };
                Given::Use(Auth::Digest(DigestAuth::new(user, password).with_user_name(name)))
            }
        })
    }
}

impl SavedValue {
    fn of(value: &Value) -> Self {
        match value {
            Value::None => Self::None,
            Value::Text(text) => Self::Text(text.clone()),
            Value::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
            // JSON has no whole numbers of this size.
            Value::Int(number) => Self::Int(alloc::format!("{number}")),
            Value::Float(number) => Self::Float(*number),
            Value::Bool(flag) => Self::Bool(*flag),
            Value::List(list) => Self::List(list.iter().map(Self::of).collect()),
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::None => Value::None,
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes.into()),
            Self::Int(text) => text.parse().map_or(Value::Text(text), Value::Int),
            Self::Float(number) => Value::Float(number),
            Self::Bool(flag) => Value::Bool(flag),
            Self::List(list) => Value::List(list.into_iter().map(Self::into_value).collect()),
        }
    }
}

impl fmt::Debug for SavedSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SavedSession").field("version", &self.version).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Adapter, Cookie};

    #[test]
    fn a_session_comes_back_as_it_was() {
        let mut session: Session<()> = Session::new(1);
        session.headers.try_set("x-a", "1").unwrap();
        session.headers.try_set("x-b", b"\xff").unwrap();
        session.timeouts.read = Some(Duration::from_millis(1500));
        session.params.push("q", 7);
        session.auth = Given::Use(Auth::basic("u", "p"));
        session.cookies.set(Cookie::new("c", "v").with_domain("a.test")).unwrap();
        session.proxies.set("http", Some("http://u:p@proxy:1"));
        session.max_redirects = 5;
        session.stream = true;
        session.trust_env = Trust::NONE;
        session.mount("http://a.test/", Adapter::default());
        let cert = Some(Certificate::files("c.pem", "k.pem"));
        session.mount("http://b.test/", Adapter { cert: cert.clone(), ..Adapter::with_retries(3) });
        let text = serde_json::to_string(&session.save()).unwrap();
        let mut other: Session<()> = Session::new(2);
        other.restore(serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(serde_json::to_string(&other.save()).unwrap(), text);
        assert_eq!(other.headers.get_str("x-a"), Some("1"));
        assert_eq!(other.adapters().iter().count(), 4);
        let retrying = other.get_adapter("http://b.test/").unwrap();
        assert_eq!(*retrying, Adapter { cert, ..Adapter::with_retries(3) });
    }

    #[test]
    fn roots_and_certificates_come_back_in_each_form() {
        let verify = [Verify::On, Verify::Off, Verify::bundle("/b"), Verify::pem("roots")];
        let cert = [
            Certificate::file("/b"),
            Certificate::files("/c", "/k"),
            Certificate::pem("both"),
            Certificate::pem_pair("certificate", b"\xff".as_slice()),
        ];
        for (verify, cert) in verify.into_iter().zip(cert) {
            let mut session: Session<()> = Session::new(1);
            (session.verify, session.cert) = (verify.clone(), Some(cert.clone()));
            let text = serde_json::to_string(&session.save()).unwrap();
            let mut other: Session<()> = Session::new(2);
            other.restore(serde_json::from_str(&text).unwrap()).unwrap();
            assert_eq!((&other.verify, &other.cert), (&verify, &Some(cert)));
        }
    }

    #[test]
    fn a_saved_session_without_auth_takes_away_what_was_there() {
        let saved = Session::<()>::new(1).save();
        let mut session: Session<()> = Session::new(2);
        session.auth = Given::Use(Auth::basic("u", "p"));
        session.restore(saved).unwrap();
        assert!(matches!(session.auth, Given::Absent));
    }

    #[test]
    fn a_later_version_is_refused_and_changes_nothing() {
        let mut saved = Session::<()>::new(1).save();
        saved.version = VERSION + 1;
        let mut session: Session<()> = Session::new(1);
        session.max_redirects = 3;
        assert_eq!(session.restore(saved), Err(RestoreSessionError::Version(VERSION + 1)));
        assert_eq!(session.max_redirects, 3);
    }
}
