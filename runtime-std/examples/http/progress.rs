//! A progress bar: a line that is written over and over.

use std::time::{Duration, Instant};

/// How often the line is written at most.
const PAUSE: Duration = Duration::from_millis(60);

/// Cells of the bar.
const CELLS: u64 = 32;

/// How far a download is.
pub(crate) struct Bar {
    began: Instant,
    drawn: Option<Instant>,
    done: u64,
    total: Option<u64>,
}

impl Bar {
    /// A bar at its start; `total` is the bytes of content to come, where that is known.
    pub(crate) fn new(total: Option<u64>) -> Self {
        Self { began: Instant::now(), drawn: None, done: 0, total }
    }

    /// Counts bytes; the line, when it is time to write it again.
    pub(crate) fn add(&mut self, count: usize) -> Option<String> {
        self.done = self.done.saturating_add(count as u64);
        if self.drawn.is_some_and(|at| at.elapsed() < PAUSE) {
            return None;
        }
        self.drawn = Some(Instant::now());
        Some(self.line())
    }

    /// The line as it is now.
    pub(crate) fn line(&self) -> String {
        let seconds = self.began.elapsed().as_secs_f64().max(0.001);
        let rate = amount((self.done as f64 / seconds) as u64);
        let Some(total) = self.total.filter(|total| *total >= self.done && *total > 0) else {
            return format!("{}, {rate}/s", amount(self.done));
        };
        let full = self.done.saturating_mul(CELLS) / total;
        let bar: String = (0..CELLS).map(|cell| if cell < full { '#' } else { '.' }).collect();
        let percent = self.done.saturating_mul(100) / total;
        format!("[{bar}] {percent:3} %  {} of {}, {rate}/s", amount(self.done), amount(total))
    }
}

/// Bytes as a person reads them.
pub(crate) fn amount(bytes: u64) -> String {
    let mut size = bytes as f64;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if size < 1024.0 {
            return if unit == "B" { format!("{bytes} B") } else { format!("{size:.1} {unit}") };
        }
        size /= 1024.0;
    }
    format!("{size:.1} TiB")
}
