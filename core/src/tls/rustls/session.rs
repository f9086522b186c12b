//! One session over rustls' unbuffered interface.
//!
//! rustls is shown one record at a time, so that this side knows where records end: it panics if it
//! is asked for anything while a message of the handshake has come in half and those bytes are not
//! at hand, and does not say how many they are.

use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use rustls::client::{ClientConnectionData, UnbufferedClientConnection};
use rustls::unbuffered::{
    ConnectionState, EncodeError, EncodeTlsData, EncryptError, InsufficientSizeError,
    UnbufferedStatus, WriteTraffic,
};

use super::identity::Shown;
use super::refusal::{Asked, Circumstances, told};
use crate::tls::{Read, Stage, TlsError, TlsSession, UNUSED_MAX};

/// Type, version and length of a record (RFC 8446 section 5.1).
const HEADER: usize = 5;

/// At most how much content a record has (RFC 8446 section 5.1).
const CONTENT_MAX: usize = 1 << 14;

/// At most by how much a record is longer than its content, with every suite there is.
const OVERHEAD_MAX: usize = 64;

/// A session as a client.
pub(super) struct Session {
    connection: UnbufferedClientConnection,
    host: Box<str>,
    shown: Arc<Shown>,
    /// How often peers had asked for a certificate when this session began.
    asked_before: usize,
    stage: Stage,
    /// How many bytes at the front of what was not used are whole records that rustls has seen:
    /// half of a message of the handshake.
    held: usize,
    failed: Option<TlsError>,
}

/// What rustls said to one piece of input.
enum Step {
    /// It has sent or done something: ask again.
    Again,
    /// It has given content.
    Content,
    /// It wants more records.
    Wants(Stage),
    /// The peer has ended its stream.
    Ended,
}

impl Session {
    pub(super) fn new(
        connection: UnbufferedClientConnection,
        host: &str,
        shown: Arc<Shown>,
    ) -> Self {
        let asked_before = shown.asked();
        Self {
            connection,
            host: host.into(),
            shown,
            asked_before,
            stage: Stage::Handshake,
            held: 0,
            failed: None,
        }
    }

    /// Shows `records` to rustls and carries out one thing that it asks for. The first number is
    /// how many bytes from the front it is done with.
    fn step(
        &mut self,
        records: &mut [u8],
        plain: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> (usize, Result<Step, rustls::Error>) {
        let UnbufferedStatus { mut discard, state } = self.connection.process_tls_records(records);
        let step = state.and_then(|state| match state {
            ConnectionState::ReadTraffic(mut content) => {
                while let Some(record) = content.next_record() {
                    let record = record?;
                    plain.extend_from_slice(record.payload);
                    discard = discard.saturating_add(record.discard);
                }
                Ok(Step::Content)
            }
            ConnectionState::EncodeTlsData(mut data) => {
                encode(&mut data, out).map(|()| Step::Again)
            }
            ConnectionState::TransmitTlsData(data) => {
                data.done();
                Ok(Step::Again)
            }
            ConnectionState::BlockedHandshake => Ok(Step::Wants(Stage::Handshake)),
            ConnectionState::WriteTraffic(_) => Ok(Step::Wants(Stage::Open)),
            ConnectionState::PeerClosed | ConnectionState::Closed => Ok(Step::Ended),
            // Servers alone get it.
            _ => Err(rustls::Error::General("a state that clients are never in".into())),
        });
        (discard, step)
    }

    /// Takes records until content is as much as was asked for, or there is no whole one.
    fn take(
        &mut self,
        records: &mut [u8],
        plain: &mut Vec<u8>,
        plain_max: usize,
        out: &mut Vec<u8>,
        used: &mut usize,
    ) -> Result<(), rustls::Error> {
        // Up to where rustls has seen the records.
        let mut seen = self.held.min(records.len());
        loop {
            let shown = records.get_mut(*used..seen).unwrap_or_default();
            let (done, step) = self.step(shown, plain, out);
            *used = used.saturating_add(done).min(seen);
            self.held = seen.saturating_sub(*used);
            match step? {
                Step::Again => {}
                Step::Content if plain.len() >= plain_max => return Ok(()),
                Step::Content => {}
                Step::Ended => {
                    self.stage = Stage::Ended;
                    return Ok(());
                }
                Step::Wants(stage) => {
                    self.stage = stage;
                    let rest = records.get_mut(seen..).unwrap_or_default();
                    match whole(rest) {
                        Some(length) => seen = seen.saturating_add(length),
                        // It looks at the header, and says so if this is no record.
                        None => return self.look(records.get_mut(*used..).unwrap_or_default()),
                    }
                }
            }
        }
    }

    /// Shows the beginning of a record to rustls, which is done with all before it.
    fn look(&mut self, rest: &mut [u8]) -> Result<(), rustls::Error> {
        if rest.len() > UNUSED_MAX {
            return Err(rustls::Error::InvalidMessage(
                rustls::InvalidMessage::HandshakePayloadTooLarge,
            ));
        }
        if rest.len() == self.held {
            return Ok(());
        }
        self.connection.process_tls_records(rest).state.map(drop)
    }

    /// Ends the session with an error, after the alert that rustls has for the peer.
    fn fail(&mut self, error: &rustls::Error, out: &mut Vec<u8>) -> TlsError {
        self.flush(out);
        let asked = match (self.shown.asked() == self.asked_before, self.shown.has_key()) {
            (true, _) => Asked::No,
            (false, true) => Asked::Shown,
            (false, false) => Asked::GotNone,
        };
        let failed = told(error, Circumstances { host: &self.host, asked });
        self.failed = Some(failed.clone());
        failed
    }

    /// Appends what rustls has to send, and does not let it look at anything else: after an error it
    /// would find the same error again.
    fn flush(&mut self, out: &mut Vec<u8>) {
        while self.connection.wants_write() {
            let mut held = vec![0; self.held];
            let state = self.connection.process_tls_records(&mut held).state;
            let Ok(ConnectionState::EncodeTlsData(mut data)) = state else { return };
            if encode(&mut data, out).is_err() {
                return;
            }
        }
    }
}

impl TlsSession for Session {
    fn read(
        &mut self,
        records: &mut [u8],
        plain: &mut Vec<u8>,
        plain_max: usize,
        out: &mut Vec<u8>,
    ) -> Result<Read, TlsError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let mut used = 0;
        if self.stage != Stage::Ended {
            let taken = self.take(records, plain, plain_max, out, &mut used);
            taken.map_err(|error| self.fail(&error, out))?;
        }
        Ok(Read { used, stage: self.stage })
    }

