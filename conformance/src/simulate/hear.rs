//! The peers' side: what comes in is read strictly, compared with the reference, looked through for
//! secrets, and answered.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sessio_core::exchange::Input;

use super::answer::{Answer, Asked, MS, answer};
use super::call::Feed;
use super::chain::{Chain, Credential};
use super::fault::{Fault, FaultSet};
use super::heard::{self, Framing, Heard};
use super::marker::{Owner, may_hold};
use super::random::Random;
use super::run::{Run, Violation};
use super::served::{End, Reaction};
use super::setup::View;
use super::via::Via;
use super::wire::{Cutting, Listening, Socket, Through};
use super::world::Place;

impl Feed {
    /// Puts the next bytes into the room.
    pub(super) fn fill(&mut self, room: &mut [u8]) -> Input<'static, Socket> {
        if self.fails_at.is_some_and(|at| self.at >= at) {
            return Input::SourceFailed;
        }
        let end = self.fails_at.unwrap_or(self.bytes.len());
        // Sources give what they have, in pieces of their own.
        let count = room.len().min(end - self.at).min(7919);
        room[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Input::Piece(count)
    }

    /// Goes back to its start, if it can.
    pub(super) const fn rewind(&mut self) -> bool {
        self.at = if self.may_rewind { 0 } else { self.at };
        self.may_rewind
    }
}

impl Run {
    /// A connection that is begun.
    pub(super) fn connect(
        &mut self,
        call: usize,
        to: (Place, u16),
        through: Through,
        random: &mut Random,
    ) -> Socket {
        let cutting = match self.setup.view {
            View::Free => Cutting::Whole,
            View::Cut(cutting) => cutting,
        };
        let cuts = Random::of(&[random.next()]);
        let socket = self.wire.open(to, through, cutting, cuts);
        let fault =
            self.setup.draw(&[Fault::ResetAtOnce, Fault::EarlyBytes, Fault::Refused], random);
        let line = &mut self.wire.lines[socket.number];
        let Through::At(at) = through else { return socket };
        match fault {
            Some(Fault::ResetAtOnce) => {
                line.finish(at + random.below(2) as u64 * MS, End::Reset);
                line.listening = Listening::Deaf;
                line.befell = line.befell.with(Fault::ResetAtOnce);
            }
            Some(Fault::EarlyBytes) => {
                let evil = "HTTP/1.1 200 OK\r\nX-Tag: evil\r\nContent-Length: 4\r\n\r\nEVIL";
                line.say(at, evil.into());
                line.befell = line.befell.with(Fault::EarlyBytes);
            }
            _ => {}
        }
        // Whoever opens it is told so.
        if let Some(fault) = fault {
            self.befall(call, fault);
        }
        socket
    }

    /// Reads what has come in on a connection, as far as it goes.
    pub(super) fn hear(&mut self, number: usize) -> Result<(), Violation> {
        loop {
            self.decode(number)?;
            let line = &mut self.wire.lines[number];
            // No method of a call begins like that.
            let is_tunnel = line.proxy().is_some() && line.inbox.starts_with(b"C");
            match &mut line.listening {
                Listening::Deaf => {
                    line.inbox.clear();
                    return Ok(());
                }
                Listening::Greeting => {
                    if !self.greeted(number)? {
                        return Ok(());
                    }
                }
                Listening::Socks(step) => {
                    let step = *step;
                    if !self.socks(number, step)? {
                        return Ok(());
                    }
                }
                Listening::Head if line.inbox.is_empty() => return Ok(()),
                Listening::Head if is_tunnel => {
                    if !self.tunnel(number)? {
                        return Ok(());
                    }
                }
                Listening::Head => {
                    if line.carried == 0
                        && let Some(opener) = line.opener
                    {
                        self.begin_request(opener, number)?;
                        continue;
                    }
                    let user = line.user;
                    let read = heard::head(&line.inbox);
                    let read = read.map_err(|text| violation("I7", text, user))?;
                    let Some((heard, used)) = read else { return Ok(()) };
                    line.inbox.drain(..used);
                    self.head(number, heard)?;
                }
                Listening::Body { heard, call, reaction } => {
                    let (framing, call) = (heard.framing, *call);
                    let early = reaction.as_ref().and_then(|reaction| reaction.early);
                    if early.is_some_and(|at| line.inbox.len() >= at)
                        && let Some(reaction) = reaction.take()
                    {
                        self.say(number, call, reaction);
                        continue;
                    }
                    let read = heard::body(framing, &line.inbox);
                    let read = read.map_err(|text| violation("I7", text, Some(call)))?;
                    let Some((body, used)) = read else { return Ok(()) };
                    line.inbox.drain(..used);
                    let reaction = reaction.take();
                    line.listening = Listening::Head;
                    self.body(call, &body)?;
                    if let Some(reaction) = reaction {
                        self.say(number, call, reaction);
                    }
                }
            }
        }
    }

