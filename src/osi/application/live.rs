//! What WebSocket and event streams share: texts with the time in them, and what is measured.

use std::{error::Error, io};

use super::{
    program::Program,
    report::{Opening, Spread, SseResult, WebSocketResult},
    reports::{Listed, Open},
    secure::{Dialled, Handshake},
};
use crate::{
    osi::session::cause,
    units::{SimTime, Span},
};

/// A report of a connection that stays open.
pub(super) trait Opened: Listed {
    /// How it began.
    fn opening(&mut self) -> &mut Opening;
}

impl Opened for WebSocketResult {
    fn opening(&mut self) -> &mut Opening {
        &mut self.opening
    }
}

impl Opened for SseResult {
    fn opening(&mut self) -> &mut Opening {
        &mut self.opening
    }
}

/// Connects to the peer's `port`, and notes in `open` what that took.
///
/// # Errors
/// A sentence.
pub(super) async fn dial<R: Opened>(
    program: &Program,
    port: u16,
    open: &mut Open<R>,
) -> Result<Dialled, String> {
    let dialled = program.dial(port, |connection| {
        open.update(|r| {
            r.opening().lookup = connection.lookup;
            r.opening().connect = Some(connection.connect);
        });
    });
    let dialled = dialled.await?;
    open.update(|r| r.opening().tls = dialled.tls.as_ref().map(Handshake::result));
    Ok(dialled)
}

/// `text` with the number, the time and the name of the sender in it.
pub(super) fn fill_in(text: &str, n: u64, now: SimTime, host: &str) -> String {
    text.replace("{n}", &n.to_string())
        .replace("{now}", &now.as_nanos().to_string())
        .replace("{host}", host)
}

/// When a text says it was sent: the number behind `"sent_ns":`.
pub(super) fn sent_at(text: &[u8]) -> Option<SimTime> {
    let at = text.windows(SENT.len()).position(|w| w == SENT)? + SENT.len();
    let rest = &text[at..];
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let number = std::str::from_utf8(&rest[..digits]).ok()?;
    Some(SimTime::from_nanos(number.parse().ok()?))
}

const SENT: &[u8] = b"\"sent_ns\":";

/// Measured times, of which the extremes and the sum are kept.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Samples {
    count: u64,
    sum: u64,
    min: Span,
    max: Span,
}

impl Samples {
    pub(super) fn add(&mut self, span: Span) {
        self.min = if self.count == 0 {
            span
        } else {
            self.min.min(span)
        };
        self.max = self.max.max(span);
        self.count += 1;
        self.sum = self.sum.saturating_add(span.as_nanos());
    }

    /// The spread, its mean rounded down; `None` if nothing was measured.
    pub(super) fn spread(&self) -> Option<Spread> {
        Some(Spread {
            min: self.min,
            mean: Span::from_nanos(self.sum.checked_div(self.count)?),
            max: self.max,
        })
    }
}

/// What hyper has to complain of, in words that do not depend on its version.
pub(super) fn explain(error: &hyper::Error) -> String {
    let source = error.source().and_then(|s| s.downcast_ref::<io::Error>());
    if let Some(error) = source {
        return cause(error);
    }
    if error.is_incomplete_message() {
        return "the connection was closed before the message was complete".to_owned();
    }
    if error.is_parse() {
        return "what came back is not HTTP/1.1".to_owned();
    }
    if error.is_canceled() || error.is_closed() {
        return "the connection is closed".to_owned();
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_when_it_was_sent() {
        let text = fill_in(
            r#"{"from":"{host}","n":{n},"sent_ns":{now}}"#,
            3,
            SimTime::from_nanos(1_500),
            "alice",
        );
        assert_eq!(text, r#"{"from":"alice","n":3,"sent_ns":1500}"#);
        assert_eq!(sent_at(text.as_bytes()), Some(SimTime::from_nanos(1500)));
        assert_eq!(sent_at(b"hello"), None);
        assert_eq!(sent_at(b"\"sent_ns\":99999999999999999999999"), None);
    }

    #[test]
    fn samples_know_their_spread() {
        // 10, 20 and 60 ms: mean 30 ms.
        let mut samples = Samples::default();
        assert_eq!(samples.spread(), None);
        for ms in [20, 10, 60] {
            samples.add(Span::from_millis(ms));
        }
        let spread = samples.spread().unwrap();
        let [min, mean, max] = [spread.min, spread.mean, spread.max].map(Span::as_nanos);
        assert_eq!([min, mean, max], [10, 30, 60].map(|ms| ms * 1_000_000));
    }
}
