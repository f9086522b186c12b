//! Which sockets an exchange waits for, and what for: the question of every readiness loop.

use super::io::Output;

/// What a socket is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Bytes, or the end of the stream: its peer is listened to.
    Readable,
    /// Room to send into; of a half-open socket, that it is through or has failed.
    Writable,
    /// Either of them. A peer may answer before it has read everything.
    Both,
}

impl<S> Output<'_, S> {
    /// The sockets on which this output can go on, with what each is waited for; none if it waits
    /// for something else.
    ///
    /// To be asked about an output that could not be served at once. The loans last as long as the
    /// output, so a loop can hold those of all its exchanges in one set for poll(2). If the room for
    /// a piece of an upload is lent too ([`Transfer::upload`](super::Transfer::upload)), its source
    /// is the other thing to wait for.
    pub fn interests(&self) -> impl Iterator<Item = (&S, Interest)> {
        let (attempts, transfer) = match self {
            Output::Await(attempts) => (&**attempts, None),
            Output::Transfer(transfer) => (&[][..], Some(transfer)),
            _ => (&[][..], None),
        };
        let half_open = attempts.iter().map(|attempt| (&attempt.socket, Interest::Writable));
        let open = transfer.map(|transfer| {
            let is_sending = transfer.send.iter().any(|slice| !slice.is_empty());
            let interest = if is_sending { Interest::Both } else { Interest::Readable };
            (&*transfer.socket, interest)
        });
        half_open.chain(open)
    }
}

impl Interest {
    /// Whether it is waited until something can be read.
    #[must_use]
    pub const fn is_readable(self) -> bool {
        matches!(self, Self::Readable | Self::Both)
    }

    /// Whether it is waited until something can be sent.
    #[must_use]
    pub const fn is_writable(self) -> bool {
        matches!(self, Self::Writable | Self::Both)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{Attempt, AttemptId, Target};
    use crate::exchange::Transfer;
    use alloc::vec;
    use alloc::vec::Vec;

    #[test]
    fn a_blocked_output_says_what_it_waits_for() {
        let attempt =
            |socket| Attempt { id: AttemptId(socket), target: Target::Unix("/s".into()), socket };
        let mut attempts = vec![attempt(1), attempt(2)];
        let half_open = Output::Await(&mut attempts);
        let all: Vec<_> = half_open.interests().map(|(s, i)| (*s, i)).collect();
        assert_eq!(all, [(1, Interest::Writable), (2, Interest::Writable)]);

        let rows: [(&[u8], Interest); 2] = [(b"x", Interest::Both), (b"", Interest::Readable)];
        for (send, want) in rows {
            let (mut socket, mut receive) = (7_u64, [0; 1]);
            let socket = &mut socket;
            let receive = &mut receive;
            let moving = Transfer { socket, send: [&[], send], receive, upload: None };
            let all: Vec<_> = Output::Transfer(moving).interests().map(|(s, i)| (*s, i)).collect();
            assert_eq!(all, [(7, want)]);
        }
        assert_eq!(Output::<u64>::Wait.interests().count(), 0);
    }
}