    /// The head of a request has come.
    fn head(&mut self, number: usize, heard: Heard) -> Result<(), Violation> {
        let line = &mut self.wire.lines[number];
        let tag = heard.one("x-tag").and_then(|tag| tag.strip_prefix('t')?.parse::<usize>().ok());
        let user = line.user;
        if tag.is_none() || tag != user {
            let text = format!("{:?} of call {user:?} has the tag {tag:?}", heard.target);
            return Err(violation("I7", text, user));
        }
        let call = tag.unwrap_or_default();
        if line.closes_on_reuse {
            line.listening = Listening::Deaf;
            line.finish(self.now + MS, End::Closed);
            line.spoil(self.now + MS, "closed when it was used again");
            self.befall(call, Fault::CloseOnReuse);
            return Ok(());
        }
        let via = line.proxy().and(self.chains[call].as_ref().and_then(|chain| chain.via));
        let is_secured = !line.layers.is_empty();
        let Some(chain) = &self.chains[call] else { return Ok(()) };
        let by = via.map(|via| &self.setup.ways.vias[via]);
        compare(chain, &heard, &self.setup.netrc, by)
            .map_err(|(invariant, text)| violation(invariant, text, Some(call)))?;
        super::digest::check(chain, &heard, &mut self.challenges)
            .map_err(|(invariant, text)| violation(invariant, text, Some(call)))?;
        self.secrets(chain, &heard.raw, via)?;
        for (_, value) in &heard.fields {
            if let Some(decoded) = decoded(value) {
                self.secrets(chain, &decoded, via)?;
            }
        }
        let number_of_answer = self.served.len();
        let asked = Asked {
            setup: &self.setup,
            chain,
            at: chain.at,
            is_secured,
            is_forwarded: via.is_some(),
            heard: &heard,
            number: number_of_answer,
        };
        let Answer { served, reaction, befell, closes_on_reuse } =
            answer(&asked, &mut self.markers);
        // A call that cannot answer it leaves the challenge to those that come after.
        self.challenges.extend(served.challenge.clone());
        self.served.push(served);
        if let Some(chain) = &mut self.chains[call] {
            chain.visits += 1;
            chain.answering = Some(number_of_answer);
            chain.befell = befell.iter().fold(chain.befell, FaultSet::with);
        }
        let line = &mut self.wire.lines[number];
        line.befell = befell.iter().fold(line.befell, FaultSet::with);
        line.closes_on_reuse = closes_on_reuse;
        line.has_head = true;
        line.listening = Listening::Body { heard, call, reaction: Some(reaction) };
        Ok(())
    }

    /// The body of a request has come.
    fn body(&self, call: usize, body: &[u8]) -> Result<(), Violation> {
        let Some(chain) = &self.chains[call] else { return Ok(()) };
        if may_hold(body) {
            self.secrets(chain, body, None)?;
        }
        match &chain.body {
            Some(want) if want != body => {
                let text = format!("a body of {} bytes where {} were due", body.len(), want.len());
                Err(violation("I10", text, Some(call)))
            }
            _ => Ok(()),
        }
    }

    /// The peer says what it has to say.
    fn say(&mut self, number: usize, call: usize, mut reaction: Reaction) {
        let shown = self.logs.then(|| format!("{:?}", Shown(&reaction)));
        let line = &mut self.wire.lines[number];
        line.answered += 1;
        let mut at = self.now;
        let own = reaction.says.len().saturating_sub(reaction.later);
        for (place, (wait, bytes)) in reaction.says.drain(..).enumerate() {
            at += wait;
            line.say(at, bytes);
            if place < own {
                line.owe();
            }
        }
        if let Some(why) = reaction.poison {
            let at = line.last_arrival(self.now);
            line.spoil(at, why);
        }
        if let Some((wait, end)) = reaction.ends {
            line.finish(at + wait, end);
            line.spoil(at + wait, "closed by the peer");
            if !matches!(line.listening, Listening::Body { .. }) {
                line.listening = Listening::Deaf;
            }
        }
        if let Some(chain) = &mut self.chains[call] {
            chain.served = chain.answering;
            chain.answered_at = self.now;
            let served = chain.served;
            let shown = shown.unwrap_or_default();
            self.log(|| format!("call {call}: answer {served:?} on line {number}, {shown}"));
        }
    }

    /// No secret may be among these bytes that this peer must not see.
    fn secrets(&self, chain: &Chain, bytes: &[u8], via: Option<usize>) -> Result<(), Violation> {
        if !may_hold(bytes) {
            return Ok(());
        }
        let mut leak = None;
        self.markers.scan(bytes, |secret, owner| {
            let may_see = match owner {
                Owner::Authorization(call) => call == chain.call && has_credential(chain),
                Owner::SessionAuthorization => has_credential(chain),
                Owner::Sensitive(call) => call == chain.call && !chain.sensitive.is_empty(),
                Owner::SessionSensitive => !chain.sensitive.is_empty(),
                Owner::CallCookie(call) => call == chain.call && chain.at.host == chain.home.host,
                Owner::Netrc(host) => host == chain.at.host,
                Owner::Proxy(number) => via == Some(number),
                Owner::OwnProxy(call) => {
                    via.is_some() && call == chain.call && chain.own_proxy.is_some()
                }
                Owner::Certificate => false,
                Owner::Jar => {
                    chain.target.is_none() || chain.cookies.iter().any(|pair| pair.contains(secret))
                }
                Owner::Nobody => false,
            };
            if !may_see {
                leak = Some(owner);
            }
        });
        match leak {
            None => Ok(()),
            Some(owner) => {
                let text = format!("a secret of {owner:?} goes to {}", chain.at);
                Err(violation("I1", text, Some(chain.call)))
            }
        }
    }
}

