//! What every sessio runtime needs of the operating system, or would otherwise write a second time.
//!
//! A runtime crate is a loop around the core. Everything about it that is the same over threads, an
//! executor or an event loop is here: sockets, clocks, name look-ups, the environment, files, the
//! session that clones share, hooks and custom auth, errors. Users name their runtime crate alone,
//! which exports what they need of this one.

mod attached;
pub mod blocking;
mod call;
pub mod clock;
pub mod cuts;
pub mod environment;
mod error;
pub mod files;
pub mod io;
pub mod keys;
pub mod kit;
pub mod look;
pub mod redirects;
pub mod reply;
pub mod resolve;
pub mod seed;
pub mod shared;
pub mod socket;
mod start;
mod upgraded;
pub mod upload;
mod verbs;
pub mod waiting;

pub use attached::Attached;
pub use call::{Call, Finished, Looking};
pub use error::{Error, Result};
pub use kit::{AuthFlow, AuthVerdict, BoxError, Hook, HookId, HookResult, Verdict};
pub use reply::{Feed, More, Reply};
pub use shared::{SessionGuard, SharedSession, Wake};
pub use start::{Begun, begin, new_core, one_use};
pub use upgraded::Upgraded;
pub use waiting::Waiters;
