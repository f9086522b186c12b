//! Files that a call needs: CA bundles and certificates.

use std::io;
use std::path::{Path, PathBuf};

/// The most that is read for one name: 64 MiB. The largest CA bundles have a few hundred KiB.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The contents of a file, or of all files of a folder in the order of their names.
///
/// Of a folder, what cannot be read is left out, as OpenSSL does; folders in it do not count.
///
/// # Errors
/// If there is no such file or folder, if it cannot be read, or if it is larger than
/// [`FILE_BYTES_MAX`].
pub fn load(path: &str) -> io::Result<Vec<u8>> {
    let path = Path::new(path);
    if !path.is_dir() {
        return read(path, FILE_BYTES_MAX);
    }
    let entries = std::fs::read_dir(path)?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> = entries.filter(|path| path.is_file()).collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let left = FILE_BYTES_MAX.saturating_sub(all.len() as u64);
        match read(&file, left) {
            Ok(text) => {
                all.extend_from_slice(&text);
                all.push(b'\n');
            }
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => return Err(error),
            Err(_) => {}
        }
    }
    Ok(all)
}

fn read(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    use io::Read;
    let mut text = Vec::new();
    std::fs::File::open(path)?.take(max.saturating_add(1)).read_to_end(&mut text)?;
    if text.len() as u64 > max {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_its_files_one_after_the_other() {
        let folder = std::env::temp_dir().join(format!("sessio-files-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("inner")).unwrap();
        std::fs::write(folder.join("b.pem"), "b").unwrap();
        std::fs::write(folder.join("a.pem"), "a").unwrap();
        let load = |name: &str| load(folder.join(name).to_str().unwrap());
        assert_eq!(load("").unwrap(), b"a\nb\n");
        assert_eq!(load("a.pem").unwrap(), b"a");
        assert_eq!(load("c.pem").unwrap_err().kind(), io::ErrorKind::NotFound);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
