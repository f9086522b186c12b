//! The program of the target `response_head`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(response_head);
