//! The WebSocket client: connect, say what there is to say, close; and again if it breaks.

use bytes::Bytes;
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use super::{
    handshake,
    talk::{End, Event, Over, Talk},
    wire::Wire,
};
use crate::{
    osi::application::{
        content::Content,
        live::{Samples, explain, fill_in, sent_at},
        program::Program,
        report::{CloseResult, WebSocketResult},
        reports::Open,
        secure::{Dialled, Handshake},
        spec::{Body, WebSocketClient, WebSocketFault, WebSocketMessage, WebSocketMode},
    },
    task::Host,
    units::SimTime,
};

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

/// Why there is no connection, and whether another attempt makes sense.
struct Refusal {
    why: String,
    ending: Ending,
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        let ending = Ending::Broken;
        Self { why, ending }
    }
}

impl<'a> Visit<'a> {
    fn new(program: &'a Program, spec: &'a WebSocketClient, attempt: u32) -> Self {
        let started = program.now();
        let open = program.entry.open(WebSocketResult {
            path: spec.path.clone(),
            attempt,
            started,
            lookup: None,
            connect: None,
            tls: None,
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

    /// Connects and asks for the upgrade.
    async fn connect(&mut self) -> Result<Wire, Refusal> {
        let open = &mut self.open;
        let dialled = self.program.dial(self.spec.port, |connection| {
            open.update(|r| {
                r.lookup = connection.lookup;
                r.connect = Some(connection.connect);
            });
        });
        let Dialled { channel, tls, .. } = dialled.await?;
        self.open
            .update(|r| r.tls = tls.as_ref().map(Handshake::result));
        channel.set_nodelay(true);
        let host = &self.program.host;
        let io = TokioIo::new(channel.lingering(host));
        let shaken = http1::Builder::new()
            .title_case_headers(true)
            .handshake::<_, Empty<Bytes>>(io)
            .await;
        let (mut sender, driver) = shaken.map_err(|e| explain(&e))?;
        drop(host.spawn(async move { driver.with_upgrades().await.is_ok() }));
        let key = self.key();
        let authority = authority(self.program, self.spec.port, self.spec.tls.is_some());
        let request = handshake::request(self.spec, &authority, &key)?;
        let asked = self.program.now();
        let response = sender.send_request(request).await;
        let response = response.map_err(|e| explain(&e))?;
        let took = self.program.now() - asked;
        self.open.update(|r| {
            // With early data, only now is it known what was agreed on.
            r.tls = tls.as_ref().map(Handshake::result);
            r.status = Some(response.status().as_u16());
            r.handshake = Some(took);
        });
        let subprotocol = handshake::check(&response, self.spec, &key).map_err(|why| {
            // It would say so again.
            let ending = Ending::Done;
            Refusal { why, ending }
        })?;
        self.program.note(format!("WebSocket open after {took}"));
        self.open.update(|r| r.subprotocol = subprotocol);
        let upgraded = hyper::upgrade::on(response).await;
        Ok(Wire::new(upgraded.map_err(|e| explain(&e))?))
    }

    fn key(&self) -> String {
        let random = || {
            let (round, attempt) = (self.program.round.to_string(), self.attempt.to_string());
            let path = ["websocket", "key", &round, &attempt];
            let mut bytes = [0; 16];
            self.program.stream(&path).fill(&mut bytes);
            handshake::key(bytes)
        };
        self.spec.key.clone().unwrap_or_else(random)
    }

    /// All that is said, up to the end of the connection.
    async fn talk(&mut self, talk: &mut Talk, course: &mut Course) -> Over {
        let stop = self.spec.close.after.map(|span| self.program.now() + span);
        if let Err(over) = self.misbehave(talk).await {
            return over;
        }
        let said = match self.spec.mode {
            _ if self.spec.fault.is_some() => self.wait(talk).await,
            WebSocketMode::Echo => self.echo(talk, course, stop).await,
            WebSocketMode::Chat => self.chat(talk, course, stop).await,
            WebSocketMode::Ticker => self.hear(talk, course, stop).await,
        };
        match said {
            Ok(()) => {
                talk.close(self.spec.close.code, &self.spec.close.reason)
                    .await
            }
            Err(over) => over,
        }
    }

    /// Breaks the rule that it is there to break, and waits for what comes of it.
    async fn misbehave(&self, talk: &mut Talk) -> Result<(), Over> {
        match self.spec.fault {
            Some(WebSocketFault::Unmasked) => talk.send_bad_text(b"Hello", false).await,
            Some(WebSocketFault::BadUtf8) => talk.send_bad_text(b"\xc3\x28", true).await,
            Some(WebSocketFault::OversizedControl) => talk.send_bad_ping(126, true).await,
            Some(WebSocketFault::Garbage) => talk.send_garbage().await,
            _ => Ok(()),
        }
    }

    /// Waits for what becomes of a broken rule, as long as patience lasts.
    async fn wait(&self, talk: &mut Talk) -> Result<(), Over> {
        let deadline = self.program.now() + self.spec.frames.timeout;
        loop {
            match talk.next(Some(deadline), None).await {
                Event::Over(over) => return Err(over),
                Event::Alarm => return Ok(()),
                Event::Message(_) | Event::Relay(_) => {}
            }
        }
    }

    /// One message at a time, each back before the next.
    async fn echo(
        &mut self,
        talk: &mut Talk,
        course: &mut Course,
        stop: Option<SimTime>,
    ) -> Result<(), Over> {
        while course.sent < self.spec.count {
            let sent = self.program.now();
            let message = self.say(talk, course.sent).await?;
            let patience = self.spec.frames.timeout;
            let deadline = SimTime::earliest([stop, Some(sent + patience)]);
            match self.await_message(talk, course, deadline).await? {
                Some(back) if back == message => {
                    self.echo_rtt.add(self.program.now() - sent);
                    course.sent += 1;
                }
                Some(_) => {
                    let over = talk.close(1008, "not what was sent").await;
                    return Err(match over {
                        Over::Lost(_) => over,
                        _ => Over::Lost("what came back is not what was sent".to_owned()),
                    });
                }
                None if stop.is_some_and(|at| at <= self.program.now()) => return Ok(()),
                None => {
                    talk.close(1008, "no echo").await;
                    return Err(Over::Lost(format!("no echo within {patience}")));
                }
            }
            let due = sent + self.spec.interval;
            let more = course.sent < self.spec.count;
            if more && self.rest(talk, course, due, stop).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Messages at an interval, and an ear for those of others.
    async fn chat(
        &mut self,
        talk: &mut Talk,
        course: &mut Course,
        stop: Option<SimTime>,
    ) -> Result<(), Over> {
        while course.sent < self.spec.count {
            let due = self.program.now() + self.spec.interval;
            self.say(talk, course.sent).await?;
            course.sent += 1;
            let more = course.sent < self.spec.count;
            if more && self.rest(talk, course, due, stop).await? {
                return Ok(());
            }
        }
        let leave = self.program.now() + self.spec.stay;
        self.rest(talk, course, leave, stop).await.map(drop)
    }

    /// Messages of the server, until there were enough.
    async fn hear(
        &mut self,
        talk: &mut Talk,
        course: &mut Course,
        stop: Option<SimTime>,
    ) -> Result<(), Over> {
        while self.spec.count == 0 || course.heard < self.spec.count {
            let patience = self.spec.frames.timeout;
            let silent = self.program.now() + patience;
            let deadline = SimTime::earliest([stop, Some(silent)]);
            match self.await_message(talk, course, deadline).await? {
                Some(_) => {}
                None if stop.is_some_and(|at| at <= self.program.now()) => return Ok(()),
                None => {
                    talk.close(1001, "nothing comes").await;
                    return Err(Over::Lost(format!("no message within {patience}")));
                }
            }
        }
        Ok(())
    }

    /// Sends message number `before` + 1.
    async fn say(&mut self, talk: &mut Talk, before: u32) -> Result<Bytes, Over> {
        let number = u64::from(before) + 1;
        let bytes = content(&self.spec.message, number, &self.program.host);
        talk.send(self.spec.message.binary, &bytes).await?;
        self.measure(talk);
        Ok(bytes)
    }

    /// Listens until `due`; true if `stop` came first or at the same time.
    async fn rest(
        &mut self,
        talk: &mut Talk,
        course: &mut Course,
        due: SimTime,
        stop: Option<SimTime>,
    ) -> Result<bool, Over> {
        let deadline = SimTime::earliest([Some(due), stop]);
        while self.await_message(talk, course, deadline).await?.is_some() {}
        Ok(stop.is_some_and(|at| at <= self.program.now()))
    }

    /// The next message, if it comes before `deadline`.
    async fn await_message(
        &mut self,
        talk: &mut Talk,
        course: &mut Course,
        deadline: Option<SimTime>,
    ) -> Result<Option<Bytes>, Over> {
        match talk.next(deadline, None).await {
            Event::Message(message) => {
                course.heard = course.heard.saturating_add(1);
                let now = self.program.now();
                if let Some(sent) = sent_at(&message.bytes).filter(|sent| *sent <= now) {
                    self.latency.add(now - sent);
                }
                self.measure(talk);
                Ok(Some(message.bytes))
            }
            Event::Alarm | Event::Relay(_) => Ok(None),
            Event::Over(over) => Err(over),
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

    /// What the end of a connection means.
    fn judge(mut self, over: Over, course: &Course) -> Ending {
        let (error, ending) = match &over {
            Over::Lost(why) => (Some(why.clone()), Ending::Broken),
            Over::Faulted(fault) => {
                let why = format!("the server broke the protocol: {}", fault.why);
                (Some(why), Ending::Done)
            }
            Over::Closed { by_us: true, .. } => (None, Ending::Done),
            Over::Closed { code, reason, .. } => self.closed_by_server(*code, reason, course),
        };
        let close = match over {
            Over::Lost(_) => None,
            Over::Faulted(fault) => Some(CloseResult {
                code: Some(fault.code),
                reason: fault.why.to_owned(),
                by_client: true,
            }),
            Over::Closed {
                code,
                reason,
                by_us,
            } => Some(CloseResult {
                code,
                reason,
                by_client: by_us,
            }),
        };
        self.open.update(|r| r.close = close);
        self.end(error);
        ending
    }

    /// A server may close when all is said, with 1000 or 1001. Anything else is an error; those
    /// that say "come again" make the client do so (the IANA registry: 1001 going away, 1012
    /// service restart, 1013 try again later).
    fn closed_by_server(
        &self,
        code: Option<u16>,
        reason: &str,
        course: &Course,
    ) -> (Option<String>, Ending) {
        let is_complete = match self.spec.mode {
            WebSocketMode::Ticker => course.heard >= self.spec.count,
            WebSocketMode::Echo | WebSocketMode::Chat => course.sent >= self.spec.count,
        };
        if is_complete && matches!(code, None | Some(1000 | 1001)) {
            return (None, Ending::Done);
        }
        let number = code.map_or_else(|| "without a code".to_owned(), |c| format!("with {c}"));
        let colon = if reason.is_empty() { "" } else { ": " };
        let why = format!("the server closed {number}{colon}{reason}");
        let again = matches!(code, Some(1001 | 1011 | 1012 | 1013));
        let ending = if again { Ending::Broken } else { Ending::Done };
        (Some(why), ending)
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

/// The bytes of message number `n` of `host`.
pub(super) fn content(message: &WebSocketMessage, n: u64, host: &Host) -> Bytes {
    match &message.body {
        Body::Text(text) => fill_in(text, n, host.now(), host.name()).into(),
        body => {
            let content = Content::from(body);
            let mut bytes = Vec::new();
            while (bytes.len() as u64) < content.len() {
                bytes.extend(content.chunk(bytes.len() as u64));
            }
            bytes.into()
        }
    }
}

/// What stands in the Host header: the port only if it is not the usual one.
pub(in crate::osi::application) fn authority(program: &Program, port: u16, tls: bool) -> String {
    let usual = if tls { 443 } else { 80 };
    match port {
        port if port == usual => program.peer.name.to_string(),
        port => format!("{}:{port}", program.peer.name),
    }
}
