//! Whole calls: several at once on one session, with peers, cuts, faults, time and cancels that the
//! input chooses; what must never happen is looked for at every step.
//!
//! Input: a byte for each choice, in the order in which they are made; when there is none left, the
//! peers answer well and every call has to end.

use crate::world::World;

/// Runs one input.
pub fn run(data: &[u8]) {
    World::new(data).run();
}
