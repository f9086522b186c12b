//! IPv4 addresses and networks as `no_proxy` writes them.
//!
//! Source: `is_ipv4_address`, `is_valid_cidr`, `address_in_network` and `dotted_netmask` in requests
//! 2.34.2, `utils.py`; `inet_aton` of the C library, which reads the addresses there.

use core::net::Ipv4Addr;

/// An address in one of the classic forms: `192.0.2.1`, `192.0.513`, `0x7f.1`, `017700000001`.
///
/// One to four numbers, decimal, octal (`0`) or hexadecimal (`0x`), of which the last one fills the
/// bytes that are left. What follows white space does not count.
#[must_use]
pub fn inet_aton(text: &str) -> Option<Ipv4Addr> {
    let end = text.find(|c: char| matches!(c, ' ' | '\t'..='\r')).unwrap_or(text.len());
    let mut numbers = text.get(..end)?.split('.').map(number);
    let mut address = 0_u32;
    let mut shift = 32_u32;
    loop {
        let value = numbers.next()??;
        if numbers.clone().next().is_none() {
            let room = u32::MAX.checked_shr(32_u32.checked_sub(shift)?)?;
            return (value <= room).then(|| Ipv4Addr::from_bits(address | value));
        }
        shift = shift.checked_sub(8).filter(|left| *left > 0)?;
        let byte = u32::from(u8::try_from(value).ok()?);
        address |= byte.checked_shl(shift)?;
    }
}

fn number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    // `from_str_radix` takes a sign.
    if digits.starts_with('+') { None } else { u32::from_str_radix(digits, radix).ok() }
}

/// Whether `text` is an IPv4 address in one of the classic forms.
#[must_use]
pub fn is_ipv4_address(text: &str) -> bool {
    inet_aton(text).is_some()
}

/// An IPv4 network, `192.0.2.0/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: Ipv4Addr,
    bits: u8,
}

impl Network {
    /// Reads `address/bits` with bits from 0 to 32.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let bits = bits.trim();
        let bits = bits.strip_prefix('+').filter(|b| !b.starts_with('+')).unwrap_or(bits);
        let bits = bits.parse().ok().filter(|bits| *bits <= 32)?;
        Some(Self { address: inet_aton(address)?, bits })
    }

    /// Whether `address` is in this network.
    #[must_use]
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        let mask = dotted_netmask(self.bits).to_bits();
        address.to_bits() & mask == self.address.to_bits() & mask
    }
}

/// Whether `text` is a network of 1 to 32 bits; `/0`, which would be every address, is none.
#[must_use]
pub fn is_valid_cidr(text: &str) -> bool {
    Network::parse(text).is_some_and(|network| network.bits > 0)
}

/// Whether the address `ip` is in the network `net`; `None` if one of them is none.
#[must_use]
pub fn address_in_network(ip: &str, net: &str) -> Option<bool> {
    Some(Network::parse(net)?.contains(inet_aton(ip)?))
}

/// The netmask of `bits` bits; above 32 it is that of 32.
#[must_use]
pub fn dotted_netmask(bits: u8) -> Ipv4Addr {
    let zeros = 32_u32.saturating_sub(u32::from(bits));
    Ipv4Addr::from_bits(u32::MAX.checked_shl(zeros).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classic_forms_are_addresses() {
        let rows = [
            ("192.0.2.1", Some([192, 0, 2, 1])),
            ("192.0.513", Some([192, 0, 2, 1])),
            ("0x7f.1", Some([127, 0, 0, 1])),
            ("010.0.0.1", Some([8, 0, 0, 1])),
            ("0", Some([0, 0, 0, 0])),
            ("4294967295", Some([255; 4])),
            ("4294967296", None),
            ("1.2.3.256", None),
            ("1.2.65536", None),
            ("1.2.65535", Some([1, 2, 255, 255])),
            ("256.1", None),
            ("1.2.3.4 x", Some([1, 2, 3, 4])),
            (" 1.2.3.4", None),
            ("1.2.3.4.5", None),
            ("1.2.3.", None),
            ("09.1", None),
            ("0x", None),
            ("+1", None),
            ("", None),
            ("::1", None),
        ];
        for (text, want) in rows {
            assert_eq!(inet_aton(text), want.map(Ipv4Addr::from), "{text:?}");
        }
    }

    #[test]
    fn a_network_holds_its_addresses() {
        let rows = [
            ("192.0.2.1", "192.0.2.0/24", Some(true)),
            ("192.0.3.1", "192.0.2.0/24", Some(false)),
            ("1.2.3.4", "128.0.0.0/1", Some(false)),
            ("1.2.3.4", "128.0.0.0/0", Some(true)),
            ("1.2.3.4", "1.2.3.4/33", None),
            ("x", "1.2.3.4/32", None),
        ];
        for (ip, net, want) in rows {
            assert_eq!(address_in_network(ip, net), want, "{ip} {net}");
        }
    }
}
