//! Rows of failures, and what follows each.

use super::*;
use alloc::string::String;
use alloc::{format, vec};

const NOW: WallTime = WallTime::from_unix_seconds(1_700_000_000);

/// What follows each failure, until the retries end.
fn check(mut retry: Retry, method: &str, failures: &[(Failure, Option<&str>)]) -> Vec<String> {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut told = Vec::new();
    for (failure, field) in failures {
        let retry_after = field.map(str::as_bytes);
        let seen =
            Seen { failure: *failure, method: &method, retry_after, now: NOW, random: u32::MAX };
        match retry.decide(&seen) {
            Verdict::Stop(stop) => {
                told.push(format!("{stop:?}"));
                break;
            }
            Verdict::Again { wait, retry: next } => {
                told.push(format!("{wait:?}"));
                retry = *next;
            }
        }
    }
    told
}

fn status(code: u16) -> Failure {
    Failure::Status(StatusCode::from_u16(code).unwrap())
}

#[test]
fn retries_end_when_their_kind_or_all_are_used_up() {
    use Failure::{Connect, Read};
    let by = |total, connect, read| Retry { total, connect, read, ..Retry::default() };
    use Count::{Left, Off, Unlimited};
    let rows = [
        (Retry::none(), "GET", Connect, vec!["Exhausted(Total)"]),
        (Retry::none(), "GET", Read, vec!["Error"]),
        (Retry::times(1), "GET", Read, vec!["None", "Exhausted(Total)"]),
        (Retry::times(1), "POST", Read, vec!["Error"]),
        (Retry::times(1), "POST", Connect, vec!["None", "Exhausted(Total)"]),
        (by(Left(5), Left(1), Unlimited), "GET", Connect, vec!["None", "Exhausted(Connect)"]),
        (by(Unlimited, Left(1), Unlimited), "GET", Connect, vec!["None", "Exhausted(Connect)"]),
        (by(Unlimited, Left(0), Unlimited), "GET", Read, vec!["None", "None", "None"]),
        (by(Left(5), Off, Unlimited), "GET", Connect, vec!["Error"]),
        (by(Off, Unlimited, Unlimited), "GET", Connect, vec!["Error"]),
    ];
    for (retry, method, failure, want) in rows {
        let got = check(retry, method, &[(failure, None); 3]);
        assert_eq!(got, want, "{method} {failure:?}");
    }
}

#[test]
fn a_status_is_retried_if_it_is_listed_or_the_server_asks() {
    let listed = Retry { status_forcelist: vec![500], ..Retry::times(1) };
    let deaf = Retry { respect: Respect::Nothing, ..Retry::times(1) };
    let rows = [
        (listed.clone(), "GET", 500, None, "None"),
        (listed.clone(), "GET", 502, None, "Answer"),
        (listed.clone(), "POST", 500, None, "Answer"),
        (Retry { allowed_methods: Methods::Any, ..listed.clone() }, "POST", 500, None, "None"),
        (listed, "GET", 500, Some("x"), "BadRetryAfter"),
        (Retry::times(1), "GET", 503, Some("5"), "Seconds(5s)"),
        (Retry::times(1), "GET", 500, Some("5"), "Answer"),
        (Retry::times(0), "GET", 503, Some("5"), "Answer"),
        (deaf, "GET", 503, Some("5"), "Answer"),
        (Retry::times(1), "GET", 429, Some("0"), "None"),
        (Retry::times(1), "GET", 429, Some(""), "Answer"),
        (Retry::times(1), "GET", 413, Some("21600"), "Seconds(21600s)"),
        (Retry::times(1), "GET", 413, Some("21601"), "Capped(21600s)"),
        (Retry::times(1), "GET", 503, Some("Tue, 14 Nov 2023 22:13:30 GMT"), "Date(10s)"),
        (Retry::times(1), "GET", 503, Some("Tue, 14 Nov 2022 22:13:30 GMT"), "None"),
    ];
    for (retry, method, code, field, want) in rows {
        let got = check(retry, method, &[(status(code), field)]);
        assert_eq!(got, [want], "{method} {code} {field:?}");
    }
}

#[test]
fn the_wait_grows_with_the_failures() {
    let backoff = Backoff { factor: Duration::from_millis(100), ..Backoff::default() };
    let retry = Retry { backoff, ..Retry::times(9) };
    let got = check(retry, "GET", &[(Failure::Connect, None); 3]);
    assert_eq!(got, ["None", "Backoff(200ms)", "Backoff(400ms)"]);
}

#[test]
fn a_listed_redirect_has_a_count_of_its_own_and_ends_a_row_of_failures() {
    let backoff = Backoff { factor: Duration::from_secs(1), ..Backoff::default() };
    let listed = Retry { status_forcelist: vec![302], backoff, ..Retry::times(9) };
    let found = Failure::Redirect(StatusCode::FOUND);
    let again = [Failure::Read, Failure::Read, found, Failure::Read, Failure::Read];
    let got = check(listed.clone(), "GET", &again.map(|failure| (failure, None)));
    assert_eq!(got, ["None", "Backoff(2s)", "None", "None", "Backoff(2s)"]);
    let once = Retry { redirect: Count::Left(1), status: Count::Left(0), ..listed };
    let got = check(once, "GET", &[(found, None); 3]);
    assert_eq!(got, ["None", "Exhausted(Redirect)"]);
}
