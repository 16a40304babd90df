//! What went wrong with a QUIC connection, in words that do not depend on the version of quinn.

use quinn::{ConnectionError, TransportErrorCode};
use rustls::AlertDescription;

use super::super::tls::alert_name;

/// The error in words, the same on every operating system.
pub fn words(error: &ConnectionError) -> String {
    match error {
        ConnectionError::VersionMismatch => {
            "QUIC: the server speaks none of the versions offered".to_owned()
        }
        ConnectionError::TransportError(error) => match alert(error.code) {
            Some(_) => format!("TLS: {}", error.reason),
            None => format!("QUIC: {error}"),
        },
        ConnectionError::ConnectionClosed(close) => match alert(close.error_code) {
            Some(alert) => format!("TLS: the other side sent the alert {}", alert_name(alert)),
            None if close.error_code == TransportErrorCode::CONNECTION_REFUSED => {
                "connection refused".to_owned()
            }
            None => format!("QUIC: the other side closed the connection ({close})"),
        },
        ConnectionError::ApplicationClosed(close) => {
            format!(
                "the peer closed the connection early ({})",
                close.error_code
            )
        }
        ConnectionError::Reset => "connection reset by the peer".to_owned(),
        ConnectionError::TimedOut => "timed out".to_owned(),
        ConnectionError::LocallyClosed => "the connection is closed".to_owned(),
        ConnectionError::CidsExhausted => "QUIC: no connection ID is left".to_owned(),
    }
}

/// The alert of TLS that an error code stands for (RFC 9001, section 4.8).
fn alert(code: TransportErrorCode) -> Option<AlertDescription> {
    let low = u64::from(code).checked_sub(0x100)?;
    u8::try_from(low).ok().map(AlertDescription::from)
}
