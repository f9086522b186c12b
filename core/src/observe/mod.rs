//! What an observer makes of the decision trace: a drawing, an export, spans, timings.
//!
//! All of them are folded from the same [`Event`](crate::trace::Event)s, of one call or of many that
//! run at once, and hold no more than those: credentials only if the session records
//! [with secrets](crate::trace::Recording::WithSecrets).

#[cfg(feature = "json")]
mod date;
#[cfg(feature = "json")]
mod entry;
#[cfg(feature = "json")]
mod har;
mod ladder;
mod phases;
mod place;
#[cfg(feature = "tracing")]
mod spans;
mod timings;

#[cfg(feature = "json")]
pub use har::Har;
pub use ladder::Ladder;
pub use phases::Phases;
#[cfg(feature = "tracing")]
pub use spans::Spans;
pub use timings::{Timed, TimedHop, Timings};
