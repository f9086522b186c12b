//! What a host does with a request, and what it must not see.

use super::{Choices, HOSTS};
use crate::input::show;
use crate::model::request::{self, Request};

/// What the peers know of a call.
#[derive(Debug)]
pub struct Told {
    /// Its method at the beginning.
    pub method: &'static str,
    /// How often it was sent on or challenged.
    pub asked: usize,
    /// How often it came.
    pub came: usize,
    /// Whether a peer said something of its own invention.
    pub is_wild: bool,
}

impl Told {
    /// A call that nobody has heard of.
    #[must_use]
    pub fn new(method: &'static str) -> Self {
        Self { method, asked: 0, came: 0, is_wild: false }
    }
}

/// A connection, as its host has it.
#[derive(Debug)]
pub struct Connection {
    /// The host.
    pub host: usize,
    /// What came and is not yet a request.
    heard: Vec<u8>,
    /// What is on its way to the client.
    pub says: Vec<u8>,
    /// Whether nothing follows what is on its way.
    pub closed: bool,
    /// Whether it is broken.
    pub reset: bool,
    poisoned: Option<&'static str>,
}

impl Connection {
    /// A new one.
    #[must_use]
    pub fn new(host: usize) -> Self {
        let (heard, says) = (Vec::new(), Vec::new());
        Self { host, heard, says, closed: false, reset: false, poisoned: None }
    }

    /// From now on no request may come.
    pub fn poison(&mut self, why: &'static str) {
        self.poisoned.get_or_insert(why);
    }

    /// The same, if it is not in order.
    pub fn poison_unless(&mut self, is_in_order: bool, why: &'static str) {
        if !is_in_order {
            self.poison(why);
        }
    }

    /// Whether nothing is on its way in either direction.
    #[must_use]
    pub fn is_between(&self) -> bool {
        self.heard.is_empty() && self.says.is_empty() && !self.closed && !self.reset
    }

    /// Hears bytes, and answers if they make a request.
    pub fn hear(&mut self, bytes: &[u8], told: &mut [Told], choices: &mut Choices<'_>) {
        if let Some(why) = self.poisoned {
            panic!("a request on a connection of which {why}: {}", show(bytes));
        }
        self.heard.extend_from_slice(bytes);
        let heard = std::mem::take(&mut self.heard);
        match request::read(&heard) {
            Err(why) => panic!("{why}: {}", show(&heard)),
            Ok(None) => self.heard = heard,
            Ok(Some(request)) => {
                assert_eq!(request.used, heard.len(), "more than one request: {}", show(&heard));
                self.check(&request, &heard);
                self.answer(&request, told, choices);
            }
        }
    }

    /// Whether the request may be here, with all that it has.
    fn check(&self, request: &Request<'_>, heard: &[u8]) {
        let own = HOSTS[self.host];
        assert_eq!(request.values("host"), [own.as_bytes()], "it is another's request");
        let heard = String::from_utf8_lossy(heard);
        for (host, _) in HOSTS.iter().enumerate().filter(|(host, _)| *host != self.host) {
            assert!(!heard.contains(&format!("AUTH-{host}-")), "{own} sees an AUTH of {host}");
        }
        assert!(!heard.contains("DIGEST-SECRET"), "a password goes in the clear");
        assert!(request.values("cookie").len() <= 1);
        for cookie in request.values("cookie") {
            for pair in String::from_utf8_lossy(cookie).split("; ") {
                let Some((_, value)) = pair.split_once('=') else { continue };
                let Some(owner) = value.strip_prefix("COOKIE-") else { continue };
                let (owner, is_wide) = match owner.strip_suffix("-wide") {
                    Some(owner) => (owner, true),
                    None => (owner, false),
                };
                let owner: usize = owner.parse().expect("a marker");
                assert!(may_see(self.host, owner, is_wide), "{own} sees {pair}");
            }
        }
    }

