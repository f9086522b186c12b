//! Colour, where it helps: on a terminal, unless `NO_COLOR` says otherwise.
//!
//! Source: <https://no-color.org>.

use std::env;

/// Whether colour is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paint {
    Plain,
    Coloured,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tint {
    Title,
    Sent,
    Received,
    Decided,
    Wrong,
    Quiet,
}

impl Paint {
    /// For a stream that is a terminal, or is not.
    pub(crate) fn of(is_terminal: bool) -> Self {
        let is_unwanted = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || env::var_os("TERM").is_some_and(|value| value == "dumb");
        if is_terminal && !is_unwanted { Self::Coloured } else { Self::Plain }
    }

    /// The text in the colour of its kind.
    pub(crate) fn tint(self, tint: Tint, text: &str) -> String {
        let code = match tint {
            Tint::Title => "1",
            Tint::Sent => "36",
            Tint::Received => "32",
            Tint::Decided => "33",
            Tint::Wrong => "31",
            Tint::Quiet => "2",
        };
        match self {
            Self::Plain => text.to_owned(),
            Self::Coloured => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }
}
