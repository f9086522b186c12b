//! The program of the target `differential_http`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(differential_http);
