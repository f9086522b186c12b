//! The client: one call, its body to standard output or a file, an exit status for each failure.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use crate::args::{Call, OnStatus, Shown};
use crate::fields::{self, Failure};
use crate::help::{self, STATUS, say};
use crate::observed::Observed;
use crate::paint::{Paint, Tint};
use crate::progress::Bar;
use crate::runtime::{self, Adapter, Error, Response, Session};
use crate::show;
use crate::store::Store;

/// Makes the call.
pub(crate) async fn run(call: &Call) -> ExitCode {
    match attempt(call).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.message.is_empty() {
                let paint = Paint::of(io::stderr().is_terminal());
                say(&paint.tint(Tint::Wrong, &format!("http: {}", failure.message)));
            }
            ExitCode::from(failure.status)
        }
    }
}

async fn attempt(call: &Call) -> Result<(), Failure> {
    let session = Session::new();
    let observed = Observed::of(call, &session);
    let (store, fields) = match &call.session {
        None => (None, call.headers.clone()),
        Some(path) => {
            let (store, fields) = Store::open(path, &session, call)?;
            (Some(store), fields)
        }
    };
    if let Some(home) = store.as_ref().and_then(Store::elsewhere) {
        say(&format!("http: header fields and credentials of the session are for {home} only"));
    }
    if call.retries > 0 {
        for prefix in ["http://", "https://"] {
            session.mount(prefix, Adapter::with_retries(call.retries));
        }
    }
    let mut request = fields::request(call, &fields).await?;
    if let Some(login) = &call.auth {
        request = request.auth(call.scheme.auth(login));
    }
    let outcome = match runtime::call(&session, request).await {
        Ok(mut response) => receive(call, &mut response).await,
        Err(error) => Err(failure(error)),
    };
    // What the call brought into the session stays, even if it failed later.
    let saved = store.map_or(Ok(()), |store| store.save(&session));
    let told = observed.tell();
    outcome.and(saved).and(told)
}

/// A failure of the library, with what led to it.
fn failure(error: Error) -> Failure {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        let text = cause.to_string();
        if !message.ends_with(&text) {
            message = format!("{message}: {text}");
        }
        source = cause.source();
    }
    Failure::new(help::status(error.kind()), message)
}

/// Brings the response to where it is wanted.
async fn receive(call: &Call, response: &mut Response) -> Result<(), Failure> {
    let (status, reason) = (response.status.as_u16(), response.reason().escape_debug().to_string());
    if status >= 400 && call.on_status == OnStatus::Fail {
        return Err(Failure::new(STATUS, format!("{status} {reason}")));
    }
    let mut out = Out::open(call)?;
    let mut written = match call.shown {
        Shown::Body => Ok(()),
        Shown::HeadAndBody => out.to.write_all(&head(response)),
    };
    let is_drawn = io::stderr().is_terminal() && (call.output.is_some() || !out.is_terminal);
    let mut bar = Bar::new(content_length(response));
    let mut last = b'\n';
    let came = if written.is_ok() {
        runtime::each_piece(response, |piece| {
            written = out.to.write_all(piece);
            last = piece.last().copied().unwrap_or(last);
            if let Some(line) = bar.add(piece.len()).filter(|_| is_drawn) {
                draw(&line);
            }
            written.is_ok()
        })
        .await
    } else {
        Ok(())
    };
    let written = written.and_then(|()| out.to.flush());
    if is_drawn {
        draw(&bar.line());
        say("");
    }
    if out.is_terminal && last != b'\n' {
        say("");
    }
    if let Err(error) = written {
        // Who closed the pipe has seen enough.
        let is_pipe = error.kind() == io::ErrorKind::BrokenPipe;
        let message = if is_pipe { String::new() } else { format!("{}: {error}", out.name) };
        return Err(Failure::new(help::FILE, message));
    }
    came.map_err(failure)?;
    if status >= 400 && call.shown == Shown::Body {
        say(&format!("http: {status} {reason}"));
    }
    Ok(())
}

/// Where the body goes.
struct Out {
    to: Box<dyn Write>,
    name: String,
    is_terminal: bool,
}

impl Out {
    fn open(call: &Call) -> Result<Self, Failure> {
        match &call.output {
            None => {
                let is_terminal = io::stdout().is_terminal();
                let to = Box::new(io::stdout().lock());
                Ok(Self { to, name: "standard output".into(), is_terminal })
            }
            Some(path) => {
                let file = File::create(path).map_err(|error| Failure::file(path, error))?;
                Ok(Self { to: Box::new(file), name: path.clone(), is_terminal: false })
            }
        }
    }
}

/// Status line and fields of a response.
fn head(response: &Response) -> Vec<u8> {
    let mut head = format!("{} {} ", response.version(), response.status.as_u16()).into_bytes();
    head.extend_from_slice(response.reason_bytes());
    head.extend_from_slice(b"\n");
    for (name, value) in response.headers().iter() {
        head.extend_from_slice(show::title_case(name.as_str()).as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\n");
    }
    head.extend_from_slice(b"\n");
    head
}

/// How many bytes of content will come; a coded body does not say.
fn content_length(response: &Response) -> Option<u64> {
    if response.header("content-encoding").is_some() {
        return None;
    }
    response.header_str("content-length")?.parse().ok()
}

/// Writes the bar over what it was.
fn draw(line: &str) {
    let _ = write!(io::stderr().lock(), "\r{line}\x1b[K");
}
