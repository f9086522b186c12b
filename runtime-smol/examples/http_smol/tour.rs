//! The tour: six things a session does, against a server on loopback, with what it decides and why.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use sessio_core::environment::Trust;

use crate::help::say;
use crate::paint::{Paint, Tint};
use crate::progress::{Bar, amount};
use crate::runtime::{self, Error, Hook, Request, Session};
use crate::server;
use crate::show::{self, Detail};

/// What a part of the tour ends with.
type Outcome = Result<(), Error>;

/// Walks through all parts.
pub(crate) async fn run() -> ExitCode {
    match walk(Screen::new()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("http: the tour broke off: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn walk(screen: Screen) -> Outcome {
    let session = start(screen)?;
    log_in(&session, screen).await?;
    cross_hosts(&session, screen).await?;
    post_and_land(&session, screen).await?;
    download(&session, screen).await?;
    upload(&session, screen).await?;
    look_with_a_hook(&session, screen).await?;
    let cookies = session.lock().cookies.len();
    let idle = session.lock().idle_connections();
    screen.title("");
    screen.line(&format!("The session ends with {cookies} cookie, {idle} idle connections."));
    screen.line("Now your own: cargo run --release --example http -- --trace URL (or --help)");
    Ok(())
}

/// Where the tour is shown.
#[derive(Clone, Copy)]
struct Screen {
    paint: Paint,
    /// Whether a line can be written over.
    is_live: bool,
}

impl Screen {
    fn new() -> Self {
        let is_live = io::stdout().is_terminal();
        Self { paint: Paint::of(is_live), is_live }
    }

    /// A line; a reader who is gone does not matter.
    fn line(self, text: &str) {
        let _ = writeln!(io::stdout().lock(), "{text}");
    }

    fn title(self, text: &str) {
        self.line("");
        if !text.is_empty() {
            self.line(&self.paint.tint(Tint::Title, text));
        }
    }

    fn result(self, text: &str) {
        self.line(&format!("   = {text}"));
    }
}

/// A server, and a session for which two host names lead to it.
fn start(screen: Screen) -> Result<Session, Error> {
    let address = server::start().map_err(|error| own("the server", &error))?;
    let session = Session::new();
    {
        let mut settings = session.lock();
        // The tour is the same wherever it runs.
        settings.trust_env = Trust::NONE;
        settings.connect_to("a.test", 80, address);
        settings.connect_to("b.test", 80, address);
    }
    session.on_event(move |event| {
        for line in show::lines(&event.what, screen.paint, Detail::Telling) {
            screen.line(&format!("   {line}"));
        }
    });
    let manner = crate::MANNER;
    let title = format!("A tour of {} over {manner}", crate::LIBRARY);
    screen.line(&screen.paint.tint(Tint::Title, &title));
    screen.line(&format!("a.test and b.test are both a server on {address}, by `connect_to`"));
    screen.line("→ sent   ← received   · decided, and why   = what came of it");
    Ok(session)
}

async fn log_in(session: &Session, screen: Screen) -> Outcome {
    screen.title(
        "1. A login form: the session keeps the cookie, and refuses one that is not a.test's",
    );
    let form = [("user", "ada"), ("password", "lovelace")];
    let mut response =
        runtime::call(session, Request::post("http://a.test/login").form(form)).await?;
    screen.result(&runtime::text(&mut response).await?);
    Ok(())
}

async fn cross_hosts(session: &Session, screen: Screen) -> Outcome {
    screen.title("2. A redirect to another host: credentials stay behind");
    let request = Request::get("http://a.test/moved").basic_auth("ada", "lovelace");
    let mut response = runtime::call(session, request).await?;
    screen.result(&runtime::text(&mut response).await?);
    Ok(())
}

async fn post_and_land(session: &Session, screen: Screen) -> Outcome {
    screen.title("3. A form, answered by 302: POST becomes GET, as browsers do it");
    let request = Request::post("http://a.test/order").form([("tea", "2"), ("scones", "3")]);
    let mut response = runtime::call(session, request).await?;
    let hops = response.history.len();
    screen.result(&format!("{} (history: {hops})", runtime::text(&mut response).await?));
    Ok(())
}

async fn download(session: &Session, screen: Screen) -> Outcome {
    screen.title("4. A download, streamed and unpacked as it comes");
    let request = Request::get("http://a.test/log.txt").stream(true);
    let mut response = runtime::call(session, request).await?;
    let packed = response.header_str("content-length").and_then(|text| text.parse().ok());
    let mut bar = Bar::new(Some(server::log().len() as u64));
    let mut lines = 0_usize;
    runtime::each_piece(&mut response, |piece| {
        lines += piece.iter().filter(|byte| **byte == b'\n').count();
        if let Some(line) = bar.add(piece.len()).filter(|_| screen.is_live) {
            let _ = write!(io::stdout().lock(), "\r   {line}\x1b[K");
        }
        true
    })
    .await?;
    let over = if screen.is_live { "\r\x1b[K" } else { "" };
    screen.line(&format!("{over}   {}", bar.line()));
    screen.result(&format!("{lines} lines from {} on the wire", amount(packed.unwrap_or(0))));
    Ok(())
}

async fn upload(session: &Session, screen: Screen) -> Outcome {
    screen.title("5. A file as multipart/form-data, read while it is sent");
    let wrong = |error: io::Error| own("the file to upload", &error);
    let file = TemporaryFile::new(&server::log().as_bytes()[..300_000]).map_err(wrong)?;
    let source = runtime::file(&file.0.to_string_lossy()).await.map_err(wrong)?;
    let request = Request::post("http://a.test/upload").form([("title", "a log")]).file_upload(
        "file",
        source,
        |part| part.filename("log.txt").content_type("text/plain"),
    );
    let mut response = runtime::call(session, request).await?;
    screen.result(&format!("the server has {}", runtime::text(&mut response).await?));
    Ok(())
}

async fn look_with_a_hook(session: &Session, screen: Screen) -> Outcome {
    screen.title("6. A hook: it sees each response before the caller does");
    let hook = Hook::look(move |response| {
        let (status, load) = (response.status, response.header_str("x-load").unwrap_or("?"));
        let millis = response.elapsed.as_secs_f64() * 1000.0;
        screen.line(&format!("   ! the hook sees {status}, load {load}, after {millis:.1} ms"));
    });
    let mut response =
        runtime::call(session, Request::get("http://a.test/status").hook(hook)).await?;
    screen.result(&runtime::text(&mut response).await?);
    Ok(())
}

/// A failure of the tour's own.
fn own(what: &str, error: &io::Error) -> Error {
    let text = format!("{what}: {error}");
    sessio_core::Error::new(runtime::ErrorKind::Upload, text.as_str()).into()
}

/// A file that goes when it is no longer needed.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn new(content: &[u8]) -> io::Result<Self> {
        let name = format!("sessio-tour-{}.txt", std::process::id());
        let file = Self(std::env::temp_dir().join(name));
        fs::write(&file.0, content)?;
        Ok(file)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
