//! Hooks: what the runtime calls when a response is there.

use alloc::vec::Vec;

/// An ordered list of hooks for the one event that requests has, `response`.
///
/// The core carries the items and never calls them: it asks for the runtime's verdict
/// (`Output::Respond`), so an exchange stays plain data whatever a hook is.
///
/// Source: `RequestHooksMixin` in requests, `models.py`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hooks<H> {
    response: Vec<H>,
}

impl<H> Default for Hooks<H> {
    fn default() -> Self {
        Self { response: Vec::new() }
    }
}

impl<H> Hooks<H> {
    /// No hooks.
    #[must_use]
    pub const fn new() -> Self {
        Self { response: Vec::new() }
    }

    /// Adds a hook behind the others.
    pub fn register(&mut self, hook: H) {
        self.response.push(hook);
    }

    /// Takes the first hook out that `matches` says yes to, and returns it.
    pub fn deregister(&mut self, matches: impl FnMut(&H) -> bool) -> Option<H> {
        let place = self.response.iter().position(matches)?;
        Some(self.response.remove(place))
    }

    /// The hooks in the order in which they run.
    #[must_use]
    pub fn response(&self) -> &[H] {
        &self.response
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.response.is_empty()
    }

    /// The request's hooks, or the session's where the request has none: they never add up.
    ///
    /// Source: `merge_hooks` in requests, `sessions.py`.
    #[must_use]
    pub fn merged(request: Self, session: &Self) -> Self
    where
        H: Clone,
    {
        if request.is_empty() { session.clone() } else { request }
    }
}

impl<H> From<Vec<H>> for Hooks<H> {
    fn from(response: Vec<H>) -> Self {
        Self { response }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn a_hook_is_taken_out_once() {
        let mut hooks = Hooks::from(vec![1, 2, 1]);
        assert_eq!(hooks.deregister(|h| *h == 1), Some(1));
        assert_eq!(hooks.response(), [2, 1]);
        assert_eq!(hooks.deregister(|h| *h == 3), None);
    }
}
