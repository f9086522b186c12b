//! The tour and the small client of the example `http`, over `sessio-smol`.
//!
//! `cargo run --release -p sessio-smol --example http_smol`, with or without arguments. What never
//! waits is taken from `runtime-std/examples/http`; what waits is beside this file, and differs from
//! there by `async` and `.await` alone, as a test sees to.

#[path = "../../../runtime-std/examples/http/args.rs"]
mod args;
mod client;
mod fields;
#[path = "../../../runtime-std/examples/http/help.rs"]
mod help;
#[path = "../../../runtime-std/examples/http/observed.rs"]
mod observed;
#[path = "../../../runtime-std/examples/http/paint.rs"]
mod paint;
#[path = "../../../runtime-std/examples/http/progress.rs"]
mod progress;
mod runtime;
#[path = "../../../runtime-std/examples/http/server.rs"]
mod server;
#[path = "../../../runtime-std/examples/http/show.rs"]
mod show;
mod start;
#[path = "../../../runtime-std/examples/http/store.rs"]
mod store;
mod tour;

use std::process::ExitCode;

use sessio_smol as sessio;

/// The name of the library.
const LIBRARY: &str = "sessio-smol";

/// How it waits, for the title of the tour.
const MANNER: &str = "smol's reactor, on one thread";

fn main() -> ExitCode {
    async_io::block_on(start::run())
}
