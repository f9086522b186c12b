//! The runner: recorded behaviour of requests against the drivers of sessio.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a command-line program")]

use std::alloc::System;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cap::Cap;
use sessio_conformance::arguments::{self, Command, Hunts, Live, Run, Soak, USAGE};
use sessio_conformance::credentials::table;
use sessio_conformance::divergence::Table;
use sessio_conformance::driver::Name;
use sessio_conformance::live::{Peers, run as run_live};
use sessio_conformance::mio_driver::MioClient;
use sessio_conformance::smol_driver::SmolClient;
use sessio_conformance::std_driver::StdClient;
use sessio_conformance::vectors::Suite;
use sessio_conformance::{report, run, simulate, soak};

/// Counts what is allocated, for `soak`.
#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

/// The exit status of a wrong command line, unreadable files, or a driver that is not built.
const UNUSABLE: u8 = 2;

fn main() -> ExitCode {
    let command = match arguments::parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(error) => {
            eprintln!("error: {error}\n\n{USAGE}");
            return ExitCode::from(UNUSABLE);
        }
    };
    let done = match command {
        Command::Help => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        Command::Divergences => divergences(),
        Command::Live(wanted) => live(&wanted),
        Command::Credentials => Ok(credentials()),
        Command::Run(wanted) => vectors(&wanted),
        Command::Soak(wanted) => soaked(wanted),
        Command::SoakServers => soak_servers(),
        Command::Simulate(options) => Ok(simulation(&options)),
        Command::Plant(wanted) => hunts(&wanted),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(UNUSABLE)
    })
}

fn simulation(options: &simulate::Options) -> ExitCode {
    match simulate::simulate(options) {
        Ok(summary) => {
            println!("{}", summary.text(options.faults));
            ExitCode::SUCCESS
        }
        Err(found) => {
            println!("{found}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(feature = "planted")]
fn hunts(wanted: &Hunts) -> Result<ExitCode, Box<dyn std::error::Error>> {
    use sessio_conformance::plant;

    let plants = plant::named(&wanted.names).map_err(|name| format!("no plant {name:?}"))?;
    // What panics with a plant in it is told in the table.
    std::panic::set_hook(Box::new(|_| {}));
    println!("{}", plant::head());
    let mut missed = Vec::new();
    for planted in plants.iter().copied() {
        let hunt = plant::hunt(Some(planted), wanted.exchanges);
        println!("{}", plant::line(&hunt));
        missed.extend(hunt.seen.is_none().then_some(planted.name()));
    }
    let nothing = plant::hunt(None, wanted.exchanges);
    println!("{}", plant::line(&nothing));
    println!("{} planted, {} not found: {}", plants.len(), missed.len(), missed.join(" "));
    let is_sound = missed.is_empty() && nothing.seen.is_none();
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(not(feature = "planted"))]
fn hunts(_: &Hunts) -> Result<ExitCode, Box<dyn std::error::Error>> {
    Err("this runner is built without the feature `planted`".into())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn divergences() -> Result<ExitCode, Box<dyn std::error::Error>> {
    print!("{}", Table::load(root())?.markdown());
    Ok(ExitCode::SUCCESS)
}

fn live(wanted: &Live) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let peers = Peers::load(&wanted.peers)?;
    let tell = |name: &str, outcome: &Result<(), String>, took: Duration| match outcome {
        Ok(()) => println!("ok     {name} ({} ms)", took.as_millis()),
        Err(why) => println!("FAILED {name}: {why}"),
    };
    let mut is_sound = true;
    for driver in &wanted.drivers {
        let began = Instant::now();
        let (passed, failed) = match driver {
            Name::Sim => (0, 0),
            Name::Std => run_live(&peers, &wanted.filter, StdClient::live, tell),
            Name::Smol => run_live(&peers, &wanted.filter, SmolClient::live, tell),
            Name::Mio => run_live(&peers, &wanted.filter, MioClient::live, tell),
        };
        let (name, took) = (driver.text(), began.elapsed().as_secs_f32());
        println!("{name}: {passed} passed, {failed} failed, in {took:.1} s");
        is_sound &= failed == 0 && passed > 0;
    }
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn credentials() -> ExitCode {
    println!("{}", table::markdown());
    let ran = table::run();
    ran.wrong.iter().for_each(|cell| println!("{cell}"));
    println!("{} cells, {} wrong", ran.cells, ran.wrong.len());
    if ran.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn soaked(wanted: Soak) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let report = soak::run(wanted.driver, wanted.span, || HEAP.allocated())?;
    println!("{report}");
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn soak_servers() -> Result<ExitCode, Box<dyn std::error::Error>> {
    soak::serve(&mut std::io::stdout())?;
    Ok(ExitCode::SUCCESS)
}

fn vectors(wanted: &Run) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let own: Vec<PathBuf> = vec![root().join("vectors")];
    let directories = if wanted.vectors.is_empty() { &own } else { &wanted.vectors };
    let suite = Suite::load(directories)?;
    let table = Table::load(root())?;
    let names = wanted.drivers.names();
    let (mut built, mut missing) = (Vec::new(), Vec::new());
    for name in names {
        match name.driver() {
            Some(driver) => built.push((name.text(), driver)),
            None => missing.push(name.text()),
        }
    }
    if !missing.is_empty() {
        eprintln!("not built into this runner: {}", missing.join(", "));
        if built.is_empty() {
            return Ok(ExitCode::from(UNUSABLE));
        }
    }
    let mut records = run::pure_cases(&suite, &wanted.selection, &table);
    records.iter().filter_map(report::line).for_each(|line| println!("{line}"));
    let mut drivers = Vec::new();
    for (name, mut driver) in built {
        drivers.push(name);
        let given = (&suite, &wanted.selection, &table);
        let told =
            |record: &_| report::line(record).into_iter().for_each(|line| println!("{line}"));
        records.extend(run::exchanges(name, driver.as_mut(), given, told));
    }
    if let Some(file) = &wanted.json {
        std::fs::write(file, report::json(&records).to_string())?;
    }
    if drivers.len() > 1 {
        print!("{}", report::matrix(&records, &drivers));
    }
    print!("{}", report::skips(&records));
    let totals = report::Totals::of(&records);
    println!("{totals}");
    Ok(match (totals.failed, missing.is_empty()) {
        (0, true) => ExitCode::SUCCESS,
        (0, false) => ExitCode::from(UNUSABLE),
        _ => ExitCode::FAILURE,
    })
}
