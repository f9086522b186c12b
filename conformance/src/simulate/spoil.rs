//! The faults of peers: each changes a response that is being made up.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::answer::{Asked, Delimited, Draft, MS, redirect, set_location};
use super::call::origin;
use super::chain::Credential;
use super::fault::Fault;
use super::later;
use super::marker::Markers;
use super::odd;
use super::random::Random;
use super::served::{End, Leads, Verdict};
use super::setup::DECODED_MAX;

/// What may befall an answer.
const KINDS: [Fault; 38] = [
    Fault::TryLater,
    Fault::TryLater,
    Fault::NoCloseNotify,
    Fault::ProxyRefuses,
    Fault::ProxyAuth,
    Fault::Surplus,
    Fault::IdleBytes,
    Fault::Glued,
    Fault::Interim,
    Fault::EarlyAnswer,
    Fault::KeepAliveLie,
    Fault::CloseOnReuse,
    Fault::PoliteClose,
    Fault::UntilClose,
    Fault::Http10,
    Fault::SlowHead,
    Fault::SlowBody,
    Fault::Silence,
    Fault::EndlessHead,
    Fault::EndlessInterim,
    Fault::EndlessTrailers,
    Fault::WrongLength,
    Fault::HugeChunk,
    Fault::BadChunk,
    Fault::BothFramings,
    Fault::Bomb,
    Fault::ManyCodings,
    Fault::RedirectLoop,
    Fault::OddLocation,
    Fault::CrossRedirect,
    Fault::CrossRedirect,
    Fault::HostileCookie,
    Fault::HostileCookie,
    Fault::CookieFlood,
    Fault::ReadReset,
    Fault::EarlyEnd,
    Fault::ReadPause,
    Fault::Challenge,
];

/// Lets a fault befall the draft, if one is drawn.
pub(super) fn befall(
    draft: &mut Draft,
    asked: &Asked<'_>,
    markers: &mut Markers,
    random: &mut Random,
) {
    let Some(fault) = asked.setup.draw(&KINDS, random) else { return };
    let is_head = asked.heard.method == "HEAD";
    let asks = [Fault::Challenge, Fault::TryLater, Fault::ProxyRefuses, Fault::ProxyAuth];
    // One question at a time; and whoever can answer is asked by `digest::ask` alone.
    let can_answer = matches!(asked.chain.credential, Credential::Digest { .. });
    if draft.challenge.is_some() && asks.contains(&fault) || can_answer && fault == Fault::Challenge
    {
        return;
    }
    let happened = match fault {
        Fault::Surplus
        | Fault::IdleBytes
        | Fault::Glued
        | Fault::KeepAliveLie
        | Fault::CloseOnReuse
        | Fault::PoliteClose => after(draft, fault, random),
        Fault::UntilClose
        | Fault::Http10
        | Fault::WrongLength
        | Fault::HugeChunk
        | Fault::BadChunk
        | Fault::BothFramings
        | Fault::EndlessTrailers => !is_head && framing(draft, fault, random),
        Fault::RedirectLoop | Fault::OddLocation | Fault::CrossRedirect => {
            leading(draft, asked, fault, random)
        }
        Fault::HostileCookie => {
            let cookie = odd::hostile(asked.at, markers, random);
            if cookie.is_broken {
                // No field of a response may hold a control character.
                (draft.verdict, draft.poison) = (Verdict::Broken, Some("a control character"));
            }
            draft.cookies.push(cookie);
            true
        }
        Fault::CookieFlood if draft.cookies.len() > 10 => false,
        Fault::CookieFlood => {
            draft.cookies.extend(odd::flood(random));
            true
        }
        Fault::Bomb | Fault::ManyCodings => !is_head && coding(draft, fault, random),
        Fault::Challenge => challenge(draft, asked, random),
        Fault::TryLater => later::ask(draft, asked, random),
        Fault::ProxyRefuses | Fault::ProxyAuth => by_proxy(draft, asked, fault, random),
        Fault::NoCloseNotify => {
            let happens = asked.is_secured && !draft.is_truncated;
            if happens && draft.ends.is_none() && draft.delimited != Delimited::Close {
                // An end there has to be.
                draft.ends = Some((random.between(0, 60) as u64 * MS, End::Closed));
            }
            draft.is_truncated |= happens;
            happens
        }
        _ => pace(draft, asked, fault, random),
    };
    if happened {
        draft.befell = draft.befell.with(fault);
    }
}

