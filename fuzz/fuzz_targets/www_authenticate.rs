//! The program of the target `www_authenticate`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(www_authenticate);
