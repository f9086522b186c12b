//! User and password for Digest, as one object that calls share.
//!
//! Source: `HTTPDigestAuth.__init__` in requests 2.34.2, `auth.py`; RFC 7616, 3.4.4.

use alloc::string::String;
use alloc::sync::Arc;

use crate::secret::Secret;

/// User and password for Digest.
///
/// Its clones are the same object: what a server said to one call counts for the next call with the
/// object or a clone of it, in the same session. Two objects share nothing, even with the same user
/// and password, as in requests.
#[derive(Clone, Debug)]
pub struct DigestAuth {
    login: Arc<Login>,
}

#[derive(Clone, Debug)]
struct Login {
    user: Secret<String>,
    password: Secret<String>,
    name: UserName,
}

/// How the user is named to servers that know users by a hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UserName {
    /// By name, as requests does.
    #[default]
    Plain,
    /// By the hash of user and realm, if the server says `userhash=true`.
    Hashed,
}

impl DigestAuth {
    /// User and password; they are hashed in UTF-8.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        let (user, password) = (Secret::new(user.into()), Secret::new(password.into()));
        Self { login: Arc::new(Login { user, password, name: UserName::Plain }) }
    }

    /// The same user and password, as a new object, with the user named in this way.
    #[must_use]
    pub fn with_user_name(&self, name: UserName) -> Self {
        Self { login: Arc::new(Login { name, ..(*self.login).clone() }) }
    }

    /// The user.
    #[must_use]
    pub fn user(&self) -> &Secret<String> {
        &self.login.user
    }

    /// The password.
    #[must_use]
    pub fn password(&self) -> &Secret<String> {
        &self.login.password
    }

    /// How the user is named to servers that know users by a hash.
    #[must_use]
    pub fn user_name(&self) -> UserName {
        self.login.name
    }

    /// Whether the two have the same user and password.
    pub(super) fn is_equal(&self, other: &Self) -> bool {
        (self.user(), self.password()) == (other.user(), other.password())
    }

    /// Whether the two are one object.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.login, &other.login)
    }
}
