//! A tour through a session, and a small client for the command line.
//!
//! `cargo run --release --example http` starts a server on loopback and walks through what a
//! session does: what it sends, what it gets, what it decides and why. With arguments it is a
//! client: `cargo run --release --example http -- --help`.
//!
//! The `use` line below says over which sockets all this runs, and [`runtime`] how one waits for them:
//! `http_mio` is the same program with another line here.

mod args;
mod client;
mod fields;
mod help;
mod observed;
mod paint;
mod progress;
mod runtime;
mod server;
mod show;
mod start;
mod store;
mod tour;

use std::process::ExitCode;

use sessio_std as sessio;

/// The name of the library.
const LIBRARY: &str = "sessio-std";

/// How it waits, for the title of the tour.
const MANNER: &str = "blocking sockets";

fn main() -> ExitCode {
    start::run()
}
