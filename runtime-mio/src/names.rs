//! Name look-ups that never keep the loop waiting: by a few threads, or by the caller itself.
//!
//! Calls that ask for the same name at the same time share one look-up.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use mio::unix::SourceFd;
use sessio_core::exchange::Name;
use sessio_core::io::IoError;
use sessio_runtime::resolve::{LookUp, Resolver};

use crate::slots::CallId;
use crate::tokens::{Lease, Tokens};

/// How many look-ups run at the same time, each on a thread of its own.
pub const LOOKUP_THREADS_MAX: usize = 4;

/// After so long without a look-up a thread ends.
const THREAD_IDLE_MAX: Duration = Duration::from_secs(10);

/// Which look-up: the host, the port, and the resolver that is asked, by its place in memory.
type Key = (Box<str>, u16, usize);

/// What a look-up gave.
pub(crate) type Found = Result<Vec<SocketAddr>, IoError>;

/// Names a look-up that the caller makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LookupId(u64);

/// Who looks names up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lookup {
    /// Threads of the driver, with the session's resolver or the operating system's.
    #[default]
    Threads,
    /// The caller: it is asked by `Completion::Resolve` and answers with `Driver::resolved`.
    Caller,
}

/// A look-up under way.
#[derive(Debug)]
struct Asked {
    key: Key,
    calls: Vec<CallId>,
}

/// The look-ups under way.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) by: Lookup,
    ids: BTreeMap<Key, LookupId>,
    under_way: BTreeMap<LookupId, Asked>,
    next: u64,
    questions: VecDeque<(LookupId, Box<str>, u16)>,
    threads: Option<Threads>,
}

impl Names {
    /// Begins to look a name up for a call.
    ///
    /// # Errors
    /// If no thread can be had.
    pub(crate) fn begin(
        &mut self,
        name: Name<'_>,
        resolver: Option<&Resolver>,
        call: CallId,
        tokens: &mut Tokens,
    ) -> io::Result<LookupId> {
        let asked = resolver.map_or(0, |resolver| Arc::as_ptr(resolver).cast::<()>().addr());
        let key: Key = (name.host.into(), name.port, asked);
        if let Some(id) = self.ids.get(&key)
            && let Some(asked) = self.under_way.get_mut(id)
        {
            asked.calls.push(call);
            return Ok(*id);
        }
        let id = LookupId(self.next);
        self.next = self.next.saturating_add(1);
        match self.by {
            Lookup::Caller => self.questions.push_back((id, name.host.into(), name.port)),
            Lookup::Threads => {
                let threads = match &mut self.threads {
                    Some(threads) => threads,
                    none => none.insert(Threads::new(tokens)?),
                };
                threads.ask(id, LookUp::new(name, resolver))?;
            }
        }
        self.ids.insert(key.clone(), id);
        self.under_way.insert(id, Asked { key, calls: vec![call] });
        Ok(id)
    }

    /// What the caller is to look up next.
    pub(crate) fn question(&mut self) -> Option<(LookupId, Box<str>, u16)> {
        self.questions.pop_front()
    }

    /// A look-up is over: the calls that asked for it.
    pub(crate) fn answered(&mut self, id: LookupId) -> Vec<CallId> {
        let Some(asked) = self.under_way.remove(&id) else { return Vec::new() };
        self.ids.remove(&asked.key);
        asked.calls
    }

    /// What the threads have found since the last time.
    pub(crate) fn found(&mut self) -> Vec<(LookupId, Found)> {
        self.threads.as_mut().map_or_else(Vec::new, Threads::found)
    }
}

/// What the threads share with the loop.
#[derive(Debug, Default)]
struct Desk {
    asked: VecDeque<(LookupId, LookUp)>,
    found: Vec<(LookupId, Found)>,
    threads: usize,
    idle: usize,
    ended: bool,
}

#[derive(Debug)]
struct Office {
    desk: Mutex<Desk>,
    news: Condvar,
    /// A byte into this wakes the loop.
    bell: UnixStream,
}

impl Office {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The threads, and the end of the bell that the loop hears.
#[derive(Debug)]
struct Threads {
    office: Arc<Office>,
    heard: UnixStream,
    lease: Lease,
}

impl Threads {
    fn new(tokens: &mut Tokens) -> io::Result<Self> {
        use std::os::fd::AsRawFd;
        let (bell, heard) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        heard.set_nonblocking(true)?;
        let lease = tokens.register(&mut SourceFd(&heard.as_raw_fd()))?;
        let office = Office { desk: Mutex::default(), news: Condvar::new(), bell };
        Ok(Self { office: Arc::new(office), heard, lease })
    }

    fn ask(&self, id: LookupId, look_up: LookUp) -> io::Result<()> {
        let mut desk = self.office.desk();
        let wanting = desk.asked.len() >= desk.idle;
        if wanting && desk.threads < LOOKUP_THREADS_MAX {
            let office = Arc::clone(&self.office);
            let thread = thread::Builder::new().name("sessio-resolver".into());
            match thread.spawn(move || work(&office)) {
                Ok(_) => desk.threads += 1,
                Err(error) if desk.threads == 0 => return Err(error),
                // Those that are there will come to it.
                Err(_) => {}
            }
        }
        desk.asked.push_back((id, look_up));
        drop(desk);
        self.office.news.notify_one();
        Ok(())
    }

    fn found(&mut self) -> Vec<(LookupId, Found)> {
        if !self.lease.readiness().is_readable() {
            return Vec::new();
        }
        self.lease.readiness().read_blocked();
        let mut bytes = [0; 64];
        while (&self.heard).read(&mut bytes).is_ok_and(|count| count > 0) {}
        std::mem::take(&mut self.office.desk().found)
    }
}

impl Drop for Threads {
    /// Threads that are at work end when they are done.
    fn drop(&mut self) {
        use std::os::fd::AsRawFd;
        self.office.desk().ended = true;
        self.office.news.notify_all();
        self.lease.deregister(&mut SourceFd(&self.heard.as_raw_fd()));
    }
}

/// What each thread does.
fn work(office: &Office) {
    let mut desk = office.desk();
    loop {
        if desk.ended {
            break;
        }
        let Some((id, look_up)) = desk.asked.pop_front() else {
            desk.idle += 1;
            let waited = office.news.wait_timeout(desk, THREAD_IDLE_MAX);
            let (woken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            desk = woken;
            desk.idle -= 1;
            if timeout.timed_out() && desk.asked.is_empty() {
                break;
            }
            continue;
        };
        drop(desk);
        // The caller's resolver may panic: then the name cannot be looked up.
        let found = catch_unwind(AssertUnwindSafe(|| look_up.run()));
        desk = office.desk();
        desk.found.push((id, found.unwrap_or(Err(IoError::Unresolved))));
        // A bell that is full of rings rings already.
        let _ = (&office.bell).write(&[1]);
    }
    desk.threads -= 1;
}
