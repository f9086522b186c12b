//! Where `@files` and `@certs` are.
//!
//! The format is described in `oracle/FORMAT.md`, section 2, "Paths".

use std::path::{Path, PathBuf};

use super::{
    CertSpec, Given, Operation, Options, Scenario, SessionSpec, Setting, Step, VerifySpec,
};

/// Where `@files` and `@certs` are.
#[derive(Clone, Debug)]
pub struct Places {
    /// The directory of the vector's files.
    pub files: PathBuf,
    /// The directory of the test certificates.
    pub certificates: PathBuf,
}

impl Places {
    /// A text with `@files`, `@files/NAME`, `@certs` or `@certs/NAME` put in place.
    #[must_use]
    pub fn resolve(&self, text: &str) -> String {
        let below = |root: &Path, tag: &str| {
            let rest = text.strip_prefix(tag)?;
            let name = if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }?;
            let path = if name.is_empty() { root.to_owned() } else { root.join(name) };
            Some(path.display().to_string())
        };
        let found = below(&self.files, "@files").or_else(|| below(&self.certificates, "@certs"));
        found.unwrap_or_else(|| text.to_owned())
    }

    fn put(&self, text: &mut String) {
        *text = self.resolve(text);
    }

    fn verify(&self, spec: &mut VerifySpec) {
        match spec {
            VerifySpec::On | VerifySpec::Off => {}
            VerifySpec::Bundle(path) => self.put(path),
        }
    }

    fn cert(&self, spec: &mut CertSpec) {
        match spec {
            CertSpec::One(path) => self.put(path),
            CertSpec::Pair(certificate, key) => {
                self.put(certificate);
                self.put(key);
            }
        }
    }

    fn session(&self, spec: &mut SessionSpec) {
        if let Given::Value(verify) = &mut spec.verify {
            self.verify(verify);
        }
        if let Given::Value(cert) = &mut spec.cert {
            self.cert(cert);
        }
    }

    fn options(&self, spec: &mut Options) {
        if let Given::Value(verify) = &mut spec.verify {
            self.verify(verify);
        }
        if let Given::Value(cert) = &mut spec.cert {
            self.cert(cert);
        }
    }
}

impl Scenario {
    /// Puts places into `verify` and `cert` wherever they are given, and into the variables that
    /// steps set. Those of the beginning have [`Scenario::environment`].
    pub fn put_in(&mut self, places: &Places) {
        places.session(&mut self.session);
        for step in &mut self.steps {
            match step {
                Step::Call(call) => places.options(&mut call.options),
                Step::SendNext { options, .. } => places.options(options),
                Step::Operation(Operation::Set(Setting::Verify(Some(verify)))) => {
                    places.verify(verify);
                }
                Step::Operation(Operation::Set(Setting::Cert(Some(cert)))) => places.cert(cert),
                Step::Operation(Operation::SetEnvironment(_, Some(value))) => places.put(value),
                Step::Operation(_) => {}
            }
        }
    }
}
