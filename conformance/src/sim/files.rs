//! The files of a scenario as the simulation has them: in memory, and the test certificates.

use std::collections::BTreeMap;

use sessio_core::io::IoError;

use crate::peer::CERTIFICATES;

/// Files by their paths. Nothing else of the disk is there.
#[derive(Clone, Debug)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// The files of a scenario whose directory is `home`.
    #[must_use]
    pub fn new(home: &str, files: &[(String, Vec<u8>)]) -> Self {
        let file = |(name, content): &(String, _)| (format!("{home}/{name}"), Vec::clone(content));
        Self(files.iter().map(file).collect())
    }

    /// The contents of a file; of a directory those of all files in it, in the order of names.
    ///
    /// # Errors
    /// If there is no such file or directory.
    pub fn load(&self, path: &str) -> Result<Vec<u8>, IoError> {
        if path.starts_with(CERTIFICATES) {
            return std::fs::read(path).map_err(|_| IoError::NotFound);
        }
        if let Some(content) = self.0.get(path) {
            return Ok(content.clone());
        }
        let directory = format!("{}/", path.trim_end_matches('/'));
        let below = |name: &String| name.strip_prefix(&directory).map(str::to_owned);
        let mut found = None;
        for (name, content) in &self.0 {
            let Some(rest) = below(name) else { continue };
            let all: &mut Vec<u8> = found.get_or_insert_default();
            if !rest.contains('/') {
                all.extend_from_slice(content);
                all.push(b'\n');
            }
        }
        found.ok_or(IoError::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_directories_and_certificates_are_there_and_nothing_else() {
        let files = [("b", "B"), ("d/y", "Y"), ("d/x", "X"), ("d/e/z", "Z")];
        let files = files.map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec()));
        let files = Files::new("/home", &files);
        let rows: [(&str, Option<&[u8]>); 7] = [
            ("/home/b", Some(b"B")),
            ("/home/d/x", Some(b"X")),
            ("/home/d", Some(b"X\nY\n")),
            ("/home/d/", Some(b"X\nY\n")),
            ("/home/c", None),
            ("/etc/passwd", None),
            (CERTIFICATES, None),
        ];
        for (path, wanted) in rows {
            assert_eq!(files.load(path).ok().as_deref(), wanted, "{path}");
        }
        assert!(files.load(&format!("{CERTIFICATES}/ca.pem")).unwrap().starts_with(b"-----BEGIN"));
    }
}
