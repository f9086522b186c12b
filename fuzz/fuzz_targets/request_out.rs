//! The program of the target `request_out`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(request_out);
