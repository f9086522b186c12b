//! SOCKS 4 and 4a: one request, one answer of eight bytes.

use alloc::vec::Vec;
use core::net::IpAddr;

use super::{Progress, Reply4, SocksError, SocksHost, SocksTarget, SocksUser};

/// The address that says in 4a that a name follows: 0.0.0.x with x not 0.
const NAME_FOLLOWS: [u8; 4] = [0, 0, 0, 1];

/// The request to connect to `target`.
pub(super) fn request(
    target: &SocksTarget<'_>,
    user: Option<&SocksUser<'_>>,
) -> Result<Vec<u8>, SocksError> {
    let (address, name) = match target.host {
        SocksHost::Address(IpAddr::V4(address)) => (address.octets(), None),
        SocksHost::Address(IpAddr::V6(_)) => return Err(SocksError::Ipv6),
        SocksHost::Name(name) => (NAME_FOLLOWS, Some(name)),
    };
    if name.is_some_and(|name| name.is_empty() || name.len() > 255 || name.contains('\0')) {
        return Err(SocksError::Name);
    }
    let user = user.map(|user| user.user).unwrap_or_default();
    if user.len() > 255 || user.contains('\0') {
        return Err(SocksError::User);
    }
    let mut out = Vec::from([4, 1]);
    out.extend_from_slice(&target.port.to_be_bytes());
    out.extend_from_slice(&address);
    out.extend_from_slice(user.as_bytes());
    out.push(0);
    if let Some(name) = name {
        out.extend_from_slice(name.as_bytes());
        out.push(0);
    }
    Ok(out)
}

/// Looks at the answer so far.
pub(super) fn reply(answer: &[u8]) -> Result<Progress, SocksError> {
    match answer {
        [version, ..] if *version != 0 => Err(SocksError::Version(*version)),
        [_, code, ..] if *code != 90 => Err(SocksError::Refused4(match code {
            91 => Reply4::Rejected,
            92 => Reply4::NoIdentd,
            93 => Reply4::OtherUser,
            code => Reply4::Other(*code),
        })),
        answer if answer.len() < 8 => Ok(Progress::Pending),
        _ => Ok(Progress::Done),
    }
}
