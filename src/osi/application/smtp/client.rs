//! The mail client: its messages one after the other, over one connection as long as that lasts.
//!
//! A message that is refused, or that some recipients refuse, is a result; a connection that breaks
//! ends the message it breaks in, and the next one gets a new connection.

use std::io;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use tokio::io::AsyncWriteExt;

use super::{
    message::{message, stuffed},
    replies::{Replies, Reply},
};
use crate::osi::{
    application::{
        program::Program,
        report::{MailExchange, Refusal},
        reports::Open,
        spec::{Login, LoginMechanism, Mail, SmtpClient},
    },
    presentation::Channel,
    session::{Connection, cause},
};

/// Sends every message.
pub(in crate::osi::application) async fn send_all(program: &Program, spec: &SmtpClient) {
    let mut link = None;
    for (number, mail) in (1..).zip(&spec.mail) {
        let mut open = program.entry.open(MailExchange::new(mail, program.now()));
        program.started(format!("mail {:?} to {}", mail.subject, mail.to.join(", ")));
        let mut sending = Sending {
            program,
            spec,
            mail,
            number,
            open: &mut open,
        };
        // In a box: few send mail, and everybody would have to hold the room for it.
        let result = Box::pin(sending.run(&mut link)).await;
        let took = program.now();
        open.update(|e| {
            e.total = Some(took - e.started);
            e.error = result.as_ref().err().cloned();
        });
        match result {
            Ok(bytes) => program.finished(format!("mail {:?}, {bytes} B, sent", mail.subject)),
            Err(why) => program.failed(format!("mail {:?}: {why}", mail.subject)),
        }
    }
    if let Some(link) = link {
        link.quit(spec).await;
    }
}

/// An open connection, after EHLO and all that follows it.
struct Link {
    program_timeout: Timeouts,
    channel: Channel,
    replies: Replies,
    /// The reply to EHLO: what the server can do.
    abilities: Reply,
}

/// Whose clock says when patience ends.
#[derive(Clone)]
struct Timeouts(crate::task::Host);

/// One message on its way.
struct Sending<'a> {
    program: &'a Program,
    spec: &'a SmtpClient,
    mail: &'a Mail,
    number: u32,
    open: &'a mut Open<MailExchange>,
}

