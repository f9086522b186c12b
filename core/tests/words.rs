//! What errors and reasons say: each in words of its own, lower case, without a full stop.

use std::fmt::{Debug, Display};
use std::net::{IpAddr, Ipv4Addr};

use sessio_core::Jar;
use sessio_core::cookies::{BadCookie, BadDate, CookieConflict, NoSuchCookie, Refusal, parse_date};
use sessio_core::environment::netrc;
use sessio_core::environment::proxy::InvalidProxyUrl;
use sessio_core::headers::HeaderError;
use sessio_core::http1::ReceiveError;
use sessio_core::http1::send::SendError;
use sessio_core::io::IoError;
use sessio_core::policy::addresses::{Kind, NotPublic};
use sessio_core::policy::digest::Unusable;
use sessio_core::policy::framing::Reason;
use sessio_core::policy::interim::Refusal as Interim;
use sessio_core::policy::retry::{Kind as Retries, Stop};
use sessio_core::policy::reuse::Close;
use sessio_core::settings::{LimitKind, TimeoutError, TimeoutKind};
use sessio_core::tls::TlsError;
use sessio_core::url;
use sessio_core::wire::chunked::ChunkError;
use sessio_core::wire::decode::{Coding, DecodeError};
use sessio_core::wire::head::{HeadError, Leniency};
use sessio_core::wire::multipart::MultipartError;
use sessio_core::wire::request_head::RequestHeadError;
use sessio_core::wire::socks::{Reply4, Reply5, SocksError};

/// Each says what stands beside it, nothing twice, and in the manner of the house.
fn check<T: Display + Debug>(rows: &[(T, &str)]) {
    let mut seen = std::collections::BTreeSet::new();
    for (value, want) in rows {
        let said = value.to_string();
        assert_eq!(said, *want, "{value:?}");
        assert!(seen.insert(said.clone()), "{said:?} is said twice");
        assert!(!said.ends_with('.') && !said.contains('\n'), "{said:?}");
        let first: Vec<char> = said.chars().take(2).collect();
        let is_name = first.iter().all(|c| !c.is_lowercase());
        assert!(!first[0].is_uppercase() || is_name, "{said:?} begins with a capital");
    }
}

#[test]
fn what_a_socks_proxy_does_wrong_is_said() {
    let surplus = "the SOCKS proxy sent more than its answer";
    check(&[
        (SocksError::Name, "the host is no name that SOCKS can carry: it takes 1 to 255 bytes"),
        (SocksError::Ipv6, "SOCKS 4 has no IPv6 addresses: use socks5 or socks5h"),
        (SocksError::User, "user and password of a SOCKS proxy have at most 255 bytes and no NUL"),
        (SocksError::NoMethod, "the SOCKS proxy does not take a user and a password"),
        (SocksError::Method(9), "the SOCKS proxy chose method 9, which was not offered"),
        (SocksError::AddressType(7), "the SOCKS proxy answered with address type 7"),
        (SocksError::Closed, "the SOCKS proxy closed the connection within the handshake"),
        (SocksError::Surplus, surplus),
        (SocksError::BadPassword, "the SOCKS proxy does not take this user with this password"),
        (
            SocksError::PasswordWanted,
            "the SOCKS proxy wants a user and a password: put them into its URL",
        ),
        (
            SocksError::Refused4(Reply4::Rejected),
            "the SOCKS proxy refused: request rejected or failed",
        ),
        (SocksError::Refused5(Reply5::General), "the SOCKS proxy refused: general failure"),
    ]);
    let version = "the SOCKS proxy does not speak this version: it said 0x48";
    check(&[(SocksError::Version(72), version)]);
    check(&[
        (Reply4::NoIdentd, "it cannot reach an identd here"),
        (Reply4::OtherUser, "the identd here names another user"),
        (Reply4::Other(99), "code 99"),
    ]);
    check(&[
        (Reply5::NotAllowed, "not allowed by its rules"),
        (Reply5::NetworkUnreachable, "network unreachable"),
        (Reply5::HostUnreachable, "host unreachable"),
        (Reply5::Refused, "connection refused"),
        (Reply5::Expired, "time to live expired"),
        (Reply5::Command, "it does not know CONNECT"),
        (Reply5::Address, "it does not know this type of address"),
        (Reply5::Other(99), "code 99"),
    ]);
}

