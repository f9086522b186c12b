//! Any value as JSON: what serde asks of a serializer.

use alloc::string::String;

use serde::{Serialize, Serializer, ser::SerializeSeq as _};

use super::JsonOutError;
use super::compound::{Compound, Struct};
use super::text::{push_float, push_printed, push_quoted};
use super::verbatim::Verbatim;
use crate::wire::float::widen;

/// Writes one value at the end of `out`.
pub(super) struct Writer<'a> {
    pub(super) out: &'a mut String,
    /// How many arrays and objects may be opened inside of each other from here on.
    pub(super) levels_left: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn array(self) -> Result<Compound<'a>, JsonOutError> {
        Compound::open(self, "[", "]")
    }

    pub(super) fn object(self) -> Result<Compound<'a>, JsonOutError> {
        Compound::open(self, "{", "}")
    }
}

macro_rules! printed {
    ($($method:ident($scalar:ty)),+) => {
        $(fn $method(self, scalar: $scalar) -> Result<(), JsonOutError> {
            push_printed(self.out, scalar)
        })+
    };
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = JsonOutError;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = Compound<'a>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Struct<'a>;
    type SerializeStructVariant = Compound<'a>;

    // `true` and `false` are what a bool prints.
    printed!(
        serialize_bool(bool),
        serialize_i8(i8),
        serialize_i16(i16),
        serialize_i32(i32),
        serialize_i64(i64),
        serialize_i128(i128),
        serialize_u8(u8),
        serialize_u16(u16),
        serialize_u32(u32),
        serialize_u64(u64),
        serialize_u128(u128)
    );

    fn serialize_f32(self, number: f32) -> Result<(), JsonOutError> {
        self.serialize_f64(widen(number))
    }

    fn serialize_f64(self, number: f64) -> Result<(), JsonOutError> {
        push_float(self.out, number)
    }

    fn serialize_char(self, c: char) -> Result<(), JsonOutError> {
        self.serialize_str(c.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), JsonOutError> {
        push_quoted(self.out, text);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), JsonOutError> {
        let mut array = self.array()?;
        bytes.iter().try_for_each(|byte| array.serialize_element(byte))?;
        array.end()
    }

    fn serialize_none(self) -> Result<(), JsonOutError> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), JsonOutError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), JsonOutError> {
        self.out.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), JsonOutError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), JsonOutError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), JsonOutError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), JsonOutError> {
        let mut object = self.object()?;
        object.push_field(variant, value)?;
        object.end()
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Compound<'a>, JsonOutError> {
        self.array()
    }

    fn serialize_tuple(self, _len: usize) -> Result<Compound<'a>, JsonOutError> {
        self.array()
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Compound<'a>, JsonOutError> {
        self.array()
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Compound<'a>, JsonOutError> {
        Compound::open(self.object()?.into_field(variant), "[", "]}")
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Compound<'a>, JsonOutError> {
        self.object()
    }

    fn serialize_struct(self, name: &'static str, _len: usize) -> Result<Struct<'a>, JsonOutError> {
        match Verbatim::named(name) {
            Some(verbatim) => Ok(Struct::Verbatim(self, verbatim)),
            None => self.object().map(Struct::Object),
        }
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Compound<'a>, JsonOutError> {
        Compound::open(self.object()?.into_field(variant), "{", "}}")
    }
}
