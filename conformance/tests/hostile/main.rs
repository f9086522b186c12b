//! Hostile servers against every runtime over real sockets: each call ends within its deadline, and
//! no peer makes it hold more memory than the limits allow.
#![expect(clippy::print_stdout, reason = "it prints what it measures")]

mod servers;
mod together;

use std::io::Read;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sessio_core::Timeouts;

use servers::{Hostile, all_served};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// What the whole call may take.
const DEADLINE: Duration = Duration::from_millis(300);

/// How late a call may end (SECURITY.md, G18).
const LATE_MAX: Duration = Duration::from_millis(50);

/// One test at a time: they measure time and memory.
static ALONE: Mutex<()> = Mutex::new(());

/// A machine that is busy with other tests makes any call late: the best of so many counts.
const TRIES: usize = 5;

/// What an exchange may hold at the default limits, its body streamed (SECURITY.md, G17).
const PEAK_BYTES_MAX: usize = 128 * 1024;

/// Makes a call to a URL.
type Call = dyn FnMut(&str, Timeouts) -> Result<u64, String>;

/// A runtime that makes a call and reads its body to the end; the count, or the error.
struct Runtime {
    name: &'static str,
    call: Box<Call>,
}

macro_rules! blocking {
    ($name:literal, $runtime:ident) => {{
        let session = $runtime::Session::new();
        session.lock().trust_env = $runtime::Trust::NONE;
        let call = move |url: &str, timeouts: Timeouts| {
            let request = $runtime::Request::get(url).timeout(timeouts).stream(true);
            let mut response = session.request(request).map_err(|error| error.to_string())?;
            let (mut total, mut room) = (0, [0; 8_192]);
            loop {
                match response.read(&mut room) {
                    Ok(0) => return Ok(total),
                    Ok(count) => total += count as u64,
                    Err(error) => return Err(error.to_string()),
                }
            }
        };
        Runtime { name: $name, call: Box::new(call) }
    }};
}

fn smol() -> Runtime {
    use smol::io::AsyncReadExt as _;
    let session = sessio_smol::Session::new();
    session.lock().trust_env = sessio_smol::Trust::NONE;
    let call = move |url: &str, timeouts: Timeouts| {
        smol::block_on(async {
            let request = sessio_smol::Request::get(url).timeout(timeouts).stream(true);
            let mut response = session.request(request).await.map_err(|error| error.to_string())?;
            let (mut total, mut room) = (0, [0; 8_192]);
            loop {
                match response.read(&mut room).await {
                    Ok(0) => return Ok(total),
                    Ok(count) => total += count as u64,
                    Err(error) => return Err(error.to_string()),
                }
            }
        })
    };
    Runtime { name: "smol", call: Box::new(call) }
}

/// How long a call takes at best, how much memory it holds at worst, and how it ends.
fn measure(runtime: &mut Runtime, url: &str) -> (Duration, usize, Result<u64, String>) {
    let timeouts = Timeouts { total: Some(DEADLINE), ..Timeouts::NONE };
    let (mut best, mut peak, mut outcome) = (Duration::MAX, 0, Ok(0));
    for _ in 0..TRIES {
        let profiler = dhat::Profiler::builder().testing().build();
        let began = Instant::now();
        outcome = (runtime.call)(url, timeouts);
        best = best.min(began.elapsed());
        peak = peak.max(dhat::HeapStats::get().max_bytes);
        drop(profiler);
        if best <= DEADLINE + LATE_MAX {
            break;
        }
    }
    (best, peak, outcome)
}

#[test]
fn every_call_ends_in_time_and_within_its_memory() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut runtimes = [blocking!("std", sessio_std), smol(), blocking!("mio", sessio_mio)];
    let (hostile, sound) = all_served();
    let sound = Hostile { name: "sound", url: sound };
    let mut faults = Vec::new();
    for runtime in &mut runtimes {
        // Threads, tables and roots that a runtime makes once are not a call's.
        for server in hostile.iter().filter(|server| server.url.starts_with("https")).take(1) {
            assert!(measure(runtime, &server.url).2.is_err(), "{}", server.name);
        }
        assert_eq!(measure(runtime, &sound.url).2, Ok(2), "{}", runtime.name);
        for server in hostile.iter().chain([&sound]) {
            let (took, peak, outcome) = measure(runtime, &server.url);
            println!(
                "{:>4} {:>25}: {took:>9.1?} {peak:>7} bytes {outcome:?}",
                runtime.name, server.name
            );
            if took > DEADLINE + LATE_MAX {
                faults.push(format!("{} {}: took {took:?}", runtime.name, server.name));
            }
            if peak > PEAK_BYTES_MAX {
                faults.push(format!("{} {}: held {peak} bytes", runtime.name, server.name));
            }
            if outcome.is_ok() != (server.name == "sound") {
                faults.push(format!("{} {}: ended in {outcome:?}", runtime.name, server.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
