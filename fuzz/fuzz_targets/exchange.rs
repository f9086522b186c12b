//! The program of the target `exchange`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(exchange);
