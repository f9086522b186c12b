//! The front of a runtime whose calls are waited for: its responses, and redirects step by step.

mod redirects;
mod response;

use std::sync::Arc;

use sessio_core::{Kit, PreparedRequest};

pub use redirects::Redirects;
pub use response::{Items, Response};

use crate::{Attached, Feed, Result};

/// A session that makes calls and waits for them.
pub trait Front: Clone {
    /// Its calls.
    type Feed: Feed;
    /// What it attaches to requests.
    type Kit: Kit;

    /// Makes a call and waits for the response, or for its head if it is streamed.
    ///
    /// # Errors
    /// What kept the response from coming.
    fn call(
        &self,
        request: Arc<PreparedRequest>,
        attached: Attached<Self::Kit>,
    ) -> Result<Response<Self::Feed, Self::Kit>>;

    /// How many redirects a call follows.
    fn redirects_max(&self) -> usize;
}
