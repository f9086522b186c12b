//! A request going out and the head of its response coming in.

use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use http::{HeaderValue, Method};

use crate::connection::Connection;
use crate::connection::route::TargetForm;
use crate::error::{Error, ErrorKind};
use crate::http1::ReceiveError;
use crate::http1::receive::{Body as BodyIn, HeadStep, Heads};
use crate::http1::send::{Framing, Outgoing};
use crate::io::IoError;
use crate::message::{Body, Part, PreparedRequest, Response, Rewind, SourceId};
use crate::planted::Plant;
use crate::policy::retry::Failure;
use crate::policy::reuse::{self, Close, Reuse, Sent};
use crate::policy::upgrade;
use crate::shared::DEFAULT_USER_AGENT;
use crate::trace::{Expecting, What};
use crate::url::{authority_form, write_absolute_form, write_origin_form};
use crate::wire::decode::Decoding;
use crate::wire::request_head::{self, BodyFraming, Own, ProxyAuthorization};

use super::Exchange;
use super::call::{After, Ask, Reader, Redirects, SecondTry, UploadState};
use super::expecting::expects;
use super::io::{Output, Received, Rewound, Transfer, Upload};
use super::receiving::{Ready, Receiving, Run, Sink};
use super::state::{Answer, Choice, State, Talking};

impl<S> Exchange<S> {
    /// A connection is there: sets the sources back if they were read, then sends.
    pub(super) fn begin_talking(&mut self, connection: Connection<S>) -> State<S> {
        match self.call.upload {
            UploadState::Fresh => self.send_on(connection),
            UploadState::Begun if Plant::UploadNotRewound.is_on() => self.send_on(connection),
            UploadState::Begun => self.rewind_from(connection, 0),
        }
    }

    /// Looks for the next source at `part` or behind it that has to be set back.
    fn rewind_from(&mut self, connection: Connection<S>, part: usize) -> State<S> {
        match source_from(&self.call.request.body, part) {
            Some((part, source, Rewind::Possible)) => State::Rewinding { connection, part, source },
            Some((_, _, Rewind::Impossible)) => self.cannot_rewind(),
            None => {
                self.call.upload = UploadState::Fresh;
                self.send_on(connection)
            }
        }
    }

    /// A source was set back, or cannot be.
    pub(super) fn rewound(
        &mut self,
        connection: Connection<S>,
        part: usize,
        rewound: Rewound,
    ) -> State<S> {
        match rewound {
            Rewound::Done => self.rewind_from(connection, part.saturating_add(1)),
            Rewound::Impossible => self.cannot_rewind(),
        }
    }

    /// The body is wanted a second time and cannot be had: an error, with the response that asked.
    pub(super) fn cannot_rewind(&mut self) -> State<S> {
        let why = "the body was sent once and its source cannot go back to its start: give bytes \
                   or a source that can be rewound";
        let mut error = Error::new(ErrorKind::UnrewindableBody, why);
        if let Some(response) = self.call.rounds.pop().or_else(|| self.call.hops.pop()) {
            error = error.with_response(response);
        }
        self.failed(error)
    }

