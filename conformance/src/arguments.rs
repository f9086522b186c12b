//! The command line of the runner.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::driver::{ALL, Name};
use crate::simulate;
use crate::vectors::{Quirks, Selection};

/// How the runner is used.
pub const USAGE: &str = "\
usage: sessio-conformance run --driver sim|std|smol|mio|all|pure
                          [--vectors DIR]... [--filter TEXT] [--skip-quirks] [--json FILE]
       sessio-conformance divergences --markdown
       sessio-conformance credentials
       sessio-conformance live --driver std|smol|mio|all --peers FILE [--filter TEXT]
       sessio-conformance soak --driver std|smol|mio --minutes N
       sessio-conformance simulate --seed N --exchanges N [--faults LIST] [--minutes N]
                          [--tls null|some|real]
       sessio-conformance plant [--exchanges N] [NAME]...

run            run recorded vectors; the last line counts passed, failed and skipped ones,
               and the exit status is 0 only if nothing failed
  --driver     the client that exchange vectors run on; `all` runs each of them and prints a
               table; `pure` leaves exchange vectors out
  --vectors    a directory of vectors, may be given again (default: the project's own)
  --filter     only vectors whose id contains TEXT, or whose area or function is TEXT
  --skip-quirks  leave out vectors tagged `quirk`
  --json       write all results to FILE
divergences    the table of differences from requests
  --markdown   as the page DIVERGENCES.md
credentials    who is sent which credential after a redirect: prints the table and checks every
               cell of it on the driver sim
live           run cases against the real servers that peers/run has started
  --peers      the file in which it says where they are
soak           mixed load with faults against servers of its own: the exit status is 0 only if
               every call ended as it had to, and descriptors and memory stayed the same
  --minutes    for how long, in decimals; less than a third says little
simulate       run calls in seeded worlds against a reference; a failing seed is shown with a
               trace as small as it gets, and the exit status is 0 only if none failed
  --seed       the first seed (default 1)
  --exchanges  at least so many calls (default 100000)
  --faults     names of faults with commas between them, `all` (the default), `none`, or some
               with a minus in front: all but those
  --minutes    no longer than that
  --tls        with rustls at both ends in no run, in one of eight (the default), or in all; else
               over a layer that has the stages and the ends of TLS without its arithmetic
plant          plant bugs in the core, one after the other, and say which seed of the simulation
               finds each; the exit status is 0 only if all are found and nothing is where nothing
               is planted. Only in a runner that is built with the feature `planted`
  --exchanges  for at most so many calls each (default 1000000)";

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Command {
    /// Run vectors.
    Run(Run),
    /// Run cases against real servers.
    Live(Live),
    /// Run the matrix of credentials and print its table.
    Credentials,
    /// Keep a runtime under load.
    Soak(Soak),
    /// Be the servers of a soak, which starts them.
    SoakServers,
    /// Print the table of differences.
    Divergences,
    /// Simulate.
    Simulate(simulate::Options),
    /// Look for planted bugs.
    Plant(Hunts),
    /// Print how the runner is used.
    Help,
}

/// Which plants are to be looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunts {
    /// For at most so many exchanges each.
    pub exchanges: u64,
    /// By name; none means all.
    pub names: Vec<String>,
}

/// Which cases are to be run against real servers.
#[derive(Clone, Debug)]
pub struct Live {
    /// On which drivers.
    pub drivers: Vec<Name>,
    /// The file that says where the servers are.
    pub peers: PathBuf,
    /// Only cases whose name contains this.
    pub filter: String,
}

/// Which runtime is to be kept under load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Soak {
    /// By its driver.
    pub driver: Name,
    /// For how long.
    pub span: Duration,
}

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Run {
    /// On which drivers.
    pub drivers: Drivers,
    /// Directories; none means the project's own.
    pub vectors: Vec<PathBuf>,
    /// Which vectors of them.
    pub selection: Selection,
    /// Where results go for machines.
    pub json: Option<PathBuf>,
}

/// The drivers that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drivers {
    /// Only cases that need none.
    Pure,
    /// This one.
    One(Name),
    /// Every one.
    All,
}

impl Drivers {
    /// Their names.
    #[must_use]
    pub fn names(&self) -> Vec<Name> {
        match self {
            Self::Pure => Vec::new(),
            Self::One(name) => vec![*name],
            Self::All => ALL.to_vec(),
        }
    }
}

