//! Which part of the program the command line asks for.

use std::process::ExitCode;

use crate::args::{self, Command};
use crate::{client, help, tour};

/// Runs it.
pub(crate) async fn run() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Tour) => tour::run().await,
        Ok(Command::Help) => help::print(help::HELP),
        Ok(Command::Version) => help::print(help::VERSION),
        Ok(Command::Call(call)) => client::run(&call).await,
        Err(mistake) => help::usage(&mistake),
    }
}
