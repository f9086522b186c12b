//! The arguments of the client.

use std::ffi::OsString;
use std::time::Duration;

use sessio_core::{Auth, Timeouts};

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Command {
    Tour,
    Help,
    Version,
    Call(Box<Call>),
}

/// One call, as the arguments describe it.
#[derive(Debug, Default)]
pub(crate) struct Call {
    pub(crate) url: String,
    pub(crate) method: Option<String>,
    pub(crate) headers: Vec<Field>,
    pub(crate) body: Body,
    pub(crate) auth: Option<(String, String)>,
    pub(crate) scheme: Scheme,
    pub(crate) session: Option<String>,
    pub(crate) redirects: Redirects,
    pub(crate) proxies: Proxies,
    pub(crate) timeouts: Option<Timeouts>,
    pub(crate) retries: u32,
    pub(crate) output: Option<String>,
    pub(crate) shown: Shown,
    pub(crate) trace: Trace,
    pub(crate) ladder: Trace,
    pub(crate) timings: Trace,
    pub(crate) har: Option<String>,
    pub(crate) on_status: OnStatus,
}

/// A header field; without a value it is taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: Option<String>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Body {
    #[default]
    None,
    Data(Content),
    Json(String),
    Form(Vec<(String, Content)>),
}

/// Where content comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Text(String),
    File(String),
    Stdin,
}

/// How user and password are shown to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scheme {
    #[default]
    Basic,
    Digest,
}

impl Scheme {
    pub(crate) fn auth<A>(self, (user, password): &(String, String)) -> Auth<A> {
        match self {
            Self::Basic => Auth::basic(user.as_str(), password.as_str()),
            Self::Digest => Auth::digest(user, password),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Redirects {
    #[default]
    Follow,
    Stop,
}

/// Whether the environment's proxies are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Proxies {
    #[default]
    Environment,
    Off,
}

/// What of the response goes to the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shown {
    #[default]
    Body,
    HeadAndBody,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Trace {
    #[default]
    Off,
    On,
}

/// What a status of 400 or more is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum OnStatus {
    #[default]
    Accept,
    Fail,
}

/// Reads the arguments; the error says what is wrong with them.
pub(crate) fn parse(args: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut words = Words { rest: Vec::new(), attached: None };
    for arg in args {
        let text = arg.into_string().map_err(|arg| format!("{arg:?} is no UTF-8"))?;
        words.rest.push(text);
    }
    words.rest.reverse();
    if words.rest.is_empty() {
        return Ok(Command::Tour);
    }
    let mut call = Call::default();
    let mut urls = Vec::new();
    while let Some(word) = words.rest.pop() {
        if word == "--" {
            urls.extend(words.rest.drain(..).rev());
        } else if word.starts_with('-') && word != "-" {
            let option = words.split(word);
            match option.as_str() {
                "-h" | "--help" => return Ok(Command::Help),
                "-V" | "--version" => return Ok(Command::Version),
                _ => take(&option, &mut words, &mut call)?,
            }
            if words.attached.is_some() {
                return Err(format!("{option} takes no value"));
            }
        } else {
            urls.push(word);
        }
    }
    match urls.as_slice() {
        [] => Err("there is no URL".into()),
        [url] => {
            call.url = address(url);
            Ok(Command::Call(Box::new(call)))
        }
        [first, second, ..] => Err(format!("one URL at a time: there are {first} and {second}")),
    }
}

/// A URL as people type it: the scheme may be left out, and of `:8000/x` the host.
fn address(url: &str) -> String {
    if url.contains("://") {
        url.to_owned()
    } else if url.starts_with(':') {
        format!("http://localhost{url}")
    } else {
        format!("http://{url}")
    }
}

/// The words that are left, the next one last.
struct Words {
    rest: Vec<String>,
    /// The value that was written together with its option.
    attached: Option<String>,
}

impl Words {
    /// The option itself; its value is kept where it is attached: `-XPUT`, `--output=file`.
    fn split(&mut self, word: String) -> String {
        if word.starts_with("--") {
            match word.split_once('=') {
                None => word,
                Some((option, value)) => {
                    self.attached = Some(value.to_owned());
                    option.to_owned()
                }
            }
        } else {
            let option: String = word.chars().take(2).collect();
            let value: String = word.chars().skip(2).collect();
            self.attached = Some(value).filter(|value| !value.is_empty());
            option
        }
    }