/// What is wrong with a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsageError {
    /// No command, or one that does not exist.
    Command(String),
    /// An option that does not exist there.
    Option(String),
    /// An option without its value.
    Value(String),
    /// No such driver.
    Driver(String),
    /// A driver without sockets, where real servers are to be reached.
    Socketless(String),
    /// No number of minutes.
    Minutes(String),
    /// A value that its option does not take.
    Bad(&'static str, String),
    /// An option that has to be there.
    Missing(&'static str),
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(name) if name.is_empty() => write!(f, "a command is missing"),
            Self::Command(name) => write!(f, "unknown command {name:?}"),
            Self::Option(name) => write!(f, "unknown option {name:?}"),
            Self::Value(name) => write!(f, "{name} needs a value"),
            Self::Driver(name) => {
                write!(f, "unknown driver {name:?}; there are sim, std, smol, mio, all and pure")
            }
            Self::Socketless(name) => write!(f, "the driver {name} has no sockets"),
            Self::Minutes(text) => write!(f, "{text:?} is no number of minutes"),
            Self::Bad(option, value) => write!(f, "{option} does not take {value:?}"),
            Self::Missing(name) => write!(f, "{name} is missing"),
        }
    }
}

impl std::error::Error for UsageError {}

/// Reads the words after the program's name; `--option=value` is `--option value`.
///
/// # Errors
/// If a word is unknown, or one is missing.
pub fn parse(words: impl IntoIterator<Item = String>) -> Result<Command, UsageError> {
    let mut words = words.into_iter().flat_map(|word| match word.split_once('=') {
        Some((option, value)) if option.starts_with("--") => {
            vec![option.to_owned(), value.to_owned()]
        }
        _ => vec![word],
    });
    match words.next().as_deref() {
        Some("run") => run(words).map(Command::Run),
        Some("simulate") => simulation(words).map(Command::Simulate),
        Some("plant") => hunts(words).map(Command::Plant),
        Some("divergences") => match words.next().as_deref() {
            Some("--markdown") => {
                words.next().map_or(Ok(Command::Divergences), |word| Err(UsageError::Option(word)))
            }
            Some(other) => Err(UsageError::Option(other.to_owned())),
            None => Err(UsageError::Missing("--markdown")),
        },
        Some("live") => live(words).map(Command::Live),
        Some("credentials") => {
            words.next().map_or(Ok(Command::Credentials), |word| Err(UsageError::Option(word)))
        }
        Some("soak") => soak(words).map(Command::Soak),
        Some("soak-servers") => {
            words.next().map_or(Ok(Command::SoakServers), |word| Err(UsageError::Option(word)))
        }
        Some("help" | "--help" | "-h") => Ok(Command::Help),
        other => Err(UsageError::Command(other.unwrap_or_default().to_owned())),
    }
}

fn live(mut words: impl Iterator<Item = String>) -> Result<Live, UsageError> {
    let (mut drivers, mut peers, mut filter) = (None, None, String::new());
    while let Some(option) = words.next() {
        let mut value = || words.next().ok_or_else(|| UsageError::Value(option.clone()));
        match option.as_str() {
            "--driver" => drivers = Some(over_sockets(&value()?)?),
            "--peers" => peers = Some(value()?.into()),
            "--filter" => filter = value()?,
            _ => return Err(UsageError::Option(option)),
        }
    }
    Ok(Live {
        drivers: drivers.ok_or(UsageError::Missing("--driver"))?,
        peers: peers.ok_or(UsageError::Missing("--peers"))?,
        filter,
    })
}

/// The drivers over real sockets.
fn over_sockets(name: &str) -> Result<Vec<Name>, UsageError> {
    let has_sockets = |driver: &Name| match driver {
        Name::Sim => false,
        Name::Std | Name::Smol | Name::Mio => true,
    };
    match name {
        "all" => Ok(ALL.into_iter().filter(has_sockets).collect()),
        _ => match one(name)? {
            driver if has_sockets(&driver) => Ok(vec![driver]),
            _ => Err(UsageError::Socketless(name.to_owned())),
        },
    }
}

fn soak(mut words: impl Iterator<Item = String>) -> Result<Soak, UsageError> {
    let (mut driver, mut span) = (None, None);
    while let Some(option) = words.next() {
        let mut value = || words.next().ok_or_else(|| UsageError::Value(option.clone()));
        match option.as_str() {
            "--driver" => driver = Some(one(&value()?)?),
            "--minutes" => span = Some(minutes(&value()?)?),
            _ => return Err(UsageError::Option(option)),
        }
    }
    Ok(Soak {
        driver: driver.ok_or(UsageError::Missing("--driver"))?,
        span: span.ok_or(UsageError::Missing("--minutes"))?,
    })
}

fn minutes(text: &str) -> Result<Duration, UsageError> {
    let seconds = text.parse::<f64>().map(|minutes| minutes * 60.0).ok();
    let span = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    span.ok_or_else(|| UsageError::Minutes(text.to_owned()))
}

