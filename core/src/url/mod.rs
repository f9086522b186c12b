//! URLs: thin helpers over the crate `url`, whose `Url` is the type everywhere.
//!
//! The text of a URL is read once, by [`parse()`] or [`resolve_location`], under the WHATWG rules of
//! the crate `url`; escapes are put in the form in which requests sends them before that.

pub mod charset;
mod components;
pub mod error;
pub mod host;
pub mod location;
pub mod origin;
pub mod parse;
pub mod parts;
pub mod requote;
pub mod target;
pub mod userinfo;

pub use error::{Reason, UrlError};
pub use location::{location_text, redirect_target, resolve_location};
pub use origin::{Origin, is_same_origin, write_authority, write_dotted_authority};
pub use parse::{parse, parse_with_params};
pub use parts::{prepend_scheme_if_needed, urldefragauth};
pub use requote::{requote_uri, unquote_unreserved};
pub use target::{authority_form, path_url, write_absolute_form, write_origin_form};
pub use userinfo::{Userinfo, get_auth_from_url, userinfo};

pub use ::url::Url;

/// The longest text of a URL that is read, in bytes, whether the caller's or a `Location`.
///
/// It is what the crate `http` takes (its `Uri`), one less than curl's.
pub const URL_BYTES_MAX: usize = 65_534;
