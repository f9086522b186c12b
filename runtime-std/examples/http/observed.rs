//! What is shown of a call beside its body: each event as it happens, a ladder, an archive, timings.

use std::io::{self, IsTerminal};
use std::sync::{Arc, Mutex, PoisonError};

use sessio_core::observe::{Har, Ladder, Timings};

use crate::args::{Call, Trace};
use crate::fields::Failure;
use crate::help::say;
use crate::paint::Paint;
use crate::runtime::Session;
use crate::show::{self, Detail};

/// What was observed, to be told when the call is over.
pub(crate) struct Observed {
    ladder: Option<Arc<Mutex<Ladder>>>,
    har: Option<(String, Arc<Mutex<Har>>)>,
}

impl Observed {
    /// Has the session tell what the arguments ask for.
    pub(crate) fn of(call: &Call, session: &Session) -> Self {
        let ladder = (call.ladder == Trace::On).then(Arc::<Mutex<Ladder>>::default);
        let archive = || Arc::new(Mutex::new(Har::new(session.now())));
        let har = call.har.as_ref().map(|path| (path.clone(), archive()));
        let paint = (call.trace == Trace::On).then(|| Paint::of(io::stderr().is_terminal()));
        let timings = (call.timings == Trace::On).then(Mutex::<Timings>::default);
        if ladder.is_some() || har.is_some() || paint.is_some() || timings.is_some() {
            let (ladder, har) = (ladder.clone(), har.clone());
            session.on_event(move |event| {
                for line in paint.iter().flat_map(|p| show::lines(&event.what, *p, Detail::All)) {
                    say(&line);
                }
                if let Some(timings) = &timings
                    && let Some(timed) =
                        timings.lock().unwrap_or_else(PoisonError::into_inner).add(event)
                {
                    say(&timed.to_string());
                }
                if let Some(ladder) = &ladder {
                    ladder.lock().unwrap_or_else(PoisonError::into_inner).add(event);
                }
                if let Some((_, har)) = &har {
                    har.lock().unwrap_or_else(PoisonError::into_inner).add(event);
                }
            });
        }
        Self { ladder, har }
    }

    /// Draws and writes.
    pub(crate) fn tell(&self) -> Result<(), Failure> {
        if let Some(ladder) = &self.ladder {
            say(ladder.lock().unwrap_or_else(PoisonError::into_inner).to_string().trim_end());
        }
        let Some((path, har)) = &self.har else { return Ok(()) };
        let text = har.lock().unwrap_or_else(PoisonError::into_inner).to_string();
        std::fs::write(path, text).map_err(|error| Failure::file(path, error))
    }
}
