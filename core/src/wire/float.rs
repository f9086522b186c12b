//! Floats as text, as Python prints them.
//!
//! Source: `float.__repr__` of Python, which `json.dumps` and `str` use too.

use alloc::format;
use alloc::string::{String, ToString as _};

/// The number with the fewest digits that give it back: `1.0`, `0.1`, `1e+16`, `1e-05`, `-0.0`.
///
/// Below 1e-4 and from 1e16 on it has an exponent, of two digits at least. What is no number is
/// `nan`, `inf` or `-inf`.
#[must_use]
pub fn float_repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".into();
    }
    if number.is_infinite() {
        return format!("{number}");
    }
    let shortest = format!("{number:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    // No float has an exponent that an i32 cannot hold.
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let decimals = i32::try_from(decimals).unwrap_or(0).saturating_sub(exponent);
        let decimals = usize::try_from(decimals).unwrap_or(0);
        let plain = even(number, format!("{number:.decimals$}"), format!("{number}"));
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let text = even(number, format!("{number:.decimals$e}"), shortest);
    let digits = text.split_once('e').map_or(text.as_str(), |(digits, _)| digits);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

/// `rounded` where it gives `number` back, else `shortest`, which has as many digits.
///
/// They differ where the number is halfway between two texts of that many digits: Python takes the
/// one whose last digit is even, as rounding does, and the shortest form of Rust the upper one.
fn even(number: f64, rounded: String, shortest: String) -> String {
    if rounded.parse() == Ok(number) { rounded } else { shortest }
}

/// The `f64` that prints as `number` does: 0.1 for 0.1, where the same number as an `f64` would be
/// 0.10000000149011612.
#[must_use]
pub fn widen(number: f32) -> f64 {
    number.to_string().parse().unwrap_or_else(|_| number.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_look_as_python_prints_them() {
        let rows = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (100.0, "100.0"),
            (123_456_789.125, "123456789.125"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (-1.25e16, "-1.25e+16"),
            (0.0001, "0.0001"),
            (0.000_099_999_999, "9.9999999e-05"),
            (1e-5, "1e-05"),
            (1e22, "1e+22"),
            (1e100, "1e+100"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
            (5e-324, "5e-324"),
            (2.0_f64.powi(-24), "5.960464477539063e-08"),
            (2.0_f64.powi(-25), "2.9802322387695312e-08"),
            (2.0_f64.powi(-44), "5.684341886080802e-14"),
            (f64::NAN, "nan"),
            (-f64::NAN, "nan"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (number, want) in rows {
            assert_eq!(float_repr(number), want);
        }
    }

    #[test]
    fn a_narrow_float_keeps_its_own_shortest_digits() {
        let rows = [
            (0.1_f32, "0.1"),
            (-0.0, "-0.0"),
            (16_777_216.0, "16777216.0"),
            (f32::MAX, "3.4028235e+38"),
            (1e-45, "1e-45"),
            (f32::NAN, "nan"),
            (f32::NEG_INFINITY, "-inf"),
        ];
        for (number, want) in rows {
            assert_eq!(float_repr(widen(number)), want);
        }
    }
}
