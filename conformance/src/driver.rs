//! What runs exchange vectors: one driver for each way of using the client.

use serde_json::Value;

use crate::peer::Malformed;
use crate::vectors::Exchange;

/// The drivers that vectors can be run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The core over a simulated network and clock.
    Sim,
    /// `sessio-std` over real sockets on the loopback interface.
    Std,
    /// `sessio-smol`, likewise.
    Smol,
    /// `sessio-mio`, likewise.
    Mio,
}

/// All of them, in the order of reports.
pub const ALL: [Name; 4] = [Name::Sim, Name::Std, Name::Smol, Name::Mio];

/// Runs a vector against the client.
pub trait Driver {
    /// What was observed, in the form of `expect` (section 3.7 of the format).
    ///
    /// # Errors
    /// If the vector is not of the format.
    fn run(&mut self, vector: &Exchange) -> Result<Value, Malformed>;
}

impl Name {
    /// As the command line writes it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Sim => "sim",
            Self::Std => "std",
            Self::Smol => "smol",
            Self::Mio => "mio",
        }
    }

    /// The driver of this name, or `None` while there is none.
    #[must_use]
    pub fn driver(self) -> Option<Box<dyn Driver>> {
        match self {
            Self::Sim => Some(Box::new(crate::sim::Sim)),
            Self::Std => Some(Box::new(crate::std_driver::Std)),
            Self::Smol => Some(Box::new(crate::smol_driver::Smol)),
            Self::Mio => Some(Box::new(crate::mio_driver::Mio)),
        }
    }
}
