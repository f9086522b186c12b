//! What hostile peers write into `Location` and `Set-Cookie`, and what it has to come to.
//!
//! Source: the rows of SECURITY.md (a), A4 and A5.

use super::jar::SetCookie;
use super::marker::{Markers, Owner};
use super::random::Random;
use super::served::{Leads, User};
use super::world::{HOSTS, Origin};

/// What a Location of the table comes to.
#[derive(Clone, Copy)]
enum To {
    /// The host of this number over http on port 80, with this target.
    Http(usize, &'static str),
    /// The same as somebody else: what it carries then is not compared, only looked through.
    Somebody(usize),
    /// The host that answered, on the same origin.
    Same(&'static str),
    /// Whatever the scheme that answered, at its default port.
    Relative(usize, &'static str),
    Nowhere,
    Astray,
}

const LOCATIONS: [(&[u8], To); 34] = [
    (b"http://evila.test/x", To::Http(5, "/x")),
    (b"//b.test/x", To::Relative(2, "/x")),
    (b" //b.test/x", To::Relative(2, "/x")),
    // Row 80.
    (b"http://a.test#@evila.test/", To::Http(0, "/")),
    (b"http://a.test\\@evila.test/x", To::Http(0, "/@evila.test/x")),
    (b"/\\evila.test/x", To::Relative(5, "/x")),
    (b"http:\\\\b.test\\x", To::Http(2, "/x")),
    (b"http://A.TEST:80/x", To::Http(0, "/x")),
    // Rows 32, 82, 83: a user that netrc does not know there.
    (b"http://user:pass@b.test/x", To::Somebody(2)),
    (b"http://a.test:80@evila.test/x", To::Somebody(5)),
    // Rows 20, 86, 89.
    (b"http://[::1%25.a.test]/", To::Astray),
    (b"http://[a.test]/", To::Astray),
    (b"http://[2001:db8::7]a.test/", To::Astray),
    // Row 81.
    (b"http://a.test%2Fevila.test/", To::Astray),
    // Row 27, 39, 132.
    (b"ftp://a.test/x", To::Astray),
    (b"imap://u@a.test/x", To::Astray),
    (b"file:///etc/passwd", To::Astray),
    (b"http://unix:/var/run/x.sock:/x", To::Astray),
    (b"data:text/plain,x", To::Astray),
    (b"javascript:x", To::Astray),
    (b"mailto:a@b.test", To::Astray),
    // Row 88.
    (b"http://a.test:80:80/", To::Astray),
    (b"http://a.test:99999/", To::Astray),
    (b"http://a.test:x/", To::Astray),
    (b"http://", To::Astray),
    (b"\xff\xfe", To::Astray),
    (b"", To::Nowhere),
    (b"http://0xC0.0.2.7/x", To::Http(4, "/x")),
    (b"http://192.0.519/x", To::Http(4, "/x")),
    (b"http://192.0.2.7:80/x?y=z", To::Http(4, "/x?y=z")),
    (b"http://a.test./x", To::Http(8, "/x")),
    (b"http://[2001:DB8::7]/x", To::Http(9, "/x")),
    (b"/x/../../../y#f", To::Same("/y")),
    (b"/q?a=b c", To::Same("/q?a=b%20c")),
];

/// A Location of an odd form, in the answer of `at`.
pub(super) fn location(at: Origin, random: &mut Random) -> (Vec<u8>, Leads) {
    if random.chance(30) {
        // Row 93: very many dot segments.
        let text = ["/", &"d/../".repeat(2000), "y"].concat();
        let (target, user) = (Some("/y".into()), User::AsBefore);
        return (text.into(), Leads::To { origin: at, target, user });
    }
    let (text, to) = random.pick(&LOCATIONS);
    let leads = |origin, target: &str| Leads::To {
        origin,
        target: Some(target.to_owned()),
        user: User::Nobody,
    };
    let leads = match *to {
        To::Http(host, target) => leads(Origin { is_tls: false, host, port: 80 }, target),
        To::Relative(host, target) => {
            leads(Origin { host, port: if at.is_tls { 443 } else { 80 }, ..at }, target)
        }
        To::Somebody(host) => {
            let origin = Origin { is_tls: false, host, port: 80 };
            Leads::To { origin, target: None, user: User::Somebody }
        }
        To::Same(target) => {
            Leads::To { origin: at, target: Some(target.to_owned()), user: User::AsBefore }
        }
        To::Nowhere => Leads::Nowhere,
        To::Astray => Leads::Astray,
    };
    (text.to_vec(), leads)
}

/// Names that cookies have: few, so that they meet.
const NAMES: [&str; 5] = ["s", "k", "id", "__Secure-s", "__Host-h"];

/// Domains that a hostile peer would like to set cookies for.
const DOMAINS: [&str; 14] = [
    "test",
    "co.uk",
    "co.UK",
    "co.uk.",
    "uk",
    ".test",
    "b.test",
    "www.a.test",
    "a.test.",
    "0.2.7",
    "2.7",
    "7",
    "evila.test",
    "ila.test",
];

/// A cookie that an honest peer would set.
pub(super) fn cookie(at: Origin, markers: &mut Markers, random: &mut Random) -> SetCookie {
    let mut cookie = SetCookie {
        name: (*random.pick(&NAMES[..3])).to_owned(),
        value: markers.make(Owner::Jar),
        ..SetCookie::default()
    };
    cookie.is_secure = at.is_tls && random.chance(500);
    let site = HOSTS[at.host].site.filter(|site| !site.ends_with('.'));
    cookie.domain = site.filter(|_| random.chance(400)).map(|site| match random.below(3) {
        0 => site.to_ascii_uppercase(),
        1 => format!(".{site}"),
        _ => site.to_owned(),
    });
    cookie.path = match random.below(4) {
        0 => None,
        1 => Some(format!("/d{}", random.below(3))),
        _ => Some("/".into()),
    };
    match random.below(12) {
        0 => cookie.max_age = Some(3600),
        1 => cookie.max_age = Some(0),
        2 => cookie.expires = Some((4_102_444_800, "Fri, 01 Jan 2100 00:00:00 GMT")),
        3 => cookie.tail = "; HttpOnly; SameSite=Lax; Priority=High;;".into(),
        _ => {}
    }
    cookie
}

/// A cookie of a hostile peer.
pub(super) fn hostile(at: Origin, markers: &mut Markers, random: &mut Random) -> SetCookie {
    let mut cookie = cookie(at, markers, random);
    match random.below(12) {
        // Rows 95 to 99, 108.
        0..=4 => cookie.domain = Some((*random.pick(&DOMAINS)).to_owned()),
        // Row 101.
        5 => {
            let place = random.below(cookie.value.len());
            cookie.value.insert(place, '\x01');
            cookie.is_broken = true;
        }
        // Row 102.
        6 => cookie.is_secure = true,
        7 => cookie.name = (*random.pick(&NAMES[3..])).to_owned(),
        8 => {
            cookie.name = (*random.pick(&NAMES[3..])).to_owned();
            (cookie.is_secure, cookie.path) = (true, Some("/".into()));
        }
        // Row 107.
        9 => {
            let (text, seconds) = *random.pick(&[
                ("9223372036854775807", i64::MAX),
                ("-9223372036854775808", i64::MIN),
                ("99999999999999999999999", i64::MAX),
                ("-1", -1),
            ]);
            (cookie.max_age, cookie.max_age_text) = (Some(seconds), Some(text.to_owned()));
        }
        10 => cookie.expires = Some((1, "Thu, 01 Jan 1970 00:00:01 GMT")),
        // Row 103.
        _ => {
            let padding = 4097 - cookie.name.len() - cookie.value.len() - random.below(2);
            cookie.value.push_str(&"x".repeat(padding));
        }
    }
    cookie
}

/// Row 100: more cookies in one response than count.
pub(super) fn flood(random: &mut Random) -> Vec<SetCookie> {
    let count = random.between(45, 70);
    let cookie = |number| SetCookie {
        name: format!("f{number}"),
        value: "1".into(),
        path: Some("/".into()),
        ..SetCookie::default()
    };
    (0..count).map(cookie).collect()
}
