//! What is said over an open connection, by mode.

use bytes::Bytes;

use super::{Course, Visit};
use crate::{
    osi::application::{
        content::Content,
        live::{fill_in, sent_at},
        spec::{Body, WebSocketFault, WebSocketMessage, WebSocketMode},
        websocket::talk::{Event, Over, Talk},
    },
    task::Host,
    units::SimTime,
};

impl Visit<'_> {
    /// All that is said, up to the end of the connection.
    pub(super) async fn talk(&mut self, talk: &mut Talk, course: &mut Course) -> Over {
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
}

/// The bytes of message number `n` of `host`.
pub(in crate::osi::application::websocket) fn content(
    message: &WebSocketMessage,
    n: u64,
    host: &Host,
) -> Bytes {
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
