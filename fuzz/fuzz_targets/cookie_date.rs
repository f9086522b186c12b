//! The program of the target `cookie_date`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(cookie_date);
