//! Where the time of a hop went: moments that events tell, and the spans between them.

use core::time::Duration;

use super::place::Place;
use crate::time::Instant;

/// The phases of a hop, one after the other; together they are all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// Before a connection was begun or taken, and between its standing and the request: decisions,
    /// and the wait for a place where connections are limited.
    pub waiting: Duration,
    /// The look-up of the name and the connecting; `None` if the connection idled before.
    pub connecting: Option<Duration>,
    /// The tunnel through a proxy and the handshakes of TLS; `None` if there were none.
    pub securing: Option<Duration>,
    /// From the moment that the request was on its way to the end of the response's head.
    pub answering: Duration,
    /// From there to the end of the body. Of a streamed body this is the caller's time too.
    pub receiving: Duration,
}

impl Phases {
    /// All of them together.
    #[must_use]
    pub fn total(&self) -> Duration {
        let spans = [
            Some(self.waiting),
            self.connecting,
            self.securing,
            Some(self.answering),
            Some(self.receiving),
        ];
        spans.into_iter().flatten().fold(Duration::ZERO, Duration::saturating_add)
    }
}

/// The moments of a hop that are known so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments {
    pub(super) began: Instant,
    opening: Option<Instant>,
    connected: Option<Instant>,
    secured: Option<Instant>,
    sent: Option<Instant>,
    received: Option<Instant>,
    ended: Instant,
}

impl Moments {
    pub(super) const fn new(began: Instant) -> Self {
        Self {
            began,
            opening: None,
            connected: None,
            secured: None,
            sent: None,
            received: None,
            ended: began,
        }
    }

    /// Takes in what happened at `at`.
    pub(super) fn add(&mut self, at: Instant, place: &Place<'_>) {
        match place {
            Place::Opening => {
                (self.opening, self.connected, self.secured) = (Some(at), None, None);
            }
            Place::Connected => self.connected = Some(at),
            Place::Secured => self.secured = Some(at),
            Place::Sent(_) => self.sent = Some(at),
            Place::Received(_) => self.received = Some(at),
            Place::Hop { .. }
            | Place::Way(_)
            | Place::Cookies(_)
            | Place::Tunnel(_)
            | Place::Interim(_)
            | Place::Body(_)
            | Place::SetCookie { .. }
            | Place::Redirect(_)
            | Place::Over
            | Place::Decision => {}
        }
        if matches!(place, Place::Received(_) | Place::Body(_)) || self.received.is_none() {
            self.ended = at;
        }
    }

    /// The spans between them.
    pub(super) fn phases(&self) -> Phases {
        let sent = self.sent.unwrap_or(self.ended);
        let received = self.received.unwrap_or(self.ended);
        let connecting = self.opening.zip(self.connected).map(|(from, to)| to.since(from));
        let securing = self.connected.zip(self.secured).map(|(from, to)| to.since(from));
        let opening = connecting.unwrap_or_default().saturating_add(securing.unwrap_or_default());
        Phases {
            waiting: sent.since(self.began).saturating_sub(opening),
            connecting,
            securing,
            answering: received.since(sent),
            receiving: self.ended.since(received),
        }
    }
}
