//! After a body: the connection goes back, cookies are kept, and the response counts or leads on.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;

use bytes::Bytes;

use crate::connection::Connection;
use crate::cookies::Jar;
use crate::error::{Error, ErrorKind};
use crate::io::IoError;
use crate::message::{Content, PreparedRequest, Response, Rewind};
use crate::planted::Plant;
use crate::policy::redirect::Stop;
use crate::policy::reuse::Close;
use crate::settings::TimeoutKind;
use crate::shared::Shared;
use crate::time::Now;
use crate::trace::What;

use super::Exchange;
use super::call::{After, Redirects, UploadState};
use super::io::Received;
use super::receiving::{Discarded, Progress, Receiving, Sink};
use super::state::{Choice, State};

impl<S> Exchange<S> {
    /// Bytes came in while the body is read.
    pub(super) fn body_moved(&mut self, sent: usize, received: Received) {
        let State::Receiving(receiving) = &mut self.state else { return };
        if receiving.connection.stack.is_some() {
            self.body_in_records(sent, received);
            return;
        }
        match received {
            Received::Nothing => {}
            Received::Bytes(0) => self.body_closed(),
            Received::Bytes(count) => {
                self.call.last_moved = self.now;
                self.buffers.filled(count, self.call.limits.receive_bytes_max);
                self.body_step();
            }
        }
    }

    /// The peer's stream has ended.
    pub(super) fn body_closed(&mut self) {
        let State::Receiving(receiving) = &mut self.state else { return };
        receiving.close.get_or_insert(Close::UntilClose);
        match receiving.body.closed() {
            Ok(()) => self.body_step(),
            Err(error) => self.body_broken(error.into()),
        }
    }

    /// The caller used so much of the content.
    pub(super) fn body_consumed(&mut self, count: usize) {
        let State::Receiving(receiving) = &mut self.state else { return };
        if receiving.data(&self.buffers).is_some() {
            receiving.consumed(count, &mut self.buffers);
            self.call.last_moved = self.now;
            self.body_step();
        }
    }

    /// Goes on with a body that was not read so far: [`enter`](Self::enter) reads what has come in.
    pub(super) const fn receive_more(&mut self, receiving: Receiving<S>) -> State<S> {
        // The caller may have taken its time with the head.
        self.call.last_moved = self.now;
        State::Receiving(receiving)
    }

    /// Goes on with the body in place: moving its state would cost more than the bytes.
    pub(super) fn body_step(&mut self) {
        let State::Receiving(receiving) = &mut self.state else { return };
        match receiving.advance(&mut self.buffers) {
            Ok(Progress::Starved) if receiving.connection.stack.is_some() => {
                if self.decrypt_more() {
                    self.body_step();
                }
            }
            Ok(Progress::Starved | Progress::Content) => {}
            Ok(Progress::Complete) => {
                let bytes = receiving.content_bytes;
                self.trace.note(self.now, || What::Body(bytes));
                self.body_ended(Content::Complete);
            }
            Ok(Progress::Enough) => {
                if !Plant::UnreadKept.is_on() {
                    receiving.close.get_or_insert(Close::ResponseUnfinished);
                }
                self.body_ended(Content::Partial);
            }
            Err(error) => self.body_broken(error),
        }
    }

    /// The body has ended, or as much of it as is wanted has come.
    fn body_ended(&mut self, how: fn(Bytes) -> Content) {
        let State::Receiving(mut receiving) = self.take() else { return };
        let (how, discarded) = match &mut receiving.sink {
            Sink::Discard { outcome, .. } => (
                Content::Partial as fn(Bytes) -> Content,
                Some(mem::replace(&mut **outcome, Discarded::Response)),
            ),
            Sink::Lend | Sink::Collect { .. } | Sink::Glance { .. } => (how, None),
        };
        if !matches!(receiving.sink, Sink::Lend)
            && let Some(response) = &mut self.response
        {
            response.content = receiving.take_content(how);
        }
        let after = receiving.after;
        let connection = self.finished_connection(receiving);
        self.state = match discarded {
            Some(Discarded::Error(error)) => {
                State::Releasing { connection, error: self.with_partial(error) }
            }
            Some(Discarded::Response) | None => State::Settling { connection, after },
        };
    }

    /// An error with the response as far as it came.
    pub(super) fn with_partial(&mut self, error: Error) -> Error {
        match self.response.take() {
            Some(response) => error.with_response(self.with_history(response)),
            None => error,
        }
    }