impl Sending<'_> {
    /// Sends the message over `link`, or over a new connection. Returns its size.
    async fn run(&mut self, link: &mut Option<Link>) -> Result<u64, String> {
        let mut own = match link.take() {
            Some(link) => link,
            None => self.connect().await?,
        };
        match self.transaction(&mut own).await {
            Ok(result) => {
                *link = Some(own);
                result
            }
            Err(broken) => Err(broken),
        }
    }

    /// A connection that is ready for a message.
    async fn connect(&mut self) -> Result<Link, String> {
        let dialled = self
            .program
            .peer
            .connect(&self.program.host, self.spec.port);
        let connection = dialled.await.map_err(|e| e.to_string())?;
        self.note_connection(&connection);
        let mut channel = Channel::from(connection.stream);
        if !self.spec.starttls {
            channel = self.protect(channel).await?;
        }
        let mut link = Link {
            program_timeout: Timeouts(self.program.host.clone()),
            channel,
            replies: Replies::default(),
            abilities: Reply {
                code: 0,
                lines: Vec::new(),
            },
        };
        let greeting = link.hear(self.spec).await?;
        expect(&greeting, 220, "the server greets with")?;
        link.hello(self).await?;
        if self.spec.starttls {
            link = self.start_tls(link).await?;
        }
        if let Some(login) = &self.spec.login {
            link.log_in(self.spec, login).await?;
        }
        for line in &self.spec.say {
            let reply = link.say(self.spec, line).await?;
            self.open
                .update(|e| e.said.push((line.clone(), reply.words())));
        }
        Ok(link)
    }

    fn note_connection(&mut self, connection: &Connection) {
        self.open.update(|e| {
            e.lookup = connection.lookup;
            e.connect = Some(connection.connect);
        });
    }

    /// TLS over the connection, if the entry wants it.
    async fn protect(&mut self, channel: Channel) -> Result<Channel, String> {
        let (channel, tls) = self.program.protect(channel).await?;
        self.open
            .update(|e| e.tls = tls.as_ref().map(|tls| tls.result()));
        Ok(channel)
    }

    /// STARTTLS; nothing that was said before counts any more (RFC 3207, section 4.2).
    async fn start_tls(&mut self, mut link: Link) -> Result<Link, String> {
        if link.abilities.extension("STARTTLS").is_none() {
            return Err("the server does not offer STARTTLS".to_owned());
        }
        let reply = link.say(self.spec, "STARTTLS").await?;
        expect(&reply, 220, "STARTTLS:")?;
        if link.replies.is_ahead() {
            return Err("the server speaks before TLS has begun".to_owned());
        }
        link.channel = self.protect(link.channel).await?;
        link.hello(self).await?;
        Ok(link)
    }

    /// The dialogue about one message. The outer error is a broken connection, the inner one a
    /// message that was refused.
    async fn transaction(&mut self, link: &mut Link) -> Result<Result<u64, String>, String> {
        let id = format!(
            "{}.{}.{}@{}",
            self.program.traffic.name,
            self.program.round + 1,
            self.number,
            self.program.host.name()
        );
        let epoch = self.program.setting.epoch;
        let message = message(self.mail, &id, epoch, self.program.now());
        self.open.update(|e| e.bytes = message.len() as u64);
        let commands = self.commands(link, &message);
        let at_once = self.spec.pipelining && link.abilities.extension("PIPELINING").is_some();
        let refused = if at_once {
            link.write(self.spec, commands.concat().as_bytes()).await?;
            self.hear_all(link, commands.len()).await?
        } else {
            self.one_by_one(link, &commands).await?
        };
        if let Some(why) = refused {
            let reply = link.say(self.spec, "RSET").await?;
            return Ok(expect(&reply, 250, "RSET:").and(Err(why)));
        }
        link.write(self.spec, &stuffed(&message)).await?;
        let reply = link.hear(self.spec).await?;
        Ok(expect(&reply, 250, "the message is not taken:").map(|()| message.len() as u64))
    }

    /// MAIL, one RCPT for each recipient, DATA.
    fn commands(&self, link: &Link, message: &[u8]) -> Vec<String> {
        let mut mail = format!("MAIL FROM:<{}>", self.mail.from);
        if link.abilities.extension("SIZE").is_some() {
            mail += &format!(" SIZE={}", message.len());
        }
        if !message.is_ascii() && link.abilities.extension("8BITMIME").is_some() {
            mail += " BODY=8BITMIME";
        }
        let to = self.mail.to.iter().map(|to| format!("RCPT TO:<{to}>"));
        let all = std::iter::once(mail).chain(to);
        let all = all.chain(std::iter::once("DATA".to_owned()));
        all.map(|line| line + "\r\n").collect()
    }

    /// Hears what the server says to commands that were sent at once; what it refuses, in words.
    async fn hear_all(&mut self, link: &mut Link, count: usize) -> Result<Option<String>, String> {
        let mut refused = None;
        for number in 0..count {
            let reply = link.hear(self.spec).await?;
            let is_last = number + 1 == count;
            if is_last && reply.code == 354 && (refused.is_some() || !self.has_recipients()) {
                // The server waits for a message that nobody gets: an empty one (RFC 2920, 3.1).
                link.write(self.spec, b".\r\n").await?;
                link.hear(self.spec).await?;
            }
            let why = self.judge(number, is_last, &reply);
            refused = refused.or(why);
        }
        Ok(refused)
    }

    /// Says one command after the other, as long as it makes sense.
    async fn one_by_one(
        &mut self,
        link: &mut Link,
        commands: &[String],
    ) -> Result<Option<String>, String> {
        for (number, command) in commands.iter().enumerate() {
            let is_last = number + 1 == commands.len();
            if is_last && !self.has_recipients() {
                break;
            }
            link.write(self.spec, command.as_bytes()).await?;
            let reply = link.hear(self.spec).await?;
            if let Some(why) = self.judge(number, is_last, &reply) {
                return Ok(Some(why));
            }
        }
        Ok((!self.has_recipients()).then(|| NOBODY.to_owned()))
    }

    /// What the reply to command `number` means; a reason to give the message up.
    fn judge(&mut self, number: usize, is_last: bool, reply: &Reply) -> Option<String> {
        match number.checked_sub(1).and_then(|n| self.mail.to.get(n)) {
            None if is_last && !self.has_recipients() => Some(NOBODY.to_owned()),
            None if is_last => expect(reply, 354, "DATA:").err(),
            None => expect(reply, 250, "the sender is refused:").err(),
            Some(to) => {
                let accepted = matches!(reply.code, 250 | 251);
                self.open.update(|e| match accepted {
                    true => e.accepted.push(to.clone()),
                    false => e.rejected.push(Refusal {
                        mailbox: to.clone(),
                        code: reply.code,
                        text: reply.lines.join(" "),
                    }),
                });
                None
            }
        }
    }

    fn has_recipients(&mut self) -> bool {
        let mut some = false;
        self.open.update(|e| some = !e.accepted.is_empty());
        some
    }
}

