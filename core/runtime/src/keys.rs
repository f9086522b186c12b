//! A file that is told the secrets of TLS, so that a packet sniffer can look into connections.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use sessio_core::tls::KeyLog;

/// A file in the format of NSS, one line for each secret. Whoever can read it can read every
/// connection that was logged.
///
/// ```no_run
/// let core = &mut sessio_runtime::new_core::<(), ()>();
/// core.key_log = sessio_runtime::keys::KeyLogFile::from_env()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct KeyLogFile(Mutex<File>);

impl KeyLogFile {
    /// Appends to this file, which is made if it is not there.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Arc<dyn KeyLog>> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Arc::new(Self(Mutex::new(file))))
    }

    /// The file that `SSLKEYLOGFILE` names; `None` if it names none. A session does not look at
    /// that variable by itself: secrets are written only where somebody asked for it.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn from_env() -> io::Result<Option<Arc<dyn KeyLog>>> {
        match std::env::var_os("SSLKEYLOGFILE") {
            Some(path) if !path.is_empty() => Self::open(path).map(Some),
            Some(_) | None => Ok(None),
        }
    }
}

impl KeyLog for KeyLogFile {
    /// A line that cannot be written is left out: a call does not fail for its log.
    fn log(&self, line: &str) {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = file.write_all(format!("{line}\n").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_appended() {
        let path = std::env::temp_dir().join(format!("sessio-keys-{}", std::process::id()));
        for line in ["CLIENT_RANDOM a b", "CLIENT_RANDOM c d"] {
            KeyLogFile::open(&path).unwrap().log(line);
        }
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(text, "CLIENT_RANDOM a b\nCLIENT_RANDOM c d\n");
    }
}
