//! A response head read line by line.
//!
//! Source: RFC 9112, sections 2.2, 4 and 5, with the choices of the project's table of rules.

/// A head that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The minor version.
    pub minor: u8,
    /// The status.
    pub status: u16,
    /// The reason, without blanks around it.
    pub reason: Vec<u8>,
    /// Names as sent, values without blanks around them.
    pub fields: Vec<(Vec<u8>, Vec<u8>)>,
    /// Bytes up to and with the blank line.
    pub used: usize,
    /// A line ended with LF alone.
    pub bare_lf: bool,
    /// A value went on in the next line.
    pub folded: bool,
}

/// What came of reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// The end is not there yet.
    Partial,
    /// It is none, or too large.
    Refused,
    /// It is one.
    Whole(Head),
}

/// Rules that differ from one use to another.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Bytes with the blank line.
    pub bytes_max: usize,
    /// Field lines.
    pub fields_max: usize,
    /// Neither LF alone nor folds.
    pub strict: bool,
}

impl Rules {
    /// The defaults of the project.
    pub const DEFAULT: Self = Self { bytes_max: 65_536, fields_max: 128, strict: false };
}

/// Reads a head.
#[must_use]
pub fn read(bytes: &[u8], rules: Rules) -> Read {
    let bytes = &bytes[..bytes.len().min(rules.bytes_max)];
    let differs = |version: &[u8]| bytes.iter().zip(version).any(|(is, want)| is != want);
    if differs(b"HTTP/1.0") && differs(b"HTTP/1.1") {
        return Read::Refused;
    }
    let Some((lines, used)) = lines(bytes) else {
        return if bytes.len() == rules.bytes_max { Read::Refused } else { Read::Partial };
    };
    match whole(&lines, used, rules) {
        Some(head) => Read::Whole(head),
        None => Read::Refused,
    }
}

/// The lines, without LF, up to and without the first empty one, and where that one ends.
#[must_use]
pub fn lines(bytes: &[u8]) -> Option<(Vec<&[u8]>, usize)> {
    let (mut lines, mut used) = (Vec::new(), 0);
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let line_without = line.strip_suffix(b"\n")?;
        used += line.len();
        lines.push(line_without);
        if line_without.is_empty() || line_without == b"\r" {
            return Some((lines, used));
        }
    }
    None
}

fn whole(lines: &[&[u8]], used: usize, rules: Rules) -> Option<Head> {
    let bare_lf = lines.iter().any(|line| !line.ends_with(b"\r"));
    if bare_lf && rules.strict {
        return None;
    }
    let mut lines = lines.iter().map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let status_line = lines.next()?;
    let mut head = status(status_line)?;
    let lines: Vec<&[u8]> = lines.take_while(|line| !line.is_empty()).collect();
    head.fields = fields(&lines, rules, &mut head.folded)?;
    (head.used, head.bare_lf) = (used, bare_lf);
    Some(head)
}

fn status(line: &[u8]) -> Option<Head> {
    let text = |b: &u8| *b == b'\t' || (*b >= b' ' && *b != 0x7f);
    if line.get(8) != Some(&b' ') || !line.iter().all(text) {
        return None;
    }
    let code = line.get(9..12)?;
    if !code.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let status = code.iter().fold(0, |code, b| code * 10 + u16::from(b - b'0'));
    let reason = match line.get(12) {
        None => &[],
        Some(b' ') => &line[13..],
        Some(_) => return None,
    };
    if status < 100 {
        return None;
    }
    let (minor, reason) = (line[7] - b'0', trim(reason).to_vec());
    Some(Head { minor, status, reason, fields: vec![], used: 0, bare_lf: false, folded: false })
}

/// Fields of lines without their ends; `None` if one is none.
#[must_use]
pub fn fields(lines: &[&[u8]], rules: Rules, folded: &mut bool) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut fields: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for line in lines {
        if line.iter().any(|b| (*b < b' ' && *b != b'\t') || *b == 0x7f) {
            return None;
        }
        if matches!(line[0], b' ' | b'\t') {
            let (name, value) = fields.last_mut()?;
            let kept: [&[u8]; 4] =
                [b"content-length", b"transfer-encoding", b"location", b"set-cookie"];
            if rules.strict || kept.contains(&&*name.to_ascii_lowercase()) {
                return None;
            }
            *folded = true;
            let more = trim(line);
            if !value.is_empty() && !more.is_empty() {
                value.push(b' ');
            }
            value.extend_from_slice(more);
            continue;
        }
        let colon = line.iter().position(|b| *b == b':')?;
        let (name, value) = (&line[..colon], trim(&line[colon + 1..]));
        let token = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
        if name.is_empty() || !name.iter().all(token) || fields.len() == rules.fields_max {
            return None;
        }
        fields.push((name.to_vec(), value.to_vec()));
    }
    Some(fields)
}

/// Without the blanks and tabs around it.
#[must_use]
pub fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

impl Head {
    /// All values of a field.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&[u8]> {
        let named = |n: &[u8]| n.eq_ignore_ascii_case(name.as_bytes());
        self.fields.iter().filter(|(n, _)| named(n)).map(|(_, v)| &**v).collect()
    }
}
