//! The common name in the subject of a certificate, which the log of the servers has.
//!
//! Source: RFC 5280, section 4.1; X.690, section 8.1.

/// Tags of what is on the way to the name.
mod tag {
    /// A sequence.
    pub(super) const SEQUENCE: u8 = 0x30;
    /// The version, which only certificates of version 1 leave out.
    pub(super) const VERSION: u8 = 0xa0;
}

/// `commonName`, OID 2.5.4.3.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

/// How many fields lie between the version and the subject: serial number, algorithm, issuer,
/// validity.
const FIELDS_BEFORE_SUBJECT: usize = 4;

/// One value: its tag, its content, and what is behind it.
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    behind: &'a [u8],
}

/// The common name of the subject, if it has one.
pub(super) fn common_name(certificate: &[u8]) -> Option<String> {
    let certificate = element(certificate).filter(|found| found.tag == tag::SEQUENCE)?;
    let fields = element(certificate.content).filter(|found| found.tag == tag::SEQUENCE)?;
    let mut fields = elements(fields.content).peekable();
    fields.next_if(|field| field.tag == tag::VERSION);
    let subject = fields.nth(FIELDS_BEFORE_SUBJECT)?;
    elements(subject.content).flat_map(|set| elements(set.content)).find_map(|attribute| {
        let mut parts = elements(attribute.content);
        let is_common_name = parts.next()?.content == COMMON_NAME;
        let value = parts.next().filter(|_| is_common_name)?;
        String::from_utf8(value.content.to_vec()).ok()
    })
}

fn elements(mut bytes: &[u8]) -> impl Iterator<Item = Element<'_>> {
    std::iter::from_fn(move || {
        let found = element(bytes)?;
        bytes = found.behind;
        Some(found)
    })
}

fn element(bytes: &[u8]) -> Option<Element<'_>> {
    let (&tag, bytes) = bytes.split_first()?;
    let (&first, bytes) = bytes.split_first()?;
    let (length, bytes) = match first {
        0..=0x7f => (usize::from(first), bytes),
        0x81..=0x84 => {
            let (length, bytes) = bytes.split_at_checked(usize::from(first & 0x7f))?;
            let length = length.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte));
            (length, bytes)
        }
        _ => return None,
    };
    let (content, behind) = bytes.split_at_checked(length)?;
    Some(Element { tag, content, behind })
}