#[test]
fn what_is_wrong_with_tls_is_said() {
    let text = |text: &str| -> Box<str> { text.into() };
    let wrong = |names: usize| TlsError::WrongHost {
        host: text("a.test"),
        names: (0..names).map(|number| format!("n{number}").into()).collect(),
    };
    check(&[
        (TlsError::BadHost(text("a b")), "no certificate can be for the host \"a b\""),
        (TlsError::BadRoots(text("empty")), "the CA bundle cannot be used: empty"),
        (TlsError::BadIdentity(text("no key")), "the client certificate cannot be used: no key"),
        (
            TlsError::BadFile { path: text("/x"), why: IoError::NotFound },
            "the file \"/x\" cannot be read: no such file or socket",
        ),
        (TlsError::Expired, "the certificate of the server is expired"),
        (TlsError::NotYetValid, "the certificate of the server is not valid yet"),
        (
            wrong(0),
            "the certificate of the server is not for a.test, it names no host: its common name \
             does not count",
        ),
        (wrong(2), "the certificate of the server is not for a.test, it is for n0, n1"),
        (
            wrong(11),
            "the certificate of the server is not for a.test, it is for n0, n1, n2, n3, n4, n5, \
             n6, n7, n8, n9 and 1 more",
        ),
        (TlsError::BadCertificate(text("v1")), "bad certificate of the server: v1"),
        (TlsError::ClientCertificate(text("none")), "the server wants a certificate: none"),
        (TlsError::Alert(text("x")), "the server refused with the alert x"),
        (TlsError::Broken(text("x")), "the peer does not speak TLS as it should: x"),
        (TlsError::Truncated, "the stream ended without close_notify"),
    ]);
    assert!(TlsError::NotBuiltIn.to_string().contains("tls-ring"));
    assert!(TlsError::UnknownIssuer.to_string().contains("`verify`"));
}

#[test]
fn what_is_wrong_with_sockets_and_times_is_said() {
    check(&[
        (IoError::Refused, "connection refused"),
        (IoError::Reset, "connection reset by the peer"),
        (IoError::Aborted, "connection aborted"),
        (IoError::BrokenPipe, "the peer closed the connection while it was written to"),
        (IoError::Unreachable, "network or host unreachable"),
        (IoError::TimedOut, "the operating system gave up waiting"),
        (IoError::AddressNotAvailable, "the local address is in use or not available"),
        (IoError::PermissionDenied, "permission denied"),
        (IoError::NotFound, "no such file or socket"),
        (IoError::OutOfResources, "out of descriptors or memory"),
        (IoError::Unresolved, "the name does not resolve"),
        (IoError::Other(Some(5)), "operating system error 5"),
        (IoError::Other(None), "an unknown failure"),
    ]);
    check(&[
        (TimeoutKind::Connect, "connect timeout: the connection did not stand in time"),
        (TimeoutKind::Read, "read timeout: the peer was silent for too long"),
        (TimeoutKind::Total, "total timeout: the call was not over in time"),
        (TimeoutKind::Pool, "pool timeout: no connection became free in time"),
    ]);
    let timeout = "a timeout is more than 0 seconds; leave it out to wait for ever";
    check(&[(TimeoutError, timeout)]);
    let body = "the body is larger than Limits::body_bytes_max: stream it, or raise the limit";
    check(&[(LimitKind::BodyBytes, body)]);
    let kinds = [
        (Kind::Loopback, "loopback"),
        (Kind::Private, "private"),
        (Kind::LinkLocal, "link-local"),
        (Kind::Multicast, "multicast"),
        (Kind::Special, "reserved"),
    ];
    for (kind, word) in kinds {
        let refused = NotPublic { address: IpAddr::V4(Ipv4Addr::LOCALHOST), kind };
        let want =
            format!("127.0.0.1 is a {word} address, and the session allows public ones only");
        assert_eq!(refused.to_string(), want);
    }
}

