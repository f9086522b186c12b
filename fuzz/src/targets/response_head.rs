//! Heads: the verdict is the model's, does not depend on cuts, and what is accepted can be written
//! and read again.
//!
//! Input: flags (1 strict, 2 small limits, 4 begin with a status line), then the bytes.

use sessio_core::wire::head::{
    HeadError, HeadLimits, Leniency, Progress, ResponseHead, Strictness,
};

use crate::input::{flags, show};
use crate::model::head::{self, Head, Read, Rules};

/// Runs one input.
pub fn run(data: &[u8]) {
    let (flags, bytes) = flags(data);
    let mut bytes = bytes.to_vec();
    if flags & 4 != 0 {
        bytes.splice(..0, *b"HTTP/1.1 200 OK\r\n");
    }
    let limits = match flags & 2 {
        0 => HeadLimits::default(),
        _ => HeadLimits { head_bytes_max: 80, fields_max: 3 },
    };
    let strict = flags & 1 != 0;
    let rules = Rules { bytes_max: limits.head_bytes_max, fields_max: limits.fields_max, strict };
    let strictness = if strict { Strictness::Strict } else { Strictness::Default };

    let mut parser = ResponseHead::new();
    let whole = parser.parse(&bytes, &limits, strictness);
    let seen = seen(&whole, &parser);
    assert_eq!(seen, head::read(&bytes, rules), "{}", show(&bytes));

    for step in [1, 2, 7] {
        let mut parser = ResponseHead::new();
        let cut = in_steps(&mut parser, &bytes, step, &limits, strictness);
        assert_eq!(cut, whole, "in steps of {step}: {}", show(&bytes));
        assert_eq!(self::seen(&cut, &parser), seen, "in steps of {step}: {}", show(&bytes));
    }
    if let Read::Whole(head) = seen {
        again(&mut parser, &head);
    }
}

/// What the core says, in the model's words.
fn seen(result: &Result<Progress, HeadError>, head: &ResponseHead) -> Read {
    match result {
        Err(error) => {
            assert_ne!(*error, HeadError::Unreadable, "a refusal without a reason");
            let _ = error.to_string();
            Read::Refused
        }
        Ok(Progress::Partial) => Read::Partial,
        Ok(Progress::Complete { used }) => Read::Whole(of(head, *used)),
    }
}

/// A head in the model's words.
pub fn of(head: &ResponseHead, used: usize) -> Head {
    assert_eq!(head.to_headers().len(), head.fields().len(), "a field is lost");
    Head {
        minor: u8::from(head.version() == sessio_core::wire::head::Version::Http11),
        status: head.status().as_u16(),
        reason: head.reason().to_vec(),
        fields: head.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect(),
        used,
        bare_lf: head.leniencies().has(Leniency::BareLf),
        folded: head.leniencies().has(Leniency::ObsFold),
    }
}

fn in_steps(
    parser: &mut ResponseHead,
    bytes: &[u8],
    step: usize,
    limits: &HeadLimits,
    strictness: Strictness,
) -> Result<Progress, HeadError> {
    for end in (step..bytes.len()).step_by(step) {
        let result = parser.parse(&bytes[..end], limits, strictness);
        if !matches!(result, Ok(Progress::Partial)) {
            return result;
        }
    }
    parser.parse(bytes, limits, strictness)
}

/// Writes the head and reads it again, with the parser that has read it.
fn again(parser: &mut ResponseHead, head: &Head) {
    let mut text = format!("HTTP/1.{} {} ", head.minor, head.status).into_bytes();
    text.extend_from_slice(&head.reason);
    for (name, value) in &head.fields {
        text.extend([b"\r\n", &name[..], b": ", value].concat());
    }
    text.extend_from_slice(b"\r\n\r\n");
    let limits = HeadLimits { head_bytes_max: text.len(), ..HeadLimits::default() };
    let result = parser.parse(&text, &limits, Strictness::Strict);
    assert_eq!(result, Ok(Progress::Complete { used: text.len() }), "{}", show(&text));
    let want = Head { used: text.len(), bare_lf: false, folded: false, ..head.clone() };
    assert_eq!(of(parser, text.len()), want);
}
