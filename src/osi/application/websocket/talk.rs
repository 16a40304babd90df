//! One side of an open WebSocket connection.
//!
//! Contract: [`Talk::next`] yields what concerns the program; pings are answered and sent on the
//! way. The reader goes on while something is being written, so two sides that write at the same
//! time do not wait for each other. The server ends the TCP connection first (RFC 6455, section
//! 7.1.1). After a fault, what has not been read is not read any more.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use fastwebsockets::{Frame, OpCode, Payload, Role, WebSocket};
use tokio::{
    io::AsyncWriteExt,
    sync::mpsc::{self, Receiver},
};

use super::{
    reader::{Fault, Heard, Message, Rules, listen},
    wire::Wire,
};
use crate::{
    osi::{
        application::{live::Samples, report::MessageCount, spec::WebSocketFrames},
        session::cause,
    },
    rng::Stream,
    task::Host,
    units::SimTime,
};

/// Which side this is, and how it treats frames.
pub(super) struct End {
    /// Where a client's masks come from; `None` for a server.
    pub(super) masks: Option<Stream>,
    pub(super) frames: WebSocketFrames,
    /// Answer neither pings nor a close, and send no pings.
    pub(super) silent: bool,
}

/// What both sides have sent so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) sent: MessageCount,
    pub(super) received: MessageCount,
    pub(super) pings: u64,
    pub(super) pongs: u64,
    pub(super) ping_rtt: Samples,
}

/// Something for the program to act on.
pub(super) enum Event {
    /// A message came.
    Message(Message),
    /// Something is to be relayed; `None` if the inbox has ended.
    Relay(Option<Arc<Message>>),
    /// The deadline has come.
    Alarm,
    /// The connection is over.
    Over(Over),
}

/// How a connection ended.
#[derive(Debug)]
pub(super) enum Over {
    /// By close frames; the first one had this code and reason.
    Closed {
        code: Option<u16>,
        reason: String,
        by_us: bool,
    },
    /// The other side broke a rule, and was told so.
    Faulted(Fault),
    /// Without a close frame.
    Lost(String),
}

/// An open connection.
pub(super) struct Talk {
    host: Host,
    writer: WebSocket<Wire>,
    wire: Wire,
    reader: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    heard: Receiver<Heard>,
    end: End,
    /// When the next ping is due.
    next_ping: Option<SimTime>,
    /// The ping that has no pong yet: its number and when it left.
    unanswered: Option<(u64, SimTime)>,
    pub(super) counts: Counts,
}

/// What ended a wait.
enum Step {
    Heard(Option<Heard>),
    Relay(Option<Arc<Message>>),
    Alarm,
}

impl Talk {
    /// Starts to talk over `wire`, whose handshake is over.
    pub(super) fn begin(host: &Host, wire: Wire, end: End) -> Self {
        let role = || match end.masks {
            Some(_) => Role::Client,
            None => Role::Server,
        };
        let rules = Rules {
            masked: end.masks.is_none(),
            max_message: usize::try_from(end.frames.max_message.bytes()).unwrap_or(usize::MAX),
        };
        let (to, heard) = mpsc::channel(MOST_HEARD);
        let reader = listen(WebSocket::after_handshake(wire.clone(), role()), rules, to);
        let mut writer = WebSocket::after_handshake(wire.clone(), role());
        // Header and payload leave in one piece, masked here.
        writer.set_writev(false);
        writer.set_auto_apply_mask(false);
        let ping = end.frames.ping.filter(|_| !end.silent);
        Self {
            next_ping: ping.map(|span| host.now() + span),
            host: host.clone(),
            writer,
            wire,
            reader: Some(Box::pin(reader)),
            heard,
            end,
            unanswered: None,
            counts: Counts::default(),
        }
    }

    /// What happens next, until `deadline` at most; `inbox` is what else may come.
    pub(super) async fn next(
        &mut self,
        deadline: Option<SimTime>,
        mut inbox: Option<&mut Receiver<Arc<Message>>>,
    ) -> Event {
        loop {
            let alarm = SimTime::earliest([deadline, self.next_ping, self.pong_deadline()]);
            match self.step(alarm, inbox.as_deref_mut()).await {
                Step::Relay(message) => return Event::Relay(message),
                Step::Heard(heard) => {
                    if let Some(event) = self.hear(heard).await {
                        return event;
                    }
                }
                Step::Alarm => {
                    if let Some(over) = self.look_at_the_clock().await {
                        return Event::Over(over);
                    }
                    if deadline.is_some_and(|at| at <= self.host.now()) {
                        return Event::Alarm;
                    }
                }
            }
        }
    }

