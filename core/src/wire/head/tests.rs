//! Heads, each in every cut.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::*;

const LIMITS: HeadLimits = HeadLimits { head_bytes_max: 64 << 10, fields_max: 128 };

/// What became of bytes that came in pieces: as in [`ResponseHead::parse`], where an error or the
/// end of the head stops the reading.
fn read(
    head: &mut ResponseHead,
    bytes: &[u8],
    cuts: impl Iterator<Item = usize>,
    limits: &HeadLimits,
    strictness: Strictness,
) -> Result<Progress, HeadError> {
    for cut in cuts {
        match head.parse(&bytes[..cut], limits, strictness)? {
            Progress::Partial => {}
            whole @ Progress::Complete { .. } => return Ok(whole),
        }
    }
    Ok(Progress::Partial)
}

/// The outcome, and the head, the same in every cut in two and byte by byte.
fn check(
    bytes: &[u8],
    limits: &HeadLimits,
    strictness: Strictness,
) -> (Result<Progress, HeadError>, ResponseHead) {
    let mut whole = ResponseHead::new();
    let result = whole.parse(bytes, limits, strictness);
    // One head for all cuts: nothing of the last one may be left in it.
    let mut head = ResponseHead::new();
    for cut in 0..=bytes.len() {
        head.clear();
        let got = read(&mut head, bytes, [cut, bytes.len()].into_iter(), limits, strictness);
        assert_eq!(got, result, "{:?} cut at {cut}", String::from_utf8_lossy(bytes));
        if matches!(result, Ok(Progress::Complete { .. })) {
            assert_eq!(head, whole, "{:?} cut at {cut}", String::from_utf8_lossy(bytes));
        }
    }
    head.clear();
    let got = read(&mut head, bytes, 0..=bytes.len(), limits, strictness);
    assert_eq!(got, result, "{:?} byte by byte", String::from_utf8_lossy(bytes));
    (result, whole)
}

fn shown(head: &ResponseHead) -> (String, String, Vec<(String, String)>) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let fields = head.iter().map(|(name, value)| (text(name), text(value))).collect();
    (format!("{} {}", head.version(), head.status().as_u16()), text(head.reason()), fields)
}

#[test]
fn well_formed_heads_give_status_reason_and_fields_as_sent() {
    type Row<'a> = (&'a str, &'a str, &'a str, &'a [(&'a str, &'a str)]);
    let rows: [Row<'_>; 8] = [
        ("HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200", "OK", &[]),
        ("HTTP/1.0 404\r\n\r\n", "HTTP/1.0 404", "", &[]),
        ("HTTP/1.1 404\r\nA: 1\r\n\r\n", "HTTP/1.1 404", "", &[("A", "1")]),
        ("HTTP/1.1 100 \r\n\r\n", "HTTP/1.1 100", "", &[]),
        ("HTTP/1.1 999  a  b \t\r\n\r\n", "HTTP/1.1 999", "a  b", &[]),
        ("HTTP/1.1 200 \u{e9}t\u{e9}\r\n\r\n", "HTTP/1.1 200", "\u{e9}t\u{e9}", &[]),
        (
            "HTTP/1.1 200 OK\r\nX-a:\t1 \t\r\nx-A: \u{e9} 2:3\r\nEmpty:\r\nB:  \r\n\r\n",
            "HTTP/1.1 200",
            "OK",
            &[("X-a", "1"), ("x-A", "\u{e9} 2:3"), ("Empty", ""), ("B", "")],
        ),
        (
            "HTTP/1.1 200 OK\r\n!#$%&'*+-.^_`|~0: 1\r\n\r\n",
            "HTTP/1.1 200",
            "OK",
            &[("!#$%&'*+-.^_`|~0", "1")],
        ),
    ];
    for (text, line, reason, fields) in rows {
        for strictness in [Strictness::Default, Strictness::Strict] {
            let bytes = [text.as_bytes(), b"HTTP/1.1"].concat();
            let (result, head) = check(&bytes, &LIMITS, strictness);
            assert_eq!(result, Ok(Progress::Complete { used: text.len() }), "{text:?}");
            let fields = fields.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
            assert_eq!(shown(&head), (line.into(), reason.into(), fields), "{text:?}");
            assert!(head.leniencies().is_empty(), "{text:?}");
            assert_eq!(head.bytes(), text.as_bytes());
        }
    }
}

