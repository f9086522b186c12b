//! The program of the target `multipart_out`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(multipart_out);
