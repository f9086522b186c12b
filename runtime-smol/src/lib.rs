//! HTTP sessions in the manner of Python's `requests`, async, on any executor.
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
//! futures_lite::future::block_on(async {
//!     let session = sessio_smol::Session::new();
//!     session.lock().trust_env = sessio_smol::Trust::NONE;
//!     let mut response = session.get(format!("http://{address}/")).await?;
//!     assert_eq!(response.status, 200);
//!     assert_eq!(response.text().await?, "Hello, world!");
//!     Ok::<(), sessio_smol::Error>(())
//! })?;
//! # server.join().expect("the server does not panic")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`Session`] is a handle that tasks share. Its sockets and timers are in async-io's reactor,
//! which comes with a thread of its own where no executor drives it; so it runs on smol, on any
//! other executor, in `block_on`, and inside a tokio program. It spawns no task: a call is done by
//! the future that the caller polls, and given up by dropping it. What can only be waited for by a
//! thread (the system's name look-ups, files) goes to the pool of the crate `blocking`; such work
//! ends in its own time, also when the call that wanted it is gone.
//!
//! Calls that wait for a place under the session's connection limits are served in the order in which
//! they asked. One whose turn it is has to be polled or dropped: a future that is kept and not polled
//! keeps those behind it waiting.
//!
//! A [`Request`] says what to ask for, [`upload`] has streamed bodies, [`Hook`] and [`AuthFlow`]
//! look at what goes out and comes in. Names are those of `sessio-std`: moving from there to here
//! is a `use` line and `.await`.

mod driver;
mod inner;
pub mod kit;
mod response;
mod session;
mod socket;
mod sweep;
mod transfer;
mod upgraded;
pub mod upload;
mod work;

pub use inner::{CoreSession, SessionGuard, SharedSession, Waiters};
pub use kit::{
    AsyncAuthFlow, AuthFlow, AuthVerdict, BoxError, BoxFuture, Hook, HookId, HookResult, Kit,
    Verdict,
};
pub use response::{Items, Response};
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
pub use session::{Redirects, Session, session};
pub use socket::Socket;
pub use upgraded::Upgraded;
pub use upload::Upload;

/// A request as the caller describes it; see [`sessio_core::Request`].
pub type Request = sessio_core::Request<Kit>;

/// A request ready to be sent, with its hooks, auth and sources; see [`sessio_core::Prepared`].
pub type Prepared = sessio_core::Prepared<Kit>;

/// Credentials for a request; see [`sessio_core::Auth`].
pub type Auth = sessio_core::Auth<std::sync::Arc<dyn AsyncAuthFlow>>;
