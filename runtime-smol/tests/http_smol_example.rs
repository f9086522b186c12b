//! The example `http_smol`: the program of `http` with `.await`, and it runs.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::{counting, field, serve};

fn example(arguments: &[&str]) -> Output {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // target/debug/deps/http_smol_example-0123
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let name = match profile.file_name().unwrap().to_str().unwrap() {
        "debug" => "dev",
        name => name,
    };
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(here).args(["build", "--quiet", "--example", "http_smol", "--profile", name]);
    cargo.arg("--target-dir").arg(profile.parent().unwrap());
    assert!(cargo.status().unwrap().success(), "the example builds");
    let program = profile.join("examples").join(format!("http_smol{}", env::consts::EXE_SUFFIX));
    Command::new(program).args(arguments).env_clear().output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_tour_comes_to_its_end() {
    let ran = example(&[]);
    let shown = text(&ran.stdout);
    assert!(ran.status.success(), "{shown}\n{}", text(&ran.stderr));
    for part in ["1. ", "2. ", "3. ", "4. ", "5. ", "6. ", "The session ends with 1 cookie"] {
        assert!(shown.lines().any(|line| line.starts_with(part)), "no line {part:?} in {shown}");
    }
}

#[test]
fn the_client_sends_fields_and_files_and_says_what_failed() {
    let (address, _) = serve(|mut peer| {
        while let Some(head) = peer.head() {
            let body = peer.body(&head);
            let name = field(&head, "x-name").unwrap_or("nobody").to_owned();
            peer.answer("200 OK", "", &format!("{name} {body}"));
        }
    });
    let path = env::temp_dir().join(format!("sessio-http-smol-{}.txt", std::process::id()));
    fs::write(&path, "content").unwrap();
    let url = format!("http://{address}/");
    let data = format!("@{}", path.display());
    let ran = example(&["-H", "X-Name: ada", "-d", &data, &url]);
    assert_eq!((ran.status.code(), text(&ran.stdout)), (Some(0), "ada content"));
    fs::remove_file(&path).unwrap();

    let gone = counting();
    let ran = example(&["--timeout", "2", &format!("http://{}:1/", gone.ip())]);
    assert!(!ran.status.success() && text(&ran.stderr).contains("http: "), "{ran:?}");
}

/// A source without what waiting adds, and without where its lines end.
fn plain(path: &Path) -> String {
    let source = fs::read_to_string(path).unwrap();
    let source = source.replace("async ", "").replace(".await", "");
    source.split_whitespace().collect::<String>().replace(",)", ")").replace(",}", "}")
}

#[test]
fn what_waits_differs_from_the_blocking_example_by_await_alone() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/http_smol");
    let there = here.join("../../../runtime-std/examples/http");
    for name in ["start.rs", "client.rs", "fields.rs", "tour.rs"] {
        assert!(fs::read_to_string(here.join(name)).unwrap().contains(".await"), "{name}");
        assert_eq!(plain(&here.join(name)), plain(&there.join(name)), "{name}");
    }
}
