//! Hooks, by what they do.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.4.

use serde_json::Value;

use super::{text, wrong};
use crate::peer::Malformed;

/// Hooks by event, in order. Only `response` is an event that requests knows.
pub type Hooks = Vec<(String, Vec<HookSpec>)>;

/// One hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookSpec {
    /// As the vector names it, and as the log has it.
    pub name: String,
    /// What it does.
    pub kind: HookKind,
}

/// What a hook does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookKind {
    /// Nothing.
    Note,
    /// Notes the sorted names of the arguments it is given.
    Arguments,
    /// Returns its argument.
    Same,
    /// Sets the status code.
    Status(u16),
    /// Sets a response header.
    Header(String, String),
    /// Removes a response header.
    DropHeader(String),
    /// Reads the body.
    Read,
    /// Fails with kind `HookError` and this message.
    Raise(String),
    /// Returns a new response of this status.
    Replace(u16),
    /// Sends the same prepared request again, once a call.
    Resend,
}

pub(super) fn parse(hooks: &Value) -> Result<Hooks, Malformed> {
    let events = hooks.as_object().ok_or_else(|| wrong("hooks", hooks))?;
    let event = |(event, hooks): (&String, &Value)| {
        let hooks = match hooks {
            Value::Array(hooks) => hooks.iter().map(HookSpec::parse).collect::<Result<_, _>>()?,
            one => vec![HookSpec::parse(one)?],
        };
        Ok((event.clone(), hooks))
    };
    events.iter().map(event).collect()
}

impl HookSpec {
    fn parse(hook: &Value) -> Result<Self, Malformed> {
        let name = text(hook)?;
        let (verb, argument) = name.split_once(':').unwrap_or((&name, ""));
        let status = || argument.parse().map_err(|_| wrong("status of a hook", hook));
        let kind = match verb {
            "note" => HookKind::Note,
            "kwargs" => HookKind::Arguments,
            "same" => HookKind::Same,
            "status" => HookKind::Status(status()?),
            "header" => {
                let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
                HookKind::Header(name.to_owned(), value.to_owned())
            }
            "drop_header" => HookKind::DropHeader(argument.to_owned()),
            "read" => HookKind::Read,
            "raise" => HookKind::Raise(argument.to_owned()),
            "replace" => HookKind::Replace(status()?),
            "resend" => HookKind::Resend,
            _ => return Err(wrong("hook", hook)),
        };
        Ok(Self { name, kind })
    }
}
