//! Closing idle connections on time while nobody uses the session.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_io::Timer;
use sessio_runtime::shared::clock;

use crate::Session;

/// The longest pause between two looks: so much later than its time a connection is closed whose
/// time was made shorter meanwhile, and so much later than its session the sweep ends.
const PAUSE_MAX: Duration = Duration::from_secs(10);

impl Session {
    /// Closes idle connections when their time is up, for as long as this is polled and the session
    /// exists: a task to be spawned on whatever executor there is.
    ///
    /// Without it they are closed when the next call looks for a connection, since a session has no
    /// task of its own; until then they hold their descriptors, and their places under the
    /// connection limits unless somebody wants those.
    ///
    /// ```
    /// # futures_lite::future::block_on(async {
    /// let executor = async_executor::Executor::new();
    /// let session = sessio_smol::Session::new();
    /// executor.spawn(session.sweep()).detach();
    /// # });
    /// ```
    pub fn sweep(&self) -> impl Future<Output = ()> + Send + 'static {
        let session = Arc::downgrade(&self.inner);
        async move {
            while let Some(shared) = session.upgrade() {
                let now = clock(&shared).mono();
                let (next, idle_max) = {
                    let mut guard = shared.lock();
                    (guard.close_idle(now), guard.idle_max())
                };
                drop(shared);
                // What begins to idle from now on has all its time before it.
                let next = next.map(|at| at.since(now)).or(idle_max);
                Timer::after(next.map_or(PAUSE_MAX, |pause| pause.min(PAUSE_MAX))).await;
            }
        }
    }
}
