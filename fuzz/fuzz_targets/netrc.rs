//! The program of the target `netrc`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(netrc);