#[test]
fn what_is_wrong_with_a_cookie_is_said() {
    check(&[
        (Refusal::ControlCharacter, "control character in the line"),
        (Refusal::Empty, "neither name nor value"),
        (Refusal::TooLarge, "name and value too long"),
        (Refusal::TooMany, "too many cookies in one response"),
        (Refusal::NoHost, "set by a URL without a host"),
        (Refusal::DottedHost, "set by a host that begins with a dot"),
        (Refusal::BadDomain, "domain is no domain name"),
        (Refusal::DomainMismatch, "domain does not cover the host"),
        (Refusal::IpAddress, "domain is not the whole IP address"),
        (Refusal::PublicSuffix, "domain is a public suffix"),
        (Refusal::SecureFromPlain, "secure cookie set in the clear"),
        (Refusal::SecurePrefix, "prefix __Secure- without Secure"),
        (Refusal::HostPrefix, "prefix __Host- without Secure and Path=/, or with Domain"),
        (Refusal::SecureOverlay, "would hide a secure cookie"),
    ]);
    check(&[
        (BadCookie::ControlCharacter, "control character in a cookie"),
        (BadCookie::NotLatin1, "character above U+00FF in a cookie"),
    ]);
    let rows = [
        ("1 Jan 2020", BadDate::NoTime, "cookie date without a time"),
        ("Jan 2020 10:10:10", BadDate::NoDay, "cookie date without a day"),
        ("1 2020 10:10:10", BadDate::NoMonth, "cookie date without a month"),
        ("1 Jan 10:10:10", BadDate::NoYear, "cookie date without a year"),
        ("31 Feb 2020 10:10:10", BadDate::NoSuchMoment, "cookie date that does not exist"),
    ];
    for (date, kind, want) in rows {
        let error = parse_date(date.as_bytes()).expect_err("no date");
        assert_eq!((error, &*error.to_string()), (kind, want), "{date}");
    }
    check(&[(NoSuchCookie, "no such cookie")]);
    let conflict = CookieConflict { name: "a".into() };
    check(&[(conflict, "there are multiple cookies with name \"a\"")]);
}

#[test]
fn why_a_body_ends_and_a_connection_closes_is_said() {
    check(&[
        (Reason::AnswerToHead, "no body: answer to HEAD"),
        (Reason::Interim, "no body: interim response"),
        (Reason::SwitchedProtocols, "no body: protocol switched"),
        (Reason::StatusWithoutBody, "no body: status 204 or 304"),
        (Reason::Tunnel, "no body: tunnel established"),
        (Reason::ContentLength, "body delimited by Content-Length"),
        (Reason::RepeatedContentLength, "body delimited by Content-Length, which is repeated"),
        (Reason::TransferEncoding, "body is chunked"),
        (Reason::LengthAndChunked, "body is chunked; Content-Length ignored"),
        (Reason::Unframed, "body ends with the connection"),
    ]);
    check(&[
        (Close::UntilClose, "body ends with the connection"),
        (Close::NoLongerHttp, "connection no longer speaks HTTP"),
        (Close::BothFramings, "response has Content-Length and Transfer-Encoding"),
        (Close::AskedByUs, "request asked to close"),
        (Close::AskedByServer, "server asked to close"),
        (Close::Http10, "HTTP/1.0 without keep-alive"),
        (Close::RequestUnfinished, "answer came before the request was sent"),
        (Close::ResponseUnfinished, "response not read to its end"),
        (Close::Surplus, "bytes behind the response"),
    ]);
    check(&[
        (DecodeError::TooManyCodings { codings_max: 2 }, "more than 2 content codings"),
        (DecodeError::Corrupt { coding: Coding::Deflate }, "body is not valid deflate"),
        (DecodeError::Truncated { coding: Coding::Zstd }, "zstd body is cut off"),
        (DecodeError::Truncated { coding: Coding::Brotli }, "br body is cut off"),
        (DecodeError::TooLarge { decoded_bytes_max: 9 }, "decoded body is larger than 9 bytes"),
        (
            DecodeError::RatioTooHigh { ratio_max: 9 },
            "decoded body is more than 9 times larger than the coded one",
        ),
        (DecodeError::WindowTooLarge { window_bytes_max: 9 }, "zstd window is larger than 9 bytes"),
    ]);
}

