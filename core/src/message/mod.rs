//! Requests and responses as values.

pub mod auth;
pub mod body;
mod content;
pub mod cuts;
pub mod hooks;
pub mod kit;
mod mistake;
pub mod options;
pub mod prepared;
pub mod request;
pub mod response;

pub use auth::Auth;
pub use body::{Body, Part, Rewind, SourceId};
pub use hooks::Hooks;
pub use kit::Kit;
pub use mistake::RequestError;
pub use options::{CallOptions, Certificate};
pub use prepared::PreparedRequest;
pub use request::{Address, Query, Request, Upload};
pub use response::{Content, Response};
