//! The program of the target `content_decode`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(content_decode);
