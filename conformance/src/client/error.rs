//! Errors in the form of `expect`.

use serde_json::{Value, json};
use sessio_core::{Error, ErrorKind};

use super::Failure;

/// The public name of a kind in requests; kinds that requests does not have keep their own.
#[must_use]
pub fn kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::MissingSchema => "MissingSchema",
        ErrorKind::InvalidSchema => "InvalidSchema",
        ErrorKind::InvalidUrl => "InvalidURL",
        ErrorKind::InvalidProxyUrl => "InvalidProxyURL",
        ErrorKind::InvalidHeader => "InvalidHeader",
        ErrorKind::InvalidJson => "InvalidJSONError",
        ErrorKind::JsonDecode => "JSONDecodeError",
        ErrorKind::Http => "HTTPError",
        ErrorKind::Connection => "ConnectionError",
        ErrorKind::ConnectTimeout => "ConnectTimeout",
        ErrorKind::ReadTimeout => "ReadTimeout",
        ErrorKind::Ssl => "SSLError",
        ErrorKind::Proxy => "ProxyError",
        ErrorKind::TooManyRedirects => "TooManyRedirects",
        ErrorKind::ChunkedEncoding => "ChunkedEncodingError",
        ErrorKind::ContentDecoding => "ContentDecodingError",
        ErrorKind::StreamConsumed => "StreamConsumedError",
        ErrorKind::Retry => "RetryError",
        ErrorKind::UnrewindableBody => "UnrewindableBodyError",
        ErrorKind::CookieConflict => "CookieConflictError",
        ErrorKind::InvalidMethod => "InvalidMethod",
        ErrorKind::InvalidRequest => "InvalidRequest",
        ErrorKind::TotalTimeout => "TotalTimeout",
        ErrorKind::PoolTimeout => "PoolTimeout",
        ErrorKind::Upload => "Upload",
        ErrorKind::Limit => "Limit",
        ErrorKind::Hook => "HookError",
        _ => "Unknown",
    }
}

/// An ERROR of the format.
#[must_use]
pub fn observed(failure: &Failure) -> Value {
    match failure {
        Failure::Hook => json!({"kind": "HookError"}),
        Failure::Source => json!({"kind": "GenError"}),
        Failure::Unsayable(what) => json!({"kind": "Unsayable", "message": what}),
        Failure::Client(error) => client(error),
    }
}

fn client(error: &Error) -> Value {
    let mut observed = json!({"kind": kind(error.kind()), "message": message(error)});
    if let Some(response) = error.response() {
        observed["response"] = json!({
            "status": response.status.as_u16(),
            "url": response.url().as_str(),
            "history": response.history.iter().map(brief).collect::<Vec<_>>(),
        });
    }
    observed
}

fn brief(response: &sessio_core::Response) -> Value {
    json!({"status": response.status.as_u16(), "url": response.url().as_str()})
}

/// What went wrong, without the request that it befell.
fn message(error: &Error) -> String {
    error.cause().to_string()
}
