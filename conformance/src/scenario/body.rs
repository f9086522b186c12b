//! Bodies: `data` in its many forms, and the `files` of a multipart form.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.2.

use serde_json::Value;

use super::fields::{self, FieldsSpec, Headers};
use super::{bytes, count, items, optional, text, text_or_bytes, wrong};
use crate::peer::Malformed;
use crate::value::Text;

/// What is given for `data`.
#[derive(Clone, Debug, PartialEq)]
pub enum BodySpec {
    /// Text, bytes, or form fields.
    Plain(FieldsSpec),
    /// Items of one pass, without a length.
    Generator(Vec<Item>),
    /// Items that can be gone through again, without a length.
    Iterable(Vec<Item>),
    /// A text file object.
    TextFile(String),
    /// A file object with these abilities.
    File(Filelike),
}

/// An item of a streamed body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Sent; text is UTF-8.
    Piece(Text),
    /// The source fails here, with kind `GenError` and this message.
    Fails(String),
}

/// A file object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filelike {
    /// All of it.
    pub content: Vec<u8>,
    /// Where it stands.
    pub position: usize,
    /// Whether it can be put elsewhere.
    pub seek: Ability,
    /// Whether it knows where it stands.
    pub tell: Ability,
    /// The length that it claims, if it claims one.
    pub length: Option<usize>,
    /// Its file name, if it has one.
    pub name: Option<String>,
}

/// What a file object can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ability {
    /// It works.
    Works,
    /// It is not there.
    Missing,
    /// It is there and fails when used.
    Fails,
}

/// One of `files`.
#[derive(Clone, Debug, PartialEq)]
pub struct FileSpec {
    /// The name of the form field.
    pub field: Text,
    /// Its content.
    pub content: FileContent,
    /// Where the content comes from.
    pub source: FileSource,
    /// The `filename` parameter.
    pub filename: FileName,
    /// Its `Content-Type`, if given.
    pub content_type: Option<String>,
    /// Further headers, if given.
    pub headers: Option<Headers>,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileContent {
    /// Bytes.
    Bytes(Vec<u8>),
    /// Text, sent in UTF-8.
    Text(String),
    /// None: the field is left out.
    Null,
}

/// How content is passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileSource {
    /// By itself.
    Value,
    /// In a file object without a name, standing at this offset.
    Unnamed(usize),
    /// In a file object of this name, standing at this offset.
    Named(String, usize),
}

/// The `filename` parameter of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileName {
    /// Not said: the base name of the file object, else the name of the field.
    Guessed,
    /// Said to be none.
    Without,
    /// This one.
    Is(Text),
}

impl BodySpec {
    pub(super) fn parse(data: &Value) -> Result<Self, Malformed> {
        let tag = |name: &str| data.as_object().and_then(|members| members.get(name));
        if let Some(list) = tag("generator") {
            return all(list).map(Self::Generator);
        }
        if let Some(list) = tag("iterable") {
            return all(list).map(Self::Iterable);
        }
        if let Some(content) = tag("text_filelike") {
            return text(content).map(Self::TextFile);
        }
        match tag("filelike") {
            Some(file) => Filelike::parse(file).map(Self::File),
            None => fields::spec(data).map(Self::Plain),
        }
    }
}

impl Filelike {
    fn parse(file: &Value) -> Result<Self, Malformed> {
        Ok(Self {
            content: bytes(&file["content"])?,
            position: optional(file, "pos", count)?.unwrap_or(0),
            seek: Ability::parse(&file["seek"])?,
            tell: Ability::parse(&file["tell"])?,
            length: optional(file, "len", count)?,
            name: optional(file, "name", text)?,
        })
    }
}

impl Ability {
    fn parse(ability: &Value) -> Result<Self, Malformed> {
        match (ability, ability.as_str()) {
            (Value::Null | Value::Bool(true), _) => Ok(Self::Works),
            (Value::Bool(false), _) => Ok(Self::Missing),
            (_, Some("fails")) => Ok(Self::Fails),
            _ => Err(wrong("ability of a file object", ability)),
        }
    }
}

impl FileSpec {
    pub(super) fn parse(file: &Value) -> Result<Self, Malformed> {
        let content = match &file["content"] {
            Value::Null => FileContent::Null,
            Value::Object(tagged) if tagged.contains_key("text") => {
                FileContent::Text(text(&file["content"]["text"])?)
            }
            other => FileContent::Bytes(bytes(other)?),
        };
        let at = optional(file, "pos", count)?.unwrap_or(0);
        let source = match &file["fileobj"] {
            Value::Null | Value::Bool(false) => FileSource::Value,
            Value::Bool(true) => FileSource::Unnamed(at),
            name => FileSource::Named(text(name)?, at),
        };
        let has_more = file.get("content_type").is_some() || file.get("headers").is_some();
        let filename = match file.get("filename") {
            None if has_more => FileName::Without,
            None => FileName::Guessed,
            Some(Value::Null) => FileName::Without,
            Some(name) => FileName::Is(text_or_bytes(name)?),
        };
        Ok(Self {
            field: text_or_bytes(&file["name"])?,
            content,
            source,
            filename,
            content_type: optional(file, "content_type", text)?,
            headers: optional(file, "headers", fields::headers)?,
        })
    }
}

fn all(list: &Value) -> Result<Vec<Item>, Malformed> {
    let item = |item: &Value| match item.as_object().and_then(|members| members.get("raise")) {
        Some(message) => text(message).map(Item::Fails),
        None => text_or_bytes(item).map(Item::Piece),
    };
    items(list)?.iter().map(item).collect()
}
