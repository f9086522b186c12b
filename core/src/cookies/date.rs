//! The date of an `Expires` attribute.
//!
//! Source: RFC 6265bis section 5.1.1. Zones are ignored: every such date is in UTC.

use core::fmt;

use crate::WallTime;

/// What a cookie date lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadDate {
    /// No `hh:mm:ss`.
    NoTime,
    /// No day of the month.
    NoDay,
    /// No month.
    NoMonth,
    /// No year.
    NoYear,
    /// An hour above 23, a day that the month does not have, a year before 1601, and the like.
    NoSuchMoment,
}

impl fmt::Display for BadDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoTime => "cookie date without a time",
            Self::NoDay => "cookie date without a day",
            Self::NoMonth => "cookie date without a month",
            Self::NoYear => "cookie date without a year",
            Self::NoSuchMoment => "cookie date that does not exist",
        })
    }
}

impl core::error::Error for BadDate {}

/// What the tokens seen so far gave.
#[derive(Default)]
struct Found {
    time: Option<(i64, i64, i64)>,
    day: Option<i64>,
    month: Option<usize>,
    year: Option<i64>,
}

/// The moment that `text` means, in whole seconds.
///
/// # Errors
/// What is missing or out of range; the attribute is then ignored.
pub fn parse_date(text: &[u8]) -> Result<WallTime, BadDate> {
    let mut found = Found::default();
    for token in text.split(|byte| is_delimiter(*byte)).filter(|token| !token.is_empty()) {
        take(&mut found, token);
    }
    let (hour, minute, second) = found.time.ok_or(BadDate::NoTime)?;
    let day = found.day.ok_or(BadDate::NoDay)?;
    let month = found.month.ok_or(BadDate::NoMonth)?;
    let year = match found.year.ok_or(BadDate::NoYear)? {
        year @ 70..=99 => year.saturating_add(1900),
        year @ 0..=69 => year.saturating_add(2000),
        year => year,
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let (before, length) = month_span(month, leap).ok_or(BadDate::NoMonth)?;
    if year < 1601 || hour > 23 || minute > 59 || second > 59 || day < 1 || day > length {
        return Err(BadDate::NoSuchMoment);
    }
    let past = year.saturating_sub(1);
    let days = (past.saturating_mul(365))
        .saturating_add(past / 4)
        .saturating_sub(past / 100)
        .saturating_add(past / 400)
        .saturating_add(before)
        .saturating_add(day)
        .saturating_sub(DAYS_TO_1970);
    let seconds = [(days, 86_400), (hour, 3600), (minute, 60), (second, 1)];
    let seconds =
        seconds.iter().fold(0i64, |sum, (n, unit)| sum.saturating_add(n.saturating_mul(*unit)));
    Ok(WallTime::from_unix_seconds(seconds))
}

/// Days from 0000-12-31 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_163;

/// Puts a token where the grammar has room for it: time, day, month, year, in this order.
fn take(found: &mut Found, token: &[u8]) {
    if let (None, Some(time)) = (found.time, time(token)) {
        found.time = Some(time);
    } else if let (None, Some((day, _))) = (found.day, number(token, 1, 2)) {
        found.day = Some(day);
    } else if let (None, Some(month)) = (found.month, month(token)) {
        found.month = Some(month);
    } else if found.year.is_none() {
        found.year = number(token, 2, 4).map(|(year, _)| year);
    }
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, 0x09 | 0x20..=0x2f | 0x3b..=0x40 | 0x5b..=0x60 | 0x7b..=0x7e)
}

/// `least` to `most` digits at the beginning of `token`, no further digit after them, and the rest.
fn number(token: &[u8], least: usize, most: usize) -> Option<(i64, &[u8])> {
    let count = token.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = token.split_at_checked(count)?;
    let value = || {
        digits.iter().fold(0i64, |sum, digit| {
            sum.saturating_mul(10).saturating_add(i64::from(digit.wrapping_sub(b'0')))
        })
    };
    (least..=most).contains(&count).then(|| (value(), rest))
}

fn time(token: &[u8]) -> Option<(i64, i64, i64)> {
    let (hour, rest) = number(token, 1, 2)?;
    let (minute, rest) = number(rest.strip_prefix(b":")?, 1, 2)?;
    let (second, _) = number(rest.strip_prefix(b":")?, 1, 2)?;
    Some((hour, minute, second))
}

const MONTHS: [(&[u8; 3], i64); 12] = [
    (b"jan", 31),
    (b"feb", 28),
    (b"mar", 31),
    (b"apr", 30),
    (b"may", 31),
    (b"jun", 30),
    (b"jul", 31),
    (b"aug", 31),
    (b"sep", 30),
    (b"oct", 31),
    (b"nov", 30),
    (b"dec", 31),
];

/// The number, from 0, of the month whose name `token` begins with.
fn month(token: &[u8]) -> Option<usize> {
    let name = token.get(..3)?;
    MONTHS.iter().position(|(month, _)| name.eq_ignore_ascii_case(*month))
}

/// The days of the year before the month, and those of the month.
fn month_span(month: usize, leap: bool) -> Option<(i64, i64)> {
    let days = |(number, (_, days)): (usize, &(_, i64))| {
        days.saturating_add(i64::from(leap && number == 1))
    };
    let length = days((month, MONTHS.get(month)?));
    let before = MONTHS.iter().enumerate().take(month).map(days);
    Some((before.fold(0, i64::saturating_add), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_means_a_moment_or_lacks_something() {
        let rows: [(&[u8], Result<i64, BadDate>); 14] = [
            (b"Thu, 01 Jan 1970 00:00:00 GMT", Ok(0)),
            (b"Wed, 31-Dec-69 23:59:59 GMT", Ok(3_155_759_999)),
            (b"Thu, 01-Jan-70 00:00:01 GMT", Ok(1)),
            (b"Tue, 29 Feb 2000 00:00:00 GMT", Ok(951_782_400)),
            (b"Fri, 31 Dec 9999 23:59:59 GMT", Ok(253_402_300_799)),
            (b"1 Jan 1601 0:0:0", Ok(-11_644_473_600)),
            (b"31 Dec 1600 23:59:59", Err(BadDate::NoSuchMoment)),
            (b"29 Feb 1900 00:00:00", Err(BadDate::NoSuchMoment)),
            (b"1 Jan 2000 24:00:00", Err(BadDate::NoSuchMoment)),
            (b"1 Jan 2000", Err(BadDate::NoTime)),
            (b"Jan 2000 00:00:00", Err(BadDate::NoDay)),
            (b"1 Foo 2000 00:00:00", Err(BadDate::NoMonth)),
            (b"1 Jan 00:00:00 20000", Err(BadDate::NoYear)),
            (b"\xff\0", Err(BadDate::NoTime)),
        ];
        for (text, want) in rows {
            let got = parse_date(text).map(WallTime::unix_seconds);
            assert_eq!(got, want, "{}", text.escape_ascii());
        }
    }
}
