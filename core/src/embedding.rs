//! How to drive the core from a loop of one's own: a chapter for readers, without code.
//!
#![doc = include_str!("embedding.md")]

#[cfg(doc)]
use crate::{Input, Output};
