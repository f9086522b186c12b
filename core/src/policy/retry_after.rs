//! The field Retry-After: a number of seconds, or a date in one of many spellings.
//!
//! Source: `parse_retry_after` in urllib3 2.8.0, `util/retry.py`; `parsedate_tz` in CPython 3.11,
//! `email/_parseaddr.py`; RFC 9110, 10.2.3 and 5.6.7.

use alloc::vec::Vec;

/// What the field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// So many seconds from now; what does not fit is the largest number.
    Seconds(u64),
    /// At this moment, in seconds since the Unix epoch.
    Date(i64),
}

/// The field is neither a number nor a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadRetryAfter;

impl core::fmt::Display for BadRetryAfter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("invalid Retry-After field")
    }
}

impl core::error::Error for BadRetryAfter {}

/// Reads the value of a Retry-After field.
///
/// # Errors
/// If it is neither a number nor a date.
pub fn parse(value: &[u8]) -> Result<RetryAfter, BadRetryAfter> {
    let text = core::str::from_utf8(value).map_err(|_| BadRetryAfter)?;
    let digits = text.trim();
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(RetryAfter::Seconds(digits.parse().unwrap_or(u64::MAX)));
    }
    date(text).map(RetryAfter::Date).ok_or(BadRetryAfter)
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTHS_LONG: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// Zones by name, in hours; all others are taken as UTC.
const ZONES: [(&str, i64); 14] = [
    ("UT", 0),
    ("UTC", 0),
    ("GMT", 0),
    ("Z", 0),
    ("AST", -4),
    ("ADT", -3),
    ("EST", -5),
    ("EDT", -4),
    ("CST", -6),
    ("CDT", -5),
    ("MST", -7),
    ("MDT", -6),
    ("PST", -8),
    ("PDT", -7),
];

/// Seconds since the Unix epoch of a date as it stands in e-mails and in HTTP.
fn date(text: &str) -> Option<i64> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let first = *words.first()?;
    if first.ends_with(',') || DAYS.iter().any(|day| day.eq_ignore_ascii_case(first)) {
        words.remove(0);
    } else if let Some((_, rest)) = first.rsplit_once(',') {
        *words.first_mut()? = rest;
    }
    // RFC 850: 03-Jun-19 11:30:12 GMT
    if let [date, time, zone] = *words.as_slice()
        && let [day, month, year] = *date.split('-').collect::<Vec<_>>().as_slice()
    {
        words = [day, month, year, time, zone].into();
    }
    if let [.., last] = *words.as_slice()
        && words.len() == 4
    {
        let sign = last.find('+').or_else(|| last.find('-')).filter(|at| *at > 0);
        let (time, zone) = sign.and_then(|at| last.split_at_checked(at)).unwrap_or((last, ""));
        words.pop();
        words.extend([time, zone]);
    }
    let [day, month, year, time, zone] = *words.get(..5)? else { return None };
    seconds(Fields { day, month, year, time, zone })
}

struct Fields<'a> {
    day: &'a str,
    month: &'a str,
    year: &'a str,
    time: &'a str,
    zone: &'a str,
}

/// Puts the words into their places, which asctime and others have them in another order of.
fn seconds(mut fields: Fields<'_>) -> Option<i64> {
    let month_of = |word: &str| {
        let is_word = |name: &&str| name.eq_ignore_ascii_case(word);
        MONTHS.iter().position(is_word).or_else(|| MONTHS_LONG.iter().position(is_word))
    };
    let month = match month_of(fields.month) {
        Some(month) => month,
        None => {
            core::mem::swap(&mut fields.day, &mut fields.month);
            month_of(fields.month)?
        }
    };
    if fields.year.find(':').is_some_and(|at| at > 0) {
        core::mem::swap(&mut fields.year, &mut fields.time);
    }
    if !fields.year.starts_with(|c: char| c.is_ascii_digit()) {
        core::mem::swap(&mut fields.year, &mut fields.zone);
    }
    let comma = |word: &'_ str| word.strip_suffix(',').unwrap_or(word).parse::<i64>().ok();
    let year = match comma(fields.year)? {
        year @ 69..=99 => year.checked_add(1900)?,
        year @ 0..=68 => year.checked_add(2000)?,
        year @ 100..=9999 => year,
        _ => return None,
    };
    let day = comma(fields.day).filter(|day| (1..=31).contains(day))?;
    let time = clock(fields.time.strip_suffix(',').unwrap_or(fields.time))?;
    let month = i64::try_from(month).ok()?.checked_add(1)?;
    days(year, month, day)?
        .checked_mul(86_400)?
        .checked_add(time)?
        .checked_sub(zone_seconds(fields.zone))
}

