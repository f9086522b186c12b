//! Cookie dates: the core reads what the algorithm of the RFC reads.
//!
//! Input: the text.

use sessio_core::cookies::parse_date;

use crate::input::show;
use crate::model::date;

/// Runs one input.
pub fn run(data: &[u8]) {
    let read = parse_date(data);
    if let Err(error) = &read {
        let _ = error.to_string();
    }
    let seconds = read.ok().map(|moment| moment.unix_seconds());
    assert_eq!(seconds, date::parse(data), "{}", show(data));
}
