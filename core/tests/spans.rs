//! Spans and events of `tracing` that a call gives rise to.

#![cfg(feature = "tracing")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod acted;

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use sessio_core::observe::Spans;
use sessio_core::trace::Recording;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes down what it is told.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Log {
    fn line(&self, begin: String, fields: impl FnOnce(&mut Line)) -> u64 {
        let mut line = Line(begin);
        fields(&mut line);
        let mut lines = self.0.lock().unwrap();
        lines.push(line.0);
        lines.len() as u64
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let parent = span.parent().map_or(0, Id::into_u64);
        let begin = format!("{} in {parent}:", span.metadata().name());
        Id::from_u64(self.line(begin, |line| span.record(line)))
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.line(format!("{}:", span.into_u64()), |line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let parent = event.parent().map_or(0, Id::into_u64);
        let begin = format!("{} in {parent}:", event.metadata().level());
        self.line(begin, |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn a_call_is_a_span_with_a_span_for_each_hop_and_events_for_decisions() {
    let log = Log::default();
    tracing::dispatcher::set_global_default(tracing::Dispatch::new(log.clone())).unwrap();
    let mut spans = Spans::new();
    for event in acted::act(Recording::On, &acted::LOGIN) {
        spans.add(&event);
    }
    let lines = log.0.lock().unwrap().clone();
    assert_eq!(lines[0], "call in 0: number=1");
    assert_eq!(lines[1], "hop in 1: method=GET url=\"http://***@a.test/login\"");
    let hops: Vec<&String> = lines.iter().filter(|line| line.starts_with("hop in 1:")).collect();
    assert_eq!(hops.len(), 2, "{lines:#?}");
    assert!(lines.contains(&"2: status=\"302\"".to_owned()), "{lines:#?}");
    let stored = "DEBUG in 2: message=cookie sid: stored".to_owned();
    assert!(lines.contains(&stored), "{lines:#?}");
    for event in acted::act(Recording::On, &["nonsense\r\n\r\n"]) {
        spans.add(&event);
    }
    let last = log.0.lock().unwrap().last().cloned().unwrap();
    assert!(last.starts_with("WARN in ") && last.contains("failed: "), "{last}");
}
