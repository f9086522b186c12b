//! Who may be sent which credential, as it was decided: Authorization as in requests, everything
//! else as the list "Decided divergences" and RFC 6265bis have it.
//!
//! This knows nothing of the code that it judges: hosts, ports and schemes are compared here once
//! more, by hand.

use super::{Kind, Place, Route, Scheme, Trail};

/// Which messages of one hop may carry the credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// The CONNECT before it, which only the proxy sees.
    pub connect: bool,
    /// The request, which the origin sees, and without TLS the proxy too.
    pub request: bool,
}

/// What may be seen on each hop of a trail.
#[must_use]
pub fn expected(trail: &Trail) -> Vec<Sight> {
    (0..trail.places.len()).map(|hop| sight(trail, hop)).collect()
}

fn sight(trail: &Trail, hop: usize) -> Sight {
    let (start, place) = (&trail.places[0], &trail.places[hop]);
    let request = |request| Sight { connect: false, request };
    let all_moves = |keeps: fn(&Place, &Place) -> bool| {
        trail.places[..=hop].windows(2).all(|pair| keeps(&pair[0], &pair[1]))
    };
    match trail.kind {
        // Once left behind, it stays behind: that is why every move on the way counts.
        Kind::Header
        | Kind::SessionHeader
        | Kind::Basic
        | Kind::SessionBasic
        | Kind::Bearer
        | Kind::Digest
        | Kind::Url => request(all_moves(keeps_authorization)),
        Kind::Sensitive => request(all_moves(is_same_origin)),
        // Looked up again for each host; an entry is for a host, whatever the port.
        Kind::Netrc => request(is_same_host(start, place)),
        // For the first proxy alone, and only where it reads the request.
        Kind::ProxyHeader => request(hop == 0 && goes_plainly_by_proxy(trail.route, place)),
        Kind::ProxyUrl => {
            let is_proxied = trail.route.is_proxied(place.scheme);
            let is_tunnel = is_proxied && place.scheme == Scheme::Https;
            Sight { connect: is_tunnel, request: is_proxied && !is_tunnel }
        }
        // The Cookie field of each later hop is made from the jar.
        Kind::CookieHeader => request(hop == 0),
        Kind::CookieCall | Kind::JarHost => request(is_same_host(start, place)),
        // The caller named no domain: it goes to every host, as in requests.
        Kind::CookieSession => request(true),
        Kind::JarDomain => request(is_of_site(place)),
        Kind::JarSecure => {
            let was_taken = start.scheme == Scheme::Https;
            request(was_taken && place.scheme == Scheme::Https && is_same_host(start, place))
        }
        // To the origin that the call was addressed to, or what that is over TLS; it needs no way
        // back, since it is not carried along.
        Kind::Certificate => {
            request(place.scheme == Scheme::Https && keeps_authorization(start, place))
        }
    }
}

fn keeps_authorization(old: &Place, new: &Place) -> bool {
    let is_upgrade = old.scheme == Scheme::Http
        && new.scheme == Scheme::Https
        && (old.port(), new.port()) == (80, 443)
        && is_same_host(old, new);
    is_same_origin(old, new) || is_upgrade
}

fn is_same_origin(one: &Place, other: &Place) -> bool {
    is_same_host(one, other) && one.scheme == other.scheme && one.port() == other.port()
}

fn is_same_host(one: &Place, other: &Place) -> bool {
    one.host.eq_ignore_ascii_case(other.host)
}

fn is_of_site(place: &Place) -> bool {
    let host = place.host.to_ascii_lowercase();
    host == "site.test" || host.ends_with(".site.test")
}

fn goes_plainly_by_proxy(route: Route, place: &Place) -> bool {
    route.is_proxied(place.scheme) && place.scheme == Scheme::Http
}
