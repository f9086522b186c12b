//! Decisions: functions from values to a verdict with its reason.

pub mod adapter;
pub mod addresses;
pub mod authorization;
pub mod backoff;
pub mod bypass;
pub mod credentials;
pub mod digest;
pub mod fields;
pub mod framing;
pub mod interim;
pub mod merge;
pub mod method;
pub mod origin;
pub mod proxies;
pub mod proxy;
pub mod rebuild;
pub mod redirect;
pub mod retry;
pub mod retry_after;
pub mod reuse;
pub mod settings;
pub mod status;
pub mod upgrade;
