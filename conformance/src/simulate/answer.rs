//! What a peer answers to a request: a response of the grammar, with the faults that befall it.

use std::fmt::Write as _;

use super::call::filler;
use super::chain::{Chain, Credential};
use super::digest::{self, Challenge};
use super::fault::{Fault, FaultSet};
use super::heard::Heard;
use super::jar::SetCookie;
use super::later::Later;
use super::marker::Markers;
use super::odd;
use super::random::Random;
use super::rules;
use super::served::{End, Leads, Reaction, Served, User, Verdict};
use super::setup::Setup;
use super::spoil;
use super::world::{HOSTS, Origin};

/// A millisecond.
pub(super) const MS: u64 = 1_000_000;

/// How a body is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delimited {
    Length,
    Chunked,
    Close,
}

/// A response that is being made up.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) status: u16,
    pub(crate) version: &'static str,
    pub(crate) fields: Vec<(String, Vec<u8>)>,
    /// Content as the client has to give it out.
    pub(crate) content: Vec<u8>,
    /// The same coded.
    pub(crate) coded: Vec<u8>,
    pub(crate) delimited: Delimited,
    pub(crate) cookies: Vec<SetCookie>,
    pub(crate) leads: Leads,
    /// Bytes before the head.
    pub(crate) before: Vec<u8>,
    /// Bytes behind the response.
    pub(crate) behind: Vec<u8>,
    /// What is to be written in place of the framed body.
    pub(crate) raw_body: Option<Vec<u8>>,
    pub(crate) verdict: Verdict,
    pub(crate) poison: Option<&'static str>,
    pub(crate) ends: Option<(u64, End)>,
    /// Something more is said after the response.
    pub(crate) later: Option<(u64, Vec<u8>)>,
    pub(crate) early: Option<usize>,
    pub(crate) wait: u64,
    /// How the bytes are spread over time: pieces of so many bytes, with so long between them.
    pub(crate) pace: Option<(usize, u64)>,
    /// Where the bytes are cut off, and how.
    pub(crate) cut: Option<(usize, End)>,
    pub(crate) closes_on_reuse: bool,
    /// By Digest.
    pub(crate) challenge: Option<Challenge>,
    /// What its `Retry-After` says.
    pub(crate) later_asked: Option<Later>,
    /// Its stream ends without `close_notify`.
    pub(crate) is_truncated: bool,
    pub(crate) befell: FaultSet,
    /// Nothing at all is said.
    pub(crate) is_silent: bool,
}

/// What a peer does, and what is known of it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) served: Served,
    pub(crate) reaction: Reaction,
    pub(crate) befell: FaultSet,
    pub(crate) closes_on_reuse: bool,
}

/// What is known when a peer makes an answer up.
pub(crate) struct Asked<'a> {
    pub(crate) setup: &'a Setup,
    pub(crate) chain: &'a Chain,
    /// Where the request came in.
    pub(crate) at: Origin,
    /// Whether there is TLS on the connection.
    pub(crate) is_secured: bool,
    /// Whether it is a proxy that answers on its behalf.
    pub(crate) is_forwarded: bool,
    pub(crate) heard: &'a Heard,
    /// The number of this answer.
    pub(crate) number: usize,
}

/// The answer to a request.
pub(super) fn answer(asked: &Asked<'_>, markers: &mut Markers) -> Answer {
    let Asked { setup, chain, .. } = asked;
    let parts = [setup.seed, 3, chain.call as u64, chain.visits as u64];
    let mut random = Random::of(&parts);
    if setup.draws(Fault::Rule, &mut random) {
        return by_rule(asked, &mut random);
    }
    let mut draft = plain(asked, markers, &mut random);
    let chances = if HOSTS[asked.at.host].is_hostile { 3 } else { 2 };
    for _ in 0..chances {
        spoil::befall(&mut draft, asked, markers, &mut random);
    }
    finish(draft, asked, &mut random)
}

/// A response as an honest peer gives it.
fn plain(asked: &Asked<'_>, markers: &mut Markers, random: &mut Random) -> Draft {
    let chain = asked.chain;
    let status = match random.below(20) {
        0..=6 if chain.visits < 5 => *random.pick(&[301, 302, 303, 307, 308]),
        7 => *random.pick(&[204, 304, 205, 206, 404, 500, 999]),
        _ => 200,
    };
    let count = match random.below(100) {
        0 => 70_000,
        1..=9 => 4000,
        10..=30 => 0,
        _ => random.between(1, 400),
    };
    let has_none = matches!(status, 204 | 304);
    let content =
        if has_none { Vec::new() } else { filler(&format!("answer-{}.", asked.number), count) };
    let mut draft = Draft {
        status,
        version: "HTTP/1.1",
        fields: Vec::new(),
        coded: content.clone(),
        content,
        delimited: if random.chance(400) { Delimited::Chunked } else { Delimited::Length },
        cookies: Vec::new(),
        leads: Leads::Nowhere,
        before: Vec::new(),
        behind: Vec::new(),
        raw_body: None,
        verdict: Verdict::Sound,
        poison: None,
        ends: None,
        later: None,
        challenge: None,
        early: None,
        wait: random.between(1, 30) as u64 * MS,
        pace: None,
        cut: None,
        closes_on_reuse: false,
        later_asked: None,
        is_truncated: false,
        befell: FaultSet::NONE,
        is_silent: false,
    };
    if (301..309).contains(&status) && status != 304 {
        redirect(&mut draft, asked, asked.at, random);
    }
    if random.chance(250) {
        for _ in 0..random.between(1, 2) {
            draft.cookies.push(odd::cookie(asked.at, markers, random));
        }
    }
    if matches!(chain.credential, Credential::Digest { .. }) {
        digest::ask(&mut draft, asked, random);
    }
    if !draft.content.is_empty() && random.chance(150) {
        spoil::code(&mut draft, "gzip");
    }
    draft
}

