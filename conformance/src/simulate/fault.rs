//! The faults that a run can have: names, switches, and how often each was seen, alone and in pairs.

use std::fmt::Write as _;

/// Declares the kinds of faults with the names that the command line knows.
macro_rules! faults {
    ($($(#[$doc:meta])* $variant:ident $name:literal),+ $(,)?) => {
        /// What can go wrong in a simulated world, or in the caller.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            $($(#[$doc])* $variant),+
        }

        impl Fault {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

faults! {
    /// Nobody listens.
    Refused "refused",
    /// The connection never gets through.
    ConnectTimeout "connect-timeout",
    /// The first address is dead, the second lives.
    SecondAddress "second-address",
    /// The connection is reset as soon as it stands.
    ResetAtOnce "reset-at-once",
    /// The name has no address.
    Unresolved "unresolved",
    /// Writes take a few bytes only.
    ShortWrite "short-write",
    /// The socket takes nothing for a while.
    WriteBlock "write-block",
    /// The connection is reset while the request goes out.
    WriteReset "write-reset",
    /// The peer stops reading and closes while the request goes out.
    HalfClose "half-close",
    /// Reads give a few bytes only.
    ShortRead "short-read",
    /// The response comes in parts with pauses.
    ReadPause "read-pause",
    /// The connection is reset somewhere in the response.
    ReadReset "read-reset",
    /// The stream ends somewhere in the response.
    EarlyEnd "early-end",
    /// The stream ends without `close_notify`.
    NoCloseNotify "no-close-notify",
    /// Bytes come right behind the response.
    Surplus "surplus",
    /// Bytes come while the connection idles.
    IdleBytes "idle-bytes",
    /// Bytes come before the request.
    EarlyBytes "early-bytes",
    /// A second whole response comes behind the first.
    Glued "glued",
    /// A response of the table of rules.
    Rule "rule",
    /// Interim responses come first.
    Interim "interim",
    /// The response comes before the request is complete.
    EarlyAnswer "early-answer",
    /// The peer promises to keep the connection and closes it.
    KeepAliveLie "keep-alive-lie",
    /// The peer closes when the next request comes.
    CloseOnReuse "close-on-reuse",
    /// The peer says that it closes, and does.
    PoliteClose "polite-close",
    /// The body ends with the connection.
    UntilClose "until-close",
    /// HTTP/1.0.
    Http10 "http-1.0",
    /// The head comes byte by byte with pauses.
    SlowHead "slow-head",
    /// The body comes byte by byte with pauses.
    SlowBody "slow-body",
    /// The peer never answers.
    Silence "silence",
    /// The head never ends.
    EndlessHead "endless-head",
    /// Interim responses never end.
    EndlessInterim "endless-interim",
    /// Trailers never end.
    EndlessTrailers "endless-trailers",
    /// `Content-Length` says too much or too little.
    WrongLength "wrong-length",
    /// A chunk of an impossible size.
    HugeChunk "huge-chunk",
    /// Chunk framing that is wrong by a byte.
    BadChunk "bad-chunk",
    /// Both framings at once.
    BothFramings "both-framings",
    /// A small body that becomes a large one.
    Bomb "bomb",
    /// More codings than anybody needs.
    ManyCodings "many-codings",
    /// Redirects in a circle.
    RedirectLoop "redirect-loop",
    /// A Location of an odd form.
    OddLocation "odd-location",
    /// A redirect to another origin.
    CrossRedirect "cross-redirect",
    /// Cookies that must not be taken, or not given to others.
    HostileCookie "hostile-cookie",
    /// Very many cookies.
    CookieFlood "cookie-flood",
    /// 401 with challenges.
    Challenge "challenge",
    /// Retry-After and statuses that ask for another try.
    TryLater "try-later",
    /// A proxy that refuses.
    ProxyRefuses "proxy-refuses",
    /// A proxy that wants credentials.
    ProxyAuth "proxy-auth",
    /// Bytes behind the proxy's 200.
    ProxyGarbage "proxy-garbage",
    /// A proxy that closes.
    ProxyCloses "proxy-closes",
    /// A 407 from the origin, inside the tunnel.
    Tunnel407 "tunnel-407",
    /// A SOCKS proxy that refuses or answers nonsense.
    SocksRefuses "socks-refuses",
    /// An alert in the handshake.
    TlsAlert "tls-alert",
    /// A certificate for another name.
    WrongName "wrong-name",
    /// An expired certificate.
    Expired "expired",
    /// A certificate that nobody trusted has signed.
    UnknownIssuer "unknown-issuer",
    /// The peer asks for a client certificate.
    AsksCertificate "asks-certificate",
    /// A deadline one tick before or after something happens.
    TightDeadline "tight-deadline",
    /// The wall clock leaps.
    WallLeap "wall-leap",
    /// The caller drops the call.
    Cancel "cancel",
    /// The caller stops reading.
    NeverReads "never-reads",
    /// The caller reads a byte at a time.
    ReadsByOne "reads-by-one",
    /// The source of the upload fails.
    SourceFails "source-fails",
    /// The upload is shorter than was said.
    UploadShort "upload-short",
    /// The upload is longer than was said.
    UploadLong "upload-long",
    /// The upload cannot be read again.
    NoRewind "no-rewind",
    /// Few places for connections.
    FewPlaces "few-places",
    /// Few idle connections are kept.
    SmallPool "small-pool",
    /// A call with a trigger of the catalogue.
    Trigger "trigger",
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct FaultSet(u128);

impl FaultSet {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// Every one.
    #[must_use]
    pub fn all() -> Self {
        Fault::ALL.iter().fold(Self::NONE, |set, fault| set.with(*fault))
    }

    /// This set and `fault`.
    #[must_use]
    pub const fn with(self, fault: Fault) -> Self {
        Self(self.0 | 1 << fault as u32)
    }

    /// This set without `fault`.
    #[must_use]
    pub const fn without(self, fault: Fault) -> Self {
        Self(self.0 & !(1 << fault as u32))
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether `fault` is in it.
    #[must_use]
    pub const fn has(self, fault: Fault) -> bool {
        self.0 & 1 << fault as u32 != 0
    }

    /// The kinds in it.
    pub fn iter(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.iter().copied().filter(move |fault| self.has(*fault))
    }

    /// About one half of it, as `bits` says; of the kinds in it only.
    pub(super) const fn thinned(self, bits: u128) -> Self {
        Self(self.0 & bits)
    }

    /// Reads a list of names; `all` and `none` are sets, `-name` takes one away.
    ///
    /// # Errors
    /// The name that is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut set = if text.starts_with('-') { Self::all() } else { Self::NONE };
        for name in text.split(',').filter(|name| !name.is_empty()) {
            let (bare, takes) = name.strip_prefix('-').map_or((name, false), |bare| (bare, true));
            let found = Fault::ALL.iter().find(|fault| fault.name() == bare);
            set = match (bare, found, takes) {
                ("all", ..) => Self::all(),
                ("none", ..) => Self::NONE,
                (_, Some(fault), true) => set.without(*fault),
                (_, Some(fault), false) => set.with(*fault),
                (_, None, _) => return Err(bare.to_owned()),
            };
        }
        Ok(set)
    }

    /// The names, as [`FaultSet::parse`] reads them.
    #[must_use]
    pub fn names(self) -> String {
        if self == Self::NONE {
            return "none".into();
        }
        self.iter().map(Fault::name).collect::<Vec<_>>().join(",")
    }
}

/// How often each kind and each pair of kinds befell one call.
#[derive(Clone, Debug)]
pub struct Tally {
    /// By kind, then by kind; a kind with itself is the kind alone.
    pairs: Vec<u64>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { pairs: vec![0; Fault::ALL.len() * Fault::ALL.len()] }
    }
}

impl Tally {
    /// Counts what befell one call.
    pub(super) fn count(&mut self, befell: FaultSet) {
        if befell == FaultSet::NONE {
            return;
        }
        let kinds: Vec<usize> = befell.iter().map(|fault| fault as usize).collect();
        for (place, one) in kinds.iter().enumerate() {
            for other in &kinds[place..] {
                self.pairs[one * Fault::ALL.len() + other] += 1;
            }
        }
    }

    /// How often one kind was seen with another; with itself: at all.
    #[must_use]
    pub fn seen(&self, one: Fault, other: Fault) -> u64 {
        let (low, high) = (one.min(other), one.max(other));
        self.pairs[low as usize * Fault::ALL.len() + high as usize]
    }

    /// Adds the counts of another.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.pairs.iter_mut().zip(&other.pairs) {
            *mine += theirs;
        }
    }

    /// A row for each kind: how often it was seen, with how many others, and the rarest and most
    /// frequent of those pairs.
    #[must_use]
    pub fn table(&self, switched_on: FaultSet) -> String {
        let mut text = String::from("fault                  seen  with kinds  rarest pair\n");
        let (mut pairs, mut met) = (0, 0);
        for fault in switched_on.iter() {
            let others = switched_on.iter().filter(|other| *other != fault);
            let counts: Vec<(u64, Fault)> =
                others.map(|other| (self.seen(fault, other), other)).collect();
            let with = counts.iter().filter(|(count, _)| *count > 0).count();
            (pairs, met) = (pairs + counts.len(), met + with);
            let rarest = counts.iter().filter(|(count, _)| *count > 0).min();
            let rarest = rarest.map_or(String::new(), |(n, other)| format!("{n} {}", other.name()));
            let seen = self.seen(fault, fault);
            let _ = writeln!(text, "{:18} {seen:>8}  {with:>10}  {rarest}", fault.name());
        }
        let _ = writeln!(text, "pairs of kinds seen: {} of {}", met / 2, pairs / 2);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own_and_is_read_by_it() {
        for fault in Fault::ALL {
            assert_eq!(FaultSet::parse(fault.name()), Ok(FaultSet::NONE.with(*fault)));
        }
        assert_eq!(FaultSet::parse("-cancel"), Ok(FaultSet::all().without(Fault::Cancel)));
        assert_eq!(FaultSet::parse("all,-cancel"), FaultSet::parse("-cancel"));
        assert_eq!(FaultSet::parse("cancel,nonsense"), Err("nonsense".into()));
        assert!(Fault::ALL.len() <= 128);
    }

    #[test]
    fn pairs_are_counted_whatever_their_order() {
        let mut tally = Tally::default();
        tally.count(FaultSet::NONE.with(Fault::Cancel).with(Fault::Refused));
        assert_eq!(tally.seen(Fault::Cancel, Fault::Refused), 1);
        assert_eq!(tally.seen(Fault::Refused, Fault::Cancel), 1);
        assert_eq!(tally.seen(Fault::Cancel, Fault::Cancel), 1);
        assert_eq!(tally.seen(Fault::Cancel, Fault::Rule), 0);
    }
}