    /// The connection behind a body, if it can be used again.
    fn finished_connection(&mut self, mut receiving: Receiving<S>) -> Option<Connection<S>> {
        if receiving.close == Some(Close::NoLongerHttp) {
            self.hand_over(receiving);
            return None;
        }
        let surplus = self.surplus(&mut receiving);
        let trailers = receiving.body.into_trailers();
        if let (Some(response), Some(trailers)) = (&mut self.response, trailers) {
            if Plant::CookiesInTrailers.is_on() {
                let cookies = trailers.get_all("set-cookie").map(|value| value.as_bytes().to_vec());
                response.set_cookies.extend(cookies);
            }
            response.trailers = trailers;
        }
        match receiving.close.or(surplus) {
            None => Some(receiving.connection),
            Some(why) => {
                self.trace.note(self.now, || What::Closed(why));
                None
            }
        }
    }

    /// The body is broken, or cannot be decoded: an error with the part that came. The body of a
    /// redirect is wanted by nobody, so it may be broken.
    pub(super) fn body_broken(&mut self, error: Error) {
        let State::Receiving(receiving) = &mut self.state else { return };
        let error = if error.kind() == ErrorKind::ContentDecoding {
            let max = self.call.limits.redirect_body_bytes_max;
            match receiving.discard(error, max, &mut self.buffers) {
                Ok(()) => {
                    self.body_step();
                    return;
                }
                Err(error) => error,
            }
        } else {
            error
        };
        receiving.close.get_or_insert(Close::ResponseUnfinished);
        match &mut receiving.sink {
            Sink::Glance { .. } | Sink::Discard { .. } => self.body_ended(Content::Partial),
            Sink::Lend => self.fail_body(error),
            Sink::Collect { .. } => {
                let content = receiving.take_content(Content::Partial);
                if let Some(response) = &mut self.response {
                    response.content = content;
                }
                self.fail_body(error);
            }
        }
    }

    /// Ends the call with the error of its body.
    fn fail_body(&mut self, error: Error) {
        let State::Receiving(receiving) = self.take() else { return };
        let connection = self.finished_connection(receiving);
        let error = self.with_partial(error);
        self.state = State::Releasing { connection, error };
    }

    /// The connection broke while the body was read.
    pub(super) fn body_lost(&mut self, why: IoError) {
        self.body_broken(Error::new(ErrorKind::ChunkedEncoding, why));
    }

    /// Time is up: what came of the body goes along with the error.
    pub(super) fn time_out(&mut self, which: TimeoutKind) {
        if let Some(next) = self.retry_timed_out(which) {
            self.state = next;
            return;
        }
        // Nobody wants the rest of a response that does not count.
        if let (State::Receiving(receiving), TimeoutKind::Read) = (&self.state, which)
            && matches!(receiving.after, After::Retry(_))
        {
            self.body_broken(Error::timeout(which));
            return;
        }
        let mut error = Error::timeout(which);
        if let State::Receiving(receiving) = &mut self.state
            && let Some(mut response) = self.response.take()
        {
            if !matches!(receiving.sink, Sink::Lend) {
                response.content = receiving.take_content(Content::Partial);
            }
            error = error.with_response(self.with_history(response));
        }
        self.state = self.failed(error);
    }

    /// The response, with what led to it.
    pub(super) fn with_history(&mut self, mut response: Response) -> Response {
        response.history = self.call.take_history();
        response
    }

    /// Judges the cookies that a response sets, for its own list of them.
    pub(super) fn response_cookies(&self, response: &mut Response) {
        if response.set_cookies.is_empty() {
            return;
        }
        let mut jar = Jar::new();
        let lines = response.set_cookies.iter().map(Vec::as_slice);
        jar.extract(lines, &response.request.url, self.wall);
        response.cookies = jar.iter().cloned().collect();
    }

    /// Lends the session: everything that is due is done.
    pub(super) fn settle(
        &mut self,
        shared: &mut Shared<S>,
        connection: Option<Connection<S>>,
        after: After,
        now: Now,
    ) -> State<S> {
        self.release(shared, connection);
        match after {
            After::Answer => self.answer(shared, now),
            After::Unexpected => self.without_expectation(shared, now),
            After::Ask => State::Asking { rest: None },
            After::Accept => self.accept(shared, None, now),
            After::Follow => self.follow(shared, now).unwrap_or_else(|| self.finished(shared)),
            After::Finish => self.finished(shared),
            After::Retry(next) => match self.after_retried(next) {
                State::Failed(error) => {
                    shared.take_back(mem::take(&mut self.buffers));
                    State::Failed(error)
                }
                state => state,
            },
        }
    }

