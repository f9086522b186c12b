//! What the arguments say, put into a request.

use sessio_core::Params;
use sessio_core::wire::multipart::Part;

use crate::args::{Body, Call, Content, Field, Proxies, Redirects};
use crate::help::{FILE, USAGE};
use crate::runtime::{self, Request};

/// Why the client ends with a failure: exit status and message.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: u8,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(status: u8, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(crate) fn file(path: &str, error: impl std::fmt::Display) -> Self {
        Self::new(FILE, format!("{path}: {error}"))
    }
}

/// The request with the fields that are for this call alone.
pub(crate) async fn request(call: &Call, fields: &[Field]) -> Result<Request, Failure> {
    let method = match (&call.method, &call.body) {
        (Some(method), _) => method.as_str(),
        (None, Body::None) => "GET",
        (None, Body::Data(_) | Body::Json(_) | Body::Form(_)) => "POST",
    };
    let mut request = Request::new(method, call.url.as_str()).stream(true);
    request = request.allow_redirects(call.redirects == Redirects::Follow);
    if let Some(timeouts) = call.timeouts {
        request = request.timeout(timeouts);
    }
    if call.proxies == Proxies::Off {
        request = request.no_proxy();
    }
    for (place, field) in fields.iter().enumerate() {
        let is_again = fields.iter().take(place).any(|f| f.name.eq_ignore_ascii_case(&field.name));
        request = match &field.value {
            None => request.without_header(&field.name),
            Some(value) if is_again => request.append_header(&field.name, value),
            Some(value) => request.header(&field.name, value),
        };
    }
    body(request, &call.body).await
}

async fn body(request: Request, body: &Body) -> Result<Request, Failure> {
    Ok(match body {
        Body::None => request,
        Body::Data(Content::Text(text)) => request.body(text.clone()),
        Body::Data(Content::File(path)) => {
            request.upload(runtime::file(path).await.map_err(|error| Failure::file(path, error))?)
        }
        Body::Data(Content::Stdin) => request.upload(runtime::stdin()),
        Body::Json(text) => {
            let value: serde_json::Value = serde_json::from_str(text)
                .map_err(|error| Failure::new(USAGE, format!("--json: {error}")))?;
            request.json(&value)
        }
        Body::Form(fields) => form(request, fields).await?,
    })
}

/// A form, or the parts of a multipart body if there is a file among them.
async fn form(mut request: Request, fields: &[(String, Content)]) -> Result<Request, Failure> {
    let mut plain = Params::new();
    for (name, content) in fields {
        match content {
            Content::Text(text) => plain.push(name.as_str(), text.as_str()),
            Content::File(path) => {
                let upload =
                    runtime::file(path).await.map_err(|error| Failure::file(path, error))?;
                let file_name = path.rsplit('/').next().unwrap_or(path);
                request = request.file_upload(name, upload, |part: Part| part.filename(file_name));
            }
            Content::Stdin => {
                request = request.file_upload(name, runtime::stdin(), |part| part.filename("-"));
            }
        }
    }
    Ok(if plain.is_empty() { request } else { request.form(plain) })
}
