//! The program of the target `url_proxy_env`.
#![cfg_attr(fuzzing, no_main)]
sessio_fuzz::target!(url_proxy_env);
