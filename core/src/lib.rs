//! HTTP sessions in the manner of Python's `requests`, as a state machine without I/O.
//!
//! An [`Exchange`] is one call, from the request to the response that counts. A loop asks it what it
//! wants ([`poll`](Exchange::poll)), does that, and says what came of it
//! ([`handle`](Exchange::handle)). This is a whole one, over blocking sockets:
//!
//! ```
//! use std::io::{Read, Write};
//! use std::net::{TcpStream, ToSocketAddrs};
//! use std::sync::Arc;
//!
//! use sessio_core::connection::Target;
//! use sessio_core::exchange::{Ask, Probe, Received, Rewound, Transfer};
//! use sessio_core::io::IoError;
//! use sessio_core::{Error, Input, Instant, Now, Output, Request, Response, Session, WallTime};
//!
//! fn now() -> Now {
//!     let now = std::time::UNIX_EPOCH.elapsed().unwrap(); // in life a clock that never goes back
//!     let wall = WallTime::from_unix_millis(now.as_millis() as i64);
//!     Now { mono: Instant::from_nanos(now.as_nanos() as u64), wall }
//! }
//!
//! fn get(session: &mut Session<TcpStream>, url: &str) -> Result<Response, Error> {
//!     let prepared = session.prepare_request(Request::get(url), now())?;
//!     let plan = session.plan(&prepared.options, Ask::Nobody, Ask::Nobody);
//!     let mut exchange = session.start(Arc::new(prepared.request), plan, now())?;
//!     let mut found = Vec::new();
//!     loop {
//!         let input = match exchange.poll() {
//!             Output::Consult => {
//!                 exchange.consult(session, now());
//!                 continue;
//!             }
//!             Output::Resolve(name) => {
//!                 found.extend((name.host, name.port).to_socket_addrs().into_iter().flatten());
//!                 Input::Resolved(&found) // if there is none, the call ends with an error
//!             }
//!             Output::Connect { id, target, .. } => match target {
//!                 Target::Address(to) => match TcpStream::connect(to) {
//!                     Ok(socket) => Input::Connecting(id, socket),
//!                     Err(_) => Input::NotConnected(id, IoError::Refused),
//!                 },
//!                 Target::Unix(_) => Input::NotConnected(id, IoError::NotFound),
//!             },
//!             Output::Await(attempts) => Input::Connected(attempts[0].id), // `connect` has waited
//!             Output::Probe(_) => Input::Probed(Probe::Spoiled), // in life it peeks
//!             Output::Transfer(Transfer { socket, send, receive, .. }) => {
//!                 let moved = match send.into_iter().find(|bytes| !bytes.is_empty()) {
//!                     Some(bytes) => socket.write(bytes).map(|sent| (sent, Received::Nothing)),
//!                     None => socket.read(receive).map(|count| (0, Received::Bytes(count))),
//!                 };
//!                 match moved {
//!                     Ok((sent, received)) => Input::Moved { sent, received },
//!                     Err(_) => Input::Lost(IoError::Reset),
//!                 }
//!             }
//!             Output::Data(data) => Input::Consumed(data.bytes.len()), // of a streamed body
//!             Output::Rewind(_) => Input::Rewound(Rewound::Impossible),
//!             Output::Prepared(_) | Output::Head(_) | Output::Respond(_) => Input::Continue,
//!             Output::Load(_) => Input::NotLoaded(IoError::NotFound), // in life it reads the file
//!             Output::Wait | Output::Full => Input::Tick,
//!             Output::Done => return exchange.finish(),
//!         };
//!         exchange.handle(input, now());
//!     }
//! }
//! #
//! # let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
//! # let url = format!("http://{}/greeting", listener.local_addr().unwrap());
//! # let server = std::thread::spawn(move || {
//! #     let (mut stream, _) = listener.accept().unwrap();
//! #     let mut head = Vec::new();
//! #     while !head.ends_with(b"\r\n\r\n") {
//! #         let mut byte = [0];
//! #         stream.read_exact(&mut byte).unwrap();
//! #         head.extend(byte);
//! #     }
//! #     stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").unwrap();
//! #     head
//! # });
//!
//! let mut session = Session::new(4); // in life 128 random bits
//! assert_eq!(get(&mut session, &url)?.bytes(), b"hello");
//! # assert_eq!(session.idle_connections(), 1);
//! # let head = server.join().unwrap();
//! # assert!(head.starts_with(b"GET /greeting HTTP/1.1\r\n"));
//! # Ok::<(), Error>(())
//! ```
//!
//! What the outputs mean is said at [`Output`], what may be answered at [`Input`]. For timeouts a
//! loop sleeps no longer than to [`Exchange::deadline`] and says [`Input::Tick`] then. One that does
//! not block begins to connect in `Connect`, waits in `Await`, and moves what it can in `Transfer`.
//! Failures of the system have inputs with an [`IoError`](io::IoError) that says which; and where
//! threads share the session, it is locked for `consult` alone.
//!
//! Loops over poll(2), over epoll and in memory are what the chapter [`embedding`] walks through.
//!
//! Who knows requests finds each of its names in [`python`].
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unwrap_used
    )
)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod adapters;
pub mod connection;
pub mod cookies;
pub mod embedding;
pub mod environment;
mod error;
pub mod exchange;
pub mod headers;
pub mod http1;
pub mod io;
mod merged;
pub mod message;
pub mod observe;
#[cfg(feature = "planted")]
pub mod planted;
#[cfg(not(feature = "planted"))]
mod planted;
pub mod policy;
pub mod pool;
mod prepare;
pub mod python;
pub mod random;
#[cfg(feature = "json")]
pub mod saved;
pub mod secret;
mod session;
pub mod settings;
pub mod shared;
pub mod time;
pub mod tls;
pub mod trace;
pub mod url;
pub mod wire;

pub use bytes::Bytes;
pub use http::{HeaderName, HeaderValue, Method, StatusCode};

pub use adapters::Adapter;
pub use cookies::{Cookie, Jar};
pub use environment::Environment;
pub use error::{Cause, Error, ErrorKind};
pub use exchange::{Exchange, Input, Output};
pub use headers::Headers;
pub use message::{Auth, Body, Hooks, Kit, PreparedRequest, Request, Response};
pub use prepare::Prepared;
#[cfg(feature = "json")]
pub use saved::{RestoreSessionError, SavedSession};
pub use secret::Secret;
pub use session::{Session, session};
pub use settings::{Limits, Timeouts};
pub use time::{Instant, Now, WallTime};
pub use wire::form::Params;
