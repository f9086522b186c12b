//! The program of the target `chunked`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(chunked);
