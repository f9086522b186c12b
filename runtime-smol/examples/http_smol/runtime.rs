//! All that depends on how one waits: here calls are awaited.

use std::io;

use crate::sessio;
pub(crate) use sessio::{
    Adapter, Auth, Error, ErrorKind, Hook, Request, Response, Session, Upload,
};

/// Sends a request and waits for the response.
pub(crate) async fn call(session: &Session, request: Request) -> Result<Response, Error> {
    session.request(request).await
}

/// All of the body as text.
pub(crate) async fn text(response: &mut Response) -> Result<String, Error> {
    response.text().await
}

/// Hands the body on as it comes; `take` returns whether it wants more.
pub(crate) async fn each_piece(
    response: &mut Response,
    mut take: impl FnMut(&[u8]) -> bool,
) -> Result<(), Error> {
    let mut pieces = response.iter_chunks();
    while let Some(piece) = pieces.next().await {
        if !take(&piece?) {
            break;
        }
    }
    Ok(())
}

/// A file as a body that is read while it is sent.
pub(crate) async fn file(path: &str) -> io::Result<Upload> {
    sessio::upload::file(path).await
}

/// Standard input as a body that is read while it is sent.
pub(crate) fn stdin() -> Upload {
    sessio::upload::reader(blocking::Unblock::new(io::stdin()))
}
