//! The targets, one a module: `run` takes an input and panics when its oracle finds something.

pub mod body_framing;
pub mod chunked;
pub mod content_decode;
pub mod cookie_date;
pub mod differential_http;
pub mod exchange;
pub mod merge_hooks;
pub mod merge_setting;
pub mod multipart_out;
pub mod netrc;
pub mod pool;
pub mod redirect;
pub mod request_out;
pub mod response_head;
pub mod set_cookie;
pub mod tls_exchange;
pub mod url_proxy_env;
pub mod www_authenticate;
