//! The test of the tests: each bug that can be planted in the core has to be found.
//!
//! A plant that nothing finds is a place where the simulation is blind.

mod hunt;
mod table;

pub use hunt::{Hunt, Sighting, hunt, named};
pub use sessio_core::planted::Plant;
pub use table::{head, line};
