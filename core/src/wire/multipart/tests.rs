//! Tests of the layout, with the bytes written out.

use alloc::vec;

use super::*;

const BOUNDARY: &str = "0123456789abcdef0123456789abcdef";

fn plan(parts: Vec<Part>) -> Result<Plan, MultipartError> {
    let mut form = Multipart::new();
    parts.into_iter().for_each(|part| form.push(part));
    form.plan(BOUNDARY)
}

/// The body with the boundary as `B`; its length is checked on the way.
fn body(parts: Vec<Part>) -> String {
    let plan = plan(parts).unwrap();
    let bytes = plan.bytes().unwrap();
    assert_eq!(plan.length, Some(bytes.len() as u64));
    String::from_utf8(bytes.to_vec()).unwrap().replace(BOUNDARY, "B")
}

#[test]
fn a_part_is_written_as_urllib3_writes_it() {
    let rows = [
        (Part::bytes("a", "1"), "name=\"a\"\r\n\r\n1"),
        (Part::bytes("f", "c").filename("a.txt"), "name=\"f\"; filename=\"a.txt\"\r\n\r\nc"),
        (Part::bytes("f", "").filename(""), "name=\"f\"; filename=\"\"\r\n\r\n"),
        (
            Part::bytes("\u{e9}", "c").content_type("text/plain").header("X-A", "1"),
            "name=\"\u{e9}\"\r\nContent-Type: text/plain\r\nX-A: 1\r\n\r\nc",
        ),
        (
            Part::bytes("f", "c").content_type("").header("X-E", "").header("x-b", "2"),
            "name=\"f\"\r\nx-b: 2\r\n\r\nc",
        ),
        (
            Part::bytes("f", "c").header("content-type", "a/b"),
            "name=\"f\"\r\ncontent-type: a/b\r\n\r\nc",
        ),
    ];
    for (part, want) in rows {
        let want = format!("--B\r\nContent-Disposition: form-data; {want}\r\n--B--\r\n");
        assert_eq!(body(vec![part]), want);
    }
    assert_eq!(body(vec![]), "--B--\r\n");
}

#[test]
fn a_name_cannot_end_its_line_or_its_quotes() {
    let rows = [
        ("a\r\nX: y", "a%0D%0AX: y"),
        ("a\"; filename=\"b", "a%22; filename=%22b"),
        ("a\nb\rc", "a%0Ab%0Dc"),
        ("a\\\"", "a\\%22"),
        ("%0A", "%0A"),
    ];
    for (name, want) in rows {
        let text = body(vec![Part::bytes(name, "c").filename(name)]);
        let line = format!("Content-Disposition: form-data; name=\"{want}\"; filename=\"{want}\"");
        assert_eq!(text.lines().nth(1), Some(line.as_str()), "{name:?}");
        assert_eq!(text.lines().count(), 5, "{name:?}");
    }
}

#[test]
fn headers_that_are_none_are_refused() {
    let part = || Part::bytes("f", "c");
    let rows = [
        (part().header("X A", "1"), MultipartError::HeaderName("X A".into())),
        (part().header("X-A: 1\r\nX-B", "1"), MultipartError::HeaderName("X-A: 1\r\nX-B".into())),
        (part().header("X-A", "1\r\nX-B: 2"), MultipartError::HeaderValue("X-A".into())),
        (part().header("X-A", "\0"), MultipartError::HeaderValue("X-A".into())),
        (part().content_type("a/b\r\n\r\n"), MultipartError::HeaderValue("Content-Type".into())),
    ];
    for (part, want) in rows {
        assert_eq!(plan(vec![part]).unwrap_err(), want, "{want}");
    }
}

#[test]
fn headers_of_the_part_itself_win_and_are_told() {
    let part = Part::bytes("f", "c")
        .content_type("a/b")
        .header("content-disposition", "attachment")
        .header("content-type", "c/d")
        .header("Content-Location", "/x");
    let plan = plan(vec![part]).unwrap();
    assert_eq!(plan.overridden, ["content-disposition", "content-type", "Content-Location"]);
    let text = String::from_utf8(plan.bytes().unwrap().to_vec()).unwrap();
    assert_eq!(text.matches("Content-").count(), 2, "{text}");
    assert!(!text.contains("content-"), "{text}");
}

#[test]
fn files_are_not_loaded_and_large_content_is_not_copied() {
    let large = Bytes::from(vec![b'x'; COPY_BYTES_MAX + 1]);
    let file = |index, length| Part::new("f", Content::File { index, length });
    let known = plan(vec![file(3, Some(10)), Part::bytes("l", large.clone())]).unwrap();
    let kinds: Vec<_> = known
        .segments
        .iter()
        .map(|segment| match segment {
            Segment::Bytes(bytes) if bytes.as_ptr() == large.as_ptr() => "shared",
            Segment::Bytes(_) => "bytes",
            Segment::File { index: 3, length: Some(10) } => "file",
            Segment::File { .. } => "other",
        })
        .collect();
    assert_eq!(kinds, ["bytes", "file", "bytes", "shared", "bytes"]);
    let sum: usize = known
        .segments
        .iter()
        .map(|s| if let Segment::Bytes(bytes) = s { bytes.len() } else { 10 })
        .sum();
    assert_eq!(known.length, Some(sum as u64));
    assert_eq!(known.bytes(), None);
    for lengths in [[Some(1), None], [Some(u64::MAX), Some(1)]] {
        let parts = lengths.map(|length| file(0, length)).to_vec();
        assert_eq!(plan(parts).unwrap().length, None, "{lengths:?}");
    }
}

#[test]
fn a_boundary_that_occurs_is_an_error() {
    let rows = [
        Part::bytes("f", format!("x\r\n--{BOUNDARY}--\r\n")),
        Part::bytes("f", BOUNDARY),
        Part::bytes(BOUNDARY, ""),
        Part::bytes("f", "").filename(BOUNDARY),
        Part::bytes("f", "").header("X-A", BOUNDARY),
    ];
    for part in rows {
        let got = plan(vec![part.clone()]).unwrap_err();
        assert_eq!(got, MultipartError::BoundaryInContent, "{part:?}");
    }
    for bad in ["", "a b", "a\r\nb"] {
        assert_eq!(Multipart::new().plan(bad).unwrap_err(), MultipartError::Boundary, "{bad:?}");
    }
}

#[test]
fn fields_go_out_once_for_each_value() {
    let mut form = Multipart::new();
    form.push_fields(&Params::from([("a", Some(vec!["1", "2"])), ("b", None)])).unwrap();
    let text = form.plan(BOUNDARY).unwrap().bytes().unwrap();
    let text = String::from_utf8(text.to_vec()).unwrap();
    assert_eq!(text.matches("name=\"a\"\r\n\r\n").count(), 2);
    assert!(!text.contains("name=\"b\""));
    let bad = Params::from([(b"\xff".to_vec(), 1)]);
    assert_eq!(Multipart::new().push_fields(&bad), Err(MultipartError::Name));
}

#[test]
fn a_file_name_is_the_last_piece_of_a_path() {
    let rows = [
        ("/a/b.txt", Some("b.txt")),
        ("/a/b/", Some("")),
        ("dir\\file", Some("dir\\file")),
        ("<fdopen>", None),
        ("<a", None),
        ("a>", None),
        ("", None),
    ];
    for (name, want) in rows {
        assert_eq!(guess_filename(name), want, "{name}");
    }
}
