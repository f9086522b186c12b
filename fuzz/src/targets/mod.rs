//! The targets, one a module: `run` takes an input and panics when its oracle finds something.

pub mod body_framing;
pub mod chunked;
pub mod cookie_date;
pub mod merge_hooks;
pub mod merge_setting;
pub mod netrc;
pub mod redirect;
pub mod response_head;
pub mod set_cookie;
pub mod www_authenticate;