#[test]
fn what_breaks_a_message_is_said_with_its_place() {
    check(&[
        (Leniency::BareLf, "a line of the head ends with LF alone"),
        (Leniency::ObsFold, "a field value is folded over several lines"),
    ]);
    let blanks = ChunkError::TooManyBlanks { offset: 3 };
    check(&[(blanks, "more than 16 blanks behind a chunk size (byte 3 of the body)")]);
    let name = HeadError::FieldNameTooLong { offset: 17 };
    check(&[(name, "field name over 65535 bytes (byte 17)")]);
    check(&[
        (RequestHeadError::Repeated("host".into()), "header \"host\" is given more than once"),
        (RequestHeadError::Framing("te".into()), "header \"te\" does not fit the body"),
        (
            RequestHeadError::LengthAndTransferEncoding,
            "both Content-Length and Transfer-Encoding are given",
        ),
        (
            RequestHeadError::Target { offset: 2 },
            "request target is empty or has an invalid character (byte 2)",
        ),
    ]);
    let value = MultipartError::HeaderValue("x".into());
    let control = "line breaks and control characters are not allowed";
    assert_eq!(
        value.to_string(),
        format!("invalid value of header \"x\" in a form part: {control}")
    );
    check(&[
        (MultipartError::Name, "the name of a form field is not UTF-8"),
        (MultipartError::HeaderName("a b".into()), "invalid header name \"a b\" in a form part"),
        (MultipartError::Boundary, "invalid boundary: it is 1 to 70 letters, digits and '+-._"),
        (MultipartError::BoundaryInContent, "the boundary occurs in a form part"),
    ]);
    check(&[
        (Interim::TooManyInterim, "too many interim responses"),
        (Interim::UnaskedSwitch, "protocol switched without being asked to (status 101)"),
        (Interim::OtherProtocol, "switched to a protocol that was not asked for (status 101)"),
        (Interim::EarlySwitch, "protocol switched before the request was sent"),
    ]);
    check(&[
        (
            SendError::TooShort { missing: 3 },
            "the request body ended 3 bytes short of its declared length",
        ),
        (SendError::TooLong, "the request body is longer than its declared length"),
        (SendError::Source, "the source of the request body failed"),
    ]);
    check(&[
        (ReceiveError::Unasked, "the peer answered before it was asked"),
        (ReceiveError::NoResponse, "the peer closed the connection without a response"),
        (ReceiveError::InHead, "the peer closed the connection within the response head"),
        (
            ReceiveError::Incomplete { missing: Some(3) },
            "the peer closed the connection 3 bytes short of the body's end",
        ),
        (
            ReceiveError::Incomplete { missing: None },
            "the peer closed the connection within the body",
        ),
        (ReceiveError::Interim(Interim::TooManyInterim), "too many interim responses"),
    ]);
}

#[test]
fn why_a_call_is_not_tried_or_answered_again_is_said() {
    check(&[
        (Stop::Answer, "the response is not to be retried"),
        (Stop::Error, "the error is not to be retried"),
        (Stop::Exhausted(Retries::Total), "no retries are left in all"),
        (Stop::Exhausted(Retries::Connect), "no retries are left for errors in connecting"),
        (Stop::Exhausted(Retries::Read), "no retries are left for errors in reading"),
        (Stop::Exhausted(Retries::Redirect), "no retries are left for redirects"),
        (Stop::Exhausted(Retries::Status), "no retries are left for statuses"),
        (Stop::Exhausted(Retries::Other), "no retries are left for other errors"),
    ]);
    check(&[
        (Unusable::NoDigest, "there is no Digest challenge"),
        (Unusable::NoRealm, "the challenge has no realm"),
        (Unusable::NoNonce, "the challenge has no nonce"),
        (Unusable::Algorithm("x".into()), "the algorithm \"x\" is not known"),
        (Unusable::Quality("x".into()), "no quality of protection is known of \"x\""),
        (Unusable::StreamedBody, "auth-int needs the body's hash before it is sent"),
        (Unusable::TooLong, "the challenge is too long"),
        (Unusable::UserName, "the user name has a control character"),
    ]);
}