#[test]
fn fields_are_found_in_any_case_and_repeated_ones_in_order() {
    let bytes = b"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nX: 1\r\nset-cookie: b\r\n\r\n";
    let (_, head) = check(bytes, &LIMITS, Strictness::Strict);
    assert_eq!(head.field("SET-COOKIE"), Some(&b"a"[..]));
    assert_eq!(head.fields_named("set-Cookie").collect::<Vec<_>>(), [b"a", b"b"]);
    assert_eq!(head.field("Set-Cookies"), None);
    let headers = head.to_headers();
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["set-cookie", "x", "set-cookie"]);
}

#[test]
fn lenient_heads_are_read_by_default_and_refused_in_strict_mode() {
    use HeadError::{BareLf, Fold};
    let fold = |name: &str, offset| Fold { name: name.into(), offset };
    let (lf, folds): (&[Leniency], &[Leniency]) = (&[Leniency::BareLf], &[Leniency::ObsFold]);
    let both = &[Leniency::BareLf, Leniency::ObsFold][..];
    let rows = [
        ("HTTP/1.1 200 OK\n\n", "OK", "", lf, BareLf { offset: 15 }),
        ("HTTP/1.1 200\nX: 1\r\n\r\n", "", "1", lf, BareLf { offset: 12 }),
        ("HTTP/1.1 200 OK\r\nX: 1\n\r\n", "OK", "1", lf, BareLf { offset: 21 }),
        ("HTTP/1.1 200 OK\r\nX: 1\r\n\n", "OK", "1", lf, BareLf { offset: 23 }),
        ("HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\n\r\n", "OK", "1 2", folds, fold("X", 23)),
        ("HTTP/1.1 200 OK\r\nX:\r\n\t 2 \r\n\r\n", "OK", "2", folds, fold("X", 21)),
        ("HTTP/1.1 200 OK\r\nX: 1 \r\n \r\n\r\n", "OK", "1", folds, fold("X", 24)),
        ("HTTP/1.1 200 OK\r\nX: 1\n 2\n\n", "OK", "1 2", both, BareLf { offset: 21 }),
    ];
    for (text, reason, value, leniencies, error) in rows {
        let (result, head) = check(text.as_bytes(), &LIMITS, Strictness::Default);
        assert_eq!(result, Ok(Progress::Complete { used: text.len() }), "{text:?}");
        assert_eq!(head.reason(), reason.as_bytes(), "{text:?}");
        assert_eq!(head.field("x").unwrap_or_default(), value.as_bytes(), "{text:?}");
        assert_eq!(head.leniencies().iter().collect::<Vec<_>>(), leniencies, "{text:?}");
        assert_eq!(check(text.as_bytes(), &LIMITS, Strictness::Strict).0, Err(error), "{text:?}");
    }
    for name in ["Content-Length", "transfer-encoding", "Location", "SET-COOKIE"] {
        let text = format!("HTTP/1.1 200 OK\r\n{name}: 1\r\n 2\r\n\r\n");
        let want = Err(fold(name, 22 + name.len()));
        assert_eq!(check(text.as_bytes(), &LIMITS, Strictness::Default).0, want, "{name}");
    }
}

