//! The one place that reads the process environment and the files of its user.
//!
//! Source: `get_netrc_auth` and `trust_env` in requests 2.34.2, `utils.py` and `sessions.py`.

use std::path::PathBuf;

use sessio_core::environment::{Environment, netrc};
use sessio_core::policy::settings::Verify;
use sessio_core::secret::Secret;

/// The environment of this process as it is now: proxy variables, CA bundles, netrc.
///
/// The netrc file is that of `NETRC`, else `~/.netrc`, else `~/_netrc`, the first that exists. A
/// file that cannot be read counts as none, as in requests, and so do variables that are not
/// Unicode.
#[must_use]
pub fn capture() -> Environment {
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let variables: Vec<(String, String)> = variables.collect();
    let find = |wanted: &str| {
        let found = variables.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    };
    let home = find("HOME").map(String::from).or_else(|| {
        let home: PathBuf = std::env::home_dir()?;
        home.into_os_string().into_string().ok()
    });
    let netrc = netrc_text(&netrc::locations(find("NETRC"), home.as_deref()));
    Environment::new(variables, netrc)
}

/// Where systems keep the roots that their administrator trusts, as one file in PEM: Debian and
/// Arch, Fedora, older Red Hat, SUSE, Alpine with macOS and OpenBSD, FreeBSD.
const SYSTEM_ROOTS: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// The roots of the operating system, in place of those that are compiled in: for certificates of
/// one's own company, say. `None` where they are in no file, as on Windows.
///
/// ```no_run
/// # use sessio_runtime::environment;
/// # let mut session = sessio_runtime::new_core::<(), ()>();
/// session.verify = environment::system_roots().expect("a system with a file of roots");
/// ```
#[must_use]
pub fn system_roots() -> Option<Verify> {
    first_file(&SYSTEM_ROOTS).map(Verify::bundle)
}

fn first_file<'a>(paths: &[&'a str]) -> Option<&'a str> {
    paths.iter().copied().find(|path| std::path::Path::new(path).is_file())
}

/// The text of the first of these files that exists.
fn netrc_text(locations: &[String]) -> Option<Secret<String>> {
    let path = locations.iter().find(|path| std::path::Path::new(path).exists())?;
    std::fs::read_to_string(path).ok().map(Secret::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roots_of_the_system_are_in_the_first_file_there_is() {
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let folder = env!("CARGO_MANIFEST_DIR");
        let rows: [(&[&str], Option<&str>); 3] = [
            (&["/nowhere/a", here, "/nowhere/b"], Some(here)),
            (&[folder, here], Some(here)),
            (&["/nowhere/a", folder], None),
        ];
        for (paths, want) in rows {
            assert_eq!(first_file(paths), want, "{paths:?}");
        }
    }

    #[test]
    fn the_first_netrc_file_that_exists_is_read() {
        let folder = std::env::temp_dir().join(format!("sessio-netrc-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = |name: &str| folder.join(name).to_str().unwrap().to_string();
        std::fs::write(path("there"), "machine a").unwrap();
        std::fs::write(path("binary"), [0xff, 0xfe]).unwrap();
        let rows: [(&[&str], Option<&str>); 4] = [
            (&["missing", "there"], Some("machine a")),
            (&["there", "binary"], Some("machine a")),
            (&["binary", "there"], None),
            (&["missing"], None),
        ];
        for (names, want) in rows {
            let paths: Vec<String> = names.iter().map(|name| path(name)).collect();
            let text = netrc_text(&paths);
            assert_eq!(text.as_ref().map(|text| text.reveal().as_str()), want, "{names:?}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
