//! Decisions: functions from values to a verdict with its reason.

pub mod framing;
pub mod interim;
pub mod reuse;
