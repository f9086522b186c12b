//! The text of a netrc file: which login and password are for which host.
//!
//! It reads what Python's module reads, but for comments: here `#` where a keyword may stand
//! always comments out the rest of its line. There, after an empty line, the words behind `#` are
//! read as keywords, which spoils the file or revives the entry that was commented out.
//!
//! Source: `netrc.py` in CPython 3.11; `get_netrc_auth` in requests 2.34.2, `utils.py`.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::iter::Peekable;
use core::str::Chars;

use crate::planted::Plant;
use crate::secret::Secret;

/// One `machine` or `default` of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The host as it is written; `default` for all others.
    pub machine: String,
    /// `login` or `user`; empty if not given.
    pub login: Secret<String>,
    /// `account`; empty if not given.
    pub account: Secret<String>,
    /// `password`; empty if not given.
    pub password: Secret<String>,
}

impl Entry {
    /// `login`, or `account` if there is none.
    fn user(&self) -> &Secret<String> {
        if self.login.reveal().is_empty() { &self.account } else { &self.login }
    }
}

/// What an entry says: both are of that one entry, and one of them may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Login<'a> {
    /// `login`, or `account` if there is none.
    pub user: &'a Secret<String>,
    /// `password`.
    pub password: &'a Secret<String>,
}

/// Why a netrc text was not understood; the words of the text are secrets and not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetrcError {
    /// The line at which it was noticed, from 1.
    pub line: usize,
    /// What was wrong.
    pub what: What,
}

/// What can be wrong with a netrc text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A word where `machine`, `default` or `macdef` was due.
    Keyword,
    /// A word within an entry that is none of `login`, `user`, `account`, `password`.
    Follower,
    /// `machine` without a name.
    Name,
    /// A `macdef` that no empty line ends.
    Macro,
}

impl fmt::Display for NetrcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            What::Keyword => "a word that is none of machine, default, macdef",
            What::Follower => "a word that is none of login, user, account, password",
            What::Name => "a machine without a name",
            What::Macro => "a macdef without an empty line after it",
        };
        write!(f, "netrc, line {}: {what}", self.line)
    }
}

impl core::error::Error for NetrcError {}

/// The entries of a netrc text, in order; the last of the same name counts.
///
/// # Errors
/// The first thing that is wrong: then nothing of the file counts.
pub fn parse(text: &str) -> Result<Vec<Entry>, NetrcError> {
    let mut lexer = Lexer { chars: text.chars().peekable(), line: 1 };
    let mut entries = Vec::new();
    let mut next = lexer.token();
    loop {
        match next.as_str() {
            "" => return Ok(entries),
            comment if comment.starts_with('#') => {
                lexer.rest_of_comment();
                next = lexer.token();
            }
            "machine" => {
                let machine = lexer.token();
                if machine.is_empty() {
                    return Err(lexer.error(What::Name));
                }
                next = lexer.entry(machine, &mut entries)?;
            }
            "default" => next = lexer.entry("default".into(), &mut entries)?,
            "macdef" => {
                lexer.token();
                lexer.skip_macro()?;
                next = lexer.token();
            }
            _ => return Err(lexer.error(What::Keyword)),
        }
    }
}

/// What the entries say about a host: its own entry, else the default one.
///
/// An entry that says nothing counts for nothing, and hides the default one. With `user`, entries of
/// other users count for nothing either: it is the last one of that user, if there is one.
#[must_use]
pub fn lookup<'a>(entries: &'a [Entry], host: &str, user: Option<&str>) -> Option<Login<'a>> {
    let is_named = |name: &str| entries.iter().any(|entry| entry.machine == name);
    let name = if is_named(host) { host } else { "default" };
    let user = user.filter(|_| !Plant::NetrcIgnoresUser.is_on());
    let mut last_first = entries.iter().rev().filter(|entry| entry.machine == name);
    let entry = last_first.find(|entry| user.is_none_or(|user| user == entry.user().reveal()))?;
    let words = [&entry.login, &entry.account, &entry.password];
    let says_something = words.iter().any(|word| !word.reveal().is_empty());
    let is_bare = Plant::NetrcMixesEntries.is_on() && entry.password.reveal().is_empty();
    let other = entries.iter().find(|other| is_bare && !other.password.reveal().is_empty());
    let password = &other.unwrap_or(entry).password;
    says_something.then(|| Login { user: entry.user(), password })
}

/// The files that may hold the netrc text, the first that exists counting: `$NETRC` alone if it
/// is set, else `.netrc` and `_netrc` in the home directory.
#[must_use]
pub fn locations(netrc: Option<&str>, home: Option<&str>) -> Vec<String> {
    match (netrc, home) {
        (Some(path), Some(home)) => match path.strip_prefix("~/") {
            Some(rest) => alloc::vec![alloc::format!("{home}/{rest}")],
            None => alloc::vec![path.into()],
        },
        (Some(path), None) => alloc::vec![path.into()],
        (None, Some(home)) => {
            [".netrc", "_netrc"].map(|name| alloc::format!("{home}/{name}")).into()
        }
        (None, None) => Vec::new(),
    }
}

struct Lexer<'a> {
    chars: Peekable<Chars<'a>>,
    line: usize,
}

