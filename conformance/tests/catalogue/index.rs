//! That no row of the catalogue is without a test, and no test is named after a row that is none.
//!
//! Each test for a row is named after it: `fn s037_...`, several rows as `fn s045_s052_...`. Left out
//! are rows about what is not built here: other protocols, HSTS, files named by a peer, and what only
//! the version of a dependency decides.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The rows that are in scope, and whose fault each was.
const ROWS: [(u16, &str); 131] = [
    (1, "CVE-2018-1000007 curl"),
    (2, "CVE-2022-27774 curl"),
    (3, "CVE-2022-27776 curl"),
    (4, "CVE-2018-18074 requests"),
    (5, "CVE-2014-1829 requests"),
    (6, "CVE-2014-1830 requests"),
    (7, "CVE-2023-32681 requests"),
    (8, "CVE-2015-2296 requests"),
    (9, "CVE-2018-20060 urllib3"),
    (10, "CVE-2018-25091 urllib3"),
    (11, "CVE-2023-43804 urllib3"),
    (12, "CVE-2024-37891 urllib3"),
    (13, "GHSA-qccp-gfcp-xxvc urllib3 (2.7.0)"),
    (14, "CVE-2023-45803 urllib3"),
    (15, "CVE-2022-0155 follow-redirects"),
    (16, "CVE-2022-0536 follow-redirects"),
    (17, "CVE-2024-28849 follow-redirects"),
    (18, "CVE-2022-31151, CVE-2023-45143 undici"),
    (19, "CVE-2024-24758, CVE-2024-30260 undici"),
    (20, "CVE-2023-45289 Go"),
    (21, "CVE-2024-45336 Go"),
    (22, "CVE-2025-4673 Go"),
    (23, "reqwest #2985 / PR 3034 (May 2026)"),
    (24, "ureq PR 608 (2.7.0)"),
    (25, "ureq-proto 3.x, SameHost mode"),
    (26, "CVE-2022-31042/31043/31090/31091 guzzle"),
    (27, "CVE-2025-14524 curl"),
    (28, "CVE-2026-3783 curl"),
    (29, "CVE-2024-11053 curl"),
    (30, "CVE-2025-0167 curl"),
    (31, "CVE-2026-6429 curl"),
    (32, "CVE-2020-8169 curl"),
    (33, "CVE-2021-22876 curl"),
    (34, "CVE-2026-9546 curl"),
    (35, "CVE-2020-28168 axios"),
    (36, "GHSA-j5f8-grm9-p9fc axios (2026)"),
    (37, "node-fetch #1880 (2026)"),
    (39, "CVE-2022-33987 got"),
    (40, "CVE-2025-50181/50182 urllib3"),
    (41, "CVE-2015-3143 curl"),
    (42, "CVE-2014-0015, CVE-2016-0755, CVE-2026-1965, CVE-2026-5545, CVE-2026-8458 curl"),
    (43, "CVE-2015-3236 curl"),
    (44, "CVE-2022-22576 curl"),
    (45, "CVE-2026-3784 curl"),
    (46, "CVE-2026-6253 curl"),
    (47, "CVE-2026-7168, CVE-2026-8927 curl"),
    (48, "CVE-2026-11856 curl"),
    (49, "CVE-2026-9079 curl"),
    (50, "CVE-2026-6276 curl"),
    (51, "CVE-2022-27775 curl"),
    (52, "CVE-2022-27782, CVE-2026-8932 curl"),
    (53, "CVE-2016-7141, CVE-2021-22924 curl"),
    (54, "CVE-2026-4873 curl"),
    (55, "CVE-2024-35195 requests"),
    (56, "CVE-2021-22890 curl"),
    (57, "CVE-2021-28363 urllib3"),
    (58, "CVE-2022-32210 undici"),
    (59, "CVE-2026-48931 Node http.Agent"),
    (60, "measured here: curl 7.88.1"),
    (61, "measured here: requests 2.34.2"),
    (62, "CVE-2024-24791 Go"),
    (63, "CVE-2024-24750 undici"),
    (64, "CVE-2014-8150 curl"),
    (65, "CVE-2019-9740, CVE-2019-9947, CVE-2019-18348 Python"),
    (66, "CVE-2019-11236 urllib3; CVE-2020-11078 httplib2"),
    (67, "CVE-2020-26116 Python, CVE-2020-26137 urllib3, CVE-2023-49082 aiohttp"),
    (68, "CVE-2016-5699 Python; RUSTSEC-2017-0002 hyper"),
    (69, "CVE-2026-1502 Python"),
    (70, "CVE-2023-29406 Go"),
    (71, "CVE-2022-31150, CVE-2022-35948, CVE-2023-23936 undici"),
    (72, "undici 2026-03 (commit \"validate upgrade header\")"),
    (73, "CVE-2026-1525 undici"),
    (74, "RUSTSEC-2020-0008 hyper"),
    (75, "GHSA-445q-vr5w-6q77 axios; CVE-2025-22150 undici"),
    (76, "CVE-2022-35949 undici; CVE-2024-39338, CVE-2025-27152 axios"),
    (77, "CVE-2015-3153, CVE-2003-1605 curl"),
    (78, "CVE-2026-0672, CVE-2026-3644 Python http.cookies"),
    (79, "RUSTSEC-2026-0174 http-types"),
    (80, "CVE-2016-8624 curl"),
    (81, "CVE-2022-27780 curl"),
    (82, "CVE-2024-47081 requests"),
    (83, "CVE-2026-8926 curl"),
    (84, "CVE-2023-26159 follow-redirects"),
    (85, "CVE-2023-24329 Python"),
    (86, "CVE-2025-0938 Python, CVE-2025-47912, CVE-2026-25679 Go"),
    (87, "CVE-2016-8625 curl; RUSTSEC-2024-0421 idna; CVE-2026-39821 Go"),
    (88, "CVE-2019-14809 Go"),
    (89, "CVE-2025-22870 Go"),
    (90, "CVE-2025-62718 and GHSA-pmwg-cvhr-8vh7, GHSA-m7pr-hjqh-92cm axios"),
    (91, "CVE-2016-5386 Go, CVE-2016-1000110 Python, CVE-2016-5388 Tomcat (\"httpoxy\")"),
    (93, "CVE-2026-56860 Go"),
    (
        94,
        "CVE-2021-33503 urllib3; CVE-2023-24807 undici; CVE-2021-21240 httplib2; CVE-2020-8492, CVE-2021-3733 Python",
    ),
    (95, "CVE-2013-1944 curl; CVE-2018-20852 Python"),
    (96, "CVE-2014-3613 curl"),
    (97, "CVE-2014-3620 curl"),
    (98, "CVE-2022-27779, CVE-2026-8924 curl"),
    (99, "CVE-2023-46218 curl"),
    (100, "CVE-2022-32205 curl; CVE-2025-58186 Go"),
    (101, "CVE-2022-35252 curl"),
    (102, "CVE-2025-9086 curl"),
    (103, "CVE-2016-8615 curl"),
    (106, "CVE-2017-15010 tough-cookie; CVE-2024-7592 Python"),
    (
        107,
        "RUSTSEC-2017-0005 cookie; CVE-2016-8621 curl; RUSTSEC-2020-0071 and RUSTSEC-2026-0009 time",
    ),
    (108, "CVE-2022-29248 guzzle"),
    (109, "CVE-2015-3145 curl; CVE-2016-8623 curl"),
    (110, "RUSTSEC-2016-0002 hyper; CVE-2016-9015 urllib3; CVE-2019-11324 urllib3"),
    (111, "CVE-2023-28321 curl; RUSTSEC-2026-0098/0099 webpki"),
    (112, "RUSTSEC-2024-0336 rustls"),
    (115, "https truncation (many clients, no id)"),
    (116, "CVE-2015-5739, CVE-2019-16276 Go; CVE-2022-32213 llhttp"),
    (117, "CVE-2022-1705 Go; RUSTSEC-2021-0020 hyper; RUSTSEC-2020-0031 tiny_http"),
    (118, "RUSTSEC-2021-0078 hyper"),
    (119, "RUSTSEC-2021-0079 hyper; RUSTSEC-2020-0093 async-h1"),
    (120, "CVE-2025-22871 Go"),
    (121, "CVE-2025-43859 h11"),
    (122, "CVE-2025-53643 aiohttp"),
    (123, "CVE-2023-39326 Go; RUSTSEC-2026-0181 vibeio-http"),
    (125, "RUSTSEC-2022-0022 hyper"),
    (126, "CVE-2023-38039 curl; CVE-2013-1752 Python"),
    (127, "CVE-2021-3737 Python"),
    (128, "CVE-2025-13836 Python"),
    (
        129,
        "CVE-2022-32206, CVE-2023-23916 curl; CVE-2025-66418 (GHSA-gm62-xv2j-4w53) urllib3; CVE-2026-22036 undici",
    ),
    (
        130,
        "CVE-2025-66471 (GHSA-2xpw-w6gg-jr37), CVE-2026-21441 (GHSA-38jv-5279-wg99), GHSA-mf9v-mfxr-j63j urllib3",
    ),
    (131, "CVE-2020-7212 urllib3"),
    (132, "CVE-2025-58754 axios"),
    (133, "GHSA-5c9x-8gcm-mpgx axios and its pair"),
    (134, "CVE-2025-61724 Go"),
    (135, "CVE-2026-42507 Go"),
    (137, "urllib3 2.6.3 Retry-After"),
    (138, "follow-redirects/axios maxRedirects loops; curl 47"),
    (139, "RUSTSEC-2024-0019 mio"),
];

