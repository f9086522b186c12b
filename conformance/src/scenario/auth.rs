//! Authentication of a call or a session.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.3.

use serde_json::Value;

use super::{bytes, optional, text, text_or_bytes, wrong};
use crate::peer::Malformed;
use crate::value::Text;

/// What is given for `auth`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthSpec {
    /// The scheme with its credentials.
    pub kind: AuthKind,
    /// Equal ids within a vector are one shared object.
    pub id: Option<String>,
}

/// Scheme and credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthKind {
    /// Basic, with user and password.
    Basic(Text, Text),
    /// Digest, with user and password.
    Digest(String, String),
    /// Basic in `Proxy-Authorization`.
    Proxy(String, String),
    /// Sets a header.
    SetHeader(String, String),
    /// Replaces the body.
    SetBody(Vec<u8>),
    /// Adds a parameter to the URL.
    SetParam(String, String),
}

impl AuthSpec {
    pub(super) fn parse(auth: &Value) -> Result<Self, Malformed> {
        let members = auth.as_object().ok_or_else(|| wrong("auth", auth))?;
        let mut kinds = members.iter().filter(|(name, _)| !matches!(name.as_str(), "id" | "as"));
        let (name, value) = kinds.next().ok_or_else(|| wrong("auth", auth))?;
        let (first, second) = (&value[0], &value[1]);
        let kind = match name.as_str() {
            "basic" => AuthKind::Basic(text_or_bytes(first)?, text_or_bytes(second)?),
            "digest" => AuthKind::Digest(text(first)?, text(second)?),
            "proxy" => AuthKind::Proxy(text(first)?, text(second)?),
            "set_header" => AuthKind::SetHeader(text(first)?, text(second)?),
            "set_body" => AuthKind::SetBody(bytes(value)?),
            "set_param" => AuthKind::SetParam(text(first)?, text(second)?),
            _ => return Err(wrong("auth", auth)),
        };
        let id = |id: &Value| Ok(id.as_str().map_or_else(|| id.to_string(), str::to_owned));
        Ok(Self { kind, id: optional(auth, "id", id)? })
    }
}