    /// Writes the head and begins to send.
    fn send_on(&mut self, mut connection: Connection<S>) -> State<S> {
        let request = &self.call.request;
        let mut out = core::mem::take(&mut self.buffers.head_out);
        out.clear();
        let framing = match (request.body.len(), &request.body) {
            // As urllib3 does where the fields do not say it: methods that may well have a body.
            (_, Body::Empty) if expects_body(&request.method) => BodyFraming::Length(0),
            (_, Body::Empty) => BodyFraming::Unsaid,
            (Some(length), _) => BodyFraming::Length(length),
            (None, _) => BodyFraming::Chunked,
        };
        let (url, form) = (&request.url, connection.route.form());
        let proxy_authorization = match (form, &self.call.to_proxy.value) {
            (TargetForm::Origin, Some(value)) if Plant::ProxyAuthorizationInTunnel.is_on() => {
                ProxyAuthorization::Is(value)
            }
            (TargetForm::Origin, _) if Plant::ProxyAuthorizationKept.is_on() => {
                ProxyAuthorization::Keep
            }
            (TargetForm::Origin, _) => ProxyAuthorization::Drop,
            (TargetForm::Absolute, None) => ProxyAuthorization::Keep,
            (TargetForm::Absolute, Some(value)) => ProxyAuthorization::Is(value),
        };
        let (accept_encoding, user_agent) = ("identity", DEFAULT_USER_AGENT);
        let first = Plant::HostOfFirstUrl.is_on();
        let host = if first { &self.call.home.url } else { url };
        let dot = connection.route.final_dot();
        let own = Own { host, dot, accept_encoding, user_agent, framing, proxy_authorization };
        let is_connect = request.method == Method::CONNECT;
        let target = |out: &mut Vec<u8>| match form {
            _ if is_connect => out.extend_from_slice(authority_form(url).as_bytes()),
            TargetForm::Origin => write_origin_form(url, out),
            TargetForm::Absolute => write_absolute_form(url, out),
        };
        let written = request_head::write(&mut out, &request.method, target, own, &request.headers);
        if let Err(error) = written {
            return self.failed(error.into());
        }
        if self.trace.is_on() {
            let head = super::shown::request(request, self.trace.secrets());
            self.trace.note(self.now, || What::Sent(head));
        }
        let framing = request.body.len().map_or(Framing::Chunked, Framing::Length);
        let mut outgoing = Outgoing::new(out, &request.body, framing);
        if expects(request) {
            outgoing.hold();
            self.trace.note(self.now, || What::Expect(Expecting::Held));
        } else if matches!(request.body, Body::Parts(_)) {
            self.call.upload = UploadState::Begun;
        }
        connection.requests = connection.requests.saturating_add(1);
        self.buffers.forget();
        self.call.last_moved = self.now;
        let mut head = self.buffers.head_in.take().unwrap_or_default();
        head.clear();
        let (heads, answer) = (Heads::after(upgrade::asked(&request.headers)), Answer::Nothing);
        State::Talking(Talking { connection, outgoing, heads, head, answer })
    }

    /// Bytes moved while the request goes out or the head is awaited. As long as the head is not
    /// complete, the state changes in place.
    pub(super) fn talked(&mut self, sent: usize, received: Received) {
        let State::Talking(talking) = &mut self.state else { return };
        if talking.connection.stack.is_some() {
            self.talked_in_records(sent, received);
            return;
        }
        talking.outgoing.sent(sent);
        if sent > 0 {
            self.call.last_moved = self.now;
        }
        let error = match (received, talking.answer) {
            (Received::Nothing, _) => return,
            (Received::Bytes(0), Answer::Nothing) => ReceiveError::NoResponse,
            (Received::Bytes(0), Answer::Begun) => ReceiveError::InHead,
            (Received::Bytes(_), _) if !talking.outgoing.has_begun() => {
                self.state = self.broken_off(ReceiveError::Unasked.into(), Failure::Read);
                return;
            }
            (Received::Bytes(count), _) => {
                self.call.last_moved = self.now;
                self.buffers.filled(count, self.call.limits.receive_bytes_max);
                talking.answer = Answer::Begun;
                self.read_heads();
                return;
            }
        };
        if let State::Talking(talking) = self.take() {
            self.state = self.broken(talking, error.into());
        }
    }

    /// A source put so many bytes into its room.
    pub(super) fn filled(&mut self, mut talking: Talking<S>, count: usize) -> State<S> {
        self.call.last_moved = self.now;
        match talking.outgoing.filled(count) {
            Ok(()) => State::Talking(talking),
            Err(error) => self.failed(error.into()),
        }
    }

    /// The connection broke while the request went out or the head was awaited.
    pub(super) fn lost(&mut self, talking: Talking<S>, why: IoError) -> State<S> {
        self.broken(talking, Error::new(ErrorKind::Connection, why))
    }

    /// A reused connection that dies before a byte of the response is worth a second try, if the
    /// request may be sent again.
    ///
    /// Source: RFC 9110, 9.2.2; RFC 9112, 9.3.1.
    pub(super) fn broken(&mut self, talking: Talking<S>, error: Error) -> State<S> {
        let is_stale = talking.connection.requests > 1 && talking.answer == Answer::Nothing;
        if !is_stale {
            return self.broken_while_sent(&talking, error);
        }
        let request = &self.call.request;
        let never_left = match &talking.connection.stack {
            None => !talking.outgoing.has_begun(),
            Some(stack) => !stack.has_begun(),
        };
        let may_repeat =
            never_left || reuse::is_idempotent(&request.method) || Plant::PostSentAgain.is_on();
        let can_repeat = never_left || request.body.rewind() == Rewind::Possible;
        if may_repeat && can_repeat && self.call.second_try == SecondTry::Free {
            self.call.second_try = SecondTry::Used;
            self.trace.note(self.now, || What::Again);
            self.buffers.head_out = talking.outgoing.into_buffer();
            self.buffers.head_in = Some(talking.head);
            return State::Planning { choice: Choice::Fresh };
        }
        let text = format!(
            "the connection kept alive was closed while a {} was sent on it: {error}; whether the \
             server acted on it is not known, so it is not sent again",
            request.method
        );
        self.broken_off(Error::new(ErrorKind::Connection, text.as_str()), Failure::Read)
    }

