//! What a vector does to a session besides sending requests.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.2.

use serde_json::Value;

use super::fields::{self, FieldsSpec, Proxies, Scalar};
use super::{
    AdapterSpec, AuthSpec, CertSpec, CookieSpec, VerifySpec, flag, integer, items, number,
    optional, text, wrong,
};
use crate::peer::Malformed;

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Serialises and restores the session; connections are lost.
    Pickle,
    /// Closes the session.
    Close,
    /// Puts a cookie into the jar.
    SetCookie(CookieSpec),
    /// Takes cookies of that name out, of one domain and path or of all.
    DeleteCookie {
        /// Its name.
        name: String,
        /// Its domain.
        domain: Option<String>,
        /// Its path.
        path: Option<String>,
    },
    /// Takes out what fits: everything, or a domain, a path there, a name there.
    ClearCookies(Vec<String>),
    /// Takes out cookies without an expiry.
    ClearSessionCookies,
    /// Takes out cookies whose expiry has passed.
    ClearExpiredCookies,
    /// Looks a cookie up and returns `value`.
    GetCookie {
        /// Its name.
        name: String,
        /// Its domain.
        domain: Option<String>,
        /// Its path.
        path: Option<String>,
    },
    /// Sets a header of the session; `Null` is stored.
    SetHeader(String, Scalar),
    /// Deletes a header of the session.
    DeleteHeader(String),
    /// Sets an attribute of the session.
    Set(Setting),
    /// Mounts an adapter.
    Mount(String, AdapterSpec),
    /// Lets this many seconds of wall clock pass.
    AdvanceClock(f64),
    /// Sets or removes an environment variable; the value may name a place.
    SetEnvironment(String, Option<String>),
}

/// An attribute of a session.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// `None` takes it away.
    Auth(Option<AuthSpec>),
    /// `None` takes them away.
    Proxies(Option<Proxies>),
    /// `None` takes them away.
    Params(Option<FieldsSpec>),
    /// Certificate checks; `None` is null.
    Verify(Option<VerifySpec>),
    /// Client certificate; `None` is none.
    Cert(Option<CertSpec>),
    /// How many redirects are followed.
    MaxRedirects(i64),
    /// Whether the environment counts.
    TrustEnv(bool),
    /// Whether bodies are left to be read.
    Stream(bool),
}

impl Operation {
    pub(super) fn parse(name: &str, step: &Value) -> Result<Self, Malformed> {
        let own = |member: &str| text(&step[member]);
        let perhaps = |member: &str| optional(step, member, text);
        Ok(match name {
            "pickle" => Self::Pickle,
            "close" => Self::Close,
            // A value of None deletes, wherever domain and path do not say.
            "set_cookie" if step["cookie"]["value"].is_null() => Self::DeleteCookie {
                name: text(&step["cookie"]["name"])?,
                domain: optional(&step["cookie"], "domain", text)?,
                path: optional(&step["cookie"], "path", text)?,
            },
            "set_cookie" => Self::SetCookie(CookieSpec::parse(&step["cookie"])?),
            "delete_cookie" => Self::DeleteCookie {
                name: own("name")?,
                domain: perhaps("domain")?,
                path: perhaps("path")?,
            },
            "clear_cookies" => {
                let which = items(&step["args"])?.iter().map(text);
                Self::ClearCookies(which.collect::<Result<_, _>>()?)
            }
            "clear_session_cookies" => Self::ClearSessionCookies,
            "clear_expired_cookies" => Self::ClearExpiredCookies,
            "get_cookie" => Self::GetCookie {
                name: own("name")?,
                domain: perhaps("domain")?,
                path: perhaps("path")?,
            },
            "set_header" => {
                let pair = Value::Array(vec![step["name"].clone(), step["value"].clone()]);
                let mut headers = fields::headers(&Value::Array(vec![pair]))?;
                let (_, value) = headers.pop().ok_or_else(|| wrong("header", step))?;
                Self::SetHeader(own("name")?, value)
            }
            "delete_header" => Self::DeleteHeader(own("name")?),
            "set" => Self::Set(Setting::parse(step)?),
            "mount" => Self::Mount(own("prefix")?, AdapterSpec::parse(&step["adapter"])?),
            "advance_clock" => Self::AdvanceClock(number(&step["seconds"])?),
            "setenv" => Self::SetEnvironment(own("name")?, perhaps("value")?),
            _ => return Err(wrong("op", step)),
        })
    }
}

impl Setting {
    fn parse(step: &Value) -> Result<Self, Malformed> {
        let value = &step["value"];
        Ok(match step["attr"].as_str() {
            Some("auth") => Self::Auth(optional(step, "value", AuthSpec::parse)?),
            Some("proxies") => Self::Proxies(optional(step, "value", fields::proxies)?),
            Some("params") => Self::Params(optional(step, "value", fields::spec)?),
            Some("verify") => Self::Verify(optional(step, "value", VerifySpec::parse)?),
            Some("cert") => Self::Cert(optional(step, "value", CertSpec::parse)?),
            Some("max_redirects") => Self::MaxRedirects(integer(value)?),
            Some("trust_env") => Self::TrustEnv(flag(value)?),
            Some("stream") => Self::Stream(flag(value)?),
            _ => return Err(wrong("attr", step)),
        })
    }
}
