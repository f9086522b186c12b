//! The jar as a `cookies.txt` file, in the form that browsers, curl and Python share.
//!
//! A line is seven cells with tabs between them: domain, whether hosts below it are meant, path,
//! `Secure`, expiry in seconds since the Unix epoch (0: with the session), name, value. `#HttpOnly_`
//! before the domain says what it says; other lines that begin with `#` are comments.
//!
//! Source: `MozillaCookieJar` in Python's `http.cookiejar`; `Curl_cookie_add` and `get_netscape_format`
//! in curl, `lib/cookie.c`.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::cookie::{BadCookie, Cookie, Naming, Reach};
use super::jar::Jar;
use super::mapping::Which;
use crate::{Secret, WallTime};

/// What Python wants to find in the first line.
const TITLE: &str = "# Netscape HTTP Cookie File\n\n";

/// Before the domain of a cookie that is marked `HttpOnly`.
const HTTP_ONLY: &str = "#HttpOnly_";

/// A jar as [`Jar::to_netscape`] writes it. `Debug` does not show the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Netscape {
    /// The file's text, with the values in the clear: keep it as safe as the cookies.
    pub text: String,
    /// Cookies that the form has no way to write: with a TAB in a cell, with a domain that begins a
    /// comment, or with a value but no name.
    pub left_out: Vec<Cookie>,
}

impl fmt::Debug for Netscape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.text.lines().count();
        f.debug_struct("Netscape")
            .field("lines", &lines)
            .field("left_out", &self.left_out)
            .finish_non_exhaustive()
    }
}

/// A line of a `cookies.txt` file that is none. It does not repeat what the line holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Its number; the first is 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: LineFault,
}

/// What is wrong with a line of a `cookies.txt` file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFault {
    /// It has this many cells; there are to be seven, or six if the value is empty.
    Cells(usize),
    /// Its second or fourth cell is neither `TRUE` nor `FALSE`.
    Flag,
    /// Its second cell does not say what the first character of its first does: a dot goes with
    /// `TRUE`.
    Dot,
    /// Its fifth cell is no number of seconds.
    Expiry,
    /// Neither a name nor a value.
    Empty,
    /// Name and value are longer than [`Limits::pair_bytes_max`](super::Limits::pair_bytes_max).
    TooLarge,
    /// It could not go into a header field.
    Cookie(BadCookie),
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of the cookie file: ", self.line)?;
        match self.why {
            LineFault::Cells(count) => write!(f, "{count} cells between tabs, not seven"),
            LineFault::Flag => f.write_str("neither TRUE nor FALSE where one has to be"),
            LineFault::Dot => f.write_str("TRUE goes with a domain that begins with a dot"),
            LineFault::Expiry => f.write_str("the expiry is no number of seconds"),
            LineFault::Empty => f.write_str("neither name nor value"),
            LineFault::TooLarge => f.write_str("name and value too long"),
            LineFault::Cookie(bad) => bad.fmt(f),
        }
    }
}

impl core::error::Error for BadLine {}

impl Jar {
    /// A jar with the cookies of a `cookies.txt` file, and the default limits.
    ///
    /// # Errors
    /// As [`Jar::add_netscape`].
    pub fn from_netscape(text: &str) -> Result<Self, BadLine> {
        let mut jar = Self::new();
        jar.add_netscape(text)?;
        Ok(jar)
    }

    /// Puts in the cookies of a `cookies.txt` file, and says how many lines had one. They take the
    /// place of those with their domain, path and name; expired ones are put in and never sent.
    ///
    /// The title line may be missing, as curl has it. An expiry of 0 or none is that of a cookie
    /// that ends with the session.
    ///
    /// # Errors
    /// The first line that is neither a cookie nor a comment; then none is put in.
    ///
    /// Source: `MozillaCookieJar.load`.
    pub fn add_netscape(&mut self, text: &str) -> Result<usize, BadLine> {
        let mut cookies = Vec::new();
        for (number, line) in text.split('\n').enumerate() {
            let bytes_max = self.limits().pair_bytes_max;
            match read(line.strip_suffix('\r').unwrap_or(line), bytes_max) {
                Ok(cookie) => cookies.extend(cookie),
                Err(why) => return Err(BadLine { line: number.saturating_add(1), why }),
            }
        }
        let count = cookies.len();
        for cookie in cookies {
            self.insert(cookie);
        }
        Ok(count)
    }

