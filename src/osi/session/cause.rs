//! What went wrong with a connection, in words.

use std::io::{self, ErrorKind};

/// The cause of an I/O error as a sentence in lower case, the same on every operating system.
pub fn cause(error: &io::Error) -> String {
    let words = match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::ConnectionReset => "connection reset by the peer",
        ErrorKind::ConnectionAborted => "connection aborted",
        ErrorKind::BrokenPipe => "the connection is closed",
        ErrorKind::NotConnected => "not connected",
        ErrorKind::TimedOut => "timed out",
        ErrorKind::HostUnreachable => "host unreachable",
        ErrorKind::NetworkUnreachable => "network unreachable",
        ErrorKind::AddrInUse => "the port is in use",
        ErrorKind::AddrNotAvailable => "no port is free",
        ErrorKind::UnexpectedEof => "the peer closed the connection early",
        _ => return error.to_string(),
    };
    words.to_owned()
}
