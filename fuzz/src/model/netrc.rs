//! A netrc file written down, in one of the many ways in which it may be, so that it is known what
//! it says.

use arbitrary::{Result, Unstructured};

/// An entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The host, or `default`.
    pub machine: String,
    /// The login, the account and the password, each if it is there.
    pub words: [Option<String>; 3],
}

/// Hosts, of which some are written more than once.
pub const HOSTS: [&str; 5] = ["a.test", "b.test", "sub.a.test", "default", "127.0.0.1"];

/// Entries, and a text that has them.
pub fn make(input: &mut Unstructured<'_>) -> Result<(Vec<Entry>, String)> {
    let (mut entries, mut text) = (Vec::new(), String::new());
    for number in 0..input.int_in_range(0..=6)? {
        between(input, &mut text)?;
        let machine = *input.choose(&HOSTS)?;
        match machine {
            "default" => text.push_str("default"),
            machine => {
                text.push_str("machine");
                blank(input, &mut text)?;
                word(input, &mut text, machine)?;
            }
        }
        let mut words = [None, None, None];
        for _ in 0..input.int_in_range(0..=4)? {
            let which = input.int_in_range(0..=2_usize)?;
            let names: &[&str] = [&["login", "user"][..], &["account"], &["password"]][which];
            // A comment may stand where a keyword may.
            text.push_str(input.choose(&["", " # not a word\n", " #\r\n"])?);
            blank(input, &mut text)?;
            text.push_str(input.choose(names)?);
            blank(input, &mut text)?;
            let odd = *input.choose(&["", "#", "\"", "\\", " ", "machine", "é", "\t"])?;
            let value = format!("{}{odd}{number}", ["L", "A", "P"][which]);
            word(input, &mut text, &value)?;
            words[which] = Some(value);
        }
        entries.push(Entry { machine: machine.into(), words });
        text.push_str(input.choose(&["\n", "\r\n", " ", "\t"])?);
    }
    between(input, &mut text)?;
    Ok((entries, text))
}

/// What may stand where a keyword may.
fn between(input: &mut Unstructured<'_>, text: &mut String) -> Result<()> {
    for _ in 0..input.int_in_range(0..=2)? {
        text.push_str(input.choose(&[
            "\n# machine a.test login X password X\n",
            "\n#\n",
            "\nmacdef init\ncd /pub\nmachine b.test password X\n\n",
            "\n\n",
            " ",
            "# a comment \" with a quote\n",
        ])?);
    }
    Ok(())
}

fn blank(input: &mut Unstructured<'_>, text: &mut String) -> Result<()> {
    text.push_str(input.choose(&[" ", "\t", "\n", "  ", "\r\n"])?);
    Ok(())
}

/// A word, bare or in quotes, with what has to be escaped escaped.
fn word(input: &mut Unstructured<'_>, text: &mut String, word: &str) -> Result<()> {
    let quoted = input.arbitrary::<bool>()? || word.contains([' ', '\t']);
    let is_first = |at: usize| at == 0 && !quoted;
    if quoted {
        text.push('"');
    }
    for (at, c) in word.chars().enumerate() {
        if c == '\\' || (c == '"' && (quoted || is_first(at))) {
            text.push('\\');
        }
        text.push(c);
    }
    if quoted {
        text.push('"');
    }
    Ok(())
}

/// What the entries say about a host, and a user if there is one: the words of the one that counts.
#[must_use]
pub fn lookup<'a>(
    entries: &'a [Entry],
    host: &str,
    user: Option<&str>,
) -> Option<(&'a str, &'a str)> {
    let mut own: Vec<&Entry> = entries.iter().filter(|entry| entry.machine == host).collect();
    if own.is_empty() {
        own = entries.iter().filter(|entry| entry.machine == "default").collect();
    }
    let text = |word: &'a Option<String>| word.as_deref().unwrap_or_default();
    let mut found = None;
    for entry in own {
        let [login, account, password] = &entry.words;
        let name = if login.is_some() { text(login) } else { text(account) };
        if user.is_none_or(|user| user == name) {
            let is_empty = login.is_none() && account.is_none() && password.is_none();
            found = if is_empty { None } else { Some((name, text(password))) };
        }
    }
    found
}
