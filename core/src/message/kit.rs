//! The values that a runtime attaches to requests, and that the core carries without looking.

use core::convert::Infallible;

/// What hooks, custom auth and upload sources are in a runtime.
///
/// The core never calls them: it asks for the runtime's verdict or for bytes, so an exchange stays
/// plain data. `()` is the kit of an embedder that has none of the three.
pub trait Kit {
    /// A response hook; sessions and requests share them.
    type Hook: Clone;
    /// Custom auth; sessions and requests share it.
    type Auth: Clone;
    /// Where the bytes of a streamed upload come from.
    type Source;
}

impl Kit for () {
    type Hook = Infallible;
    type Auth = Infallible;
    type Source = Infallible;
}
