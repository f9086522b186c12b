//! Secrets that can be found again: each is 128 random bits with an owner, wherever they turn up.

use super::random::Random;

/// What begins every marker and nothing else in a run.
const PREFIX: &[u8; 2] = b"qZ";

/// The same, and two digits behind it, as a list of bytes is shown.
pub(super) const AS_NUMBERS: &str = "113, 90, 48, 48";

/// Bytes of a marker.
const LENGTH: usize = 40;

/// Who may see a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The chain of this call, for as long as the rule of Authorization lets it go along.
    Authorization(usize),
    /// The origin that this call was addressed to, until the first change of origin.
    Sensitive(usize),
    /// The host that this call was addressed to.
    CallCookie(usize),
    /// Any call, by the rule of Authorization, from the origin that it was addressed to.
    SessionAuthorization,
    /// Any call, until its first change of origin.
    SessionSensitive,
    /// This host, for netrc.
    Netrc(usize),
    /// The proxy of this number among those of the run.
    Proxy(usize),
    /// The proxy of this call's first request, if it reads requests.
    OwnProxy(usize),
    /// A certificate of this side: whom it is shown to is compared.
    Certificate,
    /// A cookie: the model of the jar says who.
    Jar,
    /// Nobody at all: it stands in a URL or an option that is not sent.
    Nobody,
}

/// All secrets of a run.
#[derive(Debug)]
pub(crate) struct Markers {
    random: Random,
    all: Vec<(String, Owner)>,
}

impl Markers {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: Random::of(&[seed, 0x5ec2e7]), all: Vec::new() }
    }

    /// A new secret of `owner`.
    pub(super) fn make(&mut self, owner: Owner) -> String {
        let (high, low) = (self.random.next(), self.random.next());
        let text = format!("qZ{:06x}{high:016x}{low:016x}", self.all.len());
        self.all.push((text.clone(), owner));
        text
    }

    /// Calls `found` with the owner of each secret in `bytes`.
    pub(super) fn scan(&self, bytes: &[u8], mut found: impl FnMut(&str, Owner)) {
        let mut rest = bytes;
        while let Some(place) = find(rest) {
            rest = &rest[place..];
            if let Some((text, owner)) = self.at(rest) {
                found(text, owner);
            }
            rest = &rest[1..];
        }
    }

    /// Whether a secret stands in text for people.
    pub(super) fn is_in(&self, text: &str) -> Option<Owner> {
        let mut seen = None;
        self.scan(text.as_bytes(), |_, owner| seen = Some(owner));
        seen
    }

    /// The secret that begins here.
    fn at(&self, bytes: &[u8]) -> Option<(&str, Owner)> {
        let number = bytes.get(2..8).and_then(|digits| core::str::from_utf8(digits).ok())?;
        let (text, owner) = self.all.get(usize::from_str_radix(number, 16).ok()?)?;
        // Half of it is enough to have leaked.
        let half = &text.as_bytes()[..LENGTH / 2];
        bytes.starts_with(half).then_some((text.as_str(), *owner))
    }
}

fn find(bytes: &[u8]) -> Option<usize> {
    bytes.windows(2).position(|two| two == PREFIX)
}

/// Whether bytes begin like a secret somewhere: most do not, and need no further look.
pub(super) fn may_hold(bytes: &[u8]) -> bool {
    find(bytes).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_wherever_it_stands() {
        let mut markers = Markers::new(1);
        let (one, two) = (markers.make(Owner::Nobody), markers.make(Owner::Netrc(3)));
        assert_eq!((one.len(), one == two), (LENGTH, false));
        let text = format!("GET /{two}qZ?{one} HTTP/1.1");
        let mut found = Vec::new();
        markers.scan(text.as_bytes(), |_, owner| found.push(owner));
        assert_eq!(found, [Owner::Netrc(3), Owner::Nobody]);
        assert_eq!(markers.is_in("qZ000000 of another run"), None);
        assert_eq!(markers.is_in(&two[..25]), Some(Owner::Netrc(3)));
    }
}
