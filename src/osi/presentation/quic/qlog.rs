//! The log of a connection in the format of qlog (draft-ietf-quic-qlog-main-schema), as a JSON text
//! sequence (RFC 7464), told to the trace piece by piece.
//!
//! Times in it are virtual: they count from the start of the run.

use std::{io, sync::Arc};

use quinn::{ConnectionId, QlogConfig, QlogStream};

use crate::{
    task::Host,
    trace::{AppEventKind, QlogPiece},
    units::SimTime,
};

/// The log of the connection that began with `id` as the destination, seen from `host`.
pub(super) fn stream(host: &Host, id: ConnectionId) -> Option<QlogStream> {
    let connection: Arc<str> = id.to_string().into();
    let mut config = QlogConfig::default();
    config
        .title(Some(format!("{} {connection}", host.name())))
        .start_time(host.instant_of(SimTime::ZERO))
        .writer(Box::new(Writer {
            host: host.clone(),
            connection,
            record: Vec::new(),
        }));
    config.into_stream()
}

/// Tells the trace of every complete record.
struct Writer {
    host: Host,
    connection: Arc<str>,
    record: Vec<u8>,
}

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.record.extend_from_slice(bytes);
        if self.record.ends_with(b"\n") {
            let text = String::from_utf8_lossy(&self.record).into_owned();
            self.record.clear();
            let connection = Arc::clone(&self.connection);
            let piece = QlogPiece { connection, text };
            self.host.emit(AppEventKind::Qlog(piece), None);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