/// Seconds since midnight: hours and minutes, perhaps with seconds.
fn clock(time: &str) -> Option<i64> {
    let separator = if time.contains(':') { ':' } else { '.' };
    let mut parts = time.split(separator).map(|part| {
        let value = part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<i64>().ok())?;
        value.filter(|value| *value <= 60)
    });
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    match parts.next() {
        Some(_) => None,
        None => {
            hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?.checked_add(seconds)
        }
    }
}

/// How far a zone is ahead of UTC; one that is not known is UTC.
fn zone_seconds(zone: &str) -> i64 {
    let named = ZONES.iter().find(|(name, _)| name.eq_ignore_ascii_case(zone));
    if let Some((_, hours)) = named {
        return hours.saturating_mul(3600);
    }
    let (sign, digits) = match zone.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, zone.strip_prefix('+').unwrap_or(zone)),
    };
    let number = digits.parse::<i64>().ok().filter(|number| (0..=9999).contains(number));
    let (hours, minutes) = number.map_or((0, 0), |n| (n.div_euclid(100), n.rem_euclid(100)));
    hours.saturating_mul(3600).saturating_add(minutes.saturating_mul(60)).saturating_mul(sign)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, for years from 0.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    // Years that begin in March have their leap day at the end.
    let (year, month) = match month {
        1 | 2 => (year.checked_sub(1)?, month.checked_add(9)?),
        _ => (year, month.checked_sub(3)?),
    };
    let leap_days = year.div_euclid(4).checked_sub(year.div_euclid(100))?;
    let leap_days = leap_days.checked_add(year.div_euclid(400))?;
    let before = month.checked_mul(153)?.checked_add(2)?.div_euclid(5);
    let since = year.checked_mul(365)?.checked_add(leap_days)?.checked_add(before)?;
    // 719469 days lie between 0000-03-01 and 1970-01-01, counted from day 1.
    since.checked_add(day)?.checked_sub(719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_read() {
        use RetryAfter::{Date, Seconds};
        let rows = [
            ("0", Ok(Seconds(0))),
            (" 120\t", Ok(Seconds(120))),
            ("99999999999999999999999", Ok(Seconds(u64::MAX))),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Ok(Date(0))),
            ("Tue, 14 Nov 2023 22:13:20 GMT", Ok(Date(1_700_000_000))),
            ("14 Nov 2023 22:13:20", Ok(Date(1_700_000_000))),
            ("Tue,14 Nov 2023 22:13:20 GMT", Ok(Date(1_700_000_000))),
            ("Tue, 14 November 2023 22:13:20 UTC", Ok(Date(1_700_000_000))),
            ("Tuesday, 14-Nov-23 22:13:20 GMT", Ok(Date(1_700_000_000))),
            ("Tue Nov 14 22:13:20 2023", Ok(Date(1_700_000_000))),
            ("Tue, 14 Nov 2023 23:13:20 +0100", Ok(Date(1_700_000_000))),
            ("Tue, 14 Nov 2023 23:13:20+0100", Ok(Date(1_700_000_000))),
            ("Tue, 14 Nov 2023 17:13:20 EST", Ok(Date(1_700_000_000))),
            ("Tue, 14 Nov 2023 16:43:20 -0530", Ok(Date(1_700_000_000))),
            ("Thu, 29 Feb 2024 00:00:00 GMT", Ok(Date(1_709_164_800))),
            ("Sun, 06 Nov 1994 08:49 GMT", Ok(Date(784_111_740))),
            ("Fri, 31 Dec 1999 23:59:59 GMT", Ok(Date(946_684_799))),
            ("", Err(BadRetryAfter)),
            ("-1", Err(BadRetryAfter)),
            ("+1", Err(BadRetryAfter)),
            ("1.5", Err(BadRetryAfter)),
            ("²", Err(BadRetryAfter)),
            ("soon", Err(BadRetryAfter)),
            ("Tue, 14 Foo 2023 22:13:20 GMT", Err(BadRetryAfter)),
            ("Tue, 14 Nov 2023 22 GMT", Err(BadRetryAfter)),
            ("Tue, 14 Nov 99999 22:13:20 GMT", Err(BadRetryAfter)),
            ("Tue, 99 Nov 2023 22:13:20 GMT", Err(BadRetryAfter)),
        ];
        for (text, want) in rows {
            assert_eq!(parse(text.as_bytes()), want, "{text:?}");
        }
        assert_eq!(parse(b"\xb2"), Err(BadRetryAfter));
    }
}
