//! The WebSocket client: connect, say what there is to say, close; and again if it breaks.

mod conversation;
mod ending;
mod open;

use super::talk::{End, Talk};
use crate::{
    osi::application::{
        live::Samples,
        program::Program,
        report::{Opening, WebSocketResult},
        reports::Open,
        spec::{WebSocketClient, WebSocketFault},
    },
    units::SimTime,
};
pub(super) use conversation::content;
use open::Refusal;
pub(in crate::osi::application) use open::authority;

/// One repetition: as many connections as it takes.
pub(in crate::osi::application) async fn converse(program: &Program, spec: &WebSocketClient) {
    let round = program.round.to_string();
    let mut waits = program.stream(&["websocket", "back-off", &round]);
    let mut course = Course::default();
    let (mut attempt, mut failures) = (0, 0);
    loop {
        attempt += 1;
        let before = course;
        let ending = Visit::new(program, spec, attempt).run(&mut course).await;
        if course != before {
            failures = 0;
        }
        failures += 1;
        if ending == Ending::Done || !spec.reconnect.allows(failures) {
            return;
        }
        let wait = spec.reconnect.delay(failures, &mut waits);
        program.note(format!("connects again in {wait}"));
        program.host.sleep(wait).await;
    }
}

/// How far a repetition is, over all its connections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Course {
    /// Messages sent; in mode echo, those that came back.
    sent: u32,
    /// Messages heard.
    heard: u32,
}

/// Whether another connection makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Done,
    Broken,
}

/// One connection.
struct Visit<'a> {
    program: &'a Program,
    spec: &'a WebSocketClient,
    attempt: u32,
    started: SimTime,
    open: Open<WebSocketResult>,
    echo_rtt: Samples,
    latency: Samples,
}

impl<'a> Visit<'a> {
    fn new(program: &'a Program, spec: &'a WebSocketClient, attempt: u32) -> Self {
        let started = program.now();
        let open = program.entry.open(WebSocketResult {
            opening: Opening::new(&spec.path, attempt, started),
            status: None,
            handshake: None,
            subprotocol: None,
            sent: Default::default(),
            received: Default::default(),
            pings: 0,
            pongs: 0,
            ping_rtt: None,
            echo_rtt: None,
            latency: None,
            close: None,
            ended: None,
            error: None,
        });
        program.started(format!("WebSocket {}", spec.path));
        Self {
            program,
            spec,
            attempt,
            started,
            open,
            echo_rtt: Samples::default(),
            latency: Samples::default(),
        }
    }

    async fn run(mut self, course: &mut Course) -> Ending {
        let host = &self.program.host;
        let (patience, host) = (self.spec.frames.timeout, host.clone());
        let opened = host.timeout(patience, self.connect()).await;
        let opened = opened.unwrap_or_else(|_| {
            let why = format!("no WebSocket connection within {patience}");
            Err(Refusal::from(why))
        });
        let wire = match opened {
            Ok(wire) => wire,
            Err(Refusal { why, ending }) => {
                self.end(Some(why));
                return ending;
            }
        };
        let mut talk = Talk::begin(&host, wire, self.side());
        let over = self.talk(&mut talk, course).await;
        self.measure(&talk);
        self.judge(over, course)
    }

    fn side(&self) -> End {
        let (round, attempt) = (self.program.round.to_string(), self.attempt.to_string());
        let masks = self
            .program
            .stream(&["websocket", "masks", &round, &attempt]);
        End {
            masks: Some(masks),
            frames: self.spec.frames,
            silent: self.spec.fault == Some(WebSocketFault::Silent),
        }
    }

    /// Puts what is known into the report.
    fn measure(&mut self, talk: &Talk) {
        let (echo_rtt, latency) = (self.echo_rtt.spread(), self.latency.spread());
        let counts = talk.counts;
        self.open.update(|r| {
            r.sent = counts.sent;
            r.received = counts.received;
            r.pings = counts.pings;
            r.pongs = counts.pongs;
            r.ping_rtt = counts.ping_rtt.spread();
            r.echo_rtt = echo_rtt;
            r.latency = latency;
        });
    }

    fn end(&mut self, error: Option<String>) {
        let now = self.program.now();
        let what = format!("WebSocket {}", self.spec.path);
        let well = format!("WebSocket closed after {}", now - self.started);
        self.program.ended(&what, error.as_deref(), well);
        self.open.update(|r| {
            r.ended = Some(now);
            r.error = error;
        });
    }
}
