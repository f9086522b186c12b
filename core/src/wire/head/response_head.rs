//! The head of one response, read from bytes as they come.

use core::fmt;
use core::mem::MaybeUninit;

use http::StatusCode;

use super::end::find_end;
use super::examine::{NAME_BYTES_MAX, examine_head};
use super::unfold::unfold;
use super::{FieldLines, HeadError, HeadLimits, Leniencies, Leniency, Strictness};
use crate::headers::Headers;

/// Heads with at most as many fields are read without a list on the heap.
const FIELDS_ON_STACK: usize = 128;
/// `HTTP/1.1 200 ` is before the reason.
const REASON_START: usize = 13;
/// Bytes of `HTTP/1.1`.
const VERSION_LENGTH: usize = 8;

/// A version of HTTP that responses may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    Http11,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
        })
    }
}

/// How far a head has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Progress {
    /// Its blank line is still to come: ask again with the same bytes and more behind them.
    Partial,
    /// It is whole, and its last byte is the one before `used`.
    Complete {
        /// Bytes of the head; what is behind them is not.
        used: usize,
    },
}

/// The head of a response: status line and fields.
///
/// One value serves many responses, one after the other: its buffers are used again. Between
/// [`Progress::Complete`] and the next call of [`ResponseHead::parse`] it holds that head; at other
/// times what it holds is of no use.
///
/// ```
/// use sessio_core::wire::head::{HeadLimits, Progress, ResponseHead, Strictness};
///
/// let mut head = ResponseHead::new();
/// let received = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
/// let progress = head.parse(received, &HeadLimits::default(), Strictness::Default)?;
/// assert_eq!(progress, Progress::Complete { used: 38 });
/// assert_eq!(head.status(), 200);
/// assert_eq!(head.field("content-length"), Some(&b"2"[..]));
/// # Ok::<(), sessio_core::wire::head::HeadError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ResponseHead {
    lines: FieldLines,
    status: StatusCode,
    version: Version,
    reason: (usize, usize),
    leniencies: Leniencies,
    /// Bytes at the beginning that are known to hold no whole head.
    searched: usize,
}

impl Default for ResponseHead {
    fn default() -> Self {
        Self::new()
    }
}

