//! What the drivers over real sockets share: a runtime against scripted servers on the loopback
//! interface.

pub mod blocking;
pub mod live;
pub(crate) mod planted;
pub(crate) mod source;
pub mod surroundings;

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::client::Client;
use crate::client::play::play;
use crate::home::Home;
use crate::loopback::{LoopbackWorld, Rest};
use crate::peer::{Certificates, Malformed, World};
use crate::scenario::Scenario;

/// After this a vector hangs: the longest waits that vectors ask for are about a second.
pub const RUN_MAX: Duration = Duration::from_secs(10);

/// Runs a vector, for at most so long.
///
/// # Errors
/// If the vector is not of the format.
///
/// # Panics
/// If the client does, or if it takes longer than `run_max`.
pub fn run<C: Client>(
    vector: &Value,
    run_max: Duration,
    client: impl FnOnce(Arc<LoopbackWorld>, f64) -> C + Send + 'static,
) -> Result<Value, Malformed> {
    let scenario = Scenario::parse(vector)?;
    let world = World::new(vector, crate::sim::defaults())?;
    let world = LoopbackWorld::start(world, Certificates::shared()).expect("sockets and threads");
    let world = Arc::new(world);
    let given = vector["calls"].as_array().cloned().unwrap_or_default();
    let home = Home::new(&scenario.files).expect("a directory for files");
    let directory = home.path().display().to_string();
    let servers = Arc::clone(&world);
    let mut observed = watched(&world, run_max, move || {
        let mut client = client(servers, scenario.clock);
        play(&mut client, &scenario, &given, &directory)
    });
    // The client is gone: what it closed is seen before the servers are asked.
    assert_eq!(world.quiesce(), Rest::Settled, "the servers are never at rest");
    if let (Value::Object(all), Value::Object(seen)) = (&mut observed, world.finish()) {
        all.extend(seen);
    }
    Ok(observed)
}

/// Does the work in a thread of its own.
///
/// # Panics
/// If the work does, or if it takes longer than `run_max`: then the servers are stopped, which ends
/// most waits of the thread that is left behind.
pub(crate) fn watched(
    world: &LoopbackWorld,
    run_max: Duration,
    work: impl FnOnce() -> Value + Send + 'static,
) -> Value {
    let (tell, hear) = sync_channel(1);
    let thread = thread::Builder::new().name("vector".to_owned());
    let thread = thread.spawn(move || drop(tell.send(work()))).expect("a thread");
    match hear.recv_timeout(run_max) {
        Ok(observed) => observed,
        Err(RecvTimeoutError::Timeout) => {
            let seen = world.finish();
            panic!("the call hangs: not over after {run_max:?}, the servers saw {seen}");
        }
        Err(RecvTimeoutError::Disconnected) => match thread.join() {
            Err(payload) => resume_unwind(payload),
            Ok(()) => panic!("the thread of the vector ended without a result"),
        },
    }
}
