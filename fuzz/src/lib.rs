//! What the fuzz targets run: bodies with oracles, plain models, seeds.
//!
//! Everything here builds with stable Rust; nightly is for the fuzzer alone. A target is a function
//! of bytes that panics when its oracle finds something. The models do not use the core: they are
//! written from the standards and from the tables of rules, naive on purpose.

#![forbid(unsafe_code)]

pub mod drive;
pub mod input;
pub mod model;
pub mod seeds;
pub mod targets;
pub mod world;

/// A target: one input, which makes it panic if something is wrong.
pub type Run = fn(&[u8]);

macro_rules! all {
    ($($name:ident),+ $(,)?) => {
        /// All targets by name.
        pub const TARGETS: &[(&str, Run)] = &[$((stringify!($name), targets::$name::run)),+];
    };
}

all! {
    response_head, body_framing, chunked, redirect, merge_setting, merge_hooks, set_cookie,
    cookie_date, netrc, www_authenticate, content_decode, multipart_out, request_out, url_proxy_env,
    pool, differential_http, exchange, tls_exchange,
}

/// The program of one target: for the fuzzer, or, built without it, one that runs the files that it
/// is given.
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::targets::$name::run(data));

        #[cfg(not(fuzzing))]
        fn main() {
            $crate::seeds::run_files($crate::targets::$name::run);
        }
    };
}