fn run(mut words: impl Iterator<Item = String>) -> Result<Run, UsageError> {
    let mut drivers = None;
    let mut run = Run {
        drivers: Drivers::Pure,
        vectors: Vec::new(),
        selection: Selection::default(),
        json: None,
    };
    while let Some(option) = words.next() {
        let mut value = || words.next().ok_or_else(|| UsageError::Value(option.clone()));
        match option.as_str() {
            "--driver" => drivers = Some(named(&value()?)?),
            "--vectors" => run.vectors.push(value()?.into()),
            "--filter" => run.selection.filter = value()?,
            "--skip-quirks" => run.selection.quirks = Quirks::Skip,
            "--json" => run.json = Some(value()?.into()),
            _ => return Err(UsageError::Option(option)),
        }
    }
    run.drivers = drivers.ok_or(UsageError::Missing("--driver"))?;
    Ok(run)
}

fn named(name: &str) -> Result<Drivers, UsageError> {
    match name {
        "all" => Ok(Drivers::All),
        "pure" => Ok(Drivers::Pure),
        _ => one(name).map(Drivers::One),
    }
}

fn one(name: &str) -> Result<Name, UsageError> {
    let found = ALL.into_iter().find(|driver| driver.text() == name);
    found.ok_or_else(|| UsageError::Driver(name.to_owned()))
}

fn hunts(mut words: impl Iterator<Item = String>) -> Result<Hunts, UsageError> {
    let mut hunts = Hunts { exchanges: 1_000_000, names: Vec::new() };
    while let Some(word) = words.next() {
        if word == "--exchanges" {
            let value = words.next().ok_or(UsageError::Value(word))?;
            let number = value.parse().map_err(|_| UsageError::Bad("--exchanges", value));
            hunts.exchanges = number?;
        } else if word.starts_with('-') {
            return Err(UsageError::Option(word));
        } else {
            hunts.names.push(word);
        }
    }
    Ok(hunts)
}

fn simulation(mut words: impl Iterator<Item = String>) -> Result<simulate::Options, UsageError> {
    let faults = simulate::FaultSet::all();
    let tls = simulate::Tls::Some;
    let mut options = simulate::Options { seed: 1, exchanges: 100_000, time: None, faults, tls };
    while let Some(word) = words.next() {
        let value = words.next().ok_or(UsageError::Value(word.clone()))?;
        let number = |name| value.parse::<u64>().map_err(|_| UsageError::Bad(name, value.clone()));
        match word.as_str() {
            "--seed" => options.seed = number("--seed")?,
            "--exchanges" => options.exchanges = number("--exchanges")?,
            "--minutes" => {
                options.time = Some(std::time::Duration::from_secs(60 * number("--minutes")?));
            }
            "--faults" => {
                let set = simulate::FaultSet::parse(&value);
                options.faults = set.map_err(|name| UsageError::Bad("--faults", name))?;
            }
            "--tls" => {
                options.tls = match value.as_str() {
                    "null" => simulate::Tls::Null,
                    "some" => simulate::Tls::Some,
                    "real" => simulate::Tls::Real,
                    _ => return Err(UsageError::Bad("--tls", value)),
                };
            }
            _ => return Err(UsageError::Option(word)),
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, UsageError> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_full_line_is_understood() {
        let line = "run --driver all --vectors a --vectors=b --filter x --skip-quirks --json f";
        let Ok(Command::Run(run)) = parsed(line) else { panic!("it is complete") };
        assert_eq!((run.drivers, run.selection.quirks), (Drivers::All, Quirks::Skip));
        assert_eq!(run.vectors, [PathBuf::from("a"), PathBuf::from("b")]);
        assert_eq!((run.selection.filter.as_str(), run.json), ("x", Some("f".into())));
    }

    #[test]
    fn a_wrong_line_is_refused_with_its_reason() {
        let rows = [
            ("", "a command is missing"),
            ("walk", "unknown command \"walk\""),
            ("run", "--driver is missing"),
            ("run --driver", "--driver needs a value"),
            ("run --driver tokio", "unknown driver \"tokio\""),
            ("run --driver sim --fast", "unknown option \"--fast\""),
            ("divergences", "--markdown is missing"),
            ("live --driver std", "--peers is missing"),
            ("live --driver sim --peers f", "the driver sim has no sockets"),
            ("soak --driver all", "unknown driver \"all\""),
            ("soak --driver mio", "--minutes is missing"),
            ("soak --minutes ten", "\"ten\" is no number of minutes"),
            ("soak --minutes -1", "\"-1\" is no number of minutes"),
            ("credentials now", "unknown option \"now\""),
            ("plant --exchanges", "--exchanges needs a value"),
            ("plant --exchanges few", "--exchanges does not take \"few\""),
            ("plant --all", "unknown option \"--all\""),
        ];
        for (line, why) in rows {
            let refused = parsed(line).unwrap_err().to_string();
            assert!(refused.starts_with(why), "{line}: {refused}");
        }
    }
}
