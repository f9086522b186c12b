//! Calls with the triggers of the catalogue: what callers, or those who feed them, have used to
//! smuggle and inject. Each is refused before a byte goes out, or goes where its URL says.
//!
//! Source: the rows of SECURITY.md (a), which are named.

use sessio_core::wire::multipart::Part;
use sessio_core::{Cookie, Request};

use super::call::{Call, basic};
use super::chain::{Credential, Field};
use super::marker::{Markers, Owner};
use super::random::Random;
use super::setup::Setup;
use super::via::Said;
use super::world::Origin;

/// URLs that are none, or whose host is not what it looks like: all are refused.
const REFUSED: [&str; 16] = [
    // Row 81.
    "http://a.test%2F192.0.2.7/",
    // Row 86.
    "http://[a.test]/",
    "http://[2001:db8::7]evila.test/",
    "http://[::1%25.a.test]/",
    // Row 84.
    "http://[localhost",
    // Row 88.
    "http://a.test:80:80/",
    "http://a.test:eighty/",
    "http://a.test:99999/",
    // Row 39, 92, 132.
    "ftp://a.test/x",
    "data:text/plain,x",
    "file:///etc/passwd",
    "unix:/var/run/x.sock",
    "javascript:x",
    // Nothing to go to.
    "http://",
    "http:///x",
    "",
];

/// Plants one.
pub(super) fn plant(call: &mut Call, setup: &Setup, markers: &mut Markers, random: &mut Random) {
    match random.below(4) {
        0 => refused(call, setup, random),
        1 => fields(call, setup, random),
        2 => addresses(call, setup, markers, random),
        _ => secrets(call, markers, random),
    }
}

/// Begins again with another URL.
fn anew(call: &mut Call, setup: &Setup, url: &str) {
    let tag = format!("t{}", call.chain.call);
    call.request = Request::new(&call.chain.method, url).header("X-Tag", tag);
    let (timeouts, follows) = (call.timeouts, call.chain.follows);
    call.edit(|request| request.timeout(timeouts).allow_redirects(follows));
    let chain = &mut call.chain;
    chain.credential = setup.credential.clone();
    chain.body = Some(Vec::new());
    chain.has_body_type = false;
    chain.call_cookies.clear();
    chain.own_cookie = None;
    (chain.said, chain.trust) = (Said::Nothing, setup.trusts(None));
    chain.call_identity = setup.identity;
    chain.sensitive = Vec::new();
    if let Some(secret) = &setup.sensitive {
        chain.sensitive.push(Field { name: "x-session-key", value: secret.clone() });
    }
    call.reading = super::call::Reading::Whole;
}

/// What must not go out at all.
fn refused(call: &mut Call, setup: &Setup, random: &mut Random) {
    call.chain.must_not_go = true;
    match random.below(8) {
        // Row 67: a line break in the method.
        0 => {
            call.request = Request::new("GET / HTTP/1.1\r\nX: y", "http://a.test/");
        }
        // Row 68: in a value.
        1 => call.edit(|request| request.header("X-A", "v\r\nX: y")),
        2 => call.edit(|request| request.header("X-A", "v\0")),
        // Row 71: in a name.
        3 => call.edit(|request| request.header("X-A\r\nX: y", "v")),
        // Row 70: in the Host.
        4 => call.edit(|request| request.header("Host", "a\r\nX: y")),
        // Row 78: in a cookie.
        5 => call.edit(|request| request.cookie(Cookie::new("a", "b\r\nSet-Cookie: c"))),
        _ => anew(call, setup, REFUSED[random.below(REFUSED.len())]),
    }
}

/// What goes out in a safe form.
fn fields(call: &mut Call, setup: &Setup, random: &mut Random) {
    let has_body = !call.is_fed && call.chain.body.as_ref().is_some_and(|body| !body.is_empty());
    match random.below(6) {
        // Row 73: lengths by hand; the library's stands.
        0 if has_body => call.edit(|request| request.header("content-length", "7")),
        1 if has_body => call.edit(|request| request.header("Transfer-Encoding", "identity")),
        // Row 75: line breaks and quotes in the names of parts.
        2 if call.chain.method == "POST" => {
            let part = Part::bytes("f\r\nX: y", "content").filename("\"\r\nX: y\r\n\r\n");
            let method = call.chain.method.clone();
            let url = format!("{}/multi", call.chain.home);
            let tag = format!("t{}", call.chain.call);
            let timeouts = call.timeouts;
            let request = Request::new(method, url.as_str()).header("X-Tag", tag);
            call.request = request.file(part).timeout(timeouts);
            forget(call, setup);
        }
        // A Host of the caller's own stays with its origin.
        _ => {
            call.edit(|request| request.header("Host", "virtual.test"));
            call.chain.host_override = Some("virtual.test".into());
        }
    }
}

