//! The key of a map as text.
//!
//! Source: `_iterencode_dict` of Python's `json.encoder`.

use alloc::borrow::ToOwned as _;
use alloc::string::{String, ToString as _};

use serde::ser::{Impossible, Serialize, Serializer};

use super::JsonOutError;
use super::text::push_float;
use crate::wire::float::widen;

/// Turns text, numbers, bools and nothing into text; all else is [`JsonOutError::BadKey`].
pub(super) struct Key;

macro_rules! printed {
    ($($method:ident($scalar:ty)),+) => {
        $(fn $method(self, scalar: $scalar) -> Result<String, JsonOutError> {
            Ok(scalar.to_string())
        })+
    };
}

impl Serializer for Key {
    type Ok = String;
    type Error = JsonOutError;
    type SerializeSeq = Impossible<String, JsonOutError>;
    type SerializeTuple = Impossible<String, JsonOutError>;
    type SerializeTupleStruct = Impossible<String, JsonOutError>;
    type SerializeTupleVariant = Impossible<String, JsonOutError>;
    type SerializeMap = Impossible<String, JsonOutError>;
    type SerializeStruct = Impossible<String, JsonOutError>;
    type SerializeStructVariant = Impossible<String, JsonOutError>;

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
        serialize_u128(u128),
        serialize_char(char),
        serialize_str(&str)
    );

    fn serialize_f32(self, number: f32) -> Result<String, JsonOutError> {
        self.serialize_f64(widen(number))
    }

    fn serialize_f64(self, number: f64) -> Result<String, JsonOutError> {
        let mut key = String::new();
        push_float(&mut key, number).map(|()| key)
    }

    fn serialize_none(self) -> Result<String, JsonOutError> {
        Ok("null".to_owned())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<String, JsonOutError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<String, JsonOutError> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<String, JsonOutError> {
        self.serialize_none()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<String, JsonOutError> {
        Ok(variant.to_owned())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<String, JsonOutError> {
        value.serialize(self)
    }

    fn serialize_bytes(self, _bytes: &[u8]) -> Result<String, JsonOutError> {
        Err(JsonOutError::BadKey)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<String, JsonOutError> {
        Err(JsonOutError::BadKey)
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Self::SerializeSeq, JsonOutError> {
        Err(JsonOutError::BadKey)
    }

    fn serialize_tuple(self, _len: usize) -> Result<Self::SerializeTuple, JsonOutError> {
        Err(JsonOutError::BadKey)
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleStruct, JsonOutError> {
        Err(JsonOutError::BadKey)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleVariant, JsonOutError> {
        Err(JsonOutError::BadKey)
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Self::SerializeMap, JsonOutError> {
        Err(JsonOutError::BadKey)
    }

    fn serialize_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeStruct, JsonOutError> {
        Err(JsonOutError::BadKey)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeStructVariant, JsonOutError> {
        Err(JsonOutError::BadKey)
    }
}
