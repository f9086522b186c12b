//! The session of a scenario, set up in the client.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.1.

use sessio_core::adapters::Adapter;
use sessio_core::environment::Trust;
use sessio_core::policy::merge::Given as CoreGiven;
use sessio_core::pool::PoolCaps;
use sessio_core::{Headers, Params};

use super::{Client, Failure, HookLog, request};
use crate::scenario::{AdapterSpec, FieldsSpec, Given, Scalar, SessionSpec};
use crate::value::Text;

/// Gives a fresh session the settings of a scenario.
///
/// # Errors
/// What the client's types do not let a caller say.
pub fn set_up<C: Client>(client: &mut C, spec: &SessionSpec, log: &HookLog) -> Result<(), Failure> {
    let auth = match &spec.auth {
        Given::Value(auth) => CoreGiven::Use(request::auth(client, auth)),
        Given::Absent | Given::Null => CoreGiven::Absent,
    };
    let hooks = match &spec.hooks {
        Given::Value(hooks) => request::hooks(client, hooks, log)?,
        Given::Absent | Given::Null => Vec::new(),
    };
    client.session(|session| -> Result<(), Failure> {
        session.auth = auth;
        session.hooks = hooks.into();
        if spec.without_default_headers {
            session.headers = Headers::new();
        }
        for (name, given) in &spec.headers {
            set_header(&mut session.headers, &request::header_name(name), given)?;
        }
        if let Given::Value(params) = &spec.params {
            session.params = session_params(params)?;
        }
        for cookie in &spec.cookies {
            session.cookies.set(request::cookie(cookie)).expect("a cookie for a header field");
        }
        if let Given::Value(proxies) = &spec.proxies {
            session.proxies = proxies.iter().cloned().collect();
        }
        if let Given::Value(verify) = &spec.verify {
            session.verify = request::verify(verify);
        }
        if let Given::Value(cert) = &spec.cert {
            session.cert = Some(request::certificate(cert));
        }
        if let Some(max) = spec.max_redirects {
            session.max_redirects = usize::try_from(max).unwrap_or(0);
        }
        session.trust_env = trust(spec.trust_env.unwrap_or(true));
        session.stream = spec.stream.unwrap_or(false);
        for mount in &spec.mounts {
            session.mount(mount.prefix.as_str(), adapter(&mount.adapter)?);
        }
        Ok(())
    })
}

/// One switch for the whole environment, as in requests.
#[must_use]
pub const fn trust(trust_env: bool) -> Trust {
    if trust_env { Trust::ALL } else { Trust::NONE }
}

/// Sets a header field of a session; without a value it is taken away.
///
/// # Errors
/// What is no header field.
pub fn set_header(headers: &mut Headers, name: &str, given: &Scalar) -> Result<(), Failure> {
    match request::header_value(name, given)? {
        None => drop(headers.remove(name)),
        Some(value) => headers.try_set(name, value).map_err(sessio_core::Error::from)?,
    }
    Ok(())
}

/// The params of a session.
///
/// # Errors
/// Text, which a session's params cannot be.
pub fn session_params(spec: &FieldsSpec) -> Result<Params, Failure> {
    match spec {
        FieldsSpec::Mapping(fields) | FieldsSpec::List(fields) => Ok(request::params(fields)),
        FieldsSpec::Text(Text::Str(_) | Text::Bytes(_)) => {
            Err(Failure::Unsayable("session params of text".into()))
        }
    }
}

/// An adapter.
///
/// # Errors
/// Retries, which this version does not have.
pub fn adapter(spec: &AdapterSpec) -> Result<Adapter, Failure> {
    let AdapterSpec { max_retries, pool_connections, pool_maxsize } = spec;
    if !max_retries.is_none() {
        return Err(Failure::Unsayable("retries are not built into this version".into()));
    }
    let pool = PoolCaps { pool_connections: *pool_connections, pool_maxsize: *pool_maxsize };
    Ok(Adapter { pool, ..Adapter::default() })
}
