//! The body of a request, and the fields that describe it.
//!
//! Source: `prepare_body` in requests 2.34.2, `models.py`.

use alloc::vec::Vec;

use bytes::Bytes;
use http::HeaderValue;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};

use crate::error::Error;
use crate::message::request::{Data, FormEncoding};
use crate::message::{Body, Part, PreparedRequest, RequestError, Rewind, SourceId};
use crate::planted::Plant;
use crate::random::Random;
use crate::wire::form::Params;
use crate::wire::multipart::{self, Multipart, MultipartError, Plan, Segment};

/// How many boundaries are tried; one in 2^128 occurs in a body by chance.
const BOUNDARIES_MAX: u32 = 4;

/// What a body is made of.
pub(super) struct Parts<'a> {
    pub(super) data: Data,
    /// A value as JSON; none where the feature `json` is off.
    pub(super) json: Option<Bytes>,
    pub(super) files: Vec<multipart::Part>,
    pub(super) encoding: FormEncoding,
    pub(super) rewinds: &'a [Rewind],
}

/// Puts the body and the fields that describe it into a request.
pub(super) fn put(
    request: &mut PreparedRequest,
    parts: Parts<'_>,
    random: &mut Random,
) -> Result<(), Error> {
    let rewind = |id: SourceId| parts.rewinds.get(id.0).copied().unwrap_or(Rewind::Impossible);
    let declared = declared_length(request);
    let mut content_type = None;
    let encoding = if parts.files.is_empty() { parts.encoding } else { FormEncoding::Multipart };
    request.body = match (parts.data, encoding) {
        (Data::Nothing, FormEncoding::ByContent) => json(&mut content_type, parts.json),
        (Data::Form(fields), FormEncoding::ByContent) if fields.is_empty() => {
            json(&mut content_type, parts.json)
        }
        (Data::Form(fields), FormEncoding::ByContent) => form(&fields, &mut content_type),
        (Data::Bytes(bytes), FormEncoding::ByContent) if bytes.is_empty() => {
            json(&mut content_type, parts.json)
        }
        (Data::Bytes(bytes), FormEncoding::ByContent) => Body::Bytes(bytes),
        (Data::Source { source, length }, FormEncoding::ByContent) => {
            Body::source(source, length.or(declared), rewind(source))
        }
        (Data::Nothing, FormEncoding::Multipart) => {
            let plan = plan(&Params::new(), parts.files, random)?;
            multipart(request, plan, rewind, &mut content_type)
        }
        (Data::Form(fields), FormEncoding::Multipart) => {
            let plan = plan(&fields, parts.files, random)?;
            multipart(request, plan, rewind, &mut content_type)
        }
        (Data::Bytes(_), FormEncoding::Multipart) => {
            return Err(RequestError::FilesWith("text or bytes").into());
        }
        (Data::Source { .. }, FormEncoding::Multipart) => {
            return Err(RequestError::FilesWith("a stream").into());
        }
    };
    request.frame_body();
    if let Some(content_type) = content_type
        && !request.headers.contains(CONTENT_TYPE)
    {
        request.headers.append(CONTENT_TYPE, content_type);
    }
    Ok(())
}

/// A length that the caller declared.
fn declared_length(request: &PreparedRequest) -> Option<u64> {
    let text = request.headers.get_str(CONTENT_LENGTH)?;
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

fn json(content_type: &mut Option<HeaderValue>, json: Option<Bytes>) -> Body {
    match json {
        None => Body::Empty,
        Some(text) => {
            *content_type = Some(HeaderValue::from_static("application/json"));
            Body::Bytes(text)
        }
    }
}

fn form(fields: &Params, content_type: &mut Option<HeaderValue>) -> Body {
    *content_type = Some(HeaderValue::from_static("application/x-www-form-urlencoded"));
    Body::Bytes(fields.encode().into())
}

/// Takes over what was laid out.
fn multipart(
    request: &mut PreparedRequest,
    plan: Plan,
    rewind: impl Fn(SourceId) -> Rewind,
    content_type: &mut Option<HeaderValue>,
) -> Body {
    *content_type = HeaderValue::try_from(plan.content_type.as_str()).ok();
    let bytes = plan.bytes();
    request.part_headers_dropped = plan.overridden.into();
    if let Some(bytes) = bytes {
        return Body::Bytes(bytes);
    }
    let part = |segment: Segment| match segment {
        Segment::Bytes(bytes) => Part::Bytes(bytes),
        Segment::File { index, length } => {
            let source = SourceId(index);
            Part::Source { source, length, rewind: rewind(source) }
        }
    };
    Body::Parts(plan.segments.into_iter().map(part).collect())
}

/// Lays fields and files out with a boundary that does not occur in them.
fn plan(
    fields: &Params,
    files: Vec<multipart::Part>,
    random: &mut Random,
) -> Result<Plan, MultipartError> {
    let mut multipart = Multipart::default();
    multipart.push_fields(fields)?;
    files.into_iter().for_each(|part| multipart.push(part));
    let mut tries = 0;
    loop {
        let fixed = Plant::BoundaryFixed.is_on().then(|| "boundary".into());
        match multipart.plan(&fixed.unwrap_or_else(|| random.boundary())) {
            Err(MultipartError::BoundaryInContent) if tries < BOUNDARIES_MAX => {
                tries = tries.saturating_add(1);
            }
            result => return result,
        }
    }
}
