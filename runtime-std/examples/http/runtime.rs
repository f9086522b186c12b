//! All that depends on how one waits: where calls are awaited, this file is another and no other
//! changes.

use std::io;

use crate::sessio;
pub(crate) use sessio::{
    Adapter, Auth, Error, ErrorKind, Hook, Request, Response, Session, Upload,
};

/// Sends a request and waits for the response.
pub(crate) fn call(session: &Session, request: Request) -> Result<Response, Error> {
    session.request(request)
}

/// All of the body as text.
pub(crate) fn text(response: &mut Response) -> Result<String, Error> {
    response.text()
}

/// Hands the body on as it comes; `take` returns whether it wants more.
pub(crate) fn each_piece(
    response: &mut Response,
    mut take: impl FnMut(&[u8]) -> bool,
) -> Result<(), Error> {
    for piece in response.iter_chunks() {
        if !take(&piece?) {
            break;
        }
    }
    Ok(())
}

/// A file as a body that is read while it is sent.
pub(crate) fn file(path: &str) -> io::Result<Upload> {
    sessio::upload::file(path)
}

/// Standard input as a body that is read while it is sent.
pub(crate) fn stdin() -> Upload {
    sessio::upload::reader(io::stdin())
}
