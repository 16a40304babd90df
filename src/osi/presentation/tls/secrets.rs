//! The secrets of a connection, told to the trace in the format of SSLKEYLOGFILE.

use std::{fmt::Write as _, net::IpAddr};

use rustls::KeyLog;

use crate::{
    task::Host,
    trace::{AppEventKind, TlsSecret},
};

/// Tells of the secrets that `host` derives on a connection to `peer`. Both sides tell: each knows
/// a secret before a frame that it protects can come by.
#[derive(Debug)]
pub(in crate::osi::presentation) struct Tell {
    pub(in crate::osi::presentation) host: Host,
    pub(in crate::osi::presentation) peer: IpAddr,
}

impl KeyLog for Tell {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let line = format!("{label} {} {}", hex(client_random), hex(secret));
        let peer = self.peer;
        let secret = AppEventKind::Secret(TlsSecret { peer, line });
        self.host.emit(secret, None);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
