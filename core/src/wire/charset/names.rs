//! Charsets by the names that CPython's codecs have.
//!
//! Source: `encodings/__init__.py` and `encodings/aliases.py` of CPython 3.11. Codecs of DOS,
//! EBCDIC and other systems that the web never used are left out: their names are unknown here.

use alloc::string::String;

#[cfg(feature = "charset")]
use super::legacy::{C1, Legacy};
use super::unicode::Order;

/// A charset that this build can decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charset(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Utf8,
    Utf8Sig,
    /// `None`: as the byte order mark says.
    Utf16(Option<Order>),
    /// `None`: as the byte order mark says.
    Utf32(Option<Order>),
    Ascii,
    Latin1,
    #[cfg(feature = "charset")]
    Legacy(Legacy),
}

impl Charset {
    /// UTF-8; a byte order mark is a character of the text.
    pub const UTF_8: Self = Self(Kind::Utf8);

    /// The charset that Python's codecs know by `name`, without regard to case and punctuation;
    /// `None` if there is none, or not in this build.
    #[must_use]
    pub fn for_name(name: &str) -> Option<Self> {
        let name = normalized(name);
        find(&name).or_else(|| find(&name.replace('.', "_"))).map(Self)
    }

    pub(super) const fn kind(self) -> Kind {
        self.0
    }
}

/// Lower case, with one underscore in place of whatever stands between letters and digits.
fn normalized(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut is_between = false;
    for c in name.chars() {
        if !c.is_alphanumeric() && c != '.' {
            is_between = true;
            continue;
        }
        if is_between && !plain.is_empty() {
            plain.push('_');
        }
        is_between = false;
        if c.is_ascii() {
            plain.push(c.to_ascii_lowercase());
        }
    }
    plain
}

fn find(name: &str) -> Option<Kind> {
    let is_named = |(names, _): &&(&str, Kind)| names.split(' ').any(|known| known == name);
    let found = UNICODE.iter().find(is_named);
    #[cfg(feature = "charset")]
    let found = found.or_else(|| SINGLE.iter().chain(MULTI).find(is_named));
    found.map(|(_, kind)| *kind)
}

const UNICODE: &[(&str, Kind)] = &[
    ("utf_8 cp65001 u8 utf utf8 utf8_ucs2 utf8_ucs4", Kind::Utf8),
    ("utf_8_sig", Kind::Utf8Sig),
    ("utf_16 u16 utf16", Kind::Utf16(None)),
    ("utf_16_le unicodelittleunmarked utf_16le", Kind::Utf16(Some(Order::Little))),
    ("utf_16_be unicodebigunmarked utf_16be", Kind::Utf16(Some(Order::Big))),
    ("utf_32 u32 utf32", Kind::Utf32(None)),
    ("utf_32_le utf_32le", Kind::Utf32(Some(Order::Little))),
    ("utf_32_be utf_32be", Kind::Utf32(Some(Order::Big))),
    (
        "ascii 646 ansi_x3.4_1968 ansi_x3.4_1986 ansi_x3_4_1968 cp367 csascii ibm367 iso646_us \
         iso_646.irv_1991 iso_ir_6 us us_ascii",
        Kind::Ascii,
    ),
    (
        "latin_1 8859 cp819 csisolatin1 ibm819 iso8859 iso8859_1 iso_8859_1 iso_8859_1_1987 \
         iso_ir_100 l1 latin latin1",
        Kind::Latin1,
    ),
];