    fn value(&mut self, option: &str) -> Result<String, String> {
        let value = self.attached.take().or_else(|| self.rest.pop());
        value.ok_or_else(|| format!("{option} needs a value"))
    }
}

/// Puts an option into the call.
fn take(option: &str, words: &mut Words, call: &mut Call) -> Result<(), String> {
    match option {
        "-X" | "--request" => call.method = Some(words.value(option)?),
        "-I" | "--head" => {
            call.method = Some("HEAD".into());
            call.redirects = Redirects::Stop;
            call.shown = Shown::HeadAndBody;
        }
        "-H" | "--header" => call.headers.push(field(&words.value(option)?)?),
        "-d" | "--data" => set_body(call, option, Body::Data(content(&words.value(option)?)))?,
        "--json" => set_body(call, option, Body::Json(words.value(option)?))?,
        "--form" => form(words, call)?,
        "--digest" => call.scheme = Scheme::Digest,
        "--auth" => {
            let text = words.value(option)?;
            let (user, password) = text.split_once(':').ok_or("--auth wants USER:PASS")?;
            call.auth = Some((user.into(), password.into()));
        }
        "--session" => call.session = Some(words.value(option)?),
        "--no-redirect" => call.redirects = Redirects::Stop,
        "--no-proxy" => call.proxies = Proxies::Off,
        "--timeout" => call.timeouts = Some(timeouts(&words.value(option)?)?),
        "--retry" => {
            let text = words.value(option)?;
            let wrong = |_| format!("--retry wants a number of retries, not {text:?}");
            call.retries = text.parse().map_err(wrong)?;
        }
        "--trace" => call.trace = Trace::On,
        "--ladder" => call.ladder = Trace::On,
        "--timings" => call.timings = Trace::On,
        "--har" => call.har = Some(words.value(option)?),
        "-i" | "--include" => call.shown = Shown::HeadAndBody,
        "-o" | "--output" => call.output = Some(words.value(option)?).filter(|file| file != "-"),
        "--fail" => call.on_status = OnStatus::Fail,
        _ => return Err(format!("there is no option {option}")),
    }
    Ok(())
}

fn set_body(call: &mut Call, option: &str, body: Body) -> Result<(), String> {
    if call.body != Body::None {
        return Err(format!("{option}: there is a body already"));
    }
    call.body = body;
    Ok(())
}

fn field(text: &str) -> Result<Field, String> {
    let wrong = || format!("-H wants 'Name: value', not {text:?}");
    let (name, value) = text.split_once(':').ok_or_else(wrong)?;
    let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
    Ok(Field { name: name.to_owned(), value })
}

fn content(text: &str) -> Content {
    match text.strip_prefix('@') {
        None => Content::Text(text.to_owned()),
        Some("-") => Content::Stdin,
        Some(path) => Content::File(path.to_owned()),
    }
}

/// `--form K=V` and every `K=V` behind it.
fn form(words: &mut Words, call: &mut Call) -> Result<(), String> {
    let mut fields = match std::mem::take(&mut call.body) {
        Body::Form(fields) => fields,
        Body::None => Vec::new(),
        Body::Data(_) | Body::Json(_) => return Err("--form: there is a body already".into()),
    };
    let first = words.value("--form")?;
    let wrong = || format!("--form wants NAME=VALUE or NAME=@FILE, not {first:?}");
    let (name, value) = first.split_once('=').ok_or_else(wrong)?;
    fields.push((name.to_owned(), content(value)));
    while let Some((name, value)) = words.rest.last().and_then(|word| form_field(word)) {
        fields.push((name.to_owned(), content(value)));
        words.rest.pop();
    }
    call.body = Body::Form(fields);
    Ok(())
}

/// Name and value, where this is no option and no URL with a query.
fn form_field(word: &str) -> Option<(&str, &str)> {
    let is_name = |name: &str| !name.starts_with('-') && !name.contains([':', '/', '?']);
    word.split_once('=').filter(|(name, _)| is_name(name))
}

/// `C,R`, of which one may be empty; or one number for both.
fn timeouts(text: &str) -> Result<Timeouts, String> {
    let span = |text: &str| -> Result<Option<Duration>, String> {
        let wrong = || format!("--timeout wants seconds, as 3 or 2.5,30, not {text:?}");
        match text {
            "" => Ok(None),
            _ => {
                let seconds: f64 = text.parse().map_err(|_| wrong())?;
                Timeouts::seconds(seconds).map(Some).map_err(|error| format!("--timeout: {error}"))
            }
        }
    };
    match text.split_once(',') {
        Some((connect, read)) => Ok(Timeouts::pair(span(connect)?, span(read)?)),
        None => span(text).map(|span| Timeouts::pair(span, span)),
    }
}
