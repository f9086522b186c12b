//! What can go wrong with a SOCKS proxy.

use core::fmt;

/// What went wrong with a SOCKS proxy. No text holds a user or a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocksError {
    /// The host is longer than the 255 bytes that a name may have, or empty.
    Name,
    /// Version 4 knows no IPv6 addresses.
    Ipv6,
    /// User or password are longer than 255 bytes, or a user of version 4 holds a NUL.
    User,
    /// The proxy does not speak this version: it answered with this byte.
    Version(u8),
    /// The proxy wants a user and a password, and there are none.
    PasswordWanted,
    /// The proxy takes none of the ways to say who the client is.
    NoMethod,
    /// The proxy chose a method that was not offered.
    Method(u8),
    /// The proxy does not know the user, or the password is wrong.
    BadPassword,
    /// The proxy of version 4 refuses.
    Refused4(Reply4),
    /// The proxy of version 5 refuses.
    Refused5(Reply5),
    /// The proxy's answer has an address of unknown type.
    AddressType(u8),
    /// The proxy closed the connection within the handshake.
    Closed,
    /// The proxy sent bytes behind its last answer.
    Surplus,
}

/// Why a proxy of version 4 refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply4 {
    /// 91: rejected or failed.
    Rejected,
    /// 92: it cannot reach the client's identd.
    NoIdentd,
    /// 93: the client's identd names another user.
    OtherUser,
    /// Another code.
    Other(u8),
}

/// Why a proxy of version 5 refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply5 {
    /// 1: general failure.
    General,
    /// 2: not allowed by its rules.
    NotAllowed,
    /// 3: network unreachable.
    NetworkUnreachable,
    /// 4: host unreachable.
    HostUnreachable,
    /// 5: connection refused.
    Refused,
    /// 6: time to live expired.
    Expired,
    /// 7: it knows no CONNECT.
    Command,
    /// 8: it knows no such addresses.
    Address,
    /// Another code.
    Other(u8),
}

impl fmt::Display for SocksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "the host is no name that SOCKS can carry: it takes 1 to 255 bytes",
            Self::Ipv6 => "SOCKS 4 has no IPv6 addresses: use socks5 or socks5h",
            Self::User => "user and password of a SOCKS proxy have at most 255 bytes and no NUL",
            Self::Version(byte) => {
                return write!(
                    f,
                    "the SOCKS proxy does not speak this version: it said {byte:#04x}"
                );
            }
            Self::PasswordWanted => {
                "the SOCKS proxy wants a user and a password: put them into its URL"
            }
            Self::NoMethod => "the SOCKS proxy does not take a user and a password",
            Self::Method(byte) => {
                return write!(f, "the SOCKS proxy chose method {byte}, which was not offered");
            }
            Self::BadPassword => "the SOCKS proxy does not take this user with this password",
            Self::Refused4(reply) => return write!(f, "the SOCKS proxy refused: {reply}"),
            Self::Refused5(reply) => return write!(f, "the SOCKS proxy refused: {reply}"),
            Self::AddressType(byte) => {
                return write!(f, "the SOCKS proxy answered with address type {byte}");
            }
            Self::Closed => "the SOCKS proxy closed the connection within the handshake",
            Self::Surplus => "the SOCKS proxy sent more than its answer",
        })
    }
}

impl fmt::Display for Reply4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rejected => "request rejected or failed",
            Self::NoIdentd => "it cannot reach an identd here",
            Self::OtherUser => "the identd here names another user",
            Self::Other(code) => return write!(f, "code {code}"),
        })
    }
}

impl fmt::Display for Reply5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::General => "general failure",
            Self::NotAllowed => "not allowed by its rules",
            Self::NetworkUnreachable => "network unreachable",
            Self::HostUnreachable => "host unreachable",
            Self::Refused => "connection refused",
            Self::Expired => "time to live expired",
            Self::Command => "it does not know CONNECT",
            Self::Address => "it does not know this type of address",
            Self::Other(code) => return write!(f, "code {code}"),
        })
    }
}

impl core::error::Error for SocksError {}
