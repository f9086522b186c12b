//! Which breaks of the grammar were put up with, for the decision trace.

use core::fmt;

/// A break of the grammar that was put up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leniency {
    /// A line of the head ended with LF alone (RFC 9112, 2.2).
    BareLf,
    /// A field value went on in the next line; the fold became one space (RFC 9112, 5.2).
    ObsFold,
}

impl fmt::Display for Leniency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BareLf => "a line of the head ends with LF alone",
            Self::ObsFold => "a field value is folded over several lines",
        })
    }
}

/// The set of what was put up with in one head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leniencies {
    bare_lf: bool,
    obs_fold: bool,
}

impl Leniencies {
    pub(super) fn add(&mut self, leniency: Leniency) {
        match leniency {
            Leniency::BareLf => self.bare_lf = true,
            Leniency::ObsFold => self.obs_fold = true,
        }
    }

    /// Whether the head was well-formed.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        !self.bare_lf && !self.obs_fold
    }

    /// Whether this was put up with.
    #[must_use]
    pub const fn has(self, leniency: Leniency) -> bool {
        match leniency {
            Leniency::BareLf => self.bare_lf,
            Leniency::ObsFold => self.obs_fold,
        }
    }

    /// Each once, in the order of [`Leniency`].
    pub fn iter(self) -> impl Iterator<Item = Leniency> {
        [Leniency::BareLf, Leniency::ObsFold].into_iter().filter(move |one| self.has(*one))
    }
}