    /// Answers a request in one of many ways.
    fn answer(&mut self, request: &Request<'_>, told: &mut [Told], choices: &mut Choices<'_>) {
        let tag: usize =
            request.target[1..].split('/').next().unwrap_or_default().parse().expect("a tag");
        let about = &mut told[tag];
        about.came += 1;
        let is_repeatable = about.method != "POST" || request.method != "POST";
        assert!(
            is_repeatable || about.came <= about.asked + 1,
            "a POST came {} times, and was asked for again {} times",
            about.came,
            about.asked
        );
        let body = format!("{tag}/{}/{}", about.came, HOSTS[self.host]);
        let head = |status: &str, more: &str| {
            format!("HTTP/1.1 {status}\r\nX-Tag: {tag}\r\nX-Body: {body}\r\n{more}\r\n")
        };
        let length = format!("Content-Length: {}\r\n", body.len());
        let has_body = request.method != "HEAD";
        let sent = if has_body { body.as_str() } else { "" };
        let (mut text, kind) = (String::new(), choices.below(20));
        match kind {
            1 if has_body => {
                let (first, second) = body.split_at(2);
                let chunks =
                    format!("2\r\n{first}\r\n{:x};x\r\n{second}\r\n0\r\n\r\n", second.len());
                text = head("200 OK", "Transfer-Encoding: chunked\r\n") + &chunks;
            }
            2 => text = head("204 No Content", ""),
            3..=6 => {
                about.asked += 1;
                let status = ["301", "302", "307", "308", "303"][choices.below(5)];
                let to = HOSTS[choices.below(HOSTS.len())];
                let location = format!("Location: http://{to}/{tag}\r\n{length}");
                text = head(&format!("{status} Elsewhere"), &location) + sent;
            }
            7 => {
                let owner = self.host;
                let more = format!("Set-Cookie: n{owner}=COOKIE-{owner}\r\n{length}");
                text = head("200 OK", &more) + sent;
            }
            8 => {
                let (owner, of) = (self.host, ["a.test", "test", "b.test"][choices.below(3)]);
                let more = format!("Set-Cookie: w=COOKIE-{owner}-wide; Domain={of}\r\n{length}");
                text = head("200 OK", &more) + sent;
            }
            9 => {
                about.asked += 1;
                let ask = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n";
                text = head("401 Unauthorized", &format!("{ask}{length}")) + sent;
            }
            10 => {
                about.is_wild = true;
                self.says.extend_from_slice(b"HTTP/1.1 ");
                self.says.extend_from_slice(choices.bytes());
                self.closed = choices.below(2) == 0;
            }
            11 => {
                self.closed = true;
                self.poison("its host has closed it");
            }
            12 if has_body => {
                text = head("200 OK", &length) + &body[1..];
                self.closed = true;
                self.poison("the body was cut off");
            }
            13 => {
                let planted = "HTTP/1.1 200 OK\r\nX-Tag: planted\r\nContent-Length: 0\r\n\r\n";
                text = head("200 OK", &length) + sent + planted;
                self.poison("there is more on it than an answer");
            }
            14 => self.poison("its host never answers"),
            15 => {
                text = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".to_owned();
                text += &(head("200 OK", &length) + sent);
            }
            16 if has_body => {
                text = head("200 OK", "") + &body;
                self.closed = true;
                self.poison("the body ended with it");
            }
            17 => {
                self.reset = true;
                self.poison("it is broken");
            }
            18 => {
                text = head("200 OK", &format!("Connection: close\r\n{length}")) + sent;
                self.poison("its host asked to close it");
            }
            _ => text = head("200 OK", &length) + sent,
        }
        self.says.extend_from_slice(text.as_bytes());
    }
}

/// Whether a host may see a cookie that another has set.
fn may_see(host: usize, owner: usize, is_wide: bool) -> bool {
    let name = |host: usize| HOSTS[host].split(':').next().unwrap_or_default();
    let related = |of: &str| of == "a.test" || of.ends_with(".a.test");
    name(host) == name(owner) || (is_wide && related(name(host)) && related(name(owner)))
}
