//! Runs recorded behaviour of Python's requests against every sessio runtime.

pub mod arguments;
pub mod client;
pub mod compare;
pub mod credentials;
pub mod divergence;
pub mod driver;
pub mod home;
pub mod integers;
pub mod live;
pub mod loopback;
pub mod mio_driver;
pub mod peer;
pub mod pure;
pub mod real;
pub mod report;
pub mod run;
pub mod scenario;
pub mod sha256;
pub mod sim;
pub mod simulate;
pub mod smol_driver;
pub mod soak;
pub mod std_driver;
pub mod value;
pub mod vectors;
