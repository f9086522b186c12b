//! The deterministic simulation: seeded worlds of honest and hostile peers, many calls on one
//! session, all faults, virtual time, and an independent reference that is asked after every step.
//!
//! A run is a function of its seed and of the code: it replays exactly.

mod answer;
mod call;
mod chain;
mod digest;
mod fault;
mod hear;
mod heard;
mod jar;
mod judge;
mod later;
mod layer;
mod marker;
mod null_tls;
mod odd;
mod random;
mod real_tls;
mod route;
mod rules;
mod run;
mod send;
mod served;
mod setup;
mod spoil;
mod trigger;
mod trust;
mod tunnel;
mod turn;
mod via;
mod wire;
mod world;

mod batch;

pub use batch::{First, Found, Options, Summary, first, replay, simulate};
pub use fault::{Fault, FaultSet, Tally};
pub use run::Violation;
pub use setup::Tls;
