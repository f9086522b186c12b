//! The program of the target `merge_setting`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(merge_setting);
