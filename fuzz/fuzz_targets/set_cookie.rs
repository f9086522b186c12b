//! The program of the target `set_cookie`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(set_cookie);
