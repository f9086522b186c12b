//! The program of the target `pool`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(pool);
