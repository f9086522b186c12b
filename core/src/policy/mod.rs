//! Decisions: functions from values to a verdict with its reason.

pub mod authorization;
pub mod framing;
pub mod interim;
pub mod merge;
pub mod origin;
pub mod redirect;
pub mod reuse;
