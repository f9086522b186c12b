//! Moments as HAR writes them: ISO 8601 in UTC, with milliseconds.

use alloc::format;
use alloc::string::String;

use crate::time::WallTime;

/// `2023-11-14T22:13:20.000Z`. Moments before 1970 and after 9999 are the nearest within.
#[expect(clippy::arithmetic_side_effects, reason = "the years are bounded in the first line")]
pub(super) fn iso(at: WallTime) -> String {
    let millis = at.unix_millis().clamp(0, 253_402_300_799_999);
    let (days, rest) = (millis / 86_400_000, millis % 86_400_000);
    // Years begin in March, so that the day that leap years have more is the last.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year + era * 400 + next;
    let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
    let (second, milli) = (rest / 1_000 % 60, rest % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let rows = [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_700_000_000_001, "2023-11-14T22:13:20.001Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (i64::MAX, "9999-12-31T23:59:59.999Z"),
        ];
        for (millis, want) in rows {
            assert_eq!(iso(WallTime::from_unix_millis(millis)), want, "{millis}");
        }
    }
}
