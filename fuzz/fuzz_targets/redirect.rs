//! The program of the target `redirect`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(redirect);