#[cfg(feature = "charset")]
const SINGLE: &[(&str, Kind)] = &[
    ("cp866 866 csibm866 ibm866", single(encoding_rs::IBM866, C1::Table, &[])),
    (
        "iso8859_2 csisolatin2 iso_8859_2 iso_8859_2_1987 iso_ir_101 l2 latin2",
        single(encoding_rs::ISO_8859_2, C1::Table, &[]),
    ),
    (
        "iso8859_3 csisolatin3 iso_8859_3 iso_8859_3_1988 iso_ir_109 l3 latin3",
        single(encoding_rs::ISO_8859_3, C1::Table, &[]),
    ),
    (
        "iso8859_4 csisolatin4 iso_8859_4 iso_8859_4_1988 iso_ir_110 l4 latin4",
        single(encoding_rs::ISO_8859_4, C1::Table, &[]),
    ),
    (
        "iso8859_5 csisolatincyrillic cyrillic iso_8859_5 iso_8859_5_1988 iso_ir_144",
        single(encoding_rs::ISO_8859_5, C1::Table, &[]),
    ),
    (
        "iso8859_6 arabic asmo_708 csisolatinarabic ecma_114 iso_8859_6 iso_8859_6_1987 iso_ir_127",
        single(encoding_rs::ISO_8859_6, C1::Table, &[]),
    ),
    (
        "iso8859_7 csisolatingreek ecma_118 elot_928 greek greek8 iso_8859_7 iso_8859_7_1987 \
         iso_ir_126",
        single(encoding_rs::ISO_8859_7, C1::Table, &[]),
    ),
    (
        "iso8859_8 csisolatinhebrew hebrew iso_8859_8 iso_8859_8_1988 iso_ir_138",
        single(encoding_rs::ISO_8859_8, C1::Table, &[]),
    ),
    (
        "iso8859_9 csisolatin5 iso_8859_9 iso_8859_9_1989 iso_ir_148 l5 latin5",
        single(encoding_rs::WINDOWS_1254, C1::Controls, &[]),
    ),
    (
        "iso8859_10 csisolatin6 iso_8859_10 iso_8859_10_1992 iso_ir_157 l6 latin6",
        single(encoding_rs::ISO_8859_10, C1::Table, &[]),
    ),
    (
        "iso8859_11 iso_8859_11 iso_8859_11_2001 thai",
        single(encoding_rs::WINDOWS_874, C1::Controls, &[]),
    ),
    ("iso8859_13 iso_8859_13 l7 latin7", single(encoding_rs::ISO_8859_13, C1::Table, &[])),
    (
        "iso8859_14 iso_8859_14 iso_8859_14_1998 iso_celtic iso_ir_199 l8 latin8",
        single(encoding_rs::ISO_8859_14, C1::Table, &[]),
    ),
    ("iso8859_15 iso_8859_15 l9 latin9", single(encoding_rs::ISO_8859_15, C1::Table, &[])),
    (
        "iso8859_16 iso_8859_16 iso_8859_16_2001 iso_ir_226 l10 latin10",
        single(encoding_rs::ISO_8859_16, C1::Table, &[]),
    ),
    ("koi8_r cskoi8r", single(encoding_rs::KOI8_R, C1::Table, &[])),
    ("koi8_u", single(encoding_rs::KOI8_U, C1::Table, &[(0xae, '\u{255d}'), (0xbe, '\u{256c}')])),
    ("mac_roman macintosh macroman", single(encoding_rs::MACINTOSH, C1::Table, &[])),
    ("mac_cyrillic maccyrillic", single(encoding_rs::X_MAC_CYRILLIC, C1::Table, &[])),
    ("cp874", single(encoding_rs::WINDOWS_874, C1::Holes, &[])),
    (
        "tis_620 iso_ir_166 tis620 tis_620_0 tis_620_2529_0 tis_620_2529_1",
        single(encoding_rs::WINDOWS_874, C1::Controls, &[(0xa0, '\u{fffd}')]),
    ),
    ("cp1250 1250 windows_1250", single(encoding_rs::WINDOWS_1250, C1::Holes, &[])),
    ("cp1251 1251 windows_1251", single(encoding_rs::WINDOWS_1251, C1::Holes, &[])),
    ("cp1252 1252 windows_1252", single(encoding_rs::WINDOWS_1252, C1::Holes, &[])),
    ("cp1253 1253 windows_1253", single(encoding_rs::WINDOWS_1253, C1::Holes, &[])),
    ("cp1254 1254 windows_1254", single(encoding_rs::WINDOWS_1254, C1::Holes, &[])),
    (
        "cp1255 1255 windows_1255",
        single(encoding_rs::WINDOWS_1255, C1::Holes, &[(0xca, '\u{fffd}')]),
    ),
    ("cp1256 1256 windows_1256", single(encoding_rs::WINDOWS_1256, C1::Holes, &[])),
    ("cp1257 1257 windows_1257", single(encoding_rs::WINDOWS_1257, C1::Holes, &[])),
    ("cp1258 1258 windows_1258", single(encoding_rs::WINDOWS_1258, C1::Holes, &[])),
];

