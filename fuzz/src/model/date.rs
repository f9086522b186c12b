//! Cookie dates, token by token, with days counted one by one.
//!
//! Source: RFC 6265bis, section 5.1.1.

/// Seconds since 1970, or `None` if it is no date.
#[must_use]
pub fn parse(text: &[u8]) -> Option<i64> {
    let delimiter = |b: &u8| match *b {
        0x09 => true,
        b => {
            (0x20..=0x2f).contains(&b)
                || (0x3b..=0x40).contains(&b)
                || (0x5b..=0x60).contains(&b)
                || (0x7b..=0x7e).contains(&b)
        }
    };
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(delimiter).filter(|token| !token.is_empty()) {
        if time.is_none() && self::time(token).is_some() {
            time = self::time(token);
        } else if day.is_none() && digits(token, 1, 2).is_some() {
            day = digits(token, 1, 2);
        } else if month.is_none() && self::month(token).is_some() {
            month = self::month(token);
        } else if year.is_none() {
            year = digits(token, 2, 4);
        }
    }
    let ((h, m, s), day, month, mut year) = (time?, day?, month?, year?);
    year += match year {
        70..=99 => 1900,
        0..=69 => 2000,
        _ => 0,
    };
    if !(1..=31).contains(&day) || year < 1601 || h > 23 || m > 59 || s > 59 {
        return None;
    }
    days(year, month, day).map(|days| ((days * 24 + h) * 60 + m) * 60 + s)
}

/// The number that a token begins with, if it has so many digits and no more.
fn digits(token: &[u8], least: usize, most: usize) -> Option<i64> {
    let count = token.iter().take_while(|b| b.is_ascii_digit()).count();
    let text = std::str::from_utf8(&token[..count]).ok()?;
    if count < least || count > most { None } else { text.parse().ok() }
}

fn time(token: &[u8]) -> Option<(i64, i64, i64)> {
    let parts: Vec<&[u8]> = token.splitn(3, |b| *b == b':').collect();
    let [hours, minutes, seconds] = parts[..] else { return None };
    let all = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    if !all(hours) || !all(minutes) {
        return None;
    }
    Some((digits(hours, 1, 2)?, digits(minutes, 1, 2)?, digits(seconds, 1, 2)?))
}

fn month(token: &[u8]) -> Option<i64> {
    let names = "janfebmaraprmayjunjulaugsepoctnovdec";
    let name = String::from_utf8(token.get(..3)?.to_ascii_lowercase()).ok()?;
    (0..12).find(|n| names[3 * n..3 * n + 3] == name).map(|n| n as i64 + 1)
}

fn length(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 400 == 0 || (year % 4 == 0 && year % 100 != 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01, counted month by month.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if day > length(year, month) {
        return None;
    }
    let (mut days, mut at) = (day - 1, (1970, 1));
    while at < (year, month) {
        days += length(at.0, at.1);
        at = if at.1 == 12 { (at.0 + 1, 1) } else { (at.0, at.1 + 1) };
    }
    while at > (year, month) {
        at = if at.1 == 1 { (at.0 - 1, 12) } else { (at.0, at.1 - 1) };
        days -= length(at.0, at.1);
    }
    Some(days)
}
