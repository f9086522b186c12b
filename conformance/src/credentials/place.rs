//! Where requests go: origins that differ in one thing each.

/// How an origin is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plainly.
    Http,
    /// Over TLS.
    Https,
}

/// An origin as a URL spells it, and a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The scheme.
    pub scheme: Scheme,
    /// The host as it is spelled.
    pub host: &'static str,
    /// The port if it is not the scheme's own.
    pub port: Option<u16>,
    /// The path, which begins with a slash.
    pub path: &'static str,
}

/// How a redirect changes the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Not at all.
    Same,
    /// Another path.
    Path,
    /// A host below.
    Subdomain,
    /// The host above.
    Parent,
    /// Another host of the site.
    Sibling,
    /// A host of another site.
    Other,
    /// Another port.
    Port,
    /// From http to https.
    Upgrade,
    /// From https to http.
    Downgrade,
    /// An address in place of the name.
    Address,
    /// A dot behind the name.
    Dot,
    /// Scheme and host in capitals.
    Case,
}

impl Change {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Same,
        Self::Path,
        Self::Subdomain,
        Self::Parent,
        Self::Sibling,
        Self::Other,
        Self::Port,
        Self::Upgrade,
        Self::Downgrade,
        Self::Address,
        Self::Dot,
        Self::Case,
    ];

    /// Whether there is such a change from a scheme.
    #[must_use]
    pub fn is_from(self, scheme: Scheme) -> bool {
        match self {
            Self::Upgrade => scheme == Scheme::Http,
            Self::Downgrade => scheme == Scheme::Https,
            _ => true,
        }
    }

    /// What it is, for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Path => "path",
            Self::Subdomain => "sub-domain",
            Self::Parent => "parent",
            Self::Sibling => "sibling",
            Self::Other => "other host",
            Self::Port => "port",
            Self::Upgrade => "to https",
            Self::Downgrade => "to http",
            Self::Address => "address",
            Self::Dot => "dot",
            Self::Case => "case",
        }
    }
}

/// The host that calls are addressed to.
const START: &str = "a.site.test";

impl Place {
    /// Where calls are addressed to.
    #[must_use]
    pub const fn start(scheme: Scheme) -> Self {
        Self { scheme, host: START, port: None, path: "/" }
    }

    /// The place with one change.
    #[must_use]
    pub fn after(&self, change: Change) -> Self {
        let host = |host| Self { host, ..self.clone() };
        match change {
            Change::Same => self.clone(),
            Change::Path => Self { path: "/other", ..self.clone() },
            Change::Subdomain => host("x.a.site.test"),
            Change::Parent => host("site.test"),
            Change::Sibling => host("b.site.test"),
            Change::Other => host("other.test"),
            Change::Port => {
                let port = match self.scheme {
                    Scheme::Http => 8080,
                    Scheme::Https => 8443,
                };
                Self { port: Some(port), ..self.clone() }
            }
            Change::Upgrade => Self { scheme: Scheme::Https, ..self.clone() },
            Change::Downgrade => Self { scheme: Scheme::Http, ..self.clone() },
            Change::Address => host("127.0.0.1"),
            Change::Dot => host("a.site.test."),
            Change::Case => host("A.Site.TEST"),
        }
    }

    /// Every place that one change leads to from the start, under either scheme.
    pub fn all() -> impl Iterator<Item = Self> {
        let start = [Scheme::Http, Scheme::Https].map(Self::start);
        start
            .into_iter()
            .flat_map(|start| Change::ALL.into_iter().map(move |change| start.after(change)))
    }

    /// The port that is dialled.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
        })
    }

    /// A URL there.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        let scheme = match (self.scheme, self.host.starts_with('A')) {
            (Scheme::Http, false) => "http",
            (Scheme::Http, true) => "HTTP",
            (Scheme::Https, false) => "https",
            (Scheme::Https, true) => "HTTPS",
        };
        let port = self.port.map_or_else(String::new, |port| format!(":{port}"));
        format!("{scheme}://{}{port}{path}", self.host)
    }
}