/// What comes behind the response.
fn after(draft: &mut Draft, fault: Fault, random: &mut Random) -> bool {
    if draft.delimited == Delimited::Close || draft.cut.is_some() || draft.ends.is_some() {
        return false;
    }
    let evil = b"HTTP/1.1 200 OK\r\nX-Tag: evil\r\nContent-Length: 4\r\n\r\nEVIL";
    match fault {
        Fault::Surplus => {
            draft.behind = [&b"X"[..], b"\r\n", b"\0\0\0"][random.below(3)].to_vec();
            draft.poison = Some("bytes behind the response");
        }
        Fault::Glued => {
            draft.behind = evil.to_vec();
            draft.poison = Some("a second response behind the first");
        }
        Fault::IdleBytes => {
            let bytes = if random.chance(500) { evil.to_vec() } else { b"\r\n".to_vec() };
            draft.later = Some((random.between(1, 60) as u64 * MS, bytes));
            draft.poison = Some("bytes while the connection idles");
        }
        Fault::KeepAliveLie => {
            draft.fields.push(("Connection".into(), b"keep-alive".to_vec()));
            let wait = random.between(0, 60) as u64 * MS;
            let how = if random.chance(300) { End::Reset } else { End::Closed };
            draft.ends = Some((wait, how));
        }
        Fault::CloseOnReuse => draft.closes_on_reuse = true,
        _ => {
            let value = *random.pick(&["close", "Close", "keep-alive, CLOSE", "x,close"]);
            draft.fields.push(("connection".into(), value.into()));
            draft.poison = Some("Connection: close");
            if random.chance(500) {
                draft.ends = Some((0, End::Closed));
            }
        }
    }
    true
}

/// Chunked bodies that are wrong by a byte or two.
const BAD_CHUNKS: [&[u8]; 8] = [
    // Row 121.
    b"3\r\nxxx__1a\r\n0\r\n\r\n",
    b"2\r\nokX\r\n0\r\n\r\n",
    b"2\r\nok\n0\r\n\r\n",
    // Row 120.
    b"2\nok\r\n0\r\n\r\n",
    b"+2\r\nok\r\n0\r\n\r\n",
    b"0x2\r\nok\r\n0\r\n\r\n",
    b"2;a\nb\r\nok\r\n0\r\n\r\n",
    b"2\r\nok\r\n0\r\nBad Trailer\r\n\r\n",
];

/// Framing that is old, wrong or impossible.
fn framing(draft: &mut Draft, fault: Fault, random: &mut Random) -> bool {
    if draft.raw_body.is_some() || draft.poison.is_some() || matches!(draft.status, 204 | 304) {
        return false;
    }
    // A redirect's body may be broken: nobody wants it.
    let broken = if draft.leads == Leads::Nowhere { Verdict::Broken } else { Verdict::Either };
    let chunked = ("Transfer-Encoding".to_owned(), b"chunked".to_vec());
    let length = |n: usize| ("Content-Length".to_owned(), n.to_string().into_bytes());
    match fault {
        Fault::UntilClose => draft.delimited = Delimited::Close,
        Fault::Http10 => {
            draft.version = "HTTP/1.0";
            draft.poison = Some("HTTP/1.0");
            if draft.delimited == Delimited::Chunked {
                draft.delimited = Delimited::Close;
            }
        }
        Fault::WrongLength => {
            let (right, more) = (draft.coded.len(), random.chance(500));
            if !more && right == 0 {
                return false;
            }
            draft.fields.push(length(if more { right + 1 } else { right - 1 }));
            draft.raw_body = Some(draft.coded.clone());
            draft.poison = Some("a wrong length");
            if more {
                draft.verdict = broken;
                draft.ends = Some((0, End::Closed));
            } else {
                // What is too much is not content; whether it can be decoded is another question.
                draft.content.pop();
                if draft.fields.iter().any(|(name, _)| name == "Content-Encoding") {
                    draft.verdict = broken;
                }
            }
        }
        Fault::HugeChunk => {
            let sizes = ["80000000", "100000000", "8000000000000000", "10000000000000000"];
            let body = format!("{}\r\nonly this", random.pick(&sizes));
            draft.fields.push(chunked);
            draft.raw_body = Some(body.into_bytes());
            draft.verdict = broken;
            draft.poison = Some("an impossible chunk");
            draft.ends = Some((MS, End::Closed));
        }
        Fault::BadChunk => {
            draft.fields.push(chunked);
            draft.raw_body = Some(random.pick(&BAD_CHUNKS).to_vec());
            draft.verdict = broken;
            draft.poison = Some("a bad chunk");
        }
        Fault::EndlessTrailers => {
            let trailer = "X-Trailer: more and more\r\n".repeat(800);
            draft.fields.push(chunked);
            draft.raw_body = Some(format!("2\r\nok\r\n0\r\n{trailer}").into_bytes());
            draft.verdict = broken;
            draft.poison = Some("endless trailers");
        }
        _ => {
            draft.fields.push(length(random.below(9)));
            draft.delimited = Delimited::Chunked;
            draft.poison = Some("both framings");
        }
    }
    true
}

