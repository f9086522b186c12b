//! Decisions: functions from values to a verdict with its reason.