/// Folders with Rust sources.
const PLACES: [&str; 5] = ["core", "conformance", "runtime-std", "runtime-smol", "runtime-mio"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The rows that the name of a function begins with.
fn rows(name: &str) -> Vec<u16> {
    let row = |part: &str| {
        let digits = part.strip_prefix('s').filter(|digits| digits.len() == 3)?;
        digits.parse().ok()
    };
    name.split('_').map_while(row).collect()
}

/// The tests of a source that are named after rows: the name, and whether `#[test]` stands before.
fn tests(text: &str) -> Vec<(&str, bool)> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let name = |line: &'_ str| -> Option<usize> { line.starts_with("fn s").then_some(line.len()) };
    let named = lines.iter().enumerate().filter(|(_, line)| name(line).is_some());
    let shown = named.filter_map(|(at, line)| {
        let name = line.strip_prefix("fn ")?.split('(').next()?;
        let is_test = lines[..at].iter().rev().take(3).any(|before| *before == "#[test]");
        (!rows(name).is_empty()).then_some((name, is_test))
    });
    shown.collect()
}

#[test]
fn each_row_has_a_test_and_each_test_a_row() {
    let mut files = Vec::new();
    for place in PLACES {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(place), &mut files);
    }
    assert!(files.len() > 200, "only {} sources were found", files.len());
    let mut covered: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for file in &files {
        let text = std::fs::read_to_string(file).expect("a source");
        for (name, is_test) in tests(&text) {
            assert!(is_test, "{name} in {} is no test", file.display());
            for row in rows(name) {
                covered.entry(row).or_default().push(name.to_owned());
            }
        }
    }
    let known: BTreeMap<u16, &str> = ROWS.into_iter().collect();
    assert_eq!(known.len(), ROWS.len(), "a row stands twice");
    let missing: Vec<_> = known.iter().filter(|(row, _)| !covered.contains_key(row)).collect();
    assert!(missing.is_empty(), "rows without a test: {missing:?}");
    let unknown: BTreeSet<_> = covered.keys().filter(|row| !known.contains_key(row)).collect();
    assert!(unknown.is_empty(), "tests for rows that are none: {unknown:?}");
}

#[test]
fn names_of_tests_are_read_as_rows() {
    for (name, want) in [
        ("s037_it_holds", vec![37]),
        ("s045_s052_a_route", vec![45, 52]),
        ("s12_short", vec![]),
        ("sends_it", vec![]),
        ("s0377_long", vec![]),
    ] {
        assert_eq!(rows(name), want, "{name}");
    }
    let text = "#[test]\nfn s001_a() {}\nfn other() {}\n\n\nfn s002_b() {}\nfn sends() {}";
    assert_eq!(tests(text), [("s001_a", true), ("s002_b", false)]);
}
