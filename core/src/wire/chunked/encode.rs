//! What goes around the data of a chunk.

use core::num::NonZeroU32;

/// Bytes to leave free in front of the data for its size line: eight digits and CR LF.
pub const SIZE_LINE_ROOM: usize = 10;
/// Behind the data of each chunk.
pub const DATA_END: [u8; 2] = *b"\r\n";
/// The last chunk and an empty trailer section: the end of the body.
pub const LAST_CHUNK: [u8; 5] = *b"0\r\n\r\n";

/// Writes the size line of a chunk of `length` bytes at the end of `room`, so that it stands right
/// before data that follows there; where in `room` it begins.
///
/// The digits are lower-case and without leading zeros, as requests sends them.
///
/// ```
/// use core::num::NonZeroU32;
/// use sessio_core::wire::chunked::{SIZE_LINE_ROOM, size_line};
///
/// let mut room = [0; SIZE_LINE_ROOM];
/// let start = size_line(NonZeroU32::new(26).unwrap(), &mut room);
/// assert_eq!(&room[start..], b"1a\r\n");
/// ```
#[must_use]
pub fn size_line(length: NonZeroU32, room: &mut [u8; SIZE_LINE_ROOM]) -> usize {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let mut left = length.get();
    let mut start = SIZE_LINE_ROOM;
    let line = room.iter_mut().rev();
    for (place, byte) in line.enumerate() {
        *byte = match place {
            0 => b'\n',
            1 => b'\r',
            _ if left == 0 => break,
            _ => {
                let digit = DIGITS.get((left & 15) as usize).copied().unwrap_or(b'0');
                left >>= 4;
                digit
            }
        };
        start = start.saturating_sub(1);
    }
    start
}
