//! HTTP sessions in the manner of Python's `requests`, for event loops over mio.
//!
//! There are two ways in. [`Session`] has a loop of its own: its verbs wait for their response, and
//! calls that were [started](Session::start) go on meanwhile. [`Driver`] serves calls in a
//! `mio::Poll` of the caller's own, many at a time on one thread; a round of the loop is always the
//! same:
//!
//! 1. [`turn`](Driver::turn) does what can be done without waiting;
//! 2. [`next`](Driver::next) gives what came of it, until there is nothing more: a [`Completion`] is
//!    a head, a piece of a body, room for an upload, a connection that was upgraded, an outcome;
//! 3. `poll` waits for events, no longer than [`next_timeout`](Driver::next_timeout), which is asked
//!    right before;
//! 4. [`handle`](Driver::handle) takes each event, and says if it is somebody else's.
//!
//! In between, at any time, calls are [started](Driver::start), [cancelled](Driver::cancel),
//! [paused](Driver::pause), and given [more of their upload](Driver::push). The page of [`Driver`]
//! has the loop in full; this is a [`Session`]:
//!
//! ```
//! use std::io::{Read, Write};
//!
//! // A server for one request, so that the example runs anywhere.
//! let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
//! let address = listener.local_addr()?;
//! let server = std::thread::spawn(move || -> std::io::Result<()> {
//!     let (mut stream, _) = listener.accept()?;
//!     let mut head = [0; 4096];
//!     let _ = stream.read(&mut head)?;
//!     stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!")
//! });
//!
//! let session = sessio_mio::Session::new();
//! session.lock().trust_env = sessio_mio::Trust::NONE;
//! let mut response = session.get(format!("http://{address}/"))?;
//! assert_eq!(response.status, 200);
//! assert_eq!(response.text()?, "Hello, world!");
//! # server.join().expect("the server does not panic")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`Request`] says what to ask for, [`upload`] has streamed bodies, [`Hook`] and [`AuthFlow`]
//! look at what goes out and comes in. Names are looked up on threads beside the loop; files (CA
//! bundles, certificates, uploads) are read on the thread of the loop.

mod call;
mod completion;
mod driver;
mod engine;
mod flow;
pub mod kit;
mod look;
mod moving;
mod names;
mod outbox;
mod serve;
mod session;
mod slot;
mod slots;
mod socket;
mod timers;
mod tokens;
mod upgraded;
mod upgraded_socket;
pub mod upload;
mod world;

pub use completion::{Completion, PIECES_BYTES_MAX};
pub use driver::{Driver, Handled};
pub use kit::{AuthFlow, AuthVerdict, BoxError, Hook, HookId, HookResult, Kit, Verdict};
pub use kit::{CoreSession, SessionGuard, SharedSession, Waiters};
pub use names::{LOOKUP_THREADS_MAX, Lookup, LookupId};
/// The core, whose types are in the signatures here: one dependency is enough.
pub use sessio_core;
pub use sessio_core::connection::{SocketOptions, Target};
pub use sessio_core::environment::{Environment, Facet, Trust};
pub use sessio_core::exchange::{DeadlineKind, Protocol};
pub use sessio_core::message::{Address, Body, CallOptions, Certificate, Content, Query, Rewind};
pub use sessio_core::policy::addresses::Addresses;
pub use sessio_core::policy::merge::Given;
pub use sessio_core::policy::proxies::Proxies;
pub use sessio_core::policy::proxy::ProxyAuth;
pub use sessio_core::policy::retry::{self, Retry};
pub use sessio_core::policy::settings::Verify;
pub use sessio_core::pool::PoolCaps;
pub use sessio_core::settings::{Limits, Timeouts};
pub use sessio_core::shared::ConnectTo;
pub use sessio_core::trace::{Event, Recording, What};
pub use sessio_core::url::Url;
pub use sessio_core::wire::form::Params;
pub use sessio_core::wire::multipart::Part;
pub use sessio_core::{Adapter, Bytes, Cause, Cookie, ErrorKind, Headers, Hooks, Jar, Now};
pub use sessio_core::{HeaderName, HeaderValue, Method, StatusCode};
pub use sessio_core::{PreparedRequest, Secret, observe};
#[cfg(feature = "json")]
pub use sessio_core::{RestoreSessionError, SavedSession};
pub use sessio_runtime::{Error, Result, environment, io, keys};
pub use session::{Session, session};
pub use slots::CallId;
pub use socket::Socket;
pub use upgraded::Upgraded;
pub use upgraded_socket::UpgradedSocket;
pub use upload::{NotPushed, Upload};

/// A request as the caller describes it; see [`sessio_core::Request`].
pub type Request = sessio_core::Request<Kit>;

/// A request ready to be sent, with its hooks, auth and sources; see [`sessio_core::Prepared`].
pub type Prepared = sessio_core::Prepared<Kit>;

/// Credentials for a request; see [`sessio_core::Auth`].
pub type Auth = sessio_core::Auth<std::sync::Arc<dyn AuthFlow>>;

/// The answer to a request; see [`sessio_runtime::blocking::Response`].
pub type Response = sessio_runtime::blocking::Response<flow::Flow, Kit>;

/// The items of a response's body; see [`sessio_runtime::blocking::Items`].
pub type Items<'a, C> = sessio_runtime::blocking::Items<'a, flow::Flow, Kit, C>;

/// Redirects, one response at a time; see [`Session::resolve_redirects`].
pub type Redirects = sessio_runtime::blocking::Redirects<Session>;
