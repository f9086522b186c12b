//! What a scenario does to a session between calls.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.2, "Operations".

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sessio_core::cookies::Clear;
use sessio_core::policy::merge::Given as CoreGiven;
use sessio_core::policy::settings::Verify;
use sessio_core::{Environment, Params, SavedSession, Secret};

use super::{Client, Failure, error, request, session};
use crate::peer::CERTIFICATES;
use crate::scenario::{Operation, Places, Scenario, Setting};

/// The environment of a scenario, as the client is given it.
#[derive(Clone, Debug)]
pub struct Surroundings {
    variables: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<u8>>,
    home: String,
}

impl Surroundings {
    /// Of a scenario whose files are at `home`.
    #[must_use]
    pub fn new(scenario: &Scenario, home: &str) -> Self {
        Self {
            variables: scenario.environment(&places(home)),
            files: scenario.files.iter().cloned().collect(),
            home: home.into(),
        }
    }

    /// As the core takes it, with the netrc file that counts.
    #[must_use]
    pub fn environment(&self) -> Environment {
        let netrc = self.variables.get("NETRC").map(String::as_str);
        let locations = sessio_core::environment::netrc::locations(netrc, Some(&self.home));
        let file =
            |place: &String| self.files.get(place.strip_prefix(&self.home)?.trim_matches('/'));
        let text = locations.iter().find_map(file);
        let text = text.and_then(|text| String::from_utf8(text.clone()).ok()).map(Secret::new);
        Environment::new(&self.variables, text)
    }

    fn set(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => drop(self.variables.insert(name.into(), value.into())),
            None => drop(self.variables.remove(name)),
        }
    }
}

/// Where the files of a scenario are, if its directory is `home`.
#[must_use]
pub fn places(home: &str) -> Places {
    Places { files: home.into(), certificates: CERTIFICATES.into() }
}

/// Does an operation; what it gave, in the form of `expect`.
pub fn run<C: Client>(
    client: &mut C,
    surroundings: &mut Surroundings,
    name: &str,
    operation: &Operation,
) -> Value {
    let mut observed = json!({"op": name});
    match act(client, surroundings, operation) {
        Ok(Some(value)) => observed["value"] = value,
        Ok(None) => {}
        Err(failure) => observed["error"] = error::observed(&failure),
    }
    observed
}

fn act<C: Client>(
    client: &mut C,
    surroundings: &mut Surroundings,
    operation: &Operation,
) -> Result<Option<Value>, Failure> {
    let wall = client.wall();
    match operation {
        Operation::Pickle => pickle(client),
        Operation::Close => client.session(|session| session.close()),
        Operation::SetCookie(spec) => client.session(|session| {
            session.cookies.set(request::cookie(spec)).expect("a cookie for a header field");
        }),
        Operation::DeleteCookie { name, domain, path } => {
            client.session(|s| s.cookies.remove_in(name, domain.as_deref(), path.as_deref()));
        }
        Operation::ClearCookies(which) => client.session(|session| clear(session, which))?,
        Operation::ClearSessionCookies => {
            client.session(|session| session.cookies.clear_session_cookies());
        }
        Operation::ClearExpiredCookies => {
            client.session(|session| session.cookies.clear_expired_cookies(wall));
        }
        Operation::GetCookie { name, domain, path } => {
            return client.session(|session| {
                let found = session.cookies.get_in(name, domain.as_deref(), path.as_deref());
                Ok(Some(json!(found.map_err(sessio_core::Error::from)?)))
            });
        }
        Operation::SetHeader(name, given) => {
            client.session(|s| session::set_header(&mut s.headers, name, given))?;
        }
        Operation::DeleteHeader(name) => drop(client.session(|s| s.headers.remove(name))),
        Operation::Set(setting) => set(client, setting)?,
        Operation::Mount(prefix, spec) => {
            let adapter = session::adapter(spec);
            client.session(|session| session.mount(prefix.as_str(), adapter));
        }
        Operation::AdvanceClock(seconds) => client.advance_clock(*seconds),
        Operation::SetEnvironment(name, value) => {
            surroundings.set(name, value.as_deref());
            let environment = surroundings.environment();
            client.session(|session| session.environment = environment);
        }
    }
    Ok(None)
}

fn clear<S, K: sessio_core::Kit>(
    session: &mut sessio_core::Session<S, K>,
    which: &[String],
) -> Result<(), Failure> {
    let what = match which {
        [] => Clear::All,
        [domain] => Clear::Domain(domain),
        [domain, path] => Clear::Path(domain, path),
        [domain, path, name, ..] => Clear::Cookie(domain, path, name),
    };
    let cleared = session.cookies.clear(what);
    cleared.map(drop).map_err(|_| Failure::Unsayable("KeyError".into()))
}

/// Writes the session down and brings it back; hooks and custom auth stay with the process.
fn pickle<C: Client>(client: &mut C) {
    client.session(|session| {
        let text = serde_json::to_string(&session.save()).expect("a saved session is JSON");
        let saved: SavedSession = serde_json::from_str(&text).expect("what was just written");
        session.restore(saved).expect("a session of this version");
    });
}

fn set<C: Client>(client: &mut C, setting: &Setting) -> Result<(), Failure> {
    match setting {
        Setting::Auth(spec) => {
            let auth = match spec {
                Some(spec) => CoreGiven::Use(request::auth(client, spec)),
                None => CoreGiven::Absent,
            };
            client.session(|session| session.auth = auth);
        }
        Setting::Proxies(given) => client.session(|session| {
            session.proxies = given.iter().flatten().cloned().collect();
        }),
        Setting::Params(given) => {
            let params = match given {
                Some(given) => session::session_params(given)?,
                None => Params::new(),
            };
            client.session(|session| session.params = params);
        }
        Setting::Verify(given) => client.session(|session| {
            session.verify = given.as_ref().map_or(Verify::On, request::verify);
        }),
        Setting::Cert(given) => {
            client.session(|session| session.cert = given.as_ref().map(request::certificate));
        }
        Setting::MaxRedirects(max) => {
            client.session(|session| session.max_redirects = usize::try_from(*max).unwrap_or(0));
        }
        Setting::TrustEnv(trusted) => {
            client.session(|session| session.trust_env = session::trust(*trusted));
        }
        Setting::Stream(stream) => client.session(|session| session.stream = *stream),
    }
    Ok(())
}
