//! The session before the first call: settings, cookies, mounted adapters.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.1.

use serde_json::Value;

use super::fields::{self, FieldsSpec, Headers, Proxies};
use super::{
    AuthSpec, CertSpec, Given, Hooks, VerifySpec, count, flag, given, hooks, integer, items,
    number, optional, text, wrong,
};
use crate::peer::Malformed;

/// Settings of a session; what is absent keeps the library's default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionSpec {
    /// Whether the default headers are taken away first.
    pub without_default_headers: bool,
    /// Set onto the default headers.
    pub headers: Headers,
    /// For the query of every call.
    pub params: Given<FieldsSpec>,
    /// For every call.
    pub auth: Given<AuthSpec>,
    /// Put into the jar.
    pub cookies: Vec<CookieSpec>,
    /// For every call.
    pub proxies: Given<Proxies>,
    /// For every call.
    pub hooks: Given<Hooks>,
    /// Certificate checks.
    pub verify: Given<VerifySpec>,
    /// Client certificate.
    pub cert: Given<CertSpec>,
    /// How many redirects are followed.
    pub max_redirects: Option<i64>,
    /// Whether the environment counts.
    pub trust_env: Option<bool>,
    /// Whether bodies are left to be read.
    pub stream: Option<bool>,
    /// In order, on top of the two defaults.
    pub mounts: Vec<MountSpec>,
    /// How user and password of a proxy's URL are shown to it. requests has no such setting; it is
    /// for cases of others.
    pub proxy_auth: Option<ProxyAuthSpec>,
    /// How long a body may be that is collected. requests has no such setting.
    pub body_bytes_max: Option<i64>,
}

/// `proxy_auth` of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyAuthSpec {
    /// `"basic"`: with the first request.
    Basic,
    /// `"digest"`: when the proxy asks for it.
    Digest,
}

/// A cookie to be set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CookieSpec {
    /// Its name.
    pub name: String,
    /// Its value; `None` deletes the cookie.
    pub value: Option<String>,
    /// Its domain; empty goes to every host.
    pub domain: String,
    /// Its path.
    pub path: String,
    /// For secure schemes only.
    pub secure: bool,
    /// When it ends, in Unix seconds.
    pub expires: Option<f64>,
    /// The port it is bound to.
    pub port: Option<String>,
    /// Not for scripts.
    pub http_only: bool,
}

/// What is given for the `cookies` of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum CookiesSpec {
    /// Names and values (domain empty).
    Plain(Vec<(String, Option<String>)>),
    /// A jar.
    Jar(Vec<CookieSpec>),
}

/// An adapter and the prefix it serves.
#[derive(Clone, Debug, PartialEq)]
pub struct MountSpec {
    /// Of URLs.
    pub prefix: String,
    /// What is mounted.
    pub adapter: AdapterSpec,
}

/// The settings of an adapter.
#[derive(Clone, Debug, PartialEq)]
pub struct AdapterSpec {
    /// Retries.
    pub max_retries: RetrySpec,
    /// How many pools it keeps.
    pub pool_connections: usize,
    /// How many connections a pool keeps.
    pub pool_maxsize: usize,
}

/// Retries as urllib3's `Retry` has them.
#[derive(Clone, Debug, PartialEq)]
pub struct RetrySpec {
    /// Of all kinds together.
    pub total: Count,
    /// After failed connects.
    pub connect: Count,
    /// After failed reads.
    pub read: Count,
    /// After redirects.
    pub redirect: Count,
    /// After statuses of the list.
    pub status: Count,
    /// After anything else.
    pub other: Count,
    /// For which methods.
    pub allowed_methods: Methods,
    /// Which statuses are retried.
    pub status_forcelist: Vec<u16>,
    /// Seconds; doubled from failure to failure.
    pub backoff_factor: f64,
    /// The longest wait in seconds.
    pub backoff_max: f64,
    /// The longest Retry-After that is heeded, in seconds.
    pub retry_after_max: f64,
    /// Whether a status that stays is an error.
    pub raise_on_status: bool,
    /// Whether Retry-After counts.
    pub respect_retry_after_header: bool,
}

/// How many retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// `false`: none, and the error is passed on as it is.
    Off,
    /// `null`: no limit of its own.
    Unlimited,
    /// This many.
    At(i64),
}

/// Which methods are retried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Methods {
    /// The idempotent ones.
    Default,
    /// `null` or `false`: all.
    Any,
    /// These.
    Only(Vec<String>),
}

impl SessionSpec {
    pub(super) fn parse(session: &Value) -> Result<Self, Malformed> {
        Ok(Self {
            without_default_headers: session["default_headers"] == false,
            headers: fields::headers(&session["headers"])?,
            params: given(session, "params", fields::spec)?,
            auth: given(session, "auth", AuthSpec::parse)?,
            cookies: all(&session["cookies"], CookieSpec::parse)?,
            proxies: given(session, "proxies", fields::proxies)?,
            hooks: given(session, "hooks", hooks::parse)?,
            verify: given(session, "verify", VerifySpec::parse)?,
            cert: given(session, "cert", CertSpec::parse)?,
            max_redirects: optional(session, "max_redirects", integer)?,
            trust_env: optional(session, "trust_env", flag)?,
            stream: optional(session, "stream", flag)?,
            mounts: all(&session["mounts"], MountSpec::parse)?,
            proxy_auth: optional(session, "proxy_auth", ProxyAuthSpec::parse)?,
            body_bytes_max: optional(session, "body_bytes_max", integer)?,
        })
    }
}