    /// Gives a clean connection back.
    pub(super) fn release(&mut self, shared: &mut Shared<S>, connection: Option<Connection<S>>) {
        if let Some(connection) = connection {
            shared.pool.release(connection, self.call.caps, self.now);
            self.trace.note(self.now, || What::Kept);
        }
    }

    /// The response counts: its cookies are kept, and it may lead on.
    pub(super) fn accept(
        &mut self,
        shared: &mut Shared<S>,
        rest: Option<Box<Receiving<S>>>,
        now: Now,
    ) -> State<S> {
        let Some(response) = &self.response else { return self.finished(shared) };
        let answers = self.call.rounds.iter().chain([response]);
        for response in answers.filter(|response| !response.set_cookies.is_empty()) {
            let lines = response.set_cookies.iter().map(Vec::as_slice);
            let first = Plant::CookiesUnderFirstHost.is_on();
            let request = if first { &self.call.home } else { &response.request };
            let decisions = shared.cookies.extract(lines, &request.url, now.wall);
            for decision in decisions {
                self.trace.note(self.now, || What::cookie(&decision));
            }
        }
        let leads_on = response.leads_on();
        if response.is_redirect() && !leads_on {
            self.trace.note(self.now, || What::Answer(Stop::EmptyLocation));
        }
        match (self.call.plan.redirects, rest) {
            (Redirects::Follow, Some(mut rest)) if leads_on => {
                rest.after = After::Follow;
                rest.sink = self.sink(true);
                self.receive_more(*rest)
            }
            (Redirects::Follow, None) if leads_on => {
                self.follow(shared, now).unwrap_or_else(|| self.finished(shared))
            }
            (redirects, rest) => {
                if redirects == Redirects::Stop && leads_on {
                    match self.next_request(shared, now) {
                        Ok(next) => {
                            if let Some(response) = &mut self.response {
                                response.next = next.map(Box::new);
                            }
                        }
                        Err(error) => return self.failed(error),
                    }
                }
                if let Some(response) = &mut self.response {
                    response.history = self.call.take_history();
                }
                match rest {
                    Some(mut rest) if leads_on => {
                        rest.after = After::Finish;
                        rest.sink = self.sink(true);
                        self.receive_more(*rest)
                    }
                    Some(rest) => State::AtHead(*rest),
                    None => self.finished(shared),
                }
            }
        }
    }

    /// Goes where the response leads; `None` if it leads nowhere after all.
    fn follow(&mut self, shared: &mut Shared<S>, now: Now) -> Option<State<S>> {
        let next = match self.next_request(shared, now) {
            Ok(next) => next?,
            Err(error) => return Some(self.failed(error)),
        };
        self.call.rounds.clear();
        self.call.hops.extend(self.response.take());
        self.go_on(next);
        let is_begun = self.call.upload == UploadState::Begun;
        if is_begun && self.call.request.body.rewind() == Rewind::Impossible {
            return Some(self.cannot_rewind());
        }
        Some(self.plan(shared, Choice::Any, now))
    }

    /// Makes `next` the request of the present hop.
    pub(super) fn go_on(&mut self, next: PreparedRequest) {
        self.call.request = next.into();
        self.call.second_try = super::call::SecondTry::Free;
        self.call.retries = super::attempts::Retries::new();
        self.call.hop_started = self.now;
    }

    /// The runtime wants another request answered first.
    pub(super) fn resend(&mut self, request: PreparedRequest) -> State<S> {
        // An unread body is given up, and its connection with it.
        self.trace.note(self.now, || What::Resend);
        self.upgraded = None;
        self.call.rounds.extend(self.response.take());
        self.go_on(request);
        State::Planning { choice: Choice::Any }
    }

    /// The call is over: the buffers go back.
    pub(super) fn finished(&mut self, shared: &mut Shared<S>) -> State<S> {
        shared.take_back(mem::take(&mut self.buffers));
        self.trace.note(self.now, || What::Finished);
        State::Done
    }
}
