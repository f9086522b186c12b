//! The fields that a request gets beside those that were given: cookies and credentials.

use alloc::boxed::Box;
use alloc::vec::Vec;

use http::HeaderValue;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};

use crate::cookies::Jar;
use crate::environment::Trusted;
use crate::error::Error;
use crate::headers::Headers;
use crate::message::auth::Credential;
use crate::message::{Auth, PreparedRequest, RequestError};
use crate::planted::Plant;
use crate::policy::authorization::Header;
use crate::policy::credentials::{Credentials, bearer, latin1};
use crate::time::WallTime;

/// Puts the `Cookie` field in, unless there is one.
///
/// Source: `prepare_cookies` in requests, `models.py`.
pub(crate) fn cookie_field(request: &mut PreparedRequest, jar: &mut Jar, now: WallTime) {
    if jar.is_empty() && request.call_cookies.jar.is_empty() {
        return;
    }
    if request.headers.contains(COOKIE) {
        return;
    }
    if let Some(line) = jar.line(&request.call_cookies, &request.url, now) {
        request.headers.set(COOKIE, line.value);
    }
}

/// The names of the cookies that go along with a request.
pub(crate) fn cookie_names(request: &PreparedRequest) -> Option<Box<str>> {
    request.headers.get(COOKIE).map(|line| names(line.as_bytes()))
}

fn names(line: &[u8]) -> Box<str> {
    let name = |pair: &[u8]| pair.split(|b| *b == b'=').next().unwrap_or_default().to_vec();
    let pairs = line.split(|b| *b == b';').map(|pair| name(pair.trim_ascii()));
    alloc::string::String::from_utf8_lossy(&pairs.collect::<Vec<_>>().join(&b", "[..])).into()
}

/// Whether the caller gave an `Authorization` field.
pub(crate) fn authorization_header(headers: &Headers) -> Header {
    if headers.contains(AUTHORIZATION) { Header::Present } else { Header::Absent }
}

/// Puts credentials in; custom auth is handed back, for the runtime to sign with.
pub(crate) fn authorize<A>(
    request: &mut PreparedRequest,
    auth: Auth<A>,
) -> Result<Option<A>, Error> {
    let (name, value) = match auth {
        Auth::Custom(custom) => return Ok(Some(custom)),
        Auth::Digest(digest) => {
            request.digest = Some(digest);
            return Ok(None);
        }
        Auth::Basic { user, password } => (AUTHORIZATION, basic(user.reveal(), password.reveal())?),
        Auth::ProxyBasic { user, password } => {
            (PROXY_AUTHORIZATION, basic(user.reveal(), password.reveal())?)
        }
        Auth::Bearer(token) => {
            let value = bearer(token.reveal().as_bytes());
            let value =
                value.map_err(|_| crate::headers::HeaderError::Value("authorization".into()));
            (AUTHORIZATION, value?)
        }
    };
    request.headers.set(name, value);
    Ok(None)
}

fn basic(user: &Credential, password: &Credential) -> Result<HeaderValue, RequestError> {
    let bytes = |part: &Credential| match part {
        Credential::Text(text) => latin1(text).map_err(RequestError::Credentials),
        Credential::Bytes(bytes) => Ok(bytes.clone()),
    };
    Ok(Credentials::new(bytes(user)?, bytes(password)?).basic())
}

/// Puts the netrc entry of the URL's host in, if there is one; returns the host.
///
/// Source: `get_netrc_auth` in requests, `utils.py`.
pub(crate) fn netrc_field(
    request: &mut PreparedRequest,
    environment: Trusted<'_>,
) -> Option<Box<str>> {
    let host = request.url.host_str()?;
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let user = Some(request.url.username()).filter(|user| !user.is_empty());
    let host = user.filter(|_| Plant::NetrcHostFromUserinfo.is_on()).unwrap_or(host);
    let user = user.filter(|_| !Plant::NetrcHostFromUserinfo.is_on());
    let login = environment.netrc(host, user)?;
    let value =
        Credentials::new(login.user.reveal().as_bytes(), login.password.reveal().as_bytes());
    let host = host.into();
    request.headers.set(AUTHORIZATION, value.basic());
    Some(host)
}