/// Whether the present request may carry the credential of its call.
fn has_credential(chain: &Chain) -> bool {
    matches!(chain.credential, Credential::Explicit(_) | Credential::Digest { .. })
}

/// What stands behind `Basic`, if it can be decoded.
fn decoded(value: &str) -> Option<Vec<u8>> {
    let (_, text) = value.split_once(' ')?;
    STANDARD.decode(text).ok()
}

fn violation(invariant: &'static str, text: String, call: Option<usize>) -> Violation {
    Violation { invariant, text, call }
}

/// Compares a request with what the reference says.
fn compare(
    chain: &Chain,
    heard: &Heard,
    netrc: &[Option<String>],
    via: Option<&Via>,
) -> Result<(), (&'static str, String)> {
    if heard.method != chain.method {
        return Err(("I10", format!("{} where {} was due", heard.method, chain.method)));
    }
    if let Some(target) = &chain.target {
        let is_right = match via {
            None => *target == heard.target,
            Some(_) => heard.target.strip_prefix(&chain.at.to_string()) == Some(target),
        };
        if !is_right {
            return Err(("I6", format!("target {:?} where {target:?} was due", heard.target)));
        }
    }
    let by_hand = chain.own_proxy.clone().filter(|_| via.is_some());
    let due = via.and_then(Via::authorization).or(by_hand);
    if heard.one("proxy-authorization") != due.as_deref() {
        let sent = heard.one("proxy-authorization").is_some();
        return Err(("I1", format!("Proxy-Authorization: {sent}, due: {}", due.is_some())));
    }
    // Where a proxy was told the host with the dot of the root, it stands in both.
    let authority = if chain.has_told_proxy { chain.at.authority() } else { chain.at.host_field() };
    let host = chain.host_override.as_deref().unwrap_or(&authority);
    if heard.one("host") != Some(host) {
        return Err(("I6", format!("Host {:?} where {host:?} was due", heard.one("host"))));
    }
    let due = chain.authorization(netrc);
    let by_digest = matches!(chain.credential, Credential::Digest { .. });
    if !by_digest && heard.one("authorization") != due.as_deref() && chain.target.is_some() {
        let invariant = if due.is_none() { "I1" } else { "I10" };
        let sent = heard.one("authorization").map_or("none", |_| "one");
        return Err((
            invariant,
            format!("{sent} Authorization at {}, due: {}", chain.at, due.is_some()),
        ));
    }
    for name in ["x-api-key", "x-session-key", "x-secret-key"] {
        let due = chain.sensitive.iter().find(|field| field.name == name);
        if heard.one(name) != due.map(|field| field.value.as_str()) {
            return Err(("I1", format!("{name} at {}, due: {}", chain.at, due.is_some())));
        }
    }
    cookies(chain, heard)?;
    let body = chain.body.as_ref().map(Vec::len);
    match (heard.framing, body) {
        (Framing::Length(length), Some(body)) if length != body => {
            Err(("I10", format!("a length of {length} where {body} was due")))
        }
        (Framing::None, Some(body)) if body > 0 => Err(("I10", "no body".into())),
        _ if heard.one("content-type").is_some() != chain.has_body_type => {
            Err(("I10", format!("Content-Type {:?}", heard.one("content-type"))))
        }
        _ => Ok(()),
    }
}

/// The cookies have to be those of the reference, in their order; those of the call anywhere.
fn cookies(chain: &Chain, heard: &Heard) -> Result<(), (&'static str, String)> {
    if chain.target.is_none() {
        return Ok(());
    }
    let sent: Vec<&str> = heard.one("cookie").map_or(Vec::new(), |line| line.split("; ").collect());
    let is_own = |pair: &&str| chain.call_cookies.iter().any(|own| own == *pair);
    let (own, of_jar): (Vec<&str>, Vec<&str>) = sent.iter().partition(|pair| is_own(pair));
    let (due_own, due): (Vec<&str>, Vec<&str>) =
        chain.cookies.iter().map(String::as_str).partition(|pair| is_own(pair));
    if of_jar != due || own != due_own {
        return Err(("I9", format!("cookies {sent:?} at {}, due: {:?}", chain.at, chain.cookies)));
    }
    Ok(())
}

/// A reaction for people.
struct Shown<'a>(&'a Reaction);

impl std::fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let says: Vec<u8> = self.0.says.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        let text = String::from_utf8_lossy(&says[..says.len().min(700)]).into_owned();
        write!(f, "{text:?} ({} bytes, {} parts), ", says.len(), self.0.says.len())?;
        write!(f, "ends {:?}, {:?}", self.0.ends, self.0.poison)
    }
}