/// Makes it lead to a page of `to`.
pub(super) fn redirect(draft: &mut Draft, asked: &Asked<'_>, to: Origin, random: &mut Random) {
    let (call, hop) = (asked.chain.call, asked.chain.hops + 1);
    let path = format!("/d{}/t{call}/h{hop}", random.below(3));
    let (text, user) = match to == asked.at && random.chance(700) {
        true => (path.clone(), User::AsBefore),
        false => (format!("{to}{path}"), User::Nobody),
    };
    set_location(draft, text.into_bytes(), Leads::To { origin: to, target: Some(path), user });
}

/// Makes it lead somewhere.
pub(super) fn set_location(draft: &mut Draft, text: Vec<u8>, leads: Leads) {
    draft.fields.retain(|(name, _)| name != "Location");
    draft.fields.push(("Location".into(), text));
    draft.leads = leads;
}

/// An answer of the table of rules.
fn by_rule(asked: &Asked<'_>, random: &mut Random) -> Answer {
    let (rules, short) = rules::all();
    let is_head = asked.heard.method == "HEAD";
    let among = if random.chance(20) { rules.len() } else { *short };
    let mut rule = &rules[random.below(among)];
    while rule.is_of_head != is_head {
        rule = &rules[random.below(*short)];
    }
    let wait = random.between(1, 30) as u64 * MS;
    let reaction = Reaction {
        says: vec![(wait, rule.bytes.clone())],
        ends: (!rule.holds).then_some((wait + random.between(0, 2) as u64 * MS, End::Closed)),
        early: None,
        later: 0,
        poison: (!rule.may_reuse).then_some("the rules say so"),
    };
    let served = Served {
        call: asked.chain.call,
        hop: asked.chain.hops,
        status: rule.status,
        body: rule.body.clone(),
        verdict: if rule.is_accepted { Verdict::Sound } else { Verdict::Broken },
        cookies: Vec::new(),
        leads: Leads::Nowhere,
        origin: asked.at,
        path: path_of(&asked.heard.target),
        later: None,
        challenge: None,
        is_named: false,
    };
    let befell = FaultSet::NONE.with(Fault::Rule);
    Answer { served, reaction, befell, closes_on_reuse: false }
}

/// The path of a request target.
pub(super) fn path_of(target: &str) -> String {
    let path = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => target,
    };
    path.split('?').next().unwrap_or_default().to_owned()
}

/// Writes a draft out.
fn finish(mut draft: Draft, asked: &Asked<'_>, random: &mut Random) -> Answer {
    // HTTP/1.0 may be kept alive after all.
    let says_keep = draft.fields.iter().any(|(_, value)| value == b"keep-alive");
    if says_keep && draft.poison == Some("HTTP/1.0") {
        draft.poison = None;
    }
    let is_proved = draft.challenge.is_some() && draft.status == 401;
    if is_proved || asked.setup.retrying.is_some() && matches!(draft.status, 413 | 429 | 500 | 503)
    {
        // Whether they count depends on whether the answer does.
        draft.cookies.retain(|cookie| cookie.is_broken);
    }
    let has_body = asked.heard.method != "HEAD" && !matches!(draft.status, 204 | 304);
    let mut bytes = std::mem::take(&mut draft.before);
    write_head(&mut bytes, &draft, asked, has_body || random.chance(500));
    let head_end = bytes.len();
    if has_body {
        write_body(&mut bytes, &draft, random);
    } else {
        (draft.content, draft.raw_body) = (Vec::new(), None);
    }
    let whole = bytes.len();
    if let Some((permille, how)) = draft.cut {
        cut_off(&mut draft, &mut bytes, (head_end, whole), (permille, how), has_body);
    }
    if has_body && draft.delimited == Delimited::Close {
        let (_, end) = *draft.ends.get_or_insert((draft.wait, End::Closed));
        draft.poison.get_or_insert("the body ends with the connection");
        if end == End::Reset {
            cut_short(&mut draft);
        }
    }
    if draft.is_truncated {
        truncate(&mut draft, has_body);
    }
    let mut says = Vec::new();
    match draft.pace {
        None => says.push((draft.wait, bytes)),
        Some((size, pause)) => {
            for (place, piece) in bytes.chunks(size.max(1)).enumerate() {
                says.push((if place == 0 { draft.wait } else { pause }, piece.to_vec()));
            }
        }
    }
    // With the last byte: what came after the next request could not be told from its response.
    if let (Some((_, last)), None) = (says.last_mut(), draft.cut) {
        last.append(&mut draft.behind);
    }
    let later = usize::from(draft.later.is_some());
    says.extend(draft.later.take());
    if draft.is_silent {
        says.clear();
        draft.ends = None;
        draft.verdict = Verdict::Broken;
    }
    let served = Served {
        call: asked.chain.call,
        hop: asked.chain.hops,
        status: draft.status,
        body: draft.content,
        verdict: draft.verdict,
        cookies: draft.cookies,
        leads: draft.leads,
        origin: asked.at,
        path: path_of(&asked.heard.target),
        later: draft.later_asked,
        challenge: draft.challenge.filter(|_| is_proved),
        is_named: true,
    };
    let reaction =
        Reaction { says, later, ends: draft.ends, early: draft.early, poison: draft.poison };
    let (befell, closes_on_reuse) = (draft.befell, draft.closes_on_reuse);
    Answer { served, reaction, befell, closes_on_reuse }
}

