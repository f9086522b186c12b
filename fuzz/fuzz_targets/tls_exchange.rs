//! The program of the target `tls_exchange`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(tls_exchange);
