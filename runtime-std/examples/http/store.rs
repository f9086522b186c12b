//! A session in a file, between runs of the client.
//!
//! Cookies know where they belong. Header fields and credentials do not, so the file says for which
//! origin they are, and calls to other origins go without them. Only the owner can read the file,
//! and it is replaced as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use sessio_core::headers::{name, value};
use sessio_core::policy::merge::Given;
use sessio_core::shared::default_headers;
use sessio_core::{Headers, SavedSession};

use crate::args::{Call, Field};
use crate::fields::Failure;
use crate::help::{FILE, REQUEST};
use crate::runtime::{Auth, Session};

/// A session file, and what of it is not for this call.
pub(crate) struct Store {
    path: PathBuf,
    shown: String,
    home: String,
    aside: Option<Aside>,
}

/// Fields and credentials for another origin than that of the call.
struct Aside {
    headers: Headers,
    auth: Given<Auth>,
}

impl Store {
    /// Brings the session of the file back, if there is one, and puts into it what the arguments
    /// say; the fields that are for this call alone are returned.
    pub(crate) fn open(
        path: &str,
        session: &Session,
        call: &Call,
    ) -> Result<(Self, Vec<Field>), Failure> {
        let url = sessio_core::url::parse(&call.url)
            .map_err(|error| Failure::new(REQUEST, error.to_string()))?;
        let here = url.origin().ascii_serialization();
        // A link leads to the file that is to be replaced.
        let real = fs::canonicalize(path).unwrap_or_else(|_| PathBuf::from(path));
        let mut store =
            Self { path: real, shown: path.to_owned(), home: here.clone(), aside: None };
        match fs::read(&store.path) {
            Ok(text) => store.restore(&text, session)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::file(path, error)),
        }
        if store.home != here {
            let mut guard = session.lock();
            let headers = std::mem::replace(&mut guard.headers, default_headers());
            let auth = std::mem::replace(&mut guard.auth, Given::Absent);
            store.aside = Some(Aside { headers, auth });
            return Ok((store, call.headers.clone()));
        }
        let once = keep(session, call)?;
        Ok((store, once))
    }

    fn restore(&mut self, text: &[u8], session: &Session) -> Result<(), Failure> {
        let broken = |why: &dyn std::fmt::Display| {
            Failure::new(FILE, format!("{} is no session file: {why}", self.shown))
        };
        let mut file: Map<String, Value> =
            serde_json::from_slice(text).map_err(|error| broken(&error))?;
        let (Some(Value::String(home)), Some(saved)) =
            (file.remove("home"), file.remove("session"))
        else {
            return Err(broken(&"`home` or `session` is missing"));
        };
        let saved: SavedSession = serde_json::from_value(saved).map_err(|error| broken(&error))?;
        session.lock().restore(saved).map_err(|error| broken(&error))?;
        self.home = home;
        Ok(())
    }

    /// For which origin the file has fields or credentials, if it has any and the call is to
    /// another.
    pub(crate) fn elsewhere(&self) -> Option<&str> {
        let aside = self.aside.as_ref()?;
        let is_plain =
            matches!(aside.auth, Given::Absent | Given::Off) && aside.headers == default_headers();
        (!is_plain).then_some(self.home.as_str())
    }

    /// Writes the session back.
    pub(crate) fn save(self, session: &Session) -> Result<(), Failure> {
        let mut guard = session.lock();
        if let Some(aside) = self.aside {
            guard.headers = aside.headers;
            guard.auth = aside.auth;
        }
        let saved = guard.save();
        drop(guard);
        let written = serde_json::to_value(&saved)
            .and_then(|saved| {
                let home = Value::String(self.home);
                let file = Map::from_iter([("home".into(), home), ("session".into(), saved)]);
                serde_json::to_vec_pretty(&file)
            })
            .map_err(io::Error::other)
            .and_then(|text| replace(&self.path, &text));
        written.map_err(|error| Failure::file(&self.shown, error))
    }
}

/// Puts fields and credentials of the arguments into the session; those that describe one message
/// are returned.
fn keep(session: &Session, call: &Call) -> Result<Vec<Field>, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::new(REQUEST, format!("-H: {error}"));
    let mut once = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    let mut guard = session.lock();
    for field in &call.headers {
        let lower = field.name.to_ascii_lowercase();
        if lower.starts_with("content-") || lower.starts_with("if-") || lower == "range" {
            once.push(field.clone());
            continue;
        }
        match &field.value {
            None => drop(guard.headers.remove(&lower)),
            Some(text) => {
                let name = name(&field.name).map_err(|error| wrong(&error))?;
                let value = value(&name, text.as_bytes()).map_err(|error| wrong(&error))?;
                if seen.contains(&lower) {
                    guard.headers.append(name, value);
                } else {
                    guard.headers.set(name, value);
                }
            }
        }
        seen.push(lower);
    }
    if let Some(login) = &call.auth {
        guard.auth = Given::Use(call.scheme.auth(login));
    }
    Ok(once)
}

/// Writes a file that only its owner can read, in place of the one that is there.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(name);
    let written = create_private(&beside)
        .and_then(|mut file| {
            file.write_all(text)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
