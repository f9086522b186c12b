//! Whose turn it is to look at a response, and what came of it: custom auth first, then the hooks.
//!
//! Source: `dispatch_hook` in requests 2.34.2, `hooks.py`.

use sessio_core::policy::authorization::{Carry, should_strip_auth};
use sessio_core::url::Url;
use sessio_core::{Input, Kit, PreparedRequest, Response};

use crate::{Attached, BoxError};

/// Who looks at the response next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn(Place);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Custom auth, which has had it sent so many times.
    Auth(u32),
    /// The hook of this number.
    Hook(usize),
}

impl Default for Place {
    fn default() -> Self {
        Self::Auth(0)
    }
}

/// Who is to be asked about a response.
#[derive(Debug)]
pub enum Look<'a, K: Kit> {
    /// Custom auth, which has had this hop sent again so many times. If it wants another round, say
    /// so by [`Turn::auth_resends`].
    Auth(&'a K::Auth, u32),
    /// A hook.
    Hook(&'a K::Hook),
    /// Nobody any more: the response stands.
    Nobody,
}

impl Turn {
    /// Who is asked about this response now; the turn is then the next one's.
    ///
    /// Custom auth sees responses of the origin of `home`, to which the call was addressed, and of
    /// no other. After [`Look::Nobody`] the next response is that of another hop.
    pub fn next<'a, K: Kit>(
        &mut self,
        attached: &'a Attached<K>,
        home: &Url,
        response: &Response,
    ) -> Look<'a, K> {
        if let Place::Auth(round) = self.0 {
            self.0 = Place::Hook(0);
            let carry = should_strip_auth(home, &response.request.url);
            if let (Some(auth), Carry::Keep(_)) = (&attached.auth, carry) {
                return Look::Auth(auth, round);
            }
        }
        if let Place::Hook(place) = self.0
            && let Some(hook) = attached.hooks.response().get(place)
        {
            self.0 = Place::Hook(place.saturating_add(1));
            return Look::Hook(hook);
        }
        self.0 = Place::Auth(0);
        Look::Nobody
    }

    /// Custom auth, which was asked in this round, sends a request: it sees the response too.
    pub const fn auth_resends(&mut self, round: u32) {
        self.0 = Place::Auth(round.saturating_add(1));
    }
}

/// What follows from a look at the response.
#[derive(Debug)]
pub enum Next {
    /// It stands.
    Stand,
    /// This request is sent.
    Resend(Box<PreparedRequest>),
}

/// What the exchange is told of it; an error is kept in `user`.
pub fn verdict<'a, S>(next: Result<Next, BoxError>, user: &mut Option<BoxError>) -> Input<'a, S> {
    match next {
        Ok(Next::Stand) => Input::Continue,
        Ok(Next::Resend(request)) => Input::Resend(request),
        Err(error) => {
            *user = Some(error);
            Input::Refuse
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sessio_core::Hooks;
    use std::sync::Arc;

    #[derive(Debug)]
    struct Numbers;

    impl Kit for Numbers {
        type Hook = u8;
        type Auth = char;
        type Source = ();
    }

    fn response(url: &str) -> Response {
        let request = PreparedRequest::new("GET".parse().unwrap(), Url::parse(url).unwrap());
        Response::new(Arc::new(request), "200".parse().unwrap())
    }

    /// Who is asked, until nobody is; auth sends again as often as said.
    fn asked(attached: &Attached<Numbers>, turn: &mut Turn, url: &str, rounds: u32) -> String {
        let home = Url::parse("http://a.test/").unwrap();
        let mut asked = String::new();
        loop {
            match turn.next(attached, &home, &response(url)) {
                Look::Auth(_, round) => {
                    asked += &format!("a{round} ");
                    if round < rounds {
                        turn.auth_resends(round);
                    }
                }
                Look::Hook(hook) => asked += &format!("h{hook} "),
                Look::Nobody => return asked,
            }
        }
    }

    #[test]
    fn auth_looks_before_the_hooks_and_at_its_own_origin_only() {
        let with = |auth: Option<char>, hooks: Vec<u8>| Attached::<Numbers> {
            auth,
            hooks: Hooks::from(hooks),
            ..Attached::default()
        };
        let rows = [
            (None, vec![], "http://a.test/", 0, ""),
            (None, vec![1, 2], "http://a.test/", 0, "h1 h2 "),
            (Some('a'), vec![1, 2], "http://a.test/x", 0, "a0 h1 h2 "),
            (Some('a'), vec![1], "http://a.test/x", 2, "a0 a1 a2 h1 "),
            (Some('a'), vec![1], "http://b.test/", 2, "h1 "),
        ];
        for (auth, hooks, url, rounds, want) in rows {
            let attached = with(auth, hooks);
            let mut turn = Turn::default();
            for _ in 0..2 {
                assert_eq!(asked(&attached, &mut turn, url, rounds), want, "{auth:?} {url}");
            }
        }
    }
}