    /// Sends a message, in as many frames as the file wants.
    pub(super) async fn send(&mut self, binary: bool, bytes: &Bytes) -> Result<(), Over> {
        let size = self.end.frames.fragment.unwrap_or(usize::MAX);
        let mut opcode = match binary {
            true => OpCode::Binary,
            false => OpCode::Text,
        };
        let mut rest = bytes.clone();
        loop {
            let part = rest.split_to(size.clamp(1, rest.len().max(1)).min(rest.len()));
            self.write(rest.is_empty(), opcode, part.to_vec()).await?;
            self.counts.sent.frames += 1;
            opcode = OpCode::Continuation;
            if rest.is_empty() {
                break;
            }
        }
        self.counts.sent.messages += 1;
        self.counts.sent.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Closes with `code` and `reason`, and waits for the answer.
    pub(super) async fn close(&mut self, code: u16, reason: &str) -> Over {
        if let Err(over) = self.write_close(Some(code), reason).await {
            return over;
        }
        let deadline = self.host.now() + self.end.frames.timeout;
        loop {
            match self.step(Some(deadline), None).await {
                Step::Heard(Some(Heard::Message(message))) => self.note(&message),
                Step::Heard(Some(Heard::Close(..))) => {
                    self.part().await;
                    return Over::Closed {
                        code: Some(code),
                        reason: reason.to_owned(),
                        by_us: true,
                    };
                }
                Step::Heard(Some(Heard::Fault(fault))) => return self.fail(fault).await,
                Step::Heard(Some(Heard::Ended(why))) => {
                    let _ = self.wire.shutdown().await;
                    return Over::Lost(why);
                }
                Step::Heard(None) => return Over::Lost("the connection is closed".to_owned()),
                Step::Alarm => {
                    let _ = self.wire.shutdown().await;
                    let patience = self.end.frames.timeout;
                    return Over::Lost(format!("no answer to the close frame within {patience}"));
                }
                Step::Heard(_) | Step::Relay(_) => {}
            }
        }
    }

    /// Sends a frame that is against the rules: a ping with `size` bytes, `masked` or not.
    pub(super) async fn send_bad_ping(&mut self, size: usize, masked: bool) -> Result<(), Over> {
        let mask = masked.then_some([1, 2, 3, 4]);
        self.write_with(true, OpCode::Ping, mask, vec![b'.'; size])
            .await
    }

    /// Sends a text message in one frame that is not masked, or not text.
    pub(super) async fn send_bad_text(&mut self, bytes: &[u8], masked: bool) -> Result<(), Over> {
        let mask = self.mask().filter(|_| masked);
        self.write_with(true, OpCode::Text, mask, bytes.to_vec())
            .await
    }

    /// Sends bytes that are no frame: two reserved bits of the first are set.
    pub(super) async fn send_garbage(&mut self) -> Result<(), Over> {
        let sent = self.wire.write_all(b"not a frame\r\n").await;
        sent.map_err(|error| Over::Lost(cause(&error)))
    }

    async fn hear(&mut self, heard: Option<Heard>) -> Option<Event> {
        let over = match heard {
            None => Over::Lost("the connection is closed".to_owned()),
            Some(Heard::Message(message)) => {
                self.note(&message);
                return Some(Event::Message(message));
            }
            Some(_) if self.end.silent => return None,
            Some(Heard::Ping(bytes)) => match self.write(true, OpCode::Pong, bytes).await {
                Ok(()) => return None,
                Err(over) => over,
            },
            Some(Heard::Pong(bytes)) => {
                self.take_pong(&bytes);
                return None;
            }
            Some(Heard::Close(code, reason)) => self.answer_close(code, reason).await,
            Some(Heard::Fault(fault)) => self.fail(fault).await,
            Some(Heard::Ended(why)) => {
                let _ = self.wire.shutdown().await;
                Over::Lost(why)
            }
        };
        Some(Event::Over(over))
    }

    fn note(&mut self, message: &Message) {
        let received = &mut self.counts.received;
        received.messages += 1;
        received.bytes += message.bytes.len() as u64;
        received.frames += message.frames;
    }

    /// A pong repeats the number of its ping.
    fn take_pong(&mut self, bytes: &[u8]) {
        let number = bytes.try_into().ok().map(u64::from_be_bytes);
        if let Some((asked, at)) = self.unanswered
            && number == Some(asked)
        {
            self.unanswered = None;
            self.counts.pongs += 1;
            self.counts.ping_rtt.add(self.host.now() - at);
        }
    }

    fn pong_deadline(&self) -> Option<SimTime> {
        self.unanswered.map(|(_, at)| at + self.end.frames.timeout)
    }

    /// Sends the ping that is due; the connection is lost if the last one had no pong in time.
    async fn look_at_the_clock(&mut self) -> Option<Over> {
        let now = self.host.now();
        if self.pong_deadline().is_some_and(|at| at <= now) {
            let patience = self.end.frames.timeout;
            let _ = self.host.timeout(patience, self.wire.shutdown()).await;
            return Some(Over::Lost(format!("no pong within {patience}")));
        }
        if self.next_ping.is_none_or(|at| at > now) {
            return None;
        }
        self.next_ping = self.end.frames.ping.map(|span| now + span);
        if self.unanswered.is_none() {
            self.counts.pings += 1;
            let number = self.counts.pings;
            self.unanswered = Some((number, now));
            let ping = number.to_be_bytes().to_vec();
            return self.write(true, OpCode::Ping, ping).await.err();
        }
        None
    }

    /// The answer to a close frame repeats its code (section 5.5.1).
    async fn answer_close(&mut self, code: Option<u16>, reason: String) -> Over {
        if let Err(over) = self.write_close(code, "").await {
            return over;
        }
        self.part().await;
        Over::Closed {
            code,
            reason,
            by_us: false,
        }
    }

    /// Tells the other side which rule it broke, and ends the connection (section 7.1.7).
    async fn fail(&mut self, fault: Fault) -> Over {
        let told = self.write_close(Some(fault.code), fault.why).await;
        let _ = self.wire.shutdown().await;
        match told {
            Ok(()) => Over::Faulted(fault),
            Err(over) => over,
        }
    }

    /// Both have closed. The server ends the connection, the client waits for that.
    async fn part(&mut self) {
        if self.end.masks.is_some() {
            let deadline = self.host.now() + self.end.frames.timeout;
            while let Step::Heard(Some(heard)) = self.step(Some(deadline), None).await {
                if matches!(heard, Heard::Ended(_) | Heard::Fault(_)) {
                    break;
                }
            }
        }
        let _ = self.wire.shutdown().await;
    }

    async fn write_close(&mut self, code: Option<u16>, reason: &str) -> Result<(), Over> {
        let mut payload = Vec::new();
        if let Some(code) = code {
            payload.extend(code.to_be_bytes());
            payload.extend(reason.as_bytes());
        }
        self.write(true, OpCode::Close, payload).await
    }

    async fn write(&mut self, fin: bool, opcode: OpCode, bytes: Vec<u8>) -> Result<(), Over> {
        let mask = self.mask();
        self.write_with(fin, opcode, mask, bytes).await
    }

    /// Four random bytes for a client's frame (section 5.3), none for a server's.
    fn mask(&mut self) -> Option<[u8; 4]> {
        let stream = self.end.masks.as_mut()?;
        let mut mask = [0; 4];
        stream.fill(&mut mask);
        Some(mask)
    }

    async fn write_with(
        &mut self,
        fin: bool,
        opcode: OpCode,
        mask: Option<[u8; 4]>,
        bytes: Vec<u8>,
    ) -> Result<(), Over> {
        let mut frame = Frame::new(fin, opcode, mask, Payload::Owned(bytes));
        if mask.is_some() {
            frame.mask();
        }
        let Self {
            host,
            writer,
            reader,
            end,
            ..
        } = self;
        let patience = end.frames.timeout;
        let work = async {
            writer.write_frame(frame).await?;
            writer.flush().await
        };
        let mut work = pin!(work);
        let both = poll_fn(|cx| {
            go_on(reader, cx);
            work.as_mut().poll(cx)
        });
        match host.timeout(patience, both).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(fastwebsockets::WebSocketError::IoError(e))) => Err(Over::Lost(cause(&e))),
            Ok(Err(_)) => Err(Over::Lost("the connection is closed".to_owned())),
            Err(_) => {
                let why = format!("the other side takes nothing for {patience}");
                Err(Over::Lost(why))
            }
        }
    }

    async fn step(
        &mut self,
        alarm: Option<SimTime>,
        mut inbox: Option<&mut Receiver<Arc<Message>>>,
    ) -> Step {
        let mut sleep = alarm.map(|at| self.host.sleep_until(at));
        let (reader, heard) = (&mut self.reader, &mut self.heard);
        poll_fn(|cx| {
            go_on(reader, cx);
            if let Poll::Ready(heard) = heard.poll_recv(cx) {
                return Poll::Ready(Step::Heard(heard));
            }
            if let Some(inbox) = &mut inbox
                && let Poll::Ready(message) = inbox.poll_recv(cx)
            {
                return Poll::Ready(Step::Relay(message));
            }
            match &mut sleep {
                Some(sleep) => Pin::new(sleep).poll(cx).map(|()| Step::Alarm),
                None => Poll::Pending,
            }
        })
        .await
    }
}

/// Lets the reader go on, until it has ended.
fn go_on(reader: &mut Option<Pin<Box<dyn Future<Output = ()> + Send>>>, cx: &mut Context<'_>) {
    if let Some(running) = reader
        && running.as_mut().poll(cx).is_ready()
    {
        *reader = None;
    }
}

/// How many things may be heard before the program acts on them; more wait in the connection.
const MOST_HEARD: usize = 64;
