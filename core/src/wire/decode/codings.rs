//! Reads `Content-Encoding` fields and writes the default `Accept-Encoding`.
//!
//! Source: RFC 9110 section 8.4; `_init_decoder` in urllib3 2.8.0.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Coding, DecodeError};

use crate::planted::Plant;

/// What the `Content-Encoding` fields of a message say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codings {
    /// Nothing, or `identity`: the body is the content.
    Identity,
    /// These, in the order in which they were applied: the last is undone first. Never empty.
    Known(Vec<Coding>),
    /// One that this build cannot undo, so that none is undone.
    Unknown {
        /// Its name in lower case, as it was sent; bytes beyond ASCII are replaced.
        coding: String,
    },
}

/// Reads the values of all `Content-Encoding` fields in order.
///
/// Names are taken without regard to case; empty list members and `identity` mean nothing.
///
/// # Errors
/// [`DecodeError::TooManyCodings`] if all are known and there are more than `codings_max`.
pub fn codings<'a>(
    values: impl IntoIterator<Item = &'a [u8]>,
    codings_max: usize,
) -> Result<Codings, DecodeError> {
    let mut known = Vec::new();
    let names = values.into_iter().flat_map(|value| value.split(|&byte| byte == b','));
    for name in names.map(<[u8]>::trim_ascii) {
        if name.is_empty() || name.eq_ignore_ascii_case(b"identity") {
            continue;
        }
        match known_coding(name) {
            // One more than allowed is enough to know.
            Some(coding) if known.len() <= codings_max || Plant::CodingsUnlimited.is_on() => {
                known.push(coding)
            }
            Some(_) => {}
            None => {
                let coding = String::from_utf8_lossy(name).to_ascii_lowercase();
                return Ok(Codings::Unknown { coding });
            }
        }
    }
    if known.len() > codings_max && !Plant::CodingsUnlimited.is_on() {
        Err(DecodeError::TooManyCodings { codings_max })
    } else if known.is_empty() {
        Ok(Codings::Identity)
    } else {
        Ok(Codings::Known(known))
    }
}

/// The coding of that name, if this build has it.
fn known_coding(name: &[u8]) -> Option<Coding> {
    let table: &[(&[u8], Coding)] = &[
        #[cfg(feature = "gzip")]
        (b"gzip", Coding::Gzip),
        #[cfg(feature = "gzip")]
        (b"x-gzip", Coding::Gzip),
        #[cfg(feature = "gzip")]
        (b"deflate", Coding::Deflate),
        #[cfg(feature = "brotli")]
        (b"br", Coding::Brotli),
        #[cfg(feature = "zstd")]
        (b"zstd", Coding::Zstd),
    ];
    let found = table.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
    found.map(|(_, coding)| *coding)
}

/// The default value of `Accept-Encoding`: the codings of this build, `identity` if there are none.
#[must_use]
pub const fn accept_encoding() -> &'static str {
    match (cfg!(feature = "gzip"), cfg!(feature = "brotli"), cfg!(feature = "zstd")) {
        (true, true, true) => "gzip, deflate, br, zstd",
        (true, true, false) => "gzip, deflate, br",
        (true, false, true) => "gzip, deflate, zstd",
        (true, false, false) => "gzip, deflate",
        (false, true, true) => "br, zstd",
        (false, true, false) => "br",
        (false, false, true) => "zstd",
        (false, false, false) => "identity",
    }
}

#[cfg(all(test, feature = "gzip", feature = "brotli", feature = "zstd"))]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use alloc::vec;

    fn check(fields: &[&str], want: Result<Codings, DecodeError>) {
        let got = codings(fields.iter().map(|field| field.as_bytes()), 2);
        assert_eq!(got, want, "{fields:?}");
    }

    #[test]
    fn fields_are_joined_and_names_have_no_case() {
        use Coding::{Brotli, Deflate, Gzip, Zstd};
        let rows: [(&[&str], Vec<Coding>); 8] = [
            (&["gzip"], vec![Gzip]),
            (&["X-GZip"], vec![Gzip]),
            (&["deflate, gzip"], vec![Deflate, Gzip]),
            (&["deflate", "gzip"], vec![Deflate, Gzip]),
            (&[" br\t,", ""], vec![Brotli]),
            (&["identity, zstd"], vec![Zstd]),
            (&["Identity", ",,", "zstd ,identity,gzip"], vec![Zstd, Gzip]),
            (&["gzip,gzip"], vec![Gzip, Gzip]),
        ];
        for (fields, want) in rows {
            check(fields, Ok(Codings::Known(want)));
        }
    }

    #[test]
    fn nothing_and_identity_leave_the_body() {
        let rows: [&[&str]; 4] = [&[], &[""], &["identity"], &["IDENTITY, ,identity"]];
        for fields in rows {
            check(fields, Ok(Codings::Identity));
        }
    }

    #[test]
    fn one_unknown_coding_is_named_whatever_is_beside_it() {
        let rows: [(&[&str], &str); 4] = [
            (&["Rot13"], "rot13"),
            (&["gzip, rot13"], "rot13"),
            (&["gzip;q=1"], "gzip;q=1"),
            (&["gzip,gzip,gzip,gzip,compress"], "compress"),
        ];
        for (fields, want) in rows {
            check(fields, Ok(Codings::Unknown { coding: want.to_owned() }));
        }
    }

    #[test]
    fn codings_beyond_the_limit_are_refused() {
        check(&["gzip", "br", "zstd"], Err(DecodeError::TooManyCodings { codings_max: 2 }));
        check(&["gzip, identity, br"], Ok(Codings::Known(vec![Coding::Gzip, Coding::Brotli])));
    }
}
