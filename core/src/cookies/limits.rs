//! How much of a peer's cookies is kept and sent.

use core::time::Duration;

/// Bounds on cookies. What made a bound strike is told: as a [`Refusal`](super::Refusal), among the
/// evicted of a [`Decision`](super::Decision), or as left out of a [`Line`](super::Line).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a name and its value together: 4,096 (RFC 6265bis section 5.6).
    pub pair_bytes_max: usize,
    /// Bytes of an attribute's value, longer ones being ignored: 1,024 (RFC 6265bis section 5.6).
    pub attribute_bytes_max: usize,
    /// `Set-Cookie` lines read from one response: 50, as in curl.
    pub response_max: usize,
    /// Cookies of one site (registrable domain): 180, as in browsers.
    pub site_max: usize,
    /// Cookies in the jar: 3,000 (RFC 6265bis section 6.1). Those put in by hand count and are
    /// never refused.
    pub jar_max: usize,
    /// Cookies in one request: 150, as in curl.
    pub sent_max: usize,
    /// Bytes of the `Cookie` field's value: 8,192.
    pub line_bytes_max: usize,
    /// How far from now an expiry may lie. None by default, as in requests; RFC 6265bis recommends
    /// 400 days.
    pub lifetime_max: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pair_bytes_max: 4096,
            attribute_bytes_max: 1024,
            response_max: 50,
            site_max: 180,
            jar_max: 3000,
            sent_max: 150,
            line_bytes_max: 8192,
            lifetime_max: None,
        }
    }
}
