//! Arrays and objects as JSON, one element after the other.

use alloc::string::String;

use serde::{Serialize, ser};

use super::JsonOutError;
use super::key::Key;
use super::text::push_quoted;
use super::value::Writer;
use super::verbatim::Verbatim;

/// An array or an object that is open.
pub(super) struct Compound<'a> {
    out: &'a mut String,
    levels_left: usize,
    close: &'static str,
    separator: &'static str,
}

impl<'a> Compound<'a> {
    pub(super) fn open(
        writer: Writer<'a>,
        open: &str,
        close: &'static str,
    ) -> Result<Self, JsonOutError> {
        let levels_left = writer.levels_left.checked_sub(1).ok_or(JsonOutError::TooDeep)?;
        writer.out.push_str(open);
        Ok(Self { out: writer.out, levels_left, close, separator: "" })
    }

    pub(super) fn end(self) -> Result<(), JsonOutError> {
        self.out.push_str(self.close);
        Ok(())
    }

    /// Adds a field to an object.
    pub(super) fn push_field<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
    ) -> Result<(), JsonOutError> {
        self.push_name(name);
        value.serialize(self.inside())
    }

    /// Where the value of the last field goes, here named `name`; whoever writes it closes the
    /// object.
    pub(super) fn into_field(mut self, name: &str) -> Writer<'a> {
        self.push_name(name);
        Writer { out: self.out, levels_left: self.levels_left }
    }

    fn push_name(&mut self, name: &str) {
        self.push_separator();
        push_quoted(self.out, name);
        self.out.push_str(": ");
    }

    fn push_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonOutError> {
        self.push_separator();
        value.serialize(self.inside())
    }

    fn push_separator(&mut self) {
        self.out.push_str(self.separator);
        self.separator = ", ";
    }

    fn inside(&mut self) -> Writer<'_> {
        Writer { out: self.out, levels_left: self.levels_left }
    }
}

macro_rules! arrays {
    ($($name:ident::$method:ident),+ $(,)?) => {
        $(impl ser::$name for Compound<'_> {
            type Ok = ();
            type Error = JsonOutError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonOutError> {
                self.push_element(value)
            }

            fn end(self) -> Result<(), JsonOutError> {
                self.end()
            }
        })+
    };
}

arrays! {
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field,
}

impl ser::SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = JsonOutError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), JsonOutError> {
        self.push_name(&key.serialize(Key)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonOutError> {
        value.serialize(self.inside())
    }

    fn end(self) -> Result<(), JsonOutError> {
        self.end()
    }
}

impl ser::SerializeStructVariant for Compound<'_> {
    type Ok = ();
    type Error = JsonOutError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), JsonOutError> {
        self.push_field(name, value)
    }

    fn end(self) -> Result<(), JsonOutError> {
        self.end()
    }
}

/// A struct that is open.
pub(super) enum Struct<'a> {
    /// One of the caller's.
    Object(Compound<'a>),
    /// One of serde_json's own, which stands for a text.
    Verbatim(Writer<'a>, Verbatim),
}

impl ser::SerializeStruct for Struct<'_> {
    type Ok = ();
    type Error = JsonOutError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), JsonOutError> {
        match self {
            Self::Object(object) => object.push_field(name, value),
            Self::Verbatim(writer, verbatim) => verbatim.push(writer.out, &value.serialize(Key)?),
        }
    }

    fn end(self) -> Result<(), JsonOutError> {
        match self {
            Self::Object(object) => object.end(),
            Self::Verbatim(..) => Ok(()),
        }
    }
}