/// Where it leads.
fn leading(draft: &mut Draft, asked: &Asked<'_>, fault: Fault, random: &mut Random) -> bool {
    if draft.verdict != Verdict::Sound || draft.raw_body.is_some() || draft.cut.is_some() {
        return false;
    }
    if matches!(draft.status, 204 | 304) || asked.chain.visits > 8 && fault != Fault::RedirectLoop {
        return false;
    }
    draft.status = *random.pick(&[301, 302, 303, 307, 308]);
    match fault {
        Fault::OddLocation => {
            let (text, leads) = odd::location(asked.at, random);
            if text.starts_with(b"http://unix:") && !asked.setup.ways.vias.is_empty() {
                // A name that nobody can look up here; a proxy may be asked for it.
                return false;
            }
            set_location(draft, text, leads);
        }
        Fault::RedirectLoop => {
            redirect(draft, asked, asked.at, random);
            draft.wait = MS;
        }
        _ => {
            let to = origin(asked.setup, random);
            redirect(draft, asked, to, random);
        }
    }
    true
}

/// Codes the content.
pub(super) fn code(draft: &mut Draft, name: &str) {
    draft.coded = gzip(&draft.content);
    draft.fields.push(("Content-Encoding".into(), name.into()));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut coder = GzEncoder::new(Vec::new(), Compression::fast());
    coder.write_all(bytes).expect("memory takes all");
    coder.finish().expect("memory takes all")
}

/// Codings that cost too much, or are too many.
fn coding(draft: &mut Draft, fault: Fault, random: &mut Random) -> bool {
    let is_coded = draft.fields.iter().any(|(name, _)| name == "Content-Encoding");
    if is_coded || draft.raw_body.is_some() || draft.verdict != Verdict::Sound {
        return false;
    }
    if matches!(draft.status, 204 | 304) || draft.content.is_empty() {
        return false;
    }
    let redirects = draft.leads != Leads::Nowhere;
    if fault == Fault::ManyCodings {
        let codings = ["gzip, gzip, gzip", "gzip, deflate, br, zstd, gzip"];
        draft.fields.push(("Content-Encoding".into(), (*random.pick(&codings)).into()));
        draft.verdict = Verdict::Broken;
        draft.poison = Some("too many codings");
        return true;
    }
    draft.content = vec![0; DECODED_MAX + 1];
    draft.coded = bomb().to_vec();
    draft.fields.push(("Content-Encoding".into(), b"gzip".to_vec()));
    // Its bytes are read all the same, so that the connection can be used again.
    draft.verdict = if redirects { Verdict::Either } else { Verdict::Broken };
    true
}

/// Many zeros in few bytes.
fn bomb() -> &'static [u8] {
    static BOMB: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    BOMB.get_or_init(|| gzip(&vec![0; DECODED_MAX + 1]))
}

