//! The example `http` as its users see it: arguments in, output, exit status and files out.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::env;
use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use common::{field, serve};

/// The example, as built with this test or, if that is older than its sources, built now.
fn example() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        // target/debug/deps/http_example-0123
        let test = env::current_exe().unwrap();
        let profile = test.parent().and_then(Path::parent).unwrap();
        let program = profile.join("examples").join(format!("http{}", env::consts::EXE_SUFFIX));
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let sources = [here.join("examples"), here.join("src"), here.join("../core/src")];
        let newest = sources.iter().map(|folder| newest(folder)).max().unwrap();
        if fs::metadata(&program).and_then(|file| file.modified()).is_ok_and(|at| at >= newest) {
            return program;
        }
        let name = match profile.file_name().unwrap().to_str().unwrap() {
            "debug" => "dev",
            name => name,
        };
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(here).args(["build", "--quiet", "--example", "http", "--profile", name]);
        cargo.arg("--target-dir").arg(profile.parent().unwrap());
        assert!(cargo.status().unwrap().success(), "the example builds");
        program
    })
}

/// When the newest file of a folder was changed.
fn newest(folder: &Path) -> SystemTime {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let changed = entries.map(|path| match path.is_dir() {
        true => newest(&path),
        false => fs::metadata(&path).unwrap().modified().unwrap(),
    });
    changed.max().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// What came of a run.
#[derive(Debug)]
struct Ran {
    status: i32,
    out: String,
    err: String,
}

fn run(args: &[&str], input: &str) -> Ran {
    let mut command = Command::new(example());
    command.args(args).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let status = output.status.code().expect("it was not killed");
    Ran { status, out: text(output.stdout), err: text(output.stderr) }
}

/// A server that answers with what it was sent, and at some paths with something else.
fn echo() -> SocketAddr {
    serve(|mut peer| {
        while let Some(head) = peer.head() {
            let body = peer.body(&head);
            match head.split(' ').nth(1).unwrap() {
                "/cookie" => peer.answer("200 OK", "Set-Cookie: seen=1; Max-Age=600\r\n", ""),
                "/moved" => peer.answer("302 Found", "Location: /echo\r\n", ""),
                "/loop" => peer.answer("302 Found", "Location: /loop\r\n", ""),
                "/private" if !head.contains("\r\nAuthorization: Digest username=\"u\"") => {
                    let asks =
                        "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n";
                    peer.answer("401 Unauthorized", asks, "who are you?");
                }
                "/gone" => peer.answer("410 Gone", "", "was here"),
                "/short" => {
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
                    return;
                }
                "/garbage" => peer.say("SSH-2.0-nobody\r\n\r\n"),
                "/slow" => std::thread::sleep(Duration::from_secs(2)),
                _ => peer.answer("200 OK", "", &format!("{head}{body}")),
            }
        }
    })
    .0
}

/// A folder that goes when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("sessio-http-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_tour_shows_decisions_on_one_screenful_or_two() {
    example();
    let began = std::time::Instant::now();
    let tour = run(&[], "");
    assert_eq!((tour.status, tour.err.as_str()), (0, ""), "{tour:?}");
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert!(tour.out.lines().count() <= 100, "{}", tour.out.lines().count());
    assert!(!tour.out.contains(['\x1b', '\r']), "no colour where there is no terminal");
    let wanted = [
        "· cookie login: stored",
        "· cookie spy: refused",
        "= hello, I know you by login=ada",
        "· authorization: dropped, host changed",
        "= b.test got no Authorization and no Cookie",
        "= order 7; body of 0 bytes (history: 1)",
        "100 %",
        "= 60000 lines",
        "bytes, 2 parts",
        "! the hook sees 200 OK, load 0.07",
        "ends with 1 cookie",
    ];
    for want in wanted {
        assert!(tour.out.contains(want), "{want}: {}", tour.out);
    }
    assert!(!tour.out.contains("lovelace"), "no password is shown");
}