impl ResponseHead {
    /// A head to read into; it allocates nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            lines: FieldLines::default(),
            status: StatusCode::OK,
            version: Version::Http11,
            reason: (0, 0),
            leniencies: Leniencies::default(),
            searched: 0,
        }
    }

    /// Forgets the head and the search for its end; keeps the memory.
    ///
    /// For a head that was given up half-way. After [`Progress::Complete`] and after an error the
    /// next head begins by itself.
    pub fn clear(&mut self) {
        self.lines.clear();
        self.reason = (0, 0);
        self.leniencies = Leniencies::default();
        self.searched = 0;
    }

    /// Reads a head from `received`: all bytes since its first one.
    ///
    /// Call it again with the same bytes and more behind them as long as it is
    /// [`Progress::Partial`]; the work over all calls is linear in the head. Bytes behind the head
    /// are not looked at. Faults are found when the head is whole, so that the verdict does not
    /// depend on the cuts; but bytes that do not begin with `HTTP/1.0` or `HTTP/1.1` are refused at
    /// once.
    ///
    /// # Errors
    /// What is wrong with the head, and where; the connection is of no further use then.
    pub fn parse(
        &mut self,
        received: &[u8],
        limits: &HeadLimits,
        strictness: Strictness,
    ) -> Result<Progress, HeadError> {
        let result = self.advance(received, limits, strictness);
        if !matches!(result, Ok(Progress::Partial)) {
            self.searched = 0;
        }
        result
    }

    fn advance(
        &mut self,
        received: &[u8],
        limits: &HeadLimits,
        strictness: Strictness,
    ) -> Result<Progress, HeadError> {
        let bytes_max = limits.head_bytes_max.min(u32::MAX as usize);
        let within = received.get(..bytes_max).unwrap_or(received);
        if self.searched < VERSION_LENGTH {
            check_version(within)?;
        }
        // The first time, as a rule the only one, the parser finds the end by itself.
        if self.searched > 0 && find_end(within, self.searched).is_none() {
            return self.wait(within.len(), bytes_max);
        }
        match self.read(within, limits.fields_max, strictness)? {
            Some(used) => Ok(Progress::Complete { used }),
            None => self.wait(within.len(), bytes_max),
        }
    }

    /// The head's end is not among the first `searched` bytes.
    fn wait(&mut self, searched: usize, bytes_max: usize) -> Result<Progress, HeadError> {
        if searched >= bytes_max {
            return Err(HeadError::TooLarge { bytes_max });
        }
        self.searched = searched;
        Ok(Progress::Partial)
    }

    /// Reads a head that is probably whole; `None` if it is not.
    fn read(
        &mut self,
        bytes: &[u8],
        fields_max: usize,
        strictness: Strictness,
    ) -> Result<Option<usize>, HeadError> {
        if let Some(used) = self.read_plain(bytes, fields_max)? {
            if strictness == Strictness::Strict && !self.leniencies.is_empty() {
                let head = bytes.get(..used).unwrap_or_default();
                examine_head(head, fields_max, strictness)?;
                return Err(HeadError::Unreadable);
            }
            return Ok(Some(used));
        }
        let Some(used) = find_end(bytes, 0) else { return Ok(None) };
        let head = bytes.get(..used).unwrap_or_default();
        let seen = examine_head(head, fields_max, strictness)?;
        let unfolded = unfold(head);
        self.read_plain(&unfolded, fields_max)?.ok_or(HeadError::Unreadable)?;
        self.leniencies = seen;
        Ok(Some(used))
    }

    /// Reads a head without folds; `None` if it is not whole or has a fault.
    fn read_plain(&mut self, bytes: &[u8], fields_max: usize) -> Result<Option<usize>, HeadError> {
        let mut stack = [const { MaybeUninit::uninit() }; FIELDS_ON_STACK];
        let mut heap = alloc::vec::Vec::new();
        let room = match stack.get_mut(..fields_max) {
            Some(room) => room,
            None => {
                // Each field takes four bytes at least.
                heap.resize_with(fields_max.min(bytes.len()), MaybeUninit::uninit);
                heap.as_mut_slice()
            }
        };
        let mut response = httparse::Response::new(&mut []);
        let parsed = httparse::ParserConfig::default().parse_response_with_uninit_headers(
            &mut response,
            bytes,
            room,
        );
        let Ok(httparse::Status::Complete(used)) = parsed else { return Ok(None) };
        let code = response.code.unwrap_or_default();
        self.status = StatusCode::from_u16(code).map_err(|_| HeadError::StatusCode { code })?;
        self.version = match response.version {
            Some(0) => Version::Http10,
            _ => Version::Http11,
        };
        if let Some(field) = response.headers.iter().find(|f| f.name.len() > NAME_BYTES_MAX) {
            let offset = field.name.as_ptr().addr().saturating_sub(bytes.as_ptr().addr());
            return Err(HeadError::FieldNameTooLong { offset });
        }
        self.lines.store(bytes.get(..used).unwrap_or_default(), response.headers);
        self.look_at_lines();
        Ok(Some(used))
    }

    /// What `httparse` does not say: the reason as sent, and how the lines end.
    fn look_at_lines(&mut self) {
        let head = self.lines.bytes();
        let ends_with_cr =
            |next_line: usize| next_line.checked_sub(2).and_then(|at| head.get(at)) == Some(&b'\r');
        let blank_line = head.len().saturating_sub(if ends_with_cr(head.len()) { 2 } else { 1 });
        let second_line = self.lines.line_starts().next().unwrap_or(blank_line);
        let starts = self.lines.line_starts().chain([blank_line, head.len()]);
        let has_bare_lf = { starts }.any(|start| !ends_with_cr(start));
        let reason_end = second_line.saturating_sub(if ends_with_cr(second_line) { 2 } else { 1 });
        self.reason = (REASON_START.min(reason_end), reason_end);
        self.leniencies = Leniencies::default();
        if has_bare_lf {
            self.leniencies.add(Leniency::BareLf);
        }
    }

    /// The version that the server speaks.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The status: 100 to 999.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The reason phrase as sent, without the blanks around it; it may be empty or not ASCII.
    #[must_use]
    pub fn reason(&self) -> &[u8] {
        let (from, to) = self.reason;
        self.lines.bytes().get(from..to).unwrap_or_default().trim_ascii()
    }

    /// All fields.
    #[must_use]
    pub const fn fields(&self) -> &FieldLines {
        &self.lines
    }

    /// The first value of the field `name`, which is compared without regard to case.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&[u8]> {
        self.lines.field(name)
    }

    /// All values of the field `name`, in order.
    pub fn fields_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.lines.fields_named(name)
    }

    /// Names, in the server's case, and values in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], &[u8])> {
        self.lines.iter()
    }

    /// The fields as an owned list; made anew at each call.
    #[must_use]
    pub fn to_headers(&self) -> Headers {
        self.lines.to_headers()
    }

    /// The head's bytes with its blank line; folds are already replaced.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.lines.bytes()
    }

    /// Which breaks of the grammar were put up with.
    #[must_use]
    pub const fn leniencies(&self) -> Leniencies {
        self.leniencies
    }
}

impl fmt::Debug for ResponseHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseHead")
            .field("version", &self.version)
            .field("status", &self.status)
            .field("reason", &format_args!("{}", super::Escaped(self.reason())))
            .field("fields", &self.lines)
            .finish()
    }
}

/// Refuses what does not begin with a version, as soon as its first wrong byte is there.
fn check_version(received: &[u8]) -> Result<(), HeadError> {
    let wrong = received
        .iter()
        .zip(b"HTTP/1.1")
        .position(|(is, want)| is != want)
        .filter(|at| !(*at == 7 && received.get(7) == Some(&b'0')));
    match wrong {
        Some(offset) => Err(HeadError::NotHttp1 { offset }),
        None => Ok(()),
    }
}
