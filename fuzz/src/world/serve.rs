//! One step of one call: what it asks for is done, or fails.

use std::net::{Ipv4Addr, SocketAddr};

use sessio_core::connection::Target;
use sessio_core::exchange::{Probe, Received, Rewound};
use sessio_core::io::IoError;
use sessio_core::{Input, Output};

use super::{Connection, HOSTS, Socket, World};
use crate::drive::moment;

/// What came of a step, beside what the exchange was told.
enum Served {
    Told,
    /// It waits for something outside.
    Waits,
    Done,
}

impl World<'_> {
    /// One step of a call; whether anything happened.
    pub(super) fn step(&mut self, place: usize) -> bool {
        let first = sketch(&self.calls[place].exchange.poll());
        let second = sketch(&self.calls[place].exchange.poll());
        assert_eq!(first, second, "asked twice, it says something else");
        match self.serve(place) {
            Served::Told => true,
            Served::Waits => false,
            Served::Done => {
                let call = self.calls.remove(place);
                self.ended(call);
                true
            }
        }
    }

    /// Whether something fails here.
    fn fails(&mut self) -> bool {
        self.choices.below(24) == 23
    }

    fn serve(&mut self, place: usize) -> Served {
        let now = moment(self.now);
        let fails = self.fails();
        let call = &mut self.calls[place];
        let input = match call.exchange.poll() {
            Output::Done => return Served::Done,
            Output::Consult => {
                call.exchange.consult(&mut self.session, now);
                return Served::Told;
            }
            Output::Resolve(_) if fails => Input::Unresolved(IoError::Unresolved),
            Output::Resolve(name) => {
                let bare = |host: &&str| host.split(':').next() == Some(name.host);
                let number = HOSTS.iter().position(bare).expect("a host of this world");
                let ip = Ipv4Addr::new(10, 0, 0, number as u8);
                let address = SocketAddr::from((ip, name.port));
                call.exchange.handle(Input::Resolved(&[address]), now);
                return Served::Told;
            }
            Output::Connect { id, .. } if fails => Input::NotConnected(id, IoError::Refused),
            Output::Connect { id, target, .. } => {
                let Target::Address(to) = target else { panic!("no unix sockets here") };
                let number = match (to.ip().to_string().as_str(), to.port()) {
                    ("10.0.0.2", 8080) => 3,
                    ("10.0.0.0", 80) => 0,
                    ("10.0.0.1", 80) => 1,
                    ("10.0.0.2", 80) => 2,
                    _ => panic!("nobody named {to}"),
                };
                self.connections.push(Connection::new(number));
                let number = self.connections.len() - 1;
                call.uses = Some(number);
                Input::Connecting(id, Socket(number))
            }
            Output::Await(attempts) => match fails {
                true => Input::NotConnected(attempts[0].id, IoError::Reset),
                false => Input::Connected(attempts[0].id),
            },
            Output::Probe(socket) => {
                let connection = &mut self.connections[socket.0];
                call.uses = Some(socket.0);
                let is_quiet =
                    connection.says.is_empty() && !connection.closed && !connection.reset;
                connection.poison_unless(is_quiet, "was spoiled while it idled");
                Input::Probed(if is_quiet { Probe::Quiet } else { Probe::Spoiled })
            }
            Output::Transfer(_) => return self.transfer(place, fails),
            Output::Rewind(_) => Input::Rewound(Rewound::Done),
            Output::Data(data) => Input::Consumed(1 + self.choices.below(data.bytes.len())),
            Output::Prepared(_) | Output::Head(_) | Output::Respond(_) => Input::Continue,
            Output::Load(_) | Output::Wait | Output::Full => panic!("nobody asked for that"),
        };
        call.exchange.handle(input, now);
        Served::Told
    }

    /// Moves some bytes, one way or the other.
    fn transfer(&mut self, place: usize, fails: bool) -> Served {
        let now = moment(self.now);
        let call = &mut self.calls[place];
        let Output::Transfer(transfer) = call.exchange.poll() else { panic!("it was there") };
        let number = transfer.socket.0;
        let connection = &mut self.connections[number];
        call.uses = Some(number);
        let send = transfer.send.concat();
        let input = if fails {
            connection.poison("it was lost");
            Input::Lost(IoError::Reset)
        } else if !send.is_empty() {
            let count = match self.choices.below(4) {
                0 | 1 => send.len(),
                2 => 1,
                _ => 1 + self.choices.below(send.len()),
            };
            connection.hear(&send[..count], &mut self.told, &mut self.choices);
            Input::Moved { sent: count, received: Received::Nothing }
        } else if connection.reset {
            Input::Lost(IoError::Reset)
        } else if !connection.says.is_empty() {
            let most = connection.says.len().min(transfer.receive.len());
            let count = match self.choices.below(4) {
                0 | 1 => most,
                2 => 1,
                _ => 1 + self.choices.below(most),
            };
            transfer.receive[..count].copy_from_slice(&connection.says[..count]);
            connection.says.drain(..count);
            Input::Moved { sent: 0, received: Received::Bytes(count) }
        } else if connection.closed {
            Input::Moved { sent: 0, received: Received::Bytes(0) }
        } else {
            return Served::Waits;
        };
        call.exchange.handle(input, now);
        Served::Told
    }
}

/// An output, as far as two can be compared.
fn sketch(
    output: &Output<'_, Socket>,
) -> (std::mem::Discriminant<Output<'static, Socket>>, Vec<u8>) {
    let bytes = match output {
        Output::Transfer(transfer) => {
            [&transfer.send.concat()[..], &transfer.receive.len().to_le_bytes()].concat()
        }
        Output::Data(data) => data.bytes.to_vec(),
        Output::Resolve(name) => name.host.into(),
        _ => Vec::new(),
    };
    (kind(output), bytes)
}

fn kind(output: &Output<'_, Socket>) -> std::mem::Discriminant<Output<'static, Socket>> {
    // The discriminant does not depend on the lifetime, but its type does.
    match output {
        Output::Consult => std::mem::discriminant(&Output::Consult),
        Output::Wait => std::mem::discriminant(&Output::Wait),
        Output::Full => std::mem::discriminant(&Output::Full),
        _ => std::mem::discriminant(&Output::Done),
    }
}