#[test]
fn arguments_become_a_request() {
    let server = echo();
    let folder = Folder::new("request");
    fs::write(folder.file("f.txt"), "from a file").unwrap();
    let data = format!("@{}", folder.file("f.txt"));
    let part = format!("f={data}");
    let rows: [(&[&str], &[&str]); 14] = [
        (&[], &["GET /echo HTTP/1.1", "User-Agent: sessio/"]),
        (&["-X", "PURGE"], &["PURGE /echo"]),
        (&["-XPUT", "-dx"], &["PUT /echo", "Content-Length: 1\r\n", "\r\n\r\nx"]),
        (&["-H", "X-A: 1", "-H", "x-a: 2"], &["X-A: 1", "X-A: 2"]),
        (&["-d", "some text"], &["POST /echo", "\r\n\r\nsome text"]),
        (&["--data", &data], &["Content-Length: 11\r\n", "\r\n\r\nfrom a file"]),
        (&["-d", "@-"], &["Transfer-Encoding: chunked", "from stdin"]),
        (&["--json", "{\"a\": [1]}"], &["POST", "application/json", "{\"a\": [1]}"]),
        (&["--form", "a=1", "b=x y"], &["x-www-form-urlencoded", "\r\n\r\na=1&b=x+y"]),
        (&["--form", "a=1", &part], &["multipart/form-data", "filename=\"f.txt\"", "from a file"]),
        (&["--form=a=1", "--form", "b=2"], &["a=1&b=2"]),
        (&["--auth", "u:p:q"], &["Authorization: Basic dTpwOnE="]),
        (&["--timeout", "2,3", "--no-proxy"], &["GET /echo"]),
        (&["-i"], &["HTTP/1.1 200 OK\nContent-Length: "]),
    ];
    let url = format!("http://{server}/echo");
    for (args, wanted) in rows {
        let ran = run(&[args, &[url.as_str()]].concat(), "from stdin");
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{args:?}");
        for want in wanted {
            assert!(ran.out.contains(want), "{args:?}: {want:?} in {:?}", ran.out);
        }
    }
    let ran = run(&["-H", "Accept:", "-H", "connection:", &url], "");
    assert_eq!((field(&ran.out, "accept"), field(&ran.out, "connection")), (None, None));
    let bare = url.strip_prefix("http://").unwrap();
    assert!(run(&["--", bare], "").out.starts_with("GET /echo"));
}

#[test]
fn redirects_heads_and_traces_go_where_they_belong() {
    let server = echo();
    let moved = format!("http://{server}/moved");
    assert!(run(&[&moved], "").out.starts_with("GET /echo"));
    let stopped = run(&["--no-redirect", "-i", &moved], "");
    assert_eq!(stopped.out, "HTTP/1.1 302 Found\nContent-Length: 0\nLocation: /echo\n\n");
    let head = run(&["-I", &moved], "");
    assert_eq!((head.status, head.out), (0, stopped.out));
    let traced = run(&["--trace", "--auth", "u:secret", &moved], "");
    assert!(traced.out.starts_with("GET /echo"), "{traced:?}");
    for want in ["→ GET http", "→   Authorization: ***", "← 302 Found", "kept, same origin"] {
        assert!(traced.err.contains(want), "{want}: {}", traced.err);
    }
    assert!(!traced.err.contains("secret"));
}

#[test]
fn digest_is_shown_when_the_server_asks() {
    let url = format!("http://{}/private", echo());
    let ran = run(&["--digest", "--auth", "u:secret", "--trace", &url], "");
    assert!(ran.out.starts_with("GET /private"), "{ran:?}");
    assert!(ran.out.contains("nc=00000001"), "{ran:?}");
    assert!(ran.err.contains("answered for realm \"r\""), "{ran:?}");
    assert!(run(&["--auth", "u:secret", &url], "").out.starts_with("who are you?"));
}

#[test]
fn a_call_can_be_drawn_and_archived_even_if_it_fails() {
    let server = echo();
    let folder = Folder::new("har");
    let (moved, archive) = (format!("http://{server}/moved"), folder.file("har"));
    let ran = run(&["--ladder", "--har", &archive, "--timings", "--auth", "u:secret", &moved], "");
    let timed = ["/moved: waiting ", ", connection reused, answering ", "total "];
    let drawn = ["├─ GET /moved ──", "─ 302 Found ─┤", "· redirect: 302 to http", "· done"];
    for want in drawn.into_iter().chain(timed) {
        assert!(ran.err.contains(want), "{want}: {}", ran.err);
    }
    let text = fs::read_to_string(&archive).unwrap();
    let har: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(har["log"]["entries"][1]["response"]["status"], 200);
    assert!(!ran.err.contains("secret") && !text.contains("secret"));
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = run(&["--ladder", "--har", &archive, &format!("http://{closed}/")], "");
    assert!(ran.status == 4 && ran.err.contains("· failed: "), "{ran:?}");
    assert!(fs::read_to_string(&archive).unwrap().contains("failed: "));
    assert_eq!(run(&["--har", "/nowhere/at/all", &moved], "").status, 9);
}