    /// The cookies as a `cookies.txt` file, oldest first.
    ///
    /// A port and `SameSite` are not part of the form. One that goes to every host has no domain,
    /// which Python reads as it is meant and curl does not.
    ///
    /// Source: `MozillaCookieJar.save`.
    #[must_use]
    pub fn to_netscape(&self, which: Which) -> Netscape {
        let mut written = Netscape { text: String::from(TITLE), left_out: Vec::new() };
        for cookie in self.by_creation().filter(|cookie| which.has(cookie)) {
            if is_writable(cookie) {
                write(&mut written.text, cookie);
            } else {
                written.left_out.push(cookie.clone());
            }
        }
        written
    }
}

/// The cookie of a line; none in a comment or an empty line.
fn read(line: &str, bytes_max: usize) -> Result<Option<Cookie>, LineFault> {
    let (line, http_only) = match line.strip_prefix(HTTP_ONLY) {
        Some(line) => (line, true),
        None => (line, false),
    };
    let begin = line.trim_start();
    if begin.is_empty() || begin.starts_with(['#', '$']) {
        return Ok(None);
    }
    let cells: Vec<&str> = line.split('\t').collect();
    // Python leaves an empty value its tab, curl does not.
    let (cells, value) = match cells.as_slice() {
        [cells @ .., value] if cells.len() == 6 => (cells, *value),
        cells => (cells, ""),
    };
    let [domain, below, path, secure, expires, name] = cells else {
        return Err(LineFault::Cells(cells.len()));
    };
    if flag(below)? != domain.starts_with('.') {
        return Err(LineFault::Dot);
    }
    if name.is_empty() && value.is_empty() {
        return Err(LineFault::Empty);
    }
    if name.len().saturating_add(value.len()) > bytes_max {
        return Err(LineFault::TooLarge);
    }
    let expires = expiry(expires)?;
    let named = match *name {
        "" => Cookie { naming: Naming::Nameless, ..Cookie::valueless(value) },
        name => Cookie { value: Some(Secret::new(value.into())), ..Cookie::valueless(name) },
    };
    let placed = named.with_domain(*domain).with_path(*path);
    let reach = match placed.reach {
        Reach::Subdomains if !domain.starts_with('.') => Reach::Host,
        reach => reach,
    };
    let secure = flag(secure)?;
    let cookie = Cookie { reach, secure, http_only, expires, discard: expires.is_none(), ..placed };
    cookie.check().map_err(LineFault::Cookie)?;
    Ok(Some(cookie))
}

fn flag(cell: &str) -> Result<bool, LineFault> {
    match cell {
        "TRUE" => Ok(true),
        "FALSE" => Ok(false),
        _ => Err(LineFault::Flag),
    }
}

/// Seconds since the epoch; a fraction, which some write, is cut off.
fn expiry(cell: &str) -> Result<Option<WallTime>, LineFault> {
    let (whole, fraction) = cell.split_once('.').unwrap_or((cell, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(digits) || !is_number(fraction) || (digits.is_empty() && !cell.is_empty()) {
        return Err(LineFault::Expiry);
    }
    // Too many digits are a time that never comes, or that was before all others.
    let far = if whole.starts_with('-') { i64::MIN } else { i64::MAX };
    let seconds = if cell.is_empty() { 0 } else { whole.parse().unwrap_or(far) };
    Ok((seconds != 0).then(|| WallTime::from_unix_seconds(seconds)))
}

/// Whether a line can hold it so that it is read as the same.
fn is_writable(cookie: &Cookie) -> bool {
    let cells = [&cookie.name, cookie.value().unwrap_or_default(), &cookie.domain, &cookie.path];
    let is_comment =
        cookie.domain.starts_with(|c: char| c.is_whitespace() || matches!(c, '#' | '$'));
    !is_comment && !cookie.name.is_empty() && !cells.iter().any(|cell| cell.contains('\t'))
}

fn write(text: &mut String, cookie: &Cookie) {
    let flag = |is| if is { "TRUE" } else { "FALSE" };
    let below = cookie.reach == Reach::Subdomains;
    let dot = if below && !cookie.domain.starts_with('.') { "." } else { "" };
    // 0 would be the session's end; what expired before the epoch has expired in its first second.
    let expires = cookie.expires.map_or(0, |expires| expires.unix_seconds().max(1));
    let (name, value) = match cookie.value() {
        Some(value) => (cookie.name.as_str(), value),
        None => ("", cookie.name.as_str()),
    };
    if cookie.http_only {
        text.push_str(HTTP_ONLY);
    }
    let (domain, path, secure) = (&cookie.domain, &cookie.path, flag(cookie.secure));
    // Writing to a string does not fail.
    let _ = fmt::Write::write_fmt(
        text,
        format_args!(
            "{dot}{domain}\t{}\t{path}\t{secure}\t{expires}\t{name}\t{value}\n",
            flag(below)
        ),
    );
}

#[cfg(test)]
mod tests;