#[test]
fn each_fault_has_its_own_error_that_says_where() {
    use HeadError::*;
    let value = |offset, byte| FieldValue { name: "A".into(), offset, byte };
    let rows: [(&[u8], HeadError); 25] = [
        (b"<html>", NotHttp1 { offset: 0 }),
        (b"http/1.1 200 OK\r\n\r\n", NotHttp1 { offset: 0 }),
        (b"\r\nHTTP/1.1 200 OK\r\n\r\n", NotHttp1 { offset: 0 }),
        (b"HTTP/2.0 200 OK\r\n\r\n", NotHttp1 { offset: 5 }),
        (b"HTTP/1.2", NotHttp1 { offset: 7 }),
        (b"HTTP/1.10 200 OK\r\n\r\n", StatusLine { offset: 8 }),
        (b"HTTP/1.1  200 OK\r\n\r\n", StatusLine { offset: 9 }),
        (b"HTTP/1.1\r\n\r\n", StatusLine { offset: 8 }),
        (b"HTTP/1.1 20\r\n\r\n", StatusLine { offset: 11 }),
        (b"HTTP/1.1 2000 OK\r\n\r\n", StatusLine { offset: 12 }),
        (b"HTTP/1.1 099 OK\r\n\r\n", StatusCode { code: 99 }),
        (b"HTTP/1.1 000\r\nA : 1\r\n\r\n", StatusCode { code: 0 }),
        (b"HTTP/1.1 200 O\0\r\n\r\n", Reason { offset: 14, byte: 0 }),
        (b"HTTP/1.1 200 O\rK\r\n\r\n", BareCr { offset: 14 }),
        (b"HTTP/1.1 200 OK\r\r\n\r\n", BareCr { offset: 15 }),
        (b"HTTP/1.1 200 OK\r\n A: 1\r\n\r\n", LeadingBlank { offset: 17 }),
        (b"HTTP/1.1 200 OK\r\nA: 1\r\nBearer\r\n\r\n", NoColon { offset: 23 }),
        (b"HTTP/1.1 200 OK\r\n: 1\r\n\r\n", EmptyName { offset: 17 }),
        (b"HTTP/1.1 200 OK\r\nA \t: 1\r\n\r\n", BlankBeforeColon { offset: 18 }),
        (b"HTTP/1.1 200 OK\r\nA B: 1\r\n\r\n", FieldName { offset: 18, byte: b' ' }),
        (b"HTTP/1.1 200 OK\r\nA\xe9: 1\r\n\r\n", FieldName { offset: 18, byte: 0xe9 }),
        (b"HTTP/1.1 200 OK\r\nA: \x7f\r\n\r\n", value(20, 0x7f)),
        (b"HTTP/1.1 200 OK\r\nA: 1\r\n \x012\r\n\r\n", value(24, 1)),
        (b"HTTP/1.1 200 OK\r\nA: 1\rB: 2\r\n\r\n", BareCr { offset: 21 }),
        (b"HTTP/1.1 200 OK\r\nA: 1\r\n \r2\r\n\r\n", BareCr { offset: 24 }),
    ];
    for (bytes, want) in rows {
        let (result, _) = check(bytes, &LIMITS, Strictness::Default);
        assert_eq!(result, Err(want), "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_head_without_its_blank_line_is_partial_even_with_a_fault() {
    for text in ["", "H", "HTTP/1.1", "HTTP/1.1 20x OK\r\n", "HTTP/1.1 200 OK\r\nA : 1\r\n\r"] {
        let (result, _) = check(text.as_bytes(), &LIMITS, Strictness::Default);
        assert_eq!(result, Ok(Progress::Partial), "{text:?}");
    }
}

#[test]
fn limits_hold_to_the_byte_and_to_the_field_and_for_the_head_alone() {
    let text = b"HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\n";
    let bytes = [&text[..], &[b'x'; 200][..]].concat();
    let limits = |head_bytes_max, fields_max| HeadLimits { head_bytes_max, fields_max };
    let whole = Ok(Progress::Complete { used: text.len() });
    let rows = [
        (limits(text.len(), 2), whole.clone()),
        (limits(text.len() - 1, 2), Err(HeadError::TooLarge { bytes_max: text.len() - 1 })),
        (limits(text.len(), 1), Err(HeadError::TooManyFields { fields_max: 1 })),
        (limits(text.len(), 0), Err(HeadError::TooManyFields { fields_max: 0 })),
        (limits(usize::MAX, usize::MAX), whole),
        (limits(0, 2), Err(HeadError::TooLarge { bytes_max: 0 })),
    ];
    for (limits, want) in rows {
        assert_eq!(check(&bytes, &limits, Strictness::Default).0, want, "{limits:?}");
    }
    // A folded line is part of its field.
    let folded = b"HTTP/1.1 200 OK\r\nA: 1\r\n 2\r\n 3\r\n\r\n";
    let want = Ok(Progress::Complete { used: folded.len() });
    assert_eq!(check(folded, &limits(100, 1), Strictness::Default).0, want);
}

#[test]
fn more_fields_than_fit_the_stack_are_read_if_the_limit_says_so() {
    let lines: String = (0..300).map(|n| format!("X-{n}: {n}\r\n")).collect();
    let text = format!("HTTP/1.1 200 OK\r\n{lines}\r\n");
    let limits = HeadLimits { fields_max: 300, ..LIMITS };
    let mut head = ResponseHead::new();
    let result = head.parse(text.as_bytes(), &limits, Strictness::Strict);
    assert_eq!(result, Ok(Progress::Complete { used: text.len() }));
    assert_eq!(head.field("x-299"), Some(&b"299"[..]));
}

#[test]
fn a_name_longer_than_a_header_name_is_refused() {
    let limits = HeadLimits { head_bytes_max: 1 << 20, fields_max: 4 };
    for (length, is_accepted) in [(65_535, true), (65_536, false)] {
        let text = format!("HTTP/1.1 200 OK\r\n{}: 1\r\n\r\n", "a".repeat(length));
        let mut head = ResponseHead::new();
        let result = head.parse(text.as_bytes(), &limits, Strictness::Default);
        let refused = Err(HeadError::FieldNameTooLong { offset: 17 });
        let whole = Ok(Progress::Complete { used: text.len() });
        assert_eq!(result, if is_accepted { whole } else { refused }, "{length}");
        assert_eq!(head.to_headers().len(), usize::from(is_accepted), "{length}");
    }
}

#[test]
fn reading_again_needs_no_more_memory() {
    let large = b"HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n";
    let small = b"HTTP/1.0 404 Not Found\r\nD: 4\r\n\r\n";
    let mut head = ResponseHead::new();
    let mut place = None;
    for bytes in [&large[..], small, large, small] {
        let progress = head.parse(bytes, &LIMITS, Strictness::Strict);
        assert_eq!(progress, Ok(Progress::Complete { used: bytes.len() }));
        assert_eq!(head.bytes(), bytes);
        let now = head.bytes().as_ptr();
        assert_eq!(*place.get_or_insert(now), now, "the buffer stays where it was");
    }
    assert_eq!(shown(&head).2, [("D".into(), "4".into())]);
}

#[test]
fn no_text_shows_cookies_or_control_characters() {
    let mut head = ResponseHead::new();
    let bytes = b"HTTP/1.1 200 a\xffb\r\nSet-Cookie: s3cret\r\n\r\n";
    let progress = head.parse(bytes, &LIMITS, Strictness::Default);
    assert_eq!(progress, Ok(Progress::Complete { used: bytes.len() }));
    assert!(!format!("{head:?}").contains("s3cret"), "{head:?}");
    for line in
        ["Authorization: s3cret\u{1b}[31m", "s3cret", "s3cret\u{1b}: s3cret", "A: \r s3cret"]
    {
        let text = format!("HTTP/1.1 200 OK\r\n{line}\r\n\r\n");
        let (result, _) = check(text.as_bytes(), &LIMITS, Strictness::Default);
        let error = result.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("s3cret") && !shown.contains('\u{1b}'), "{shown}");
    }
}