    /// The connection broke under a request that nothing was answered to, or not all. A request that
    /// must not be sent twice may have been seen.
    ///
    /// Source: `_wrap_proxy_error` in urllib3 2.8, `connectionpool.py`, but for the methods.
    fn broken_while_sent(&mut self, talking: &Talking<S>, error: Error) -> State<S> {
        // Without a word of answer, an HTTP proxy on the way is who is gone, with a tunnel too:
        // http.client has closed by then, and urllib3 takes what is closed for not connected.
        let by_proxy = talking.connection.route.has_http_proxy();
        let is_proxy_gone = by_proxy && talking.answer == Answer::Nothing;
        let error = if is_proxy_gone { error.of_proxy() } else { error };
        let is_other = matches!(error.kind(), ErrorKind::Proxy | ErrorKind::Ssl);
        match is_other && reuse::is_idempotent(&self.call.request.method) {
            true => self.broken_off(error, Failure::Other),
            false => self.broken_off(error, Failure::Read),
        }
    }

    /// Reads as many heads as have come.
    pub(super) fn read_heads(&mut self) {
        loop {
            let State::Talking(talking) = &mut self.state else { return };
            let received = self.buffers.unread();
            match talking.heads.step(&mut talking.head, received, &self.call.limits) {
                Err(error) => {
                    self.state = self.broken_off(error.into(), Failure::Read);
                    return;
                }
                Ok(HeadStep::NeedMore) => return,
                Ok(HeadStep::Interim { used, status }) => {
                    let shown = self
                        .trace
                        .is_on()
                        .then(|| super::shown::interim(&talking.head, self.trace.secrets()));
                    self.buffers.consume(used);
                    if let Some(shown) = shown {
                        self.trace.note(self.now, || What::Interim(shown));
                    }
                    if status == 100 {
                        self.release_body(Expecting::Continue);
                    }
                }
                Ok(HeadStep::Final { used }) => {
                    self.buffers.consume(used);
                    if let State::Talking(talking) = self.take() {
                        let next = self.head_came(talking);
                        self.enter(next);
                    }
                    return;
                }
            }
        }
    }

    /// The final head is there: says who reads the body.
    fn head_came(&mut self, talking: Talking<S>) -> State<S> {
        let Talking { connection, outgoing, head, .. } = talking;
        let request = Arc::clone(&self.call.request);
        let (body, framing) = match BodyIn::of_head(&request.method, &head) {
            Ok(found) => found,
            Err(error) => return self.bad_framing(error),
        };
        let codings = head.fields_named("content-encoding");
        let decoding = match Decoding::from_fields(codings, &self.call.limits.decode) {
            Ok(decoding) => decoding,
            Err(error) => return self.failed(error.into()),
        };
        let is_encrypted_sent = connection.stack.as_ref().is_none_or(|s| !s.has_unsent());
        let is_held = outgoing.is_held();
        let is_sent = outgoing.is_done() && is_encrypted_sent;
        let sent = if is_sent { Sent::Whole } else { Sent::Partly };
        if let Err(error) = self.check_switch(&head, framing, sent) {
            return self.broken_off(error.into(), Failure::Read);
        }
        let seen = reuse::Seen {
            version: head.version(),
            framing,
            request: options_asked(&request),
            response: reuse::options(head.fields_named("connection")),
            sent,
            received: reuse::Received::Whole,
        };
        let close = match reuse::decide(&seen) {
            Reuse::Keep => None,
            Reuse::Close(why) => Some(why),
        };
        self.buffers.head_out = outgoing.into_buffer();
        let mut response = Response::of_head(request, head);
        response.elapsed = self.now.since(self.call.hop_started);
        self.note_head(&response, &decoding);
        let judged = self.judge(&response);
        if judged.is_none() {
            response.retries = self.take_retries();
            self.response_cookies(&mut response);
        }
        let leads_on = response.leads_on();
        let is_unexpected = is_held && judged.is_none() && self.is_unexpected(&response);
        let is_answered = judged.is_none() && self.is_answered(&response);
        self.response = Some(response);
        let mut receiving = Receiving {
            connection,
            body,
            decoding,
            sink: Sink::Lend,
            after: After::Finish,
            close,
            run: Run::Framed,
            ready: Ready::Nothing,
            content_bytes: 0,
        };
        let own = match (judged, is_unexpected, is_answered) {
            (Some(next), _, _) => Some((After::Retry(next), self.glance())),
            (None, true, _) => Some((After::Unexpected, self.glance())),
            (None, false, true) => Some((After::Answer, self.sink(leads_on))),
            (None, false, false) => None,
        };
        if let Some(own) = own {
            (receiving.after, receiving.sink) = own;
            return self.receive_more(receiving);
        }
        self.who_reads(receiving, leads_on)
    }

