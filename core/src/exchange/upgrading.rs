//! From a call to a connection that no longer speaks HTTP.
//!
//! Source: RFC 9110, sections 7.8 and 9.3.6.

use alloc::boxed::Box;
use alloc::string::ToString;

use http::HeaderValue;

use crate::http1::ReceiveError;
use crate::message::Response;
use crate::policy::framing::{Reason, Verdict};
use crate::policy::interim::Refusal;
use crate::policy::reuse::{Close, Sent};
use crate::policy::upgrade;
use crate::trace::What;
use crate::url::authority_form;
use crate::wire::head::ResponseHead;

use super::Exchange;
use super::call::After;
use super::receiving::Receiving;
use super::upgraded::{Protocol, Upgraded};

impl<S> Exchange<S> {
    /// Whether the connection may be handed over after this head, if the head has it so.
    pub(super) fn check_switch(
        &self,
        head: &ResponseHead,
        framing: Verdict,
        sent: Sent,
    ) -> Result<(), ReceiveError> {
        match (framing.reason, sent) {
            (Reason::SwitchedProtocols | Reason::Tunnel, Sent::Partly) => {
                Err(ReceiveError::Interim(Refusal::EarlySwitch))
            }
            (Reason::SwitchedProtocols, Sent::Whole) => {
                let fields = head.fields_named("upgrade");
                let switched = upgrade::switched(&self.call.request.headers, fields);
                switched.map(drop).map_err(ReceiveError::Interim)
            }
            _ => Ok(()),
        }
    }

    /// The connection no longer speaks HTTP: it is kept for the caller if the response counts.
    pub(super) fn hand_over(&mut self, receiving: Receiving<S>) {
        match (receiving.after, &self.response) {
            (After::Ask | After::Accept | After::Finish, Some(response)) => {
                let protocol = protocol(response);
                self.trace.note(self.now, || What::Upgraded(protocol.to_string().into()));
                let left_over = self.buffers.unread();
                let upgraded = Upgraded::new(receiving.connection, protocol, left_over);
                self.upgraded = Some(Box::new(upgraded));
            }
            (After::Answer | After::Unexpected | After::Follow | After::Retry(_), _)
            | (_, None) => {
                self.trace.note(self.now, || What::Closed(Close::NoLongerHttp));
            }
        }
        self.buffers.forget();
    }

    /// The connection, if the call ended in one that no longer speaks HTTP: after a 101 that the
    /// request asked for by `Connection: upgrade` and `Upgrade`, or a 2xx to a `CONNECT`.
    ///
    /// To be asked once [`Output::Done`](super::Output::Done) was given, before
    /// [`finish`](Self::finish). If nobody asks, the connection is closed; the session never has it
    /// back.
    pub fn take_upgraded(&mut self) -> Option<Upgraded<S>> {
        self.upgraded.take().map(|upgraded| *upgraded)
    }
}

/// What is spoken after this response.
fn protocol(response: &Response) -> Protocol {
    let request = &response.request;
    if response.status.is_success() {
        return Protocol::Tunnel(authority_form(&request.url).into());
    }
    let headers = response.headers();
    let fields = headers.get_all("upgrade").map(HeaderValue::as_bytes);
    Protocol::Named(upgrade::switched(&request.headers, fields).unwrap_or_default().into())
}