impl ProxyAuthSpec {
    fn parse(auth: &Value) -> Result<Self, Malformed> {
        match auth.as_str() {
            Some("basic") => Ok(Self::Basic),
            Some("digest") => Ok(Self::Digest),
            Some(_) | None => Err(wrong("proxy_auth", auth)),
        }
    }
}

impl CookieSpec {
    /// Reads `[name, value]` or COOKIE.
    pub(super) fn parse(cookie: &Value) -> Result<Self, Malformed> {
        if let Value::Array(pair) = cookie {
            let [name, value] = pair.as_slice() else { return Err(wrong("cookie", cookie)) };
            let value = if value.is_null() { None } else { Some(text(value)?) };
            return Ok(Self { name: text(name)?, value, path: "/".to_owned(), ..Self::default() });
        }
        let port = |port: &Value| Ok(port.as_str().map_or_else(|| port.to_string(), str::to_owned));
        Ok(Self {
            name: text(&cookie["name"])?,
            value: optional(cookie, "value", text)?,
            domain: optional(cookie, "domain", text)?.unwrap_or_default(),
            path: optional(cookie, "path", text)?.unwrap_or_else(|| "/".to_owned()),
            secure: optional(cookie, "secure", flag)?.unwrap_or(false),
            expires: optional(cookie, "expires", number)?,
            port: optional(cookie, "port", port)?,
            http_only: optional(cookie, "http_only", flag)?.unwrap_or(false),
        })
    }
}

impl CookiesSpec {
    pub(super) fn parse(cookies: &Value) -> Result<Self, Malformed> {
        match cookies {
            Value::Object(_) => all(&cookies["jar"], CookieSpec::parse).map(Self::Jar),
            pairs => {
                let plain = all(pairs, CookieSpec::parse)?.into_iter();
                Ok(Self::Plain(plain.map(|cookie| (cookie.name, cookie.value)).collect()))
            }
        }
    }
}

impl MountSpec {
    fn parse(mount: &Value) -> Result<Self, Malformed> {
        let adapter = AdapterSpec::parse(&mount["adapter"])?;
        Ok(Self { prefix: text(&mount["prefix"])?, adapter })
    }
}

impl AdapterSpec {
    pub(super) fn parse(adapter: &Value) -> Result<Self, Malformed> {
        Ok(Self {
            max_retries: RetrySpec::parse(&adapter["max_retries"])?,
            pool_connections: optional(adapter, "pool_connections", count)?.unwrap_or(10),
            pool_maxsize: optional(adapter, "pool_maxsize", count)?.unwrap_or(10),
        })
    }
}

impl RetrySpec {
    /// What `HTTPAdapter` makes of a number of retries; 0 is what it has without.
    #[must_use]
    pub fn of(total: Count, read: Count) -> Self {
        Self {
            total,
            connect: Count::Unlimited,
            read,
            redirect: Count::Unlimited,
            status: Count::Unlimited,
            other: Count::Unlimited,
            allowed_methods: Methods::Default,
            status_forcelist: Vec::new(),
            backoff_factor: 0.0,
            backoff_max: 120.0,
            retry_after_max: 21_600.0,
            raise_on_status: true,
            respect_retry_after_header: true,
        }
    }

    /// Reads `max_retries`: a number, an object, or nothing.
    ///
    /// # Errors
    /// If it is something else, or a member is.
    pub fn parse(retries: &Value) -> Result<Self, Malformed> {
        let object = match retries {
            Value::Null => return Ok(Self::of(Count::At(0), Count::Off)),
            Value::Number(_) if retries == 0 => return Ok(Self::of(Count::At(0), Count::Off)),
            Value::Number(_) | Value::Bool(_) => {
                return Ok(Self::of(Count::parse(retries)?, Count::Unlimited));
            }
            object => object,
        };
        let limit = |name: &str, default: Count| object.get(name).map_or(Ok(default), Count::parse);
        let or = |name: &str, default: f64| {
            optional(object, name, number).map(|found| found.unwrap_or(default))
        };
        let on = |name: &str| optional(object, name, flag).map(|found| found.unwrap_or(true));
        let status = |status: &Value| {
            integer(status)?.try_into().map_err(|_| wrong("status_forcelist", object))
        };
        Ok(Self {
            total: limit("total", Count::At(10))?,
            connect: limit("connect", Count::Unlimited)?,
            read: limit("read", Count::Unlimited)?,
            redirect: limit("redirect", Count::Unlimited)?,
            status: limit("status", Count::Unlimited)?,
            other: limit("other", Count::Unlimited)?,
            allowed_methods: Methods::parse(object)?,
            status_forcelist: all(&object["status_forcelist"], status)?,
            backoff_factor: or("backoff_factor", 0.0)?,
            backoff_max: or("backoff_max", 120.0)?,
            retry_after_max: or("retry_after_max", 21_600.0)?,
            raise_on_status: on("raise_on_status")?,
            respect_retry_after_header: on("respect_retry_after_header")?,
        })
    }
}

impl Count {
    fn parse(value: &Value) -> Result<Self, Malformed> {
        match value {
            Value::Null => Ok(Self::Unlimited),
            Value::Bool(false) => Ok(Self::Off),
            // As Python counts.
            Value::Bool(true) => Ok(Self::At(1)),
            number => integer(number).map(Self::At),
        }
    }
}

impl Methods {
    fn parse(retries: &Value) -> Result<Self, Malformed> {
        match retries.get("allowed_methods") {
            None => Ok(Self::Default),
            Some(Value::Null | Value::Bool(false)) => Ok(Self::Any),
            Some(methods) => all(methods, text).map(Self::Only),
        }
    }
}

fn all<T>(
    list: &Value,
    parse: impl Fn(&Value) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    items(list)?.iter().map(parse).collect()
}