/// 401, with challenges that nobody can or will answer.
fn challenge(draft: &mut Draft, asked: &Asked<'_>, random: &mut Random) -> bool {
    if draft.leads != Leads::Nowhere || draft.verdict != Verdict::Sound || draft.status == 204 {
        return false;
    }
    if draft.status == 304 {
        return false;
    }
    draft.status = *random.pick(&[401, 407]);
    if draft.status == 407 && asked.chain.via.is_some() && !asked.is_forwarded {
        draft.befell = draft.befell.with(Fault::Tunnel407);
    }
    let field = if draft.status == 401 { "WWW-Authenticate" } else { "Proxy-Authenticate" };
    let values = [
        "Basic realm=\"x\"",
        "Unknown a=b, Basic realm=\"y\"",
        "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"",
        "Digest nonce=",
        ",,,,, =, \"",
        "Negotiate",
    ];
    draft.fields.push((field.into(), (*random.pick(&values)).into()));
    true
}

/// What a proxy answers in the place of the origin.
fn by_proxy(draft: &mut Draft, asked: &Asked<'_>, fault: Fault, random: &mut Random) -> bool {
    let is_plain = draft.leads == Leads::Nowhere && draft.verdict == Verdict::Sound;
    if !asked.is_forwarded || !is_plain || matches!(draft.status, 204 | 304) {
        return false;
    }
    if fault == Fault::ProxyRefuses {
        draft.status = *random.pick(&[403, 502, 504]);
        return true;
    }
    draft.status = 407;
    let values = ["Basic realm=\"p\"", "Digest realm=\"p\", nonce=\"n\", qop=\"auth\""];
    draft.fields.push(("Proxy-Authenticate".into(), (*random.pick(&values)).into()));
    true
}

/// When and how far it comes.
fn pace(draft: &mut Draft, asked: &Asked<'_>, fault: Fault, random: &mut Random) -> bool {
    let is_free = draft.pace.is_none() && draft.cut.is_none();
    match fault {
        Fault::SlowHead if is_free => draft.pace = Some((7, random.between(1, 40) as u64 * MS)),
        Fault::SlowBody if is_free => draft.pace = Some((40, random.between(1, 90) as u64 * MS)),
        Fault::ReadPause if is_free => {
            draft.pace = Some((random.between(20, 400), random.between(1, 2000) as u64 * MS));
        }
        Fault::Silence => {
            (draft.is_silent, draft.poison) = (true, Some("silence"));
            draft.later = None;
            draft.ends = None;
        }
        Fault::ReadReset | Fault::EarlyEnd if is_free && draft.verdict == Verdict::Sound => {
            let how = if fault == Fault::ReadReset { End::Reset } else { End::Closed };
            draft.cut = Some((random.below(1000), how));
        }
        Fault::Interim => {
            let status = *random.pick(&[100, 102, 103, 199]);
            let count = *random.pick(&[1, 1, 2, 16, 17]);
            let one = format!("HTTP/1.1 {status} Wait\r\nX-Tag: no\r\nContent-Length: 9\r\n\r\n");
            if !draft.before.is_empty() {
                return false;
            }
            draft.before = one.repeat(count).into_bytes();
            if count > 16 {
                (draft.verdict, draft.poison) = (Verdict::Broken, Some("too many interim"));
            }
        }
        Fault::EndlessInterim => {
            draft.before = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(200);
            (draft.verdict, draft.poison) = (Verdict::Broken, Some("endless interim"));
        }
        Fault::EndlessHead => {
            let fields = random.chance(500);
            let (value, count) = if fields { (1, 200) } else { (70_000, 1) };
            for _ in 0..count {
                draft.fields.push(("X-More".into(), vec![b'a'; value]));
            }
            (draft.verdict, draft.poison) = (Verdict::Broken, Some("endless head"));
        }
        Fault::EarlyAnswer => {
            let length = asked.chain.body.as_ref().map_or(0, Vec::len);
            if length == 0 {
                return false;
            }
            draft.early = Some(random.below(length));
        }
        _ => return false,
    }
    true
}
