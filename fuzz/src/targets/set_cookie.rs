//! Cookies: which are taken, and which then go to which URL, as the model's list says; and what
//! must never happen, said once more without a model.
//!
//! Input: the URL that sets, the URL that is asked (as a `Location` of the first: it may have hosts
//! that a caller may not ask for), by how many seconds later (text), then lines; one that begins
//! with `>` is set by the second URL.

use sessio_core::cookies::{Jar, Verdict};
use sessio_core::{WallTime, url};

use crate::input::{Fields, show};
use crate::model::cookie::{self, Verdict as Want};

/// When the cookies are set: 2023-11-14, in seconds since 1970.
const NOW: i64 = 1_700_000_000;

/// Lines of one input: below all limits on numbers.
const LINES_MAX: usize = 40;

/// Runs one input.
pub fn run(data: &[u8]) {
    let mut input = Fields::of(data);
    let Ok(first) = url::parse(input.text()) else { return };
    let Ok(second) = url::resolve_location(&first, input.text().as_bytes()) else { return };
    let later = NOW.saturating_add(input.text().parse::<i64>().unwrap_or(0).max(0));
    let (mut jar, mut model) = (Jar::new(), cookie::Jar::default());
    for line in input.rest().take(LINES_MAX) {
        let (line, from) = line.strip_prefix(b">").map_or((line, &first), |line| (line, &second));
        let decision = jar.store(line, from, WallTime::from_unix_seconds(NOW));
        assert!(decision.evicted.is_empty(), "below the limits");
        let got = match decision.verdict {
            Verdict::Stored => Want::Stored,
            Verdict::Replaced => Want::Replaced,
            Verdict::Deleted => Want::Deleted,
            Verdict::Expired => Want::Expired,
            Verdict::Refused(why) => {
                let _ = why.to_string();
                Want::Refused
            }
        };
        let want = model.store(line, from, NOW);
        if want == Want::Unknown {
            // What the core makes of such a domain is the crate idna's; the rest cannot be compared.
            return never(&jar, &first, &second);
        }
        assert_eq!(got, want, "{} from {from}", show(line));
    }
    for url in [&first, &second] {
        let line = jar.header(url, WallTime::from_unix_seconds(later));
        let sent = line.as_ref().map(|line| line.value.as_bytes()).unwrap_or_default();
        let pairs = model.sent(url, later);
        let want = pairs.join(&b"; "[..]);
        if want.len() <= 8192 {
            assert_eq!(show(sent), show(&want), "to {url}");
        }
        if let Some(line) = &line {
            assert!(sent.len() <= 8192 && line.sent + line.left_out == pairs.len());
            assert!(line.value.is_sensitive());
        }
    }
    never(&jar, &first, &second);
}

/// No cookie of a host goes to a host that has not a label in common with it.
fn never(jar: &Jar, first: &url::Url, second: &url::Url) {
    let stranger = url::parse("https://stranger.invalid/").expect("a URL");
    let hosts = [first, second].map(|url| url.host_str().unwrap_or_default().to_owned());
    if hosts.iter().all(|host| !host.contains("stranger.invalid")) {
        let line = jar.header(&stranger, WallTime::from_unix_seconds(NOW));
        assert!(line.is_none(), "a cookie of {hosts:?} goes to a stranger");
    }
}
