//! SOCKS 5: the method, user and password if wanted, one request.
//!
//! Source: RFC 1928, sections 3 to 6; RFC 1929, section 2.

use alloc::vec::Vec;
use core::net::IpAddr;

use super::{Progress, Reply5, SocksError, SocksHost, SocksTarget, SocksUser};

/// How the proxy wants to know who the client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// Not at all.
    Open,
    /// By user and password.
    Password,
}

/// The methods that are offered: none, and user and password if there are any.
pub(super) fn methods(has_user: bool) -> Vec<u8> {
    if has_user { Vec::from([5, 2, 0, 2]) } else { Vec::from([5, 1, 0]) }
}

/// User and password.
pub(super) fn login(user: &SocksUser<'_>) -> Result<Vec<u8>, SocksError> {
    let mut out = Vec::from([1]);
    for text in [user.user, user.password] {
        out.push(u8::try_from(text.len()).map_err(|_| SocksError::User)?);
        out.extend_from_slice(text.as_bytes());
    }
    Ok(out)
}

/// The request to connect to `target`.
pub(super) fn request(target: &SocksTarget<'_>) -> Result<Vec<u8>, SocksError> {
    let mut out = Vec::from([5, 1, 0]);
    match target.host {
        SocksHost::Address(IpAddr::V4(address)) => {
            out.push(1);
            out.extend_from_slice(&address.octets());
        }
        SocksHost::Address(IpAddr::V6(address)) => {
            out.push(4);
            out.extend_from_slice(&address.octets());
        }
        SocksHost::Name(name) => {
            let length = u8::try_from(name.len()).ok().filter(|length| *length > 0);
            out.extend_from_slice(&[3, length.ok_or(SocksError::Name)?]);
            out.extend_from_slice(name.as_bytes());
        }
    }
    out.extend_from_slice(&target.port.to_be_bytes());
    Ok(out)
}

/// The method that the proxy chose, once its answer is there.
pub(super) fn method(answer: &[u8], has_user: bool) -> Result<Option<Method>, SocksError> {
    match (answer, has_user) {
        ([version, ..], _) if *version != 5 => Err(SocksError::Version(*version)),
        ([_, 0], _) => Ok(Some(Method::Open)),
        ([_, 2], true) => Ok(Some(Method::Password)),
        ([_, 2 | 0xff], false) => Err(SocksError::PasswordWanted),
        ([_, 0xff], true) => Err(SocksError::NoMethod),
        ([_, method, ..], _) => Err(SocksError::Method(*method)),
        ([] | [_], _) => Ok(None),
    }
}

/// Whether user and password were taken. The version here is that of RFC 1929, which some proxies
/// have wrong, so nobody looks at it.
pub(super) const fn status(answer: &[u8]) -> Result<Progress, SocksError> {
    match answer {
        [] | [_] => Ok(Progress::Pending),
        [_, 0, ..] => Ok(Progress::Done),
        [_, _, ..] => Err(SocksError::BadPassword),
    }
}

/// Whether the target was reached. The address that the proxy connects from does not matter, but
/// has to be read.
pub(super) fn reply(answer: &[u8]) -> Result<Progress, SocksError> {
    match answer {
        [version, ..] if *version != 5 => return Err(SocksError::Version(*version)),
        [_, code, ..] if *code != 0 => return Err(SocksError::Refused5(refusal(*code))),
        _ => {}
    }
    let address = match answer {
        [_, _, _, 1, ..] => 4,
        [_, _, _, 4, ..] => 16,
        [_, _, _, 3, length, ..] => usize::from(*length).saturating_add(1),
        [_, _, _, 3] | [] | [_] | [_, _] | [_, _, _] => return Ok(Progress::Pending),
        [_, _, _, other, ..] => return Err(SocksError::AddressType(*other)),
    };
    // Four bytes before the address, two for the port behind it.
    let is_whole = answer.len() >= 6_usize.saturating_add(address);
    Ok(if is_whole { Progress::Done } else { Progress::Pending })
}

const fn refusal(code: u8) -> Reply5 {
    match code {
        1 => Reply5::General,
        2 => Reply5::NotAllowed,
        3 => Reply5::NetworkUnreachable,
        4 => Reply5::HostUnreachable,
        5 => Reply5::Refused,
        6 => Reply5::Expired,
        7 => Reply5::Command,
        8 => Reply5::Address,
        code => Reply5::Other(code),
    }
}