    fn write(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<(), TlsError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        loop {
            // Half a message of the handshake is somewhere else; rustls does not look at it.
            let mut held = vec![0; self.held];
            match self.connection.process_tls_records(&mut held).state {
                Ok(ConnectionState::WriteTraffic(mut traffic)) => {
                    let encrypted = encrypt(&mut traffic, plain, out);
                    return encrypted.map_err(|why| TlsError::Broken(why.into()));
                }
                Ok(ConnectionState::EncodeTlsData(mut data)) => {
                    if let Err(error) = encode(&mut data, out) {
                        return Err(self.fail(&error, out));
                    }
                }
                Ok(ConnectionState::TransmitTlsData(data)) => data.done(),
                Ok(_) => return Err(TlsError::Broken("content may not be sent now".into())),
                Err(error) => return Err(self.fail(&error, out)),
            }
        }
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        if self.failed.is_some() {
            return;
        }
        self.flush(out);
        let mut held = vec![0; self.held];
        let state = self.connection.process_tls_records(&mut held).state;
        if let Ok(ConnectionState::WriteTraffic(mut traffic)) = state {
            // It does not fit, and so waits to be sent.
            let _ = traffic.queue_close_notify(&mut []);
            self.flush(out);
        }
    }
}

/// The length of the record at the front, if all of it is there.
fn whole(bytes: &[u8]) -> Option<usize> {
    let length = match bytes {
        [_, _, _, high, low, ..] => HEADER.saturating_add(u16::from_be_bytes([*high, *low]).into()),
        _ => return None,
    };
    (length <= bytes.len()).then_some(length)
}

/// Appends a message of the handshake.
fn encode(
    data: &mut EncodeTlsData<'_, ClientConnectionData>,
    out: &mut Vec<u8>,
) -> Result<(), rustls::Error> {
    let start = out.len();
    // It says how long the message is when there is no room.
    let room = match data.encode(&mut []) {
        Err(EncodeError::InsufficientSize(InsufficientSizeError { required_size })) => {
            required_size
        }
        Ok(_) | Err(EncodeError::AlreadyEncoded) => return Ok(()),
    };
    out.resize(start.saturating_add(room), 0);
    let written = data.encode(out.get_mut(start..).unwrap_or_default());
    match written {
        Ok(written) => {
            out.truncate(start.saturating_add(written));
            Ok(())
        }
        Err(error) => Err(rustls::Error::General(format!("{error}"))),
    }
}

/// Appends content.
fn encrypt(
    traffic: &mut WriteTraffic<'_, ClientConnectionData>,
    plain: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), &'static str> {
    let start = out.len();
    let records = plain.len().div_ceil(CONTENT_MAX);
    let mut room = plain.len().saturating_add(records.saturating_mul(OVERHEAD_MAX));
    loop {
        out.resize(start.saturating_add(room), 0);
        match traffic.encrypt(plain, out.get_mut(start..).unwrap_or_default()) {
            Ok(written) => {
                out.truncate(start.saturating_add(written));
                return Ok(());
            }
            // New keys go along with the content now and then.
            Err(EncryptError::InsufficientSize(InsufficientSizeError { required_size }))
                if required_size > room =>
            {
                room = required_size;
            }
            Err(error) => {
                out.truncate(start);
                return Err(match error {
                    EncryptError::EncryptExhausted => "the keys are used up",
                    EncryptError::InsufficientSize(_) => "there is no room",
                });
            }
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("host", &self.host)
            .field("stage", &self.stage)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
