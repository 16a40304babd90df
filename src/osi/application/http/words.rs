//! What hyper has to complain of, in words that do not depend on its version.

use std::{error::Error, io};

use crate::osi::session::cause;

/// The error as a sentence in lower case.
pub(super) fn explain(error: &hyper::Error) -> String {
    if let Some(error) = io_cause(error) {
        let words = cause(error);
        // hyper tells of chunks by such errors, TLS by others.
        return match is_wrong(error) && !words.starts_with("TLS: ") {
            true => "a chunk of the response is malformed".to_owned(),
            false => words,
        };
    }
    if error.is_incomplete_message() {
        return "the server closed the connection before its response was complete".to_owned();
    }
    if error.is_parse_too_large() {
        return "the header of the response is too long".to_owned();
    }
    if error.is_parse() {
        return "what came back is not HTTP/1.1".to_owned();
    }
    // hyper has no test for this one.
    if error.to_string() == "received unexpected message from connection" {
        return "the server sent more than its response".to_owned();
    }
    // What HTTP/2 complains of stands behind hyper's own words.
    if let Some(source) = error
        .source()
        .filter(|_| error.to_string() == "http2 error")
    {
        return format!("HTTP/2: {source}");
    }
    if error.is_canceled() || error.is_closed() {
        return "the connection is closed".to_owned();
    }
    error.to_string()
}

/// True if the connection was lost, so that another one may do better; false if the server said
/// something that is wrong.
pub(super) fn is_loss(error: &hyper::Error) -> bool {
    let lost = io_cause(error).is_some_and(|e| !is_wrong(e));
    lost || error.is_incomplete_message() || error.is_canceled() || error.is_closed()
}

fn is_wrong(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput};
    matches!(error.kind(), InvalidData | InvalidInput)
}

fn io_cause(error: &hyper::Error) -> Option<&io::Error> {
    error.source()?.downcast_ref::<io::Error>()
}
