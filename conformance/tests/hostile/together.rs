//! All hostile servers at once, from one thread: none holds up calls to the others, and each call
//! ends within its own deadline.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use mio::{Events, Poll};
use sessio_core::Timeouts;
use sessio_mio::{CallId, Completion, Driver, Request};

use super::servers::{Hostile, all_served};
use super::{ALONE, DEADLINE, LATE_MAX, TRIES};

/// How long a call to the sound server may take beside all the hostile ones; one that is held up
/// takes until they are over.
const SOUND_MAX: Duration = Duration::from_millis(150);

/// So many of them, one behind the other, are over before the hostile ones are.
const SOUND_MIN: usize = 5;

const TIMEOUTS: Timeouts = Timeouts { total: Some(DEADLINE), ..Timeouts::NONE };

/// What came of one go.
#[derive(Default)]
struct Seen {
    /// How long the calls to the sound server took, one behind the other.
    sound: Vec<Duration>,
    /// How long the call to each hostile server took.
    hostile: BTreeMap<&'static str, Duration>,
    /// What ended as it must not.
    faults: Vec<String>,
}

impl Seen {
    fn hostile(&mut self, name: &'static str, took: Duration, is_error: bool) {
        self.hostile.insert(name, took);
        if !is_error {
            self.faults.push(format!("{name} went through"));
        }
    }

    fn sound(&mut self, took: Duration, outcome: Result<String, String>) {
        self.sound.push(took);
        if outcome.as_deref() != Ok("ok") {
            self.faults.push(format!("the sound server: {outcome:?}"));
        }
    }

    /// What took too long, or ended as it must not.
    fn faults(mut self, servers: usize) -> Vec<String> {
        let late = self.hostile.iter().filter(|(_, took)| **took > DEADLINE + LATE_MAX);
        self.faults.extend(late.map(|(name, took)| format!("{name} took {took:?}")));
        let slowest = self.sound.iter().max().copied().unwrap_or(Duration::MAX);
        if slowest > SOUND_MAX {
            self.faults.push(format!("a call to the sound server took {slowest:?}"));
        }
        if self.hostile.len() != servers || self.sound.len() < SOUND_MIN {
            self.faults.push(format!("{} servers, {} calls", self.hostile.len(), self.sound.len()));
        }
        self.faults
    }
}

/// Makes all the calls over a runtime.
type Go = fn(&[Hostile], &str) -> Seen;

fn over_mio(hostile: &[Hostile], sound: &str) -> Seen {
    let mut poll = Poll::new().expect("mio");
    let mut events = Events::with_capacity(256);
    let mut driver = Driver::new(poll.registry(), 0..4096).expect("mio");
    driver.session().lock().trust_env = sessio_mio::Trust::NONE;
    let began = Instant::now();
    let mut seen = Seen::default();
    let mut calls: BTreeMap<CallId, &'static str> = BTreeMap::new();
    for server in hostile {
        let request = Request::get(server.url.as_str()).timeout(TIMEOUTS).stream(true);
        calls.insert(driver.start(request).expect("a request"), server.name);
    }
    let start = |driver: &mut Driver| {
        (driver.start(Request::get(sound)).expect("a request"), Instant::now())
    };
    let mut quick = start(&mut driver);
    while !calls.is_empty() {
        driver.turn();
        while let Some(completion) = driver.next() {
            let Completion::Done(call, outcome) = completion else { continue };
            if let Some(name) = calls.remove(&call) {
                seen.hostile(name, began.elapsed(), outcome.is_err());
                continue;
            }
            let text = outcome.map(|response| response.text().into_owned());
            seen.sound(quick.1.elapsed(), text.map_err(|error| error.to_string()));
            quick = start(&mut driver);
        }
        poll.poll(&mut events, driver.next_timeout()).expect("mio");
        for event in &events {
            driver.handle(event);
        }
    }
    seen
}

fn over_smol(hostile: &[Hostile], sound: &str) -> Seen {
    let session = sessio_smol::Session::new();
    session.lock().trust_env = sessio_smol::Trust::NONE;
    let executor = smol::LocalExecutor::new();
    let began = Instant::now();
    let mut calls = Vec::new();
    for server in hostile {
        let request = sessio_smol::Request::get(server.url.as_str()).timeout(TIMEOUTS).stream(true);
        let session = &session;
        calls.push(executor.spawn(async move {
            let outcome = read(session, request).await;
            (server.name, began.elapsed(), outcome.is_err())
        }));
    }
    // A task like the others: what an executor's `run` is given itself has its turn less often.
    let quick = executor.spawn(async {
        let mut seen = Seen::default();
        while calls.iter().any(|call| !call.is_finished()) {
            let one = Instant::now();
            let text = async { session.get(sound).await?.text().await }.await;
            seen.sound(one.elapsed(), text.map_err(|error| error.to_string()));
        }
        for call in calls {
            let (name, took, is_error) = call.await;
            seen.hostile(name, took, is_error);
        }
        seen
    });
    smol::block_on(executor.run(quick))
}

/// Reads all of a streamed response.
async fn read(
    session: &sessio_smol::Session,
    request: sessio_smol::Request,
) -> sessio_smol::Result<()> {
    let mut response = session.request(request).await?;
    let mut items = response.iter_content(8_192);
    while let Some(item) = items.next().await {
        item?;
    }
    Ok(())
}

#[test]
fn hostile_servers_hold_up_nobody_on_the_same_thread() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (hostile, sound) = all_served();
    let runtimes: [(&str, Go); 2] = [("mio", over_mio), ("smol", over_smol)];
    for (runtime, go) in runtimes {
        let mut faults = Vec::new();
        for _ in 0..TRIES {
            faults = go(&hostile, &sound).faults(hostile.len());
            if faults.is_empty() {
                break;
            }
        }
        assert!(faults.is_empty(), "{runtime}: {}", faults.join("\n"));
    }
}
