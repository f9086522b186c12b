//! Digest authentication: which challenge is answered, how, and what is remembered of it.
//!
//! Nothing here sees a connection or a clock, and the client's nonce is given. The values of a
//! challenge and of an answer are text as requests has it: a field is read as ISO-8859-1 and hashed
//! as UTF-8, unless the challenge says `charset=UTF-8`.
//!
//! Source: RFC 7616; RFC 2617, for servers that offer no `qop`; `HTTPDigestAuth` in requests
//! 2.34.2, `auth.py`.

mod algorithm;
mod answer;
mod challenge;
mod login;
mod message;
mod quoted;
mod space;
mod store;

pub use algorithm::{Algorithm, Hash, Session};
pub use answer::{Answered, answer};
pub use challenge::{CHALLENGE_BYTES_MAX, DigestChallenge, Quality, Unusable, choose};
pub use login::{DigestAuth, UserName};
pub use message::{Body, Message};
pub use store::{DIGESTS_MAX, Digests, Server};
