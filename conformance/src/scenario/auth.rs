//! Authentication of a call or a session.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.3.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use sessio_core::policy::digest::DigestAuth;

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
    /// The object, which the client makes on first use.
    pub object: Object,
}

/// A place for the client's object, which clones and specs of the same id share.
#[derive(Clone, Debug, Default)]
pub struct Object(Arc<OnceLock<DigestAuth>>);

impl Object {
    /// The object, made by `make` if there is none.
    pub fn digest(&self, make: impl FnOnce() -> DigestAuth) -> DigestAuth {
        self.0.get_or_init(make).clone()
    }
}

/// Objects are no part of what a vector says.
impl PartialEq for Object {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Object {}

/// Scheme and credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthKind {
    /// Basic, with user and password.
    Basic(Text, Text),
    /// Digest, with user and password.
    Digest(String, String),
    /// Basic in `Proxy-Authorization`.
    Proxy(Text, Text),
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
            "proxy" => AuthKind::Proxy(text_or_bytes(first)?, text_or_bytes(second)?),
            "set_header" => AuthKind::SetHeader(text(first)?, text(second)?),
            "set_body" => AuthKind::SetBody(bytes(value)?),
            "set_param" => AuthKind::SetParam(text(first)?, text(second)?),
            _ => return Err(wrong("auth", auth)),
        };
        let id = |id: &Value| Ok(id.as_str().map_or_else(|| id.to_string(), str::to_owned));
        Ok(Self { kind, id: optional(auth, "id", id)?, object: Object::default() })
    }

    /// Makes those of equal ids share their object.
    pub(super) fn share<'a>(specs: impl Iterator<Item = &'a mut Self>) {
        let mut objects = BTreeMap::new();
        for spec in specs {
            if let Some(id) = &spec.id {
                let object: &mut Object = objects.entry(id.clone()).or_default();
                spec.object = object.clone();
            }
        }
    }
}
