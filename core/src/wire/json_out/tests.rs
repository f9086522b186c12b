//! Values of every kind against the text that Python gives.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use std::error::Error as _;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::*;

/// What `json.dumps` of Python 3.11 gives for the same value.
#[track_caller]
fn check<T: Serialize + ?Sized>(value: &T, want: &str) {
    let bytes = to_json(value).expect(want);
    assert_eq!(String::from_utf8(bytes).unwrap(), want);
}

#[track_caller]
fn refuse<T: Serialize + ?Sized>(value: &T, want: JsonOutError) {
    assert_eq!(to_json(value), Err(want));
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Unit;

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Newtype<T>(T);

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Pair(u8, String);

#[derive(Serialize, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Fields {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<u8>,
    last: Option<Box<Fields>>,
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
struct Flat {
    first: u8,
    #[serde(flatten)]
    rest: BTreeMap<&'static str, f64>,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
enum Choice {
    Unit,
    Newtype(u8),
    Pair(u8, u8),
    Fields { a: u8, b: () },
}

#[derive(Serialize)]
#[serde(tag = "kind")]
enum Tagged {
    Fields { a: u8 },
}

struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

struct Refusing;

impl Serialize for Refusing {
    fn serialize<S: Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("the tea is cold"))
    }
}

/// A map in the order given, with keys of any kind.
struct Pairs<K, V>(Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for Pairs<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

#[test]
fn values_look_as_python_dumps_them() {
    let rows = [
        (json!(null), "null"),
        (json!(true), "true"),
        (json!(false), "false"),
        (json!(""), r#""""#),
        (json!("text"), r#""text""#),
        (json!([]), "[]"),
        (json!({}), "{}"),
        (json!([[], {}, [[]]]), "[[], {}, [[]]]"),
        (json!({"a": 1, "b": 2}), r#"{"a": 1, "b": 2}"#),
        (json!({"a": {"b": [null, true, false]}}), r#"{"a": {"b": [null, true, false]}}"#),
        (json!([{"a": []}, {"b": {}}, 3]), r#"[{"a": []}, {"b": {}}, 3]"#),
        (json!({"": "", "\"\n": "\\"}), r#"{"": "", "\"\n": "\\"}"#),
        (json!({"\u{e9}": "\u{4e2d}\u{1f600}"}), r#"{"\u00e9": "\u4e2d\ud83d\ude00"}"#),
        (json!([1, 1.0, 1e100, -0.0, 0.1, 1e-7]), "[1, 1.0, 1e+100, -0.0, 0.1, 1e-07]"),
        (json!([u64::MAX, i64::MIN]), "[18446744073709551615, -9223372036854775808]"),
    ];
    for (value, want) in rows {
        check(&value, want);
    }
}

#[test]
fn numbers_look_as_python_prints_them() {
    check(&(u8::MAX, i8::MIN, u16::MAX, i16::MIN), "[255, -128, 65535, -32768]");
    check(&(u32::MAX, i32::MIN, 0), "[4294967295, -2147483648, 0]");
    check(&(u64::MAX, i64::MIN), "[18446744073709551615, -9223372036854775808]");
    check(&u128::MAX, "340282366920938463463374607431768211455");
    check(&i128::MIN, "-170141183460469231731687303715884105728");
    check(&[1e15, 1e16, 1e22, 5e-324], "[1000000000000000.0, 1e+16, 1e+22, 5e-324]");
    check(&[0.0001, 0.00001, -1.25e-7], "[0.0001, 1e-05, -1.25e-07]");
    check(&[0.1_f32, 1e16, -0.0], "[0.1, 1e+16, -0.0]");
}

#[test]
fn what_serde_can_say_has_the_form_of_serde_json() {
    let inner = Fields { name: "b", left_out: Some(1), last: None };
    let outer = Fields { name: "a", left_out: None, last: Some(Box::new(inner)) };
    check(&outer, r#"{"name": "a", "last": {"name": "b", "left_out": 1, "last": null}}"#);
    check(&Flat { first: 1, rest: [("x", 1.0)].into() }, r#"{"first": 1, "x": 1.0}"#);
    check(&(Unit, (), None::<u8>, Some(1)), "[null, null, null, 1]");
    check(&Newtype(Newtype(vec![1])), "[1]");
    check(&Pair(1, "x".into()), r#"[1, "x"]"#);
    check(&Empty {}, "{}");
    check(&['a', '"', '\u{1f600}'], r#"["a", "\"", "\ud83d\ude00"]"#);
    check(&[Bytes(b""), Bytes(b"\x00a\xff")], "[[], [0, 97, 255]]");
    check(&[0_u8; 0], "[]");
    check(&Choice::Unit, r#""Unit""#);
    check(&Choice::Newtype(1), r#"{"Newtype": 1}"#);
    check(&Choice::Pair(1, 2), r#"{"Pair": [1, 2]}"#);
    check(&Choice::Fields { a: 1, b: () }, r#"{"Fields": {"a": 1, "b": null}}"#);
    check(&[Choice::Pair(1, 2), Choice::Unit], r#"[{"Pair": [1, 2]}, "Unit"]"#);
    check(&Tagged::Fields { a: 1 }, r#"{"kind": "Fields", "a": 1}"#);
    check("a str", r#""a str""#);
    check(&format_args!("{}-{}", 1, "\n"), r#""1-\n""#);
}

#[test]
fn every_control_character_and_all_but_ascii_is_escaped() {
    for code in 0..=0x9f_u32 {
        let c = char::from_u32(code).unwrap();
        let want = match c {
            '\x08' => "\\b".into(),
            '\t' => "\\t".into(),
            '\n' => "\\n".into(),
            '\x0c' => "\\f".into(),
            '\r' => "\\r".into(),
            '"' => "\\\"".into(),
            '\\' => "\\\\".into(),
            ' '..='~' => String::from(c),
            _ => format!("\\u{code:04x}"),
        };
        check(&format!("<{c}>{c}"), &format!("\"<{want}>{want}\""));
    }
    let rows = [
        ("a/b'c", "a/b'c"),
        ("\u{7f}\u{80}", "\\u007f\\u0080"),
        ("caf\u{e9} \u{df}", "caf\\u00e9 \\u00df"),
        ("\u{2028}\u{2029}\u{feff}", "\\u2028\\u2029\\ufeff"),
        ("\u{d7ff}\u{e000}\u{ffff}", "\\ud7ff\\ue000\\uffff"),
        ("\u{10000}", "\\ud800\\udc00"),
        ("x\u{1f600}y", "x\\ud83d\\ude00y"),
        ("\u{10ffff}", "\\udbff\\udfff"),
    ];
    for (text, want) in rows {
        check(text, &format!("\"{want}\""));
    }
}

#[test]
fn serde_json_reads_back_what_it_is_given() {
    let text: String = (0..0x3000).chain(0x1_f5f0..0x1_f610).filter_map(char::from_u32).collect();
    let value = json!({"text": text, "numbers": [1, -2, 0.1, 1e300, 1e-300], "none": null});
    let bytes = to_json(&value).unwrap();
    assert!(bytes.is_ascii());
    assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), value);
}

#[test]
fn what_is_no_number_is_an_error_wherever_it_is() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        refuse(&number, JsonOutError::NotFinite);
        refuse(&(number as f32), JsonOutError::NotFinite);
        refuse(&vec![(1, Some(number))], JsonOutError::NotFinite);
        refuse(&Newtype(number), JsonOutError::NotFinite);
        refuse(&BTreeMap::from([("a", [1.0, number])]), JsonOutError::NotFinite);
        refuse(&Flat { first: 1, rest: [("x", number)].into() }, JsonOutError::NotFinite);
        refuse(&Pairs(vec![(number, 1)]), JsonOutError::NotFinite);
        refuse(&Pairs(vec![(number as f32, 1)]), JsonOutError::NotFinite);
    }
}

#[test]
fn keys_become_text_as_python_makes_them() {
    check(&BTreeMap::from([("b", 1), ("a", 2)]), r#"{"a": 2, "b": 1}"#);
    check(&BTreeMap::from([(-1, 1), (1, 2)]), r#"{"-1": 1, "1": 2}"#);
    check(&BTreeMap::from([(false, 1), (true, 2)]), r#"{"false": 1, "true": 2}"#);
    check(&BTreeMap::from([('"', 1)]), r#"{"\"": 1}"#);
    check(&BTreeMap::from([(Choice::Unit, 1)]), r#"{"Unit": 1}"#);
    check(&BTreeMap::from([(Newtype(Newtype(7)), 1)]), r#"{"7": 1}"#);
    check(&BTreeMap::from([(None, 1), (Some("x"), 2)]), r#"{"null": 1, "x": 2}"#);
    check(&Pairs(vec![((), 1)]), r#"{"null": 1}"#);
    check(&Pairs(vec![(Unit, 1)]), r#"{"null": 1}"#);
    check(&Pairs(vec![(1.5, 1), (1e16, 2), (-0.0, 3)]), r#"{"1.5": 1, "1e+16": 2, "-0.0": 3}"#);
    check(&Pairs(vec![(0.1_f32, 1)]), r#"{"0.1": 1}"#);
    check(&Pairs(vec![(u128::MAX, 1)]), r#"{"340282366920938463463374607431768211455": 1}"#);
    check(&Pairs(vec![("z", 1), ("a", 2), ("z", 3)]), r#"{"z": 1, "a": 2, "z": 3}"#);
}

#[test]
fn other_keys_are_errors() {
    let bad = JsonOutError::BadKey;
    refuse(&BTreeMap::from([(vec![1], 1)]), bad.clone());
    refuse(&BTreeMap::from([((1, 2), 1)]), bad.clone());
    refuse(&BTreeMap::from([(Pair(1, String::new()), 1)]), bad.clone());
    refuse(&BTreeMap::from([(Fields::default(), 1)]), bad.clone());
    refuse(&BTreeMap::from([(BTreeMap::from([(1, 1)]), 1)]), bad.clone());
    refuse(&BTreeMap::from([(Choice::Newtype(1), 1)]), bad.clone());
    refuse(&BTreeMap::from([(Choice::Pair(1, 1), 1)]), bad.clone());
    refuse(&BTreeMap::from([(Choice::Fields { a: 1, b: () }, 1)]), bad.clone());
    refuse(&BTreeMap::from([(Some(vec![1]), 1)]), bad.clone());
    refuse(&Pairs(vec![(Bytes(b"a"), 1)]), bad);
}

#[test]
fn levels_are_counted_up_to_their_limit() {
    let nest = |levels, inner: Value| (0..levels).fold(inner, |value, _| json!([value]));
    let deepest = format!("{}1{}", "[".repeat(DEPTH_MAX), "]".repeat(DEPTH_MAX));
    check(&nest(DEPTH_MAX, json!(1)), &deepest);
    refuse(&nest(DEPTH_MAX + 1, json!(1)), JsonOutError::TooDeep);
    check(&nest(DEPTH_MAX - 1, json!({})), &deepest.replace("[1]", "{}"));
    refuse(&nest(DEPTH_MAX, json!({})), JsonOutError::TooDeep);

    let wide = [vec![vec![1]; 200], vec![]];
    assert_eq!(to_json(&wide).unwrap().len(), r#"[[[1]"#.len() + r#", [1]"#.len() * 199 + 6);
}

/// A value with `levels` arrays around it.
struct Nested<'a, T>(usize, &'a T);

impl<T: Serialize> Serialize for Nested<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.checked_sub(1) {
            Some(levels) => serializer.collect_seq([Nested(levels, self.1)]),
            None => self.1.serialize(serializer),
        }
    }
}

#[test]
fn an_enum_takes_as_many_levels_as_it_has_brackets() {
    let rows = [
        (Choice::Unit, 0),
        (Choice::Newtype(1), 1),
        (Choice::Pair(1, 2), 2),
        (Choice::Fields { a: 1, b: () }, 2),
    ];
    for (choice, levels) in &rows {
        assert!(to_json(&Nested(DEPTH_MAX - levels, choice)).is_ok());
        refuse(&Nested(DEPTH_MAX - levels + 1, choice), JsonOutError::TooDeep);
    }
    refuse(&Nested(DEPTH_MAX, &Bytes(b"")), JsonOutError::TooDeep);
    refuse(&Nested(DEPTH_MAX, &Empty {}), JsonOutError::TooDeep);
}

#[test]
fn numbers_of_any_precision_and_raw_json_carry_no_inner_name() {
    #[derive(Serialize)]
    #[serde(rename = "$serde_json::private::Number")]
    struct Number {
        #[serde(rename = "$serde_json::private::Number")]
        text: &'static str,
    }
    #[derive(Serialize)]
    #[serde(rename = "$serde_json::private::RawValue")]
    struct RawValue {
        #[serde(rename = "$serde_json::private::RawValue")]
        text: &'static str,
    }
    let rows = [
        ("7", "7"),
        (
            "-123456789012345678901234567890123456789012",
            "-123456789012345678901234567890123456789012",
        ),
        ("1.50", "1.5"),
        ("1e2", "100.0"),
        ("1E+100", "1e+100"),
    ];
    for (text, want) in rows {
        check(&Number { text }, want);
    }
    refuse(&[Number { text: "1e400" }], JsonOutError::NotFinite);
    check(&[RawValue { text: "{\"a\":1}" }], "[{\"a\":1}]");
}

#[test]
fn an_error_says_what_is_wrong() {
    refuse(&[Refusing], JsonOutError::Custom("the tea is cold".into()));
    let rows = [
        (JsonOutError::NotFinite, "a NaN or an infinity has no JSON form"),
        (JsonOutError::BadKey, "a key of a map must be text, a number, a bool or none"),
        (JsonOutError::Custom("why".into()), "why"),
    ];
    for (error, want) in rows {
        assert_eq!(error.to_string(), want);
        assert!(error.source().is_none());
    }
    assert!(JsonOutError::TooDeep.to_string().contains(&DEPTH_MAX.to_string()));
}
