//! The files of a scenario on disk, for drivers whose client reads files itself.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A directory of its own; dropping it removes the directory with everything in it.
#[derive(Debug)]
pub struct Home(PathBuf);

/// How many directories this process has made.
static COUNT: AtomicUsize = AtomicUsize::new(0);

impl Home {
    /// A directory with these files, whose names may have directories before them.
    ///
    /// # Errors
    /// What the system says.
    pub fn new(files: &[(String, Vec<u8>)]) -> io::Result<Self> {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("sessio-scenario-{}-{number}", std::process::id());
        let home = Self(std::env::temp_dir().join(name));
        fs::create_dir_all(&home.0)?;
        for (name, content) in files {
            let file = home.0.join(name);
            fs::create_dir_all(file.parent().unwrap_or(&home.0))?;
            fs::write(file, content)?;
        }
        Ok(home)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // Whatever is left of it is the system's to remove.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_there_as_long_as_it_is() {
        let files = [("a.pem".to_owned(), b"A".to_vec()), ("d/b".to_owned(), b"B".to_vec())];
        let (home, other) = (Home::new(&files).unwrap(), Home::new(&[]).unwrap());
        let path = home.path().to_owned();
        assert_ne!(path, other.path());
        assert_eq!(fs::read(path.join("a.pem")).unwrap(), b"A");
        assert_eq!(fs::read(path.join("d/b")).unwrap(), b"B");
        drop(home);
        assert!(!path.exists());
    }
}