#[test]
fn the_exit_status_says_what_went_wrong() {
    let server = echo();
    let folder = Folder::new("status");
    let at = |path: &str| format!("http://{server}{path}");
    let output = folder.file("out");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let rows: [(&[&str], i32, &str); 18] = [
        (&["--help"], 0, ""),
        (&["-V"], 0, ""),
        (&[&at("/gone")], 0, "410 Gone"),
        (&["--fail", "-o", &output, &at("/gone")], 1, "410 Gone"),
        (&["--fail"], 2, "there is no URL"),
        (&["--sail", "x"], 2, "no option --sail"),
        (&["a", "b"], 2, "one URL"),
        (&["-d", "x", "--json", "1", "a"], 2, "a body already"),
        (&["--trace=yes", "a"], 2, "takes no value"),
        (&["http://[::1/"], 3, "invalid URL"),
        (&["ftp://a/"], 3, "adapter"),
        (&[&format!("http://{closed}/")], 4, "refused"),
        (&[&at("/garbage")], 4, ""),
        (&["--timeout", "1,0.2", &at("/slow")], 5, "read timeout"),
        (&[&at("/loop")], 7, "exceeded 30 redirects"),
        (&[&at("/short")], 8, ""),
        (&["-o", "/nowhere/file", &at("/echo")], 9, "/nowhere/file"),
        (&["-d", "@/nowhere/file", &at("/echo")], 9, "/nowhere/file"),
    ];
    for (args, status, want) in rows {
        let ran = run(args, "");
        assert_eq!(ran.status, status, "{args:?}: {ran:?}");
        assert!(ran.err.contains(want), "{args:?}: {want} in {}", ran.err);
    }
    assert!(!Path::new(&output).exists(), "a failure by --fail writes no file");
    assert_eq!(run(&["-o", &output, &at("/gone")], "").out, "");
    assert_eq!(fs::read_to_string(&output).unwrap(), "was here");
    assert_eq!(run(&[&at("/short")], "").out, "half", "what came is not lost");
}

#[test]
fn a_session_file_keeps_cookies_and_credentials_for_their_origin() {
    let (server, other) = (echo(), echo());
    example();
    let folder = Folder::new("session");
    let file = folder.file("s.json");
    let with = |more: &[&str], url: &str| {
        let ran = run(&[&["--session", file.as_str()], more, &[url]].concat(), "");
        assert_eq!(ran.status, 0, "{ran:?}");
        ran
    };
    let home = format!("http://{server}");
    with(&["-H", "X-Key: k", "-H", "If-Match: e", "--auth", "u:p"], &format!("{home}/cookie"));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(&home) && text.contains("seen"), "{text}");
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(&file).unwrap());
        assert_eq!(mode & 0o777, 0o600);
    }
    let kept = [("cookie", "seen=1"), ("x-key", "k"), ("authorization", "Basic dTpw")];
    let again = with(&[], &format!("{home}/echo")).out;
    for (name, value) in kept {
        assert_eq!(field(&again, name), Some(value), "{name}: {again}");
    }
    assert_eq!(field(&again, "if-match"), None, "it described one message");
    // Another port is another origin; cookies do not know ports.
    let away = with(&["-H", "X-Key: other"], &format!("http://{other}/echo"));
    assert!(away.err.contains(&home), "{}", away.err);
    assert_eq!(field(&away.out, "authorization"), None);
    assert_eq!(field(&away.out, "x-key"), Some("other"));
    assert_eq!(field(&with(&[], &format!("{home}/echo")).out, "x-key"), Some("k"));
    let names: Vec<_> = fs::read_dir(&folder.0).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["s.json"], "nothing is left beside it");
    fs::write(&file, "no JSON").unwrap();
    let broken = run(&["--session", &file, &home], "");
    assert_eq!((broken.status, fs::read_to_string(&file).unwrap().as_str()), (9, "no JSON"));
}
