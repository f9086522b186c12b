//! How targets read their input: fields with a separator between them, numbers, cuts.

/// What stands between the fields of an input: no text has it, and few protocols.
pub const SEPARATOR: u8 = 0xfe;

/// The fields of an input.
pub struct Fields<'a> {
    fields: std::vec::IntoIter<&'a [u8]>,
}

impl<'a> Fields<'a> {
    /// Takes an input apart.
    #[must_use]
    pub fn of(data: &'a [u8]) -> Self {
        Self { fields: data.split(|b| *b == SEPARATOR).collect::<Vec<_>>().into_iter() }
    }

    /// The next field; empty if there is none.
    pub fn bytes(&mut self) -> &'a [u8] {
        self.fields.next().unwrap_or_default()
    }

    /// The next field as text; what is not UTF-8 is replaced.
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }

    /// The first byte of the next field, or 0.
    pub fn number(&mut self) -> u8 {
        self.bytes().first().copied().unwrap_or(0)
    }

    /// All fields that are left.
    pub fn rest(self) -> impl Iterator<Item = &'a [u8]> {
        self.fields
    }
}

/// The first byte as flags, and the rest.
#[must_use]
pub fn flags(data: &[u8]) -> (u8, &[u8]) {
    match data.split_first() {
        Some((flags, rest)) => (*flags, rest),
        None => (0, &[]),
    }
}

/// Pieces of `bytes` whose sizes follow from `seed`; at 0 there is one piece, at 1 each has one byte.
#[must_use]
pub fn cut(bytes: &[u8], seed: u8) -> Vec<&[u8]> {
    let mut state = u32::from(seed).wrapping_mul(2_654_435_761);
    let (mut pieces, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let size = match seed {
            0 => rest.len(),
            1 => 1,
            _ => 1 + (state >> 16) as usize % (2 * usize::from(seed)),
        };
        let (piece, left) = rest.split_at(size.min(rest.len()));
        pieces.push(piece);
        rest = left;
    }
    pieces
}

/// Bytes for a message: printable, and not too long.
#[must_use]
pub fn show(bytes: &[u8]) -> String {
    bytes.iter().take(400).map(|b| b.escape_ascii().to_string()).collect()
}