impl Lexer<'_> {
    const fn error(&self, what: What) -> NetrcError {
        NetrcError { line: self.line, what }
    }

    /// The next character; CR LF and CR are line ends too.
    fn char(&mut self) -> Option<char> {
        let c = match self.chars.next()? {
            '\r' => {
                self.chars.next_if_eq(&'\n');
                '\n'
            }
            c => c,
        };
        if c == '\n' {
            self.line = self.line.saturating_add(1);
        }
        Some(c)
    }

    /// The next word, and no character beyond it; empty at the end, or where `""` stands.
    fn token(&mut self) -> String {
        let mut token = String::new();
        while self.chars.peek().is_some_and(|c| matches!(c, ' ' | '\t' | '\n' | '\r')) {
            self.char();
        }
        let quoted = self.chars.next_if_eq(&'"').is_some();
        while let Some(c) = self.chars.peek().copied() {
            match c {
                '"' if quoted => {
                    self.char();
                    break;
                }
                ' ' | '\t' | '\n' | '\r' if !quoted => break,
                '\\' => {
                    self.char();
                    token.extend(self.char());
                }
                _ => token.extend(self.char()),
            }
        }
        token
    }

    /// What is left of the line on which a comment began.
    fn rest_of_comment(&mut self) {
        while self.chars.next_if(|c| !matches!(c, '\n' | '\r')).is_some() {}
    }

    /// The rest of an entry, which is put at the end; returns the word after it.
    fn entry(&mut self, machine: String, entries: &mut Vec<Entry>) -> Result<String, NetrcError> {
        let mut entry = Entry {
            machine,
            login: Secret::default(),
            account: Secret::default(),
            password: Secret::default(),
        };
        loop {
            let word = self.token();
            match word.as_str() {
                "" | "machine" | "default" | "macdef" => {
                    entries.push(entry);
                    return Ok(word);
                }
                comment if comment.starts_with('#') => self.rest_of_comment(),
                "login" | "user" => entry.login = self.token().into(),
                "account" => entry.account = self.token().into(),
                "password" => entry.password = self.token().into(),
                _ => return Err(self.error(What::Follower)),
            }
        }
    }

    /// The lines of a macro, to and including the empty one that ends it.
    fn skip_macro(&mut self) -> Result<(), NetrcError> {
        // The name's own line comes first and is not an empty line.
        while self.char().ok_or_else(|| self.error(What::Macro))? != '\n' {}
        loop {
            let mut first = true;
            while self.char().ok_or_else(|| self.error(What::Macro))? != '\n' {
                first = false;
            }
            if first {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, host: &str, user: Option<&str>) -> Option<(String, String)> {
        let entries = parse(text).unwrap();
        let login = lookup(&entries, host, user)?;
        Some((login.user.reveal().clone(), login.password.reveal().clone()))
    }

    #[test]
    fn entries_are_read_as_python_reads_them() {
        let rows = [
            ("machine a login l password p", Some(("l", "p"))),
            ("machine\ta\r\nlogin\tl\rpassword p\r\n", Some(("l", "p"))),
            ("machine a user l account x password p", Some(("l", "p"))),
            ("machine a account x password p", Some(("x", "p"))),
            ("machine a password p", Some(("", "p"))),
            ("machine a login l", Some(("l", ""))),
            ("machine a", None),
            ("machine a\ndefault login l password p", None),
            ("machine b login l password p", None),
            ("machine b login x password y default login l password p", Some(("l", "p"))),
            ("default login x\nmachine a login l", Some(("l", ""))),
            ("machine a login x password y\nmachine a login l", Some(("l", ""))),
            ("machine a login \"l l\" password \"p\\\"#\"", Some(("l l", "p\"#"))),
            ("machine a login l\\ l password #p", Some(("l l", "#p"))),
            ("machine a login \"l", Some(("l", ""))),
            ("machine a login l\\", Some(("l", ""))),
            (
                "# one two\n\n# machine a login x\nmachine a login l #x y\npassword p",
                Some(("l", "p")),
            ),
            ("#\nmachine a\n#\n#x\nlogin l", Some(("l", ""))),
            ("macdef m\nmachine a login x\n\nmachine a login l", Some(("l", ""))),
            ("macdef m\r\nx\r\n\r\nmachine a login l", Some(("l", ""))),
            ("machine a login l \"\" machine a login x", Some(("l", ""))),
            ("machine * login l", None),
            ("", None),
        ];
        for (text, want) in rows {
            let want = want.map(|(user, password)| (user.into(), password.into()));
            assert_eq!(check(text, "a", None), want, "{text:?}");
        }
    }

    #[test]
    fn an_entry_of_another_user_counts_for_nothing() {
        let text = "machine a login bob password p\ndefault login alice password q";
        assert_eq!(check(text, "a", Some("alice")), None);
        assert_eq!(check(text, "a", Some("bob")), Some(("bob".into(), "p".into())));
        assert_eq!(check(text, "b", Some("alice")), Some(("alice".into(), "q".into())));
        let several = "machine a login x password 1 machine a login y password 2 machine a login x";
        assert_eq!(check(several, "a", None), Some(("x".into(), String::new())));
        assert_eq!(check(several, "a", Some("x")), Some(("x".into(), String::new())));
        assert_eq!(check(several, "a", Some("y")), Some(("y".into(), "2".into())));
        assert_eq!(check(several, "a", Some("")), None);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let rows = [
            ("bad", 1, What::Keyword),
            ("machine a login l\n\npassword p extra\n", 3, What::Follower),
            ("machine a login \"l\"x", 1, What::Follower),
            ("\nmachine", 2, What::Name),
            ("machine \"\" login l", 1, What::Name),
            ("macdef m\nx\n", 3, What::Macro),
            ("macdef m", 1, What::Macro),
        ];
        for (text, line, what) in rows {
            assert_eq!(parse(text), Err(NetrcError { line, what }), "{text:?}");
        }
    }

    #[test]
    fn the_variable_goes_before_the_home_directory() {
        assert_eq!(locations(Some("/n"), Some("/h")), ["/n"]);
        assert_eq!(locations(Some("~/n"), Some("/h")), ["/h/n"]);
        assert_eq!(locations(None, Some("/h")), ["/h/.netrc", "/h/_netrc"]);
        assert!(locations(None, None).is_empty());
    }
}