impl Link {
    /// EHLO, or HELO for a server that does not know it.
    async fn hello(&mut self, sending: &Sending<'_>) -> Result<(), String> {
        let name = sending.program.host.name();
        self.abilities = self.say(sending.spec, &format!("EHLO {name}")).await?;
        if self.abilities.code == 250 {
            return Ok(());
        }
        self.abilities = self.say(sending.spec, &format!("HELO {name}")).await?;
        expect(&self.abilities, 250, "HELO:")
    }

    async fn log_in(&mut self, spec: &SmtpClient, login: &Login) -> Result<(), String> {
        let mechanism = login.mechanism.name();
        let offered = self.abilities.extension("AUTH").unwrap_or_default();
        if !offered
            .split(' ')
            .any(|word| word.eq_ignore_ascii_case(mechanism))
        {
            return Err(format!("the server does not offer AUTH {mechanism}"));
        }
        let reply = match login.mechanism {
            LoginMechanism::Plain => {
                // RFC 4616: nobody else's rights, a name, a password.
                let both = format!("\0{}\0{}", login.user, login.password);
                self.say(spec, &format!("AUTH PLAIN {}", BASE64.encode(both)))
                    .await?
            }
            LoginMechanism::Login => {
                let asks = self.say(spec, "AUTH LOGIN").await?;
                expect(&asks, 334, "AUTH LOGIN:")?;
                let asks = self.say(spec, &BASE64.encode(&login.user)).await?;
                expect(&asks, 334, "AUTH LOGIN:")?;
                self.say(spec, &BASE64.encode(&login.password)).await?
            }
        };
        expect(&reply, 235, &format!("AUTH {mechanism}:"))
    }

    /// Says a line and hears the reply.
    async fn say(&mut self, spec: &SmtpClient, line: &str) -> Result<Reply, String> {
        self.write(spec, format!("{line}\r\n").as_bytes()).await?;
        self.hear(spec).await
    }

    async fn write(&mut self, spec: &SmtpClient, bytes: &[u8]) -> Result<(), String> {
        let host = self.program_timeout.0.clone();
        let write = async {
            self.channel.write_all(bytes).await?;
            self.channel.flush().await
        };
        match host.timeout(spec.timeout, write).await {
            Ok(done) => done.map_err(|e| cause(&e)),
            Err(_) => Err(format!("the server took nothing for {}", spec.timeout)),
        }
    }

    async fn hear(&mut self, spec: &SmtpClient) -> Result<Reply, String> {
        let host = self.program_timeout.0.clone();
        let reply = self.replies.next(&mut self.channel);
        match host.timeout(spec.timeout, reply).await {
            Ok(reply) => reply.map_err(|e: io::Error| cause(&e)),
            Err(_) => Err(format!("no reply within {}", spec.timeout)),
        }
    }

    /// QUIT, and the end of the connection. Nothing depends on how it goes.
    async fn quit(mut self, spec: &SmtpClient) {
        let _ = self.say(spec, "QUIT").await;
        let _ = self.channel.shutdown().await;
    }
}

/// A reply with another code is a reason, in words.
fn expect(reply: &Reply, code: u16, about: &str) -> Result<(), String> {
    if reply.code == code {
        return Ok(());
    }
    Err(format!("{about} {}", reply.words()))
}

const NOBODY: &str = "every recipient is refused";