    /// Gives the body to the caller to read, or reads it.
    fn who_reads(&mut self, mut receiving: Receiving<S>, leads_on: bool) -> State<S> {
        let asks = self.call.plan.respond == Ask::Runtime;
        // Then there is no body, and the call ends with the head for a caller that streams too.
        let hands_over = receiving.close == Some(Close::NoLongerHttp);
        // The body of a redirect is read by the core even for a caller that streams: what `next`
        // leads to may want the connection.
        match (self.call.plan.reader, leads_on || hands_over) {
            (Reader::Caller, _) if asks && !hands_over => {
                State::Asking { rest: Some(Box::new(receiving)) }
            }
            (Reader::Caller, false) => self.give_head(receiving),
            (Reader::Caller, true) | (Reader::Core, _) => {
                receiving.after = if asks { After::Ask } else { After::Accept };
                receiving.sink = self.sink(leads_on);
                self.receive_more(receiving)
            }
        }
    }

    /// The head frames the body in a way that is not allowed. Lengths that differ are no error of
    /// the connection in requests, and are not tried again there.
    fn bad_framing(&mut self, error: ReceiveError) -> State<S> {
        let error = Error::from(error);
        match error.kind() {
            ErrorKind::InvalidHeader => self.failed(error),
            _ => self.broken_off(error, Failure::Read),
        }
    }

    /// Where the body goes if the core reads it: nobody may want that of a redirect that is
    /// followed.
    pub(super) fn sink(&self, leads_on: bool) -> Sink {
        if leads_on && self.call.plan.redirects == Redirects::Follow {
            self.glance()
        } else {
            Sink::Collect { content: Vec::new(), max: self.call.limits.body_bytes_max }
        }
    }

    /// Where a body goes that is read so that its connection can be used again.
    const fn glance(&self) -> Sink {
        Sink::Glance { content: Vec::new(), max: self.call.limits.redirect_body_bytes_max }
    }

    /// Gives the head to the caller, once its cookies are kept.
    fn give_head(&self, receiving: Receiving<S>) -> State<S> {
        let sets_cookies = self.response.as_ref().is_some_and(|r| !r.set_cookies.is_empty());
        if sets_cookies || !self.call.rounds.is_empty() || !self.call.hops.is_empty() {
            State::Deciding { rest: Some(Box::new(receiving)) }
        } else {
            State::AtHead(receiving)
        }
    }

    /// The transfer of a request on its way.
    pub(super) fn poll_talking<'a>(
        talking: &'a mut Talking<S>,
        buffers: &'a mut crate::http1::buffers::Buffers,
        limits: &crate::settings::Limits,
    ) -> Output<'a, S> {
        let loan = talking.outgoing.loan(limits.upload_piece_bytes_max);
        let upload = loan.fill.map(|(source, room)| Upload { source, room });
        let (send, receive) = match &mut talking.connection.stack {
            None => (loan.send, buffers.room(limits.receive_bytes_max)),
            Some(stack) => {
                let (unsent, room) = stack.lend();
                ([unsent, &[]], room)
            }
        };
        Output::Transfer(Transfer { socket: &mut talking.connection.socket, send, receive, upload })
    }
}

/// What the request's own fields say about the connection.
fn options_asked(request: &PreparedRequest) -> reuse::Options {
    reuse::options(request.headers.get_all("connection").map(HeaderValue::as_bytes))
}

/// The first source of a body at part `from` or behind it.
fn source_from(body: &Body, from: usize) -> Option<(usize, SourceId, Rewind)> {
    let Body::Parts(parts) = body else { return None };
    parts.iter().enumerate().skip(from).find_map(|(place, part)| match part {
        Part::Bytes(_) => None,
        Part::Source { source, rewind, .. } => Some((place, *source, *rewind)),
    })
}

/// Whether a request of this method without a body says so.
///
/// Source: `_METHODS_NOT_EXPECTING_BODY` in urllib3, `util/request.py`.
fn expects_body(method: &Method) -> bool {
    !matches!(method.as_str(), "GET" | "HEAD" | "DELETE" | "TRACE" | "OPTIONS" | "CONNECT")
}
