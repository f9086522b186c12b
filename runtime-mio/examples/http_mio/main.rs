//! The tour and the small client of the example `http`, over `sessio-mio`.
//!
//! `cargo run --release -p sessio-mio --example http_mio`, with or without arguments. The sources are
//! those of `runtime-std/examples/http`; what differs is the `use` line below.

#[path = "../../../runtime-std/examples/http/args.rs"]
mod args;
#[path = "../../../runtime-std/examples/http/client.rs"]
mod client;
#[path = "../../../runtime-std/examples/http/fields.rs"]
mod fields;
#[path = "../../../runtime-std/examples/http/help.rs"]
mod help;
#[path = "../../../runtime-std/examples/http/observed.rs"]
mod observed;
#[path = "../../../runtime-std/examples/http/paint.rs"]
mod paint;
#[path = "../../../runtime-std/examples/http/progress.rs"]
mod progress;
#[path = "../../../runtime-std/examples/http/runtime.rs"]
mod runtime;
#[path = "../../../runtime-std/examples/http/server.rs"]
mod server;
#[path = "../../../runtime-std/examples/http/show.rs"]
mod show;
#[path = "../../../runtime-std/examples/http/start.rs"]
mod start;
#[path = "../../../runtime-std/examples/http/store.rs"]
mod store;
#[path = "../../../runtime-std/examples/http/tour.rs"]
mod tour;

use std::process::ExitCode;

use sessio_mio as sessio;

/// The name of the library.
const LIBRARY: &str = "sessio-mio";

/// How it waits, for the title of the tour.
const MANNER: &str = "an event loop on one thread";

fn main() -> ExitCode {
    start::run()
}
