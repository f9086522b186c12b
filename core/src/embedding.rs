//! How an event loop, a simulation or a language binding drives the core: one call, start to end.
//!
//! There is no code in this module, only an example that runs. Its "socket" is a peer in memory, so
//! it can be read without knowing any runtime; with sockets each arm does what its name says. What
//! the outputs mean is said at [`Output`](crate::Output), what may be answered at
//! [`Input`](crate::Input).
//!
//! ```
//! use std::sync::Arc;
//!
//! use sessio_core::exchange::{Ask, Probe, Received, Rewound};
//! use sessio_core::{Exchange, Input, Instant, Now, Output, Request, Session, WallTime};
//!
//! /// A peer that answers once, some bytes at a time.
//! struct Peer {
//!     heard: Vec<u8>,
//!     answer: &'static [u8],
//! }
//!
//! impl Peer {
//!     fn new() -> Self {
//!         Self { heard: Vec::new(), answer: b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" }
//!     }
//!
//!     /// Takes all that is sent; answers when the blank line has come.
//!     fn transfer(&mut self, send: [&[u8]; 2], receive: &mut [u8]) -> (usize, Received) {
//!         let sent = send[0].len() + send[1].len();
//!         self.heard.extend_from_slice(send[0]);
//!         self.heard.extend_from_slice(send[1]);
//!         if !self.heard.ends_with(b"\r\n\r\n") {
//!             return (sent, Received::Nothing);
//!         }
//!         let count = receive.len().min(self.answer.len()).min(7);
//!         let (now, later) = self.answer.split_at(count);
//!         receive[..count].copy_from_slice(now);
//!         self.answer = later;
//!         (sent, Received::Bytes(count))
//!     }
//! }
//!
//! // The core has no clock: a loop tells it the time. Here it stands still.
//! let now = Now {
//!     mono: Instant::from_nanos(0),
//!     wall: WallTime::from_unix_seconds(1_767_225_600),
//! };
//! let mut session: Session<Peer> = Session::new(4); // 128 random bits in life
//! let prepared = session.prepare_request(Request::get("http://a.test/greeting"), now)?;
//! let plan = session.plan(&prepared.options, Ask::Nobody, Ask::Nobody);
//! let mut exchange: Exchange<Peer> = session.start(Arc::new(prepared.request), plan, now)?;
//!
//! let addresses = [std::net::SocketAddr::from(([192, 0, 2, 1], 80))];
//! loop {
//!     let input = match exchange.poll() {
//!         Output::Consult => {
//!             exchange.consult(&mut session, now);
//!             continue;
//!         }
//!         Output::Resolve(name) => {
//!             assert_eq!((name.host, name.port), ("a.test", 80));
//!             Input::Resolved(&addresses)
//!         }
//!         Output::Connect { id, target: _ } => Input::Connecting(id, Peer::new()),
//!         Output::Await(attempts) => Input::Connected(attempts[0].id),
//!         Output::Probe(_idle) => Input::Probed(Probe::Quiet),
//!         Output::Transfer(transfer) => {
//!             let (sent, received) = transfer.socket.transfer(transfer.send, transfer.receive);
//!             Input::Moved { sent, received }
//!         }
//!         // Nothing is uploaded, streamed, signed or hooked here, and nothing is under way.
//!         Output::Rewind(_) => Input::Rewound(Rewound::Impossible),
//!         Output::Data(data) => Input::Consumed(data.bytes.len()),
//!         Output::Prepared(_) | Output::Head(_) | Output::Respond(_) => Input::Continue,
//!         Output::Wait | Output::Full => unreachable!("a loop over sockets sleeps here"),
//!         Output::Done => break,
//!     };
//!     exchange.handle(input, now);
//! }
//!
//! let response = exchange.finish()?;
//! assert_eq!(response.status, 200);
//! assert_eq!(response.bytes(), b"hello");
//! assert_eq!(session.idle_connections(), 1); // kept for the next request
//! # Ok::<(), sessio_core::Error>(())
//! ```
//!
//! With real sockets three things come to it. Sleep where nothing can go on (`Await`, `Transfer`,
//! `Wait`, `Full`), but no longer than to [`Exchange::deadline`](crate::Exchange::deadline), and say
//! [`Input::Tick`](crate::Input::Tick) then. Answer failures with the inputs made for them
//! ([`Unresolved`](crate::Input::Unresolved), [`NotConnected`](crate::Input::NotConnected),
//! [`Lost`](crate::Input::Lost)), each with an [`IoError`](crate::io::IoError). And where threads
//! share the session, lock it for `consult` alone.
