//! Forms: another reader finds the parts that were put in, and no boundary within them.
//!
//! Input: for each part four fields: name, content, file name (`-` for none), a header `Name: value`
//! (`-` for none).

use sessio_core::wire::multipart::{Multipart, MultipartError, Part};

use crate::input::{Fields, show};

const BOUNDARY: &str = "0123456789abcdef";

/// Runs one input.
pub fn run(data: &[u8]) {
    let fields: Vec<&[u8]> = Fields::of(data).rest().collect();
    let (mut form, mut want) = (Multipart::new(), Vec::new());
    let mut is_clean = true;
    for part in fields.chunks(4).take(8) {
        let [name, content, filename, header] =
            [0, 1, 2, 3].map(|at| part.get(at).copied().unwrap_or(b"-"));
        let name = String::from_utf8_lossy(name).into_owned();
        let mut made = Part::bytes(name.clone(), content.to_vec());
        let mut lines =
            vec![format!("Content-Disposition: form-data; name=\"{}\"", escaped(&name))];
        if filename != b"-" {
            let filename = String::from_utf8_lossy(filename).into_owned();
            lines[0].push_str(&format!("; filename=\"{}\"", escaped(&filename)));
            made = made.filename(filename);
        }
        let mut lines: Vec<Vec<u8>> = lines.into_iter().map(String::into_bytes).collect();
        if let Some(colon) = header.iter().position(|b| *b == b':') {
            let name = String::from_utf8_lossy(&header[..colon]).into_owned();
            let value = &header[colon + 1..];
            is_clean &= !value.iter().any(|b| (*b < b' ' && *b != b'\t') || *b == 0x7f);
            is_clean &= !name.is_empty() && name.bytes().all(is_token);
            let own = ["content-disposition"].contains(&&*name.to_lowercase());
            let dropped = ["Content-Type", "Content-Location"].contains(&&*name);
            if !value.is_empty() && !own && !dropped {
                lines.push([name.as_bytes(), b": ", value].concat());
            }
            made = made.header(name, value);
        }
        form.push(made);
        want.push((lines, content.to_vec()));
    }
    let has_boundary = data.windows(BOUNDARY.len()).any(|bytes| bytes == BOUNDARY.as_bytes());
    let plan = match form.plan(BOUNDARY) {
        Ok(plan) => plan,
        Err(MultipartError::BoundaryInContent) => return assert!(has_boundary),
        Err(error) => return assert!(!is_clean, "{error}: {}", show(data)),
    };
    let bytes = plan.bytes().expect("nothing is streamed");
    assert_eq!(plan.length, Some(bytes.len() as u64));
    assert_eq!(plan.content_type, format!("multipart/form-data; boundary={BOUNDARY}"));
    let found = read(&bytes).unwrap_or_else(|| panic!("no form: {}", show(&bytes)));
    assert_eq!(found, want, "{}", show(&bytes));
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn escaped(text: &str) -> String {
    text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

type Parts = Vec<(Vec<Vec<u8>>, Vec<u8>)>;

/// Reads a form: what stands between delimiters, each a head and a content.
fn read(mut bytes: &[u8]) -> Option<Parts> {
    let first = format!("--{BOUNDARY}");
    bytes = bytes.strip_prefix(first.as_bytes())?;
    let mut parts = Vec::new();
    loop {
        if bytes == b"--\r\n" {
            return Some(parts);
        }
        bytes = bytes.strip_prefix(b"\r\n")?;
        let delimiter = format!("\r\n{first}").into_bytes();
        let end = bytes.windows(delimiter.len()).position(|at| at == delimiter)?;
        let part = &bytes[..end];
        bytes = &bytes[end + delimiter.len()..];
        let (mut lines, mut rest) = (Vec::new(), part);
        loop {
            let end = rest.windows(2).position(|at| at == b"\r\n")?;
            let line = &rest[..end];
            rest = &rest[end + 2..];
            if line.is_empty() {
                break;
            }
            lines.push(line.to_vec());
        }
        parts.push((lines, rest.to_vec()));
    }
}