/// The reference knows where it goes and who may see what, and no more.
fn forget(call: &mut Call, setup: &Setup) {
    call.chain.target = None;
    (call.chain.said, call.chain.trust) = (Said::Nothing, setup.trusts(None));
    call.chain.call_identity = setup.identity;
    call.chain.body = None;
    call.chain.has_body_type = true;
    call.chain.sensitive = Vec::new();
    call.chain.call_cookies = Vec::new();
    call.chain.own_cookie = None;
    call.chain.follows = false;
    call.chain.must_not_go = false;
    call.chain.credential = Credential::None;
    call.edit(|request| request.no_auth().without_header("X-Session-Key").allow_redirects(false));
    call.reading = super::call::Reading::Whole;
}

/// URLs that look as if they led elsewhere.
fn addresses(call: &mut Call, setup: &Setup, markers: &mut Markers, random: &mut Random) {
    let number = call.chain.call;
    let a = Origin { is_tls: false, host: 0, port: 80 };
    let evil = Origin { host: 5, ..a };
    let (url, origin, target) = match random.below(8) {
        // Row 80: the fragment ends the authority.
        0 => ("http://a.test#@evila.test/".to_owned(), a, "/".to_owned()),
        // Row 82: what stands before the last @ is no host.
        1 => {
            let owner = Owner::Authorization(number);
            let (user, password) = (markers.make(owner), markers.make(owner));
            let url = format!("http://{user}:{password}%40a.test@evila.test/x");
            anew(call, setup, &url);
            if matches!(call.chain.credential, Credential::None | Credential::Netrc) {
                let value = basic(&user, &format!("{password}@a.test"));
                call.chain.credential = Credential::Explicit(value);
            }
            (call.chain.home, call.chain.at) = (evil, evil);
            call.chain.target = Some("/x".into());
            return;
        }
        // Row 76: a path that begins with two slashes is one.
        2 => ("http://a.test//evila.test/x".to_owned(), a, "//evila.test/x".to_owned()),
        // Row 85: blanks before the scheme.
        3 => (" \t http://a.test/x".to_owned(), a, "/x".to_owned()),
        // Backslashes are slashes.
        4 => ("http://a.test\\@evila.test/".to_owned(), a, "/@evila.test/".to_owned()),
        // Rows 64, 65: line breaks vanish.
        5 => ("http://a.test/x\r\nX: y".to_owned(), a, "/xX:%20y".to_owned()),
        // Row 93: many dots.
        6 => (format!("http://a.test/{}x", "a/../".repeat(50)), a, "/x".to_owned()),
        // Row 20: an IP literal is below nothing.
        _ => ("http://[2001:db8::7]/x".to_owned(), Origin { host: 9, ..a }, "/x".to_owned()),
    };
    anew(call, setup, &url);
    (call.chain.home, call.chain.at) = (origin, origin);
    call.chain.target = Some(target);
}

/// Credentials in other places.
fn secrets(call: &mut Call, markers: &mut Markers, random: &mut Random) {
    let number = call.chain.call;
    match random.below(2) {
        // Rows 6, 12, 17: credentials for a proxy where there is none.
        0 => {
            let value = format!("Basic {}", markers.make(Owner::OwnProxy(number)));
            call.edit(|request| request.header("Proxy-Authorization", &value));
            call.chain.own_proxy = Some(value);
        }
        // Row 10: names in any case.
        _ => {
            let secret = markers.make(Owner::Sensitive(number));
            let mut value = http::HeaderValue::try_from(secret.as_str()).expect("letters");
            value.set_sensitive(true);
            call.edit(|request| request.header_value("x-SECRET-key", value));
            call.chain.sensitive.push(Field { name: "x-secret-key", value: secret });
        }
    }
}
