//! Tests of the decoders, over all codings.
