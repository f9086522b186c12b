//! A tour through a session, and a small client for the command line.
//!
//! `cargo run --release --example http` starts a server on loopback and walks through what a
//! session does: what it sends, what it gets, what it decides and why. With arguments it is a
//! client: `cargo run --release --example http -- --help`.
//!
//! [`runtime`] is the one file that knows over which sockets all this runs.

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
mod store;
mod tour;

use std::process::ExitCode;

use args::Command;

fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Tour) => tour::run(),
        Ok(Command::Help) => help::print(help::HELP),
        Ok(Command::Version) => help::print(help::VERSION),
        Ok(Command::Call(call)) => client::run(&call),
        Err(mistake) => help::usage(&mistake),
    }
}