/// A file's lines are the caller's secrets: the number of the line is all that is said.
#[test]
fn what_is_wrong_with_a_cookie_file_is_said_with_its_line() {
    let rows = [
        ("a.test\tFALSE\t/", "3 cells between tabs, not seven"),
        ("a.test\tno\t/\tFALSE\t0\tn\tS3CRET", "neither TRUE nor FALSE where one has to be"),
        ("a.test\tTRUE\t/\tFALSE\t0\tn\tS3CRET", "TRUE goes with a domain that begins with a dot"),
        ("a.test\tFALSE\t/\tFALSE\tx\tn\tS3CRET", "the expiry is no number of seconds"),
        ("a.test\tFALSE\t/\tFALSE\t0\t\t", "neither name nor value"),
        ("a.test\tFALSE\t/\tFALSE\t0\tn\tS3CRET\u{1}", "control character in a cookie"),
    ];
    for (line, want) in rows {
        let error = Jar::from_netscape(&format!("# title\n{line}\n")).expect_err("no cookie");
        assert_eq!(error.to_string(), format!("line 2 of the cookie file: {want}"));
        assert!(!format!("{error:?}").contains("S3CRET"), "{error:?}");
    }
    let long = format!("a.test\tFALSE\t/\tFALSE\t0\tn\t{}", "x".repeat(5_000));
    let error = Jar::from_netscape(&long).expect_err("no cookie");
    assert_eq!(error.to_string(), "line 1 of the cookie file: name and value too long");
}

#[test]
fn what_is_wrong_with_text_is_said_without_the_text() {
    let rows: [(&[u8], &str); 8] = [
        (b"http://a.test/\xff", "the bytes are not UTF-8"),
        (b"http://u:p@", "no host; it should look like https://host/path"),
        (b"http://u:p@.a.test/", "the host begins with a dot or a star"),
        (b"http://u:p@*.a.test/", "the host begins with a dot or a star"),
        (b"http://u:p@a.test:x/", "invalid port number"),
        (b"://u:p@a.test", "does not begin with a scheme such as https://"),
        (b"u.test/?p", "no scheme; perhaps https://"),
        (b"http://u:p@[::1/", "invalid IPv6 address"),
    ];
    for (text, want) in rows {
        let said = url::parse(text).expect_err("no URL").to_string();
        assert!(said.contains(want), "{said}");
        assert!(!said.contains("u:p"), "{said}");
    }
    let long = format!("http://{}.test/", "a".repeat(64));
    let said = url::parse(&long).expect_err("no URL").to_string();
    assert!(said.ends_with("a label of the host is longer than 63 characters"), "{said}");
    let long = format!("http://a.test/{}", "a".repeat(url::URL_BYTES_MAX));
    let said = url::parse(&long).expect_err("no URL").to_string();
    assert!(said.ends_with("longer than 65534 bytes") && said.len() < 300, "{said}");

    check(&[
        (InvalidProxyUrl::MissingHost, "the proxy URL has no host"),
        (InvalidProxyUrl::Host, "the host of the proxy URL is invalid"),
        (InvalidProxyUrl::Port, "the port of the proxy URL is invalid"),
        (InvalidProxyUrl::Scheme, "the proxy URL has an unknown scheme"),
    ]);
    let rows = [
        ("p4ss", "netrc, line 1: a word that is none of machine, default, macdef"),
        (
            "machine a login b\npassword p4ss p4ss",
            "netrc, line 2: a word that is none of login, user, account, password",
        ),
        ("machine", "netrc, line 1: a machine without a name"),
        ("macdef p4ss\np4ss", "netrc, line 2: a macdef without an empty line after it"),
    ];
    for (text, want) in rows {
        assert_eq!(netrc::parse(text).expect_err("no netrc").to_string(), want);
    }
    let name = HeaderError::Name("a b".into()).to_string();
    assert!(name.starts_with("invalid header name \"a b\":"), "{name}");
    let value = HeaderError::Value("x-a".into()).to_string();
    assert!(value.starts_with("invalid value of header \"x-a\":"), "{value}");
}