/// The end of the stream says nothing: a body that it ends is cut off, for all that is known.
fn truncate(draft: &mut Draft, has_body: bool) {
    if let Some((_, end)) = &mut draft.ends
        && *end == End::Closed
    {
        *end = End::Truncated;
    }
    if has_body && draft.delimited == Delimited::Close {
        cut_short(draft);
    }
}

/// Nobody knows whether its body is whole; of a redirect nobody wants to.
fn cut_short(draft: &mut Draft) {
    if draft.verdict != Verdict::Broken {
        let redirects = draft.leads != Leads::Nowhere;
        draft.verdict = if redirects { Verdict::Either } else { Verdict::Broken };
    }
}

/// Cuts the bytes off at so many thousandths of them.
fn cut_off(
    draft: &mut Draft,
    bytes: &mut Vec<u8>,
    (head_end, whole): (usize, usize),
    (permille, how): (usize, End),
    has_body: bool,
) {
    let at = (whole * permille / 1000).min(whole.saturating_sub(1));
    bytes.truncate(at);
    draft.ends = Some((draft.wait, how));
    draft.later = None;
    draft.poison = Some("cut off");
    let is_open = has_body && draft.delimited == Delimited::Close && how == End::Closed;
    let redirects = draft.leads != Leads::Nowhere;
    if at < head_end {
        draft.verdict = Verdict::Broken;
    } else if is_open || redirects {
        draft.verdict = Verdict::Either;
    } else if draft.verdict == Verdict::Sound {
        draft.verdict = Verdict::Broken;
    }
}

fn write_head(bytes: &mut Vec<u8>, draft: &Draft, asked: &Asked<'_>, says_framing: bool) {
    let mut head = format!("{} {} Said\r\n", draft.version, draft.status);
    let _ = write!(head, "X-Serve: {}\r\nX-Tag: t{}\r\n", asked.number, asked.chain.call);
    for cookie in &draft.cookies {
        let _ = write!(head, "Set-Cookie: {}\r\n", cookie.line());
    }
    let is_raw = draft.raw_body.is_some();
    if says_framing && !is_raw {
        match draft.delimited {
            Delimited::Length => {
                let _ = write!(head, "content-length: {}\r\n", draft.coded.len());
            }
            Delimited::Chunked => head.push_str("Transfer-Encoding: chunked\r\n"),
            Delimited::Close => {}
        }
    }
    bytes.extend_from_slice(head.as_bytes());
    for (name, value) in &draft.fields {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
}

fn write_body(bytes: &mut Vec<u8>, draft: &Draft, random: &mut Random) {
    if let Some(raw) = &draft.raw_body {
        bytes.extend_from_slice(raw);
        return;
    }
    if draft.delimited != Delimited::Chunked {
        bytes.extend_from_slice(&draft.coded);
        return;
    }
    let mut rest = draft.coded.as_slice();
    while !rest.is_empty() {
        let most = *random.pick(&[20, 1000, 20_000]);
        let size = random.between(1, rest.len().min(most));
        let extension = if random.chance(50) { ";ext=\"v\"" } else { "" };
        bytes.extend_from_slice(format!("{size:x}{extension}\r\n").as_bytes());
        bytes.extend_from_slice(&rest[..size]);
        bytes.extend_from_slice(b"\r\n");
        rest = &rest[size..];
    }
    // Row 122: what stands in trailers counts for nothing.
    let trailer: &[u8] = match random.below(8) {
        0 => b"0\r\nX-T: 1\r\nSet-Cookie: s=trailer\r\n\r\n",
        1 => b"000\r\nContent-Length: 5\r\n\r\n",
        _ => b"0\r\n\r\n",
    };
    bytes.extend_from_slice(trailer);
}
