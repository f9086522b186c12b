//! Torture: one output of a run is answered by failure, or the exchange is dropped there.

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The output is answered by failure.
    Fail,
    /// The exchange is dropped.
    Drop,
}

/// Counts outputs, and says at which one something goes wrong.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    seen: usize,
    planted: Option<(usize, Fault)>,
}

impl Faults {
    /// A fault at the output of this number, the first being 0.
    #[must_use]
    pub const fn at(output: usize, fault: Fault) -> Self {
        Self { seen: 0, planted: Some((output, fault)) }
    }

    /// How many outputs there were.
    #[must_use]
    pub const fn seen(&self) -> usize {
        self.seen
    }

    /// Whether something is to go wrong in this run.
    #[must_use]
    pub const fn is_planted(&self) -> bool {
        self.planted.is_some()
    }

    /// Counts an output; what goes wrong at it.
    pub fn planted_here(&mut self) -> Option<Fault> {
        let number = self.seen;
        self.seen += 1;
        self.planted.filter(|(at, _)| *at == number).map(|(_, fault)| fault)
    }
}
