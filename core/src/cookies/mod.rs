//! Cookies: their syntax, the rules of RFC 6265bis, and the jar.
//!
//! A [`Jar`] is told the wall clock with each call and reads none itself. What a response sets is
//! judged by [`accept()`], what a request is sent by [`fits()`]; both are pure. The crate
//! `cookie_store` canonicalises domains, matches them on acceptance and computes default paths; its
//! own store is not used, since it reads the clock in parse, insert and match.

mod accept;
mod cookie;
mod date;
mod eviction;
mod jar;
mod limits;
mod line;
mod mapping;
mod memo;
mod netscape;
#[cfg(feature = "json")]
mod saved;
mod set_cookie;
mod shards;
mod site;
mod target;

pub use accept::{Refusal, accept, overlays};
pub use cookie::{BadCookie, Cookie, Reach, SameSite};
pub use date::{BadDate, parse_date};
pub use jar::{Decision, Jar, Verdict};
pub use limits::Limits;
pub use line::CallCookies;
pub use mapping::{Clear, CookieConflict, NoSuchCookie, Which};
pub use memo::Line;
pub use netscape::{BadLine, LineFault, Netscape};
#[cfg(feature = "json")]
pub use saved::{JsonError, RestoreError, SavedCookie, SavedJar};
pub use set_cookie::SetCookie;
pub use site::Site;
pub use target::{Fit, Target, Transport, fits};
