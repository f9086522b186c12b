//! What the loads of all runtimes share: a request for each case, and the settings of the session.

use bytes::Bytes;
use sessio_core::environment::Trust;
use sessio_core::message::Upload;
use sessio_core::policy::settings::Verify;
use sessio_core::settings::Timeouts;
use sessio_core::{Kit, Request};
use sessio_runtime::{SharedSession, Waiters};

use super::plan::{Case, Kind, PATIENCE, SHORT_PATIENCE};
use super::server::Ports;
use crate::peer::CERTIFICATES;

/// How many calls are made at once.
pub const AT_ONCE: usize = 16;

/// The pieces of a streamed upload.
const PIECE_BYTES: usize = 7_000;

/// Has a session trust the certificates of the servers, and nothing of the environment.
pub(super) fn settle<S, K: Kit, W: Waiters>(session: &SharedSession<S, K, W>) {
    let mut settings = session.lock();
    settings.trust_env = Trust::NONE;
    settings.verify = Verify::bundle(format!("{CERTIFICATES}/ca.pem"));
    settings.timeouts = Timeouts::both(PATIENCE);
}

/// The request of a case; `upload` makes a streamed body of pieces.
pub(super) fn request<K: Kit>(
    case: Case,
    ports: &Ports,
    upload: impl FnOnce(Vec<Bytes>) -> Upload<K::Source>,
) -> Request<K> {
    let url = format!("{}/{}", ports.origin(case.place), case.number);
    let request = match case.kind {
        Kind::Put => Request::put(url).body(case.content()),
        Kind::Post => Request::post(url).upload(upload(pieces(case))),
        Kind::Silent => Request::get(url)
            .timeout(Timeouts { read: Some(SHORT_PATIENCE), ..Timeouts::both(PATIENCE) }),
        _ => Request::get(url),
    };
    request.stream(case.is_streamed())
}

/// The pieces of an upload.
pub(super) fn pieces(case: Case) -> Vec<Bytes> {
    let content = Bytes::from(case.content());
    let at = (0..content.len()).step_by(PIECE_BYTES);
    at.map(|from| content.slice(from..content.len().min(from + PIECE_BYTES))).collect()
}

/// After how many bytes of the body the caller gives up, for [`Kind::Cancel`].
pub(super) fn given_up_after(case: Case) -> usize {
    usize::try_from(case.choice(5, u64::try_from(case.size()).unwrap_or(1))).unwrap_or(0)
}