#[cfg(feature = "charset")]
const MULTI: &[(&str, Kind)] = &[
    ("gb18030 gb18030_2000", multi(encoding_rs::GB18030)),
    ("gbk 936 cp936 ms936", multi(encoding_rs::GBK)),
    (
        "gb2312 chinese csiso58gb231280 euc_cn euccn eucgb2312_cn gb2312_1980 gb2312_80 \
         iso_ir_58 x_mac_simp_chinese",
        multi(encoding_rs::GBK),
    ),
    ("big5 big5_tw csbig5 x_mac_trad_chinese", multi(encoding_rs::BIG5)),
    ("big5hkscs big5_hkscs hkscs", multi(encoding_rs::BIG5)),
    ("cp950 950 ms950", multi(encoding_rs::BIG5)),
    ("euc_jp eucjp u_jis ujis", multi(encoding_rs::EUC_JP)),
    ("shift_jis csshiftjis s_jis shiftjis sjis x_mac_japanese", multi(encoding_rs::SHIFT_JIS)),
    ("cp932 932 ms932 ms_kanji mskanji", multi(encoding_rs::SHIFT_JIS)),
    (
        "euc_kr euckr korean ks_c_5601 ks_c_5601_1987 ks_x_1001 ksc5601 ksx1001 x_mac_korean",
        multi(encoding_rs::EUC_KR),
    ),
    ("cp949 949 ms949 uhc", multi(encoding_rs::EUC_KR)),
    ("iso2022_jp csiso2022jp iso2022jp iso_2022_jp", multi(encoding_rs::ISO_2022_JP)),
];

#[cfg(feature = "charset")]
const fn single(
    encoding: &'static encoding_rs::Encoding,
    c1: C1,
    patches: &'static [(u8, char)],
) -> Kind {
    Kind::Legacy(Legacy::Single(encoding, c1, patches))
}

#[cfg(feature = "charset")]
const fn multi(encoding: &'static encoding_rs::Encoding) -> Kind {
    Kind::Legacy(Legacy::Multi(encoding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_neither_case_nor_punctuation() {
        let rows = [
            ("utf-8", Some(Kind::Utf8)),
            ("UTF8", Some(Kind::Utf8)),
            (" utf - 8 ", Some(Kind::Utf8)),
            ("Utf_8--sig", Some(Kind::Utf8Sig)),
            ("UTF-16LE", Some(Kind::Utf16(Some(Order::Little)))),
            ("ISO-8859-1", Some(Kind::Latin1)),
            ("iso8859-1", Some(Kind::Latin1)),
            ("ANSI_X3.4-1968", Some(Kind::Ascii)),
            ("iso.8859.1", Some(Kind::Latin1)),
            ("utf-9", None),
            ("nope", None),
            ("", None),
        ];
        for (name, want) in rows {
            assert_eq!(Charset::for_name(name).map(Charset::kind), want, "{name}");
        }
    }

    #[cfg(feature = "charset")]
    #[test]
    fn each_name_stands_for_one_charset() {
        let all = || UNICODE.iter().chain(SINGLE).chain(MULTI).flat_map(|row| row.0.split(' '));
        for name in all() {
            assert_eq!(all().filter(|other| *other == name).count(), 1, "{name}");
            assert!(Charset::for_name(name).is_some(), "{name}");
        }
    }
}
