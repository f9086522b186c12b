//! The table of hunts, for people.

use super::hunt::Hunt;

/// Characters of a violation that a line shows.
const SHOWN_MAX: usize = 90;

/// What stands above the lines.
#[must_use]
pub fn head() -> String {
    format!("{:30} {:>8} {:>6} {:>9}  what it breaks", "plant", "seed", "by", "exchanges")
}

/// A hunt in a line.
#[must_use]
pub fn line(hunt: &Hunt) -> String {
    let name = hunt.plant.map_or("(nothing)", |plant| plant.name());
    match &hunt.seen {
        None => format!("{name:30} {:>8}", "NOTHING"),
        Some(seen) => {
            let text: String = seen.text.escape_debug().take(SHOWN_MAX).collect();
            format!("{name:30} {:>8} {:>6} {:>9}  {text}", seen.seed, seen.invariant, seen.after)
        }
    }
}
