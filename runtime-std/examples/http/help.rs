//! What the client says about itself, and the exit status for each kind of failure.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::runtime::ErrorKind;

pub(crate) const VERSION: &str = concat!("http ", env!("CARGO_PKG_VERSION"), "\n");

pub(crate) const HELP: &str = "\
http: a small HTTP client; without arguments, a tour through what a session does

    http [OPTION]... URL

The body goes to standard output, everything else to standard error. A URL without a scheme is
taken as http://; redirects are followed.

Request
  -X, --request METHOD   the method; GET unless there is a body, else POST
  -I, --head             HEAD: the response's head only; redirects are not followed
  -H, --header 'K: V'    a header field; may be repeated; 'K:' takes a default field away
                         (what is left of User-Agent and Accept-Encoding is the library's least)
  -d, --data DATA        a body, sent as it is, without a Content-Type; @FILE is read from a file,
                         @- from standard input
      --json JSON        a body of JSON, which is checked first
      --form K=V...      form fields; K=@FILE makes it multipart/form-data and sends the file
      --auth USER:PASS   Basic credentials; without it those of netrc, if there are any
      --digest           show USER and PASS by Digest, when the server asks
      --session FILE     keeps cookies, and header fields and credentials given here, in FILE;
                         fields and credentials are for the origin they were first used with
Call
      --no-redirect      redirects are not followed
      --no-proxy         no proxy, whatever the environment says
      --timeout C[,R]    seconds to connect, and of silence while reading; for ever unless given
      --retry N          after a failed connection, a lost answer or one that asks to come back
                         later, the request is made again, N times at most
Output
  -o, --output FILE      the body goes to FILE
  -i, --include          the head of the response goes before its body
      --trace            shows what is sent, received and decided, and why
      --ladder           draws who sent what to whom, and why, when the call is over
      --timings          says where the time of each hop went
      --har FILE         writes that to FILE as an HTTP archive (HAR 1.2), credentials hidden
      --fail             a status of 400 or more is a failure, and its body is not written
  -h, --help             this text
  -V, --version          the version

Exit status
  0  a response came, whatever its status       5  a timeout ran out
  1  its status is 400 or more, with --fail     6  TLS or a proxy failed
  2  usage                                      7  redirects that cannot be followed
  3  the URL or the request is wrong            8  the response is cut off or broken, or too large
  4  the connection failed                      9  a file or stream of this side failed
";

/// Status of a failure by `--fail`.
pub(crate) const STATUS: u8 = 1;
/// Status of a mistake in the arguments.
pub(crate) const USAGE: u8 = 2;
/// Status of a mistake in the request.
pub(crate) const REQUEST: u8 = 3;
/// Status of a failure of files.
pub(crate) const FILE: u8 = 9;

/// The exit status for a kind of error.
pub(crate) const fn status(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Http => STATUS,
        ErrorKind::Connection | ErrorKind::Retry => 4,
        ErrorKind::ConnectTimeout
        | ErrorKind::ReadTimeout
        | ErrorKind::TotalTimeout
        | ErrorKind::PoolTimeout => 5,
        ErrorKind::Ssl | ErrorKind::Proxy | ErrorKind::InvalidProxyUrl => 6,
        ErrorKind::TooManyRedirects | ErrorKind::UnrewindableBody => 7,
        ErrorKind::ChunkedEncoding
        | ErrorKind::ContentDecoding
        | ErrorKind::JsonDecode
        | ErrorKind::Limit
        | ErrorKind::StreamConsumed => 8,
        ErrorKind::Upload => FILE,
        _ => REQUEST,
    }
}

/// Prints a text.
pub(crate) fn print(text: &str) -> ExitCode {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(FILE),
    }
}

/// Says what is wrong with the arguments.
pub(crate) fn usage(mistake: &str) -> ExitCode {
    say(&format!("http: {mistake}; `http --help` shows the options"));
    ExitCode::from(USAGE)
}

/// A line on standard error; that it cannot be written matters to nobody.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
