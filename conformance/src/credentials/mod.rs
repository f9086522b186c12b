//! Who may see a credential: every kind of them, over every kind of redirect and route.
//!
//! A [`Trail`] is a call with the redirects that it follows. [`play`] runs it on the simulated
//! driver with a marker as the credential and says who was sent the marker; [`rules`] say who may
//! be, from the project's decisions alone. The two are written without knowing each other.

pub mod place;
pub mod play;
pub mod rules;
pub mod table;

pub use place::{Change, Place, Scheme};

/// A credential and the way in which the caller gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An Authorization header of the call.
    Header,
    /// An Authorization header of the session.
    SessionHeader,
    /// Basic credentials of the call.
    Basic,
    /// Basic credentials of the session.
    SessionBasic,
    /// A bearer token of the call.
    Bearer,
    /// Digest credentials of the call; origins that must not get an answer ask for one, too.
    Digest,
    /// User and password in the URL.
    Url,
    /// The netrc entry of the host.
    Netrc,
    /// A Proxy-Authorization header of the call.
    ProxyHeader,
    /// User and password in the URL of the proxy.
    ProxyUrl,
    /// A Cookie header of the call.
    CookieHeader,
    /// A cookie given to the call.
    CookieCall,
    /// A cookie put into the session's jar without a domain.
    CookieSession,
    /// A cookie that the host set for itself.
    JarHost,
    /// A cookie that the host set for its whole site.
    JarDomain,
    /// A cookie that the host set for itself, with Secure.
    JarSecure,
    /// Another header, marked sensitive.
    Sensitive,
    /// A client certificate.
    Certificate,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::Header,
        Self::SessionHeader,
        Self::Basic,
        Self::SessionBasic,
        Self::Bearer,
        Self::Digest,
        Self::Url,
        Self::Netrc,
        Self::ProxyHeader,
        Self::ProxyUrl,
        Self::CookieHeader,
        Self::CookieCall,
        Self::CookieSession,
        Self::JarHost,
        Self::JarDomain,
        Self::JarSecure,
        Self::Sensitive,
        Self::Certificate,
    ];

    /// What it is, for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Header => "Authorization header",
            Self::SessionHeader => "Authorization header of the session",
            Self::Basic => "basic auth",
            Self::SessionBasic => "basic auth of the session",
            Self::Bearer => "bearer token",
            Self::Digest => "digest auth",
            Self::Url => "userinfo of the URL",
            Self::Netrc => "netrc entry",
            Self::ProxyHeader => "Proxy-Authorization header",
            Self::ProxyUrl => "userinfo of the proxy",
            Self::CookieHeader => "Cookie header",
            Self::CookieCall => "cookie of the call",
            Self::CookieSession => "cookie of the session, for no domain",
            Self::JarHost => "cookie set by the host",
            Self::JarDomain => "cookie set for the site",
            Self::JarSecure => "cookie set with Secure",
            Self::Sensitive => "sensitive header",
            Self::Certificate => "client certificate",
        }
    }
}

/// How requests travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Straight to each origin.
    Direct,
    /// By one proxy: http in absolute form, https in tunnels.
    Proxied,
    /// Only http by the proxy.
    HttpProxied,
}

impl Route {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Direct, Self::Proxied, Self::HttpProxied];

    /// Whether a request to such a place goes by the proxy.
    #[must_use]
    pub fn is_proxied(self, scheme: Scheme) -> bool {
        match self {
            Self::Direct => false,
            Self::Proxied => true,
            Self::HttpProxied => scheme == Scheme::Http,
        }
    }
}

/// A call and the redirects that it follows.
#[derive(Clone, Debug)]
pub struct Trail {
    /// What the caller gave.
    pub kind: Kind,
    /// How requests travel.
    pub route: Route,
    /// The status of each redirect.
    pub code: u16,
    /// Where the call is addressed to, and where each redirect leads.
    pub places: Vec<Place>,
}

/// The statuses of redirects.
pub const CODES: [u16; 5] = [301, 302, 303, 307, 308];

/// Every trail of one redirect.
pub fn single() -> impl Iterator<Item = (Change, Trail)> {
    let starts = |change: Change| {
        let schemes = [Scheme::Http, Scheme::Https].into_iter();
        schemes.filter(move |&scheme| change.is_from(scheme)).map(Place::start)
    };
    Kind::ALL.into_iter().flat_map(move |kind| {
        Change::ALL.into_iter().flat_map(move |change| {
            starts(change).flat_map(move |start| {
                Route::ALL.into_iter().flat_map(move |route| {
                    let places = vec![start.clone(), start.after(change)];
                    CODES.into_iter().map(move |code| {
                        (change, Trail { kind, route, code, places: places.clone() })
                    })
                })
            })
        })
    })
}

/// Every trail of one kind by so many redirects, each leading from the last place by any change.
#[must_use]
pub fn chains(kind: Kind, route: Route, start: Scheme, redirects: usize) -> Vec<Trail> {
    let mut chains = vec![vec![Place::start(start)]];
    for _ in 0..redirects {
        let longer = |places: Vec<Place>| {
            let mut next: Vec<Place> = Vec::new();
            for place in Place::all() {
                if !next.iter().any(|known| known.url("/") == place.url("/")) {
                    next.push(place);
                }
            }
            next.into_iter().map(move |place| [&places[..], &[place]].concat())
        };
        chains = chains.into_iter().flat_map(longer).collect();
    }
    let trail = |places| Trail { kind, route, code: 302, places };
    chains.into_iter().map(trail).collect()
}
