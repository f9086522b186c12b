//! Cookies: their syntax, the rules of RFC 6265bis, and the jar.
