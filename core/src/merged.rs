//! What a call is sent with: its own word, else the session's, else the environment's.
//!
//! Source: `Session.merge_environment_settings` in requests 2.34.2, `sessions.py`.

use crate::message::{CallOptions, Certificate};
use crate::policy::merge::Given;
use crate::policy::proxies::Proxies;
use crate::policy::settings::{Settings, Side, Stream, merge_environment_settings};
use crate::shared::Shared;
use crate::url::Url;

impl<S> Shared<S> {
    /// What a request to `url` is sent with. Proxies that the call switched off stay off.
    #[must_use]
    pub fn merge_environment_settings(
        &self,
        url: &Url,
        options: &CallOptions,
    ) -> Settings<Certificate> {
        let call = Side {
            proxies: match &options.proxies {
                Given::Use(proxies) => proxies.clone(),
                Given::Absent | Given::Off => Proxies::new(),
            },
            stream: options.stream.map(stream).into(),
            verify: options.verify.clone().into(),
            cert: options.cert.clone().into(),
        };
        let session = Side {
            proxies: self.proxies.clone(),
            stream: Given::Use(stream(self.stream)),
            verify: Given::Use(self.verify.clone()),
            cert: self.cert.clone().into(),
        };
        let environment = self.environment.trusted(self.trust_env);
        let mut settings = merge_environment_settings(url, call, session, environment);
        if let Given::Off = options.proxies {
            settings.proxies = Proxies::new();
        }
        settings
    }
}

const fn stream(stream: bool) -> Stream {
    if stream { Stream::Stream } else { Stream::Collect }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;
    use crate::policy::settings::Verify;

    #[test]
    fn the_call_goes_before_the_session_and_the_session_before_the_environment() {
        let url = Url::parse("http://a.test/").unwrap();
        let mut shared = Shared::<()>::new(1);
        let variables = [("http_proxy", "http://p.test:1"), ("REQUESTS_CA_BUNDLE", "/e")];
        shared.environment = Environment::new(variables, None);
        let mut options = CallOptions::default();
        let merge = |shared: &Shared<()>, options: &CallOptions| {
            let settings = shared.merge_environment_settings(&url, options);
            (settings.proxies.iter().count(), settings.verify, settings.stream)
        };
        let bundle = Verify::Bundle("/e".into());
        assert_eq!(merge(&shared, &options), (1, bundle.clone(), Stream::Collect));
        shared.stream = true;
        assert_eq!(merge(&shared, &options), (1, bundle, Stream::Stream));
        options.stream = Some(false);
        options.verify = Some(Verify::Off);
        options.proxies = Given::Off;
        assert_eq!(merge(&shared, &options), (0, Verify::Off, Stream::Collect));
    }
}
