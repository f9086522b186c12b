//! The session of a scenario, set up in the client.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.1.

use std::time::Duration;

use sessio_core::adapters::Adapter;
use sessio_core::environment::Trust;
use sessio_core::policy::backoff::Backoff;
use sessio_core::policy::merge::Given as CoreGiven;
use sessio_core::policy::proxy::ProxyAuth;
use sessio_core::policy::retry::{
    Count as RetryCount, Methods as RetryMethods, OnStatus, Respect, Retry,
};
use sessio_core::pool::PoolCaps;
use sessio_core::{Headers, Params};

use super::{Client, Failure, HookLog, request};
use crate::scenario::{
    AdapterSpec, Count, FieldsSpec, Given, Methods, ProxyAuthSpec, RetrySpec, Scalar, SessionSpec,
};
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
        // Waits take no time in the vectors, so nothing grows old in one.
        session.set_idle_max(None);
        // requests sends a body at once, whatever `Expect` says.
        session.limits.expect_wait = std::time::Duration::ZERO;
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
        if let Some(auth) = spec.proxy_auth {
            session.proxy_auth = match auth {
                ProxyAuthSpec::Basic => ProxyAuth::Basic,
                ProxyAuthSpec::Digest => ProxyAuth::Digest,
            };
        }
        if let Some(max) = spec.body_bytes_max {
            session.limits.body_bytes_max = u64::try_from(max).unwrap_or(0);
        }
        session.trust_env = trust(spec.trust_env.unwrap_or(true));
        session.stream = spec.stream.unwrap_or(false);
        for mount in &spec.mounts {
            session.mount(mount.prefix.as_str(), adapter(&mount.adapter));
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
#[must_use]
pub fn adapter(spec: &AdapterSpec) -> Adapter {
    let AdapterSpec { max_retries, pool_connections, pool_maxsize } = spec;
    let pool = PoolCaps { pool_connections: *pool_connections, pool_maxsize: *pool_maxsize };
    Adapter { pool, max_retries: retry(max_retries), ..Adapter::default() }
}

/// `max_retries` of an adapter.
#[must_use]
pub fn retry(spec: &RetrySpec) -> Retry {
    let seconds = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or_default();
    let method = |name: &String| name.parse().expect("a method");
    Retry {
        total: retries(spec.total),
        connect: retries(spec.connect),
        read: retries(spec.read),
        redirect: retries(spec.redirect),
        status: retries(spec.status),
        other: retries(spec.other),
        allowed_methods: match &spec.allowed_methods {
            Methods::Default => Retry::default().allowed_methods,
            Methods::Any => RetryMethods::Any,
            Methods::Only(names) => RetryMethods::Only(names.iter().map(method).collect()),
        },
        status_forcelist: spec.status_forcelist.clone(),
        backoff: Backoff {
            factor: seconds(spec.backoff_factor),
            max: seconds(spec.backoff_max),
            jitter: Duration::ZERO,
        },
        retry_after_max: seconds(spec.retry_after_max),
        raise_on_status: if spec.raise_on_status { OnStatus::Raise } else { OnStatus::Return },
        respect: if spec.respect_retry_after_header {
            Respect::RetryAfter
        } else {
            Respect::Nothing
        },
        history: Vec::new(),
    }
}

fn retries(count: Count) -> RetryCount {
    match count {
        Count::Off => RetryCount::Off,
        Count::Unlimited => RetryCount::Unlimited,
        Count::At(number) => RetryCount::Left(u32::try_from(number.max(0)).unwrap_or(u32::MAX)),
    }
}
