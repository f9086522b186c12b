//! The program of the target `body_framing`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(body_framing);
