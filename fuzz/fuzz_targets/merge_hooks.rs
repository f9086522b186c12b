//! The program of the target `merge_hooks`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(merge_hooks);
