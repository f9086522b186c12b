//! Helpers over the crate `url`: what requests does to a URL before it is used.
