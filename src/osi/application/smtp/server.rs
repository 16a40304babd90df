//! The mail server: connections, their bytes, and the mailboxes that messages end in.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use smtp_proto::{
    AUTH_LOGIN, Error,
    request::receiver::{DataReceiver, RequestReceiver},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    message::date,
    session::{Envelope, Session, Then, say},
};
use crate::{
    osi::{
        application::{
            report::StoredMail, reports::Reports, secure::Door, spec::SmtpServer, stream::BUFFER,
        },
        presentation::Channel,
        session::cause,
        transport::TcpStream,
    },
    task::Host,
    trace::AppEventKind,
};

/// A server and what it works with.
#[derive(Debug)]
struct Server {
    host: Host,
    spec: SmtpServer,
    door: Door,
    reports: Reports,
    epoch: u64,
    /// How many clients talk to it now.
    open: AtomicU32,
}

/// Takes mail as long as the run lasts, each connection in a task of its own.
pub(in crate::osi::application) async fn serve(
    host: Host,
    spec: SmtpServer,
    door: Door,
    (reports, epoch): (Reports, u64),
) {
    let listener = match host.listen(spec.port) {
        Ok(listener) => listener,
        Err(error) => {
            let text = format!("SMTP server on port {}: {}", spec.port, cause(&error));
            return host.emit(AppEventKind::Failed(text), None);
        }
    };
    let server = Arc::new(Server {
        host: host.clone(),
        spec,
        door,
        reports,
        epoch,
        open: AtomicU32::new(0),
    });
    while let Ok((stream, _)) = listener.accept().await {
        let server = Arc::clone(&server);
        drop(host.spawn(async move {
            server.open.fetch_add(1, Ordering::Relaxed);
            // An error here is seen by the client as well, and its report tells of it.
            let _ = server.converse(stream).await;
            server.open.fetch_sub(1, Ordering::Relaxed);
        }));
    }
}

/// One connection.
struct Conversation<'a> {
    server: &'a Server,
    channel: Channel,
    /// What has been read and not yet used.
    read: Vec<u8>,
    /// What is to be said when nothing more can be read at once.
    out: Vec<u8>,
}

impl Server {
    async fn converse(&self, stream: TcpStream) -> io::Result<()> {
        let from_the_start = self.spec.tls.is_some() && !self.spec.starttls;
        let channel = match from_the_start {
            true => self.door.admit(stream).await?,
            false => stream.into(),
        };
        let mut talk = Conversation {
            server: self,
            channel,
            read: Vec::new(),
            out: Vec::new(),
        };
        let mut session = Session::new(&self.spec, self.host.name(), from_the_start);
        if self.open.load(Ordering::Relaxed) > self.spec.max_connections {
            say(
                &mut talk.out,
                421,
                [4, 3, 2],
                "too many clients, come back later",
            );
        } else {
            talk.out.extend_from_slice(session.greeting().as_bytes());
            talk = talk.dialogue(&mut session).await?;
        }
        talk.flush().await?;
        talk.channel.lingering(&self.host).shutdown().await
    }

    /// Puts a message into the mailboxes of its recipients, with the lines that say how it came
    /// (RFC 5321, section 4.4).
    fn store(&self, envelope: &Envelope, client: &str, message: &[u8]) {
        let now = self.host.now();
        let (name, date) = (self.host.name(), date(self.epoch, now));
        for to in &envelope.to {
            let mut bytes = format!(
                "Return-Path: <{}>\r\nReceived: from {client} by {name} with ESMTP\r\n for <{to}>; \
                 {date}\r\n",
                envelope.from
            )
            .into_bytes();
            bytes.extend_from_slice(message);
            let mail = StoredMail {
                at: now,
                from: envelope.from.clone(),
                bytes,
            };
            self.reports.mail(self.host.id(), to, mail);
        }
        let text = format!("mail from {} for {}", envelope.from, envelope.to.join(", "));
        self.host.emit(AppEventKind::Note(text), None);
    }
}

impl Conversation<'_> {
    /// Commands and replies until one side has enough.
    async fn dialogue(mut self, session: &mut Session<'_>) -> io::Result<Self> {
        let mut receiver = RequestReceiver::default();
        loop {
            let mut bytes = self.read.iter();
            let request = receiver.ingest(&mut bytes).map(|r| r.into_owned());
            let used = self.read.len() - bytes.len();
            self.read.drain(..used);
            let then = match request {
                Ok(request) => session.handle(request, &mut self.out),
                Err(Error::NeedsMoreData { .. }) => {
                    self.read.clear();
                    if !self.fill().await? {
                        return Ok(self);
                    }
                    continue;
                }
                Err(error) => session.handle_error(&error, &mut self.out),
            };
            match then {
                Then::Go => {}
                Then::Close => return Ok(self),
                Then::Data => self.data(session).await?,
                Then::Credentials(mechanism) => self.credentials(session, mechanism).await?,
                Then::Tls => {
                    self = self.start_tls().await?;
                    session.begin_tls();
                }
            }
        }
    }

    /// Says what there is to say and reads more. False if the client has gone or is silent.
    async fn fill(&mut self) -> io::Result<bool> {
        self.flush().await?;
        let mut buffer = vec![0; BUFFER];
        let idle = self.server.spec.idle;
        let read = self.channel.read(&mut buffer);
        match self.server.host.timeout(idle, read).await {
            Ok(read) => {
                let length = read?;
                self.read.extend_from_slice(&buffer[..length]);
                Ok(length > 0)
            }
            Err(_) => {
                say(&mut self.out, 421, [4, 4, 2], "waited too long");
                Ok(false)
            }
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        let out = std::mem::take(&mut self.out);
        self.channel.write_all(&out).await?;
        self.channel.flush().await
    }

    /// The lines of a message, up to the dot. One that is too big is read all the same.
    async fn data(&mut self, session: &mut Session<'_>) -> io::Result<()> {
        let most = self.server.spec.max_message.bytes();
        let (mut receiver, mut message, mut size) = (DataReceiver::new(), Vec::new(), 0);
        loop {
            let mut bytes = self.read.iter();
            let ended = receiver.ingest(&mut bytes, &mut message);
            let used = self.read.len() - bytes.len();
            self.read.drain(..used);
            if message.len() as u64 > most {
                size += message.len();
                message.clear();
            }
            if ended {
                break;
            }
            if !self.fill().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let client = session.client.clone().unwrap_or_default();
        if let Some(envelope) = session.received(size + message.len(), &mut self.out) {
            self.server.store(&envelope, &client, &message);
        }
        Ok(())
    }

    /// The lines that follow AUTH.
    async fn credentials(&mut self, session: &mut Session<'_>, mechanism: u64) -> io::Result<()> {
        let first = self.line().await?;
        if first == "*" {
            say(&mut self.out, 501, [5, 7, 0], "given up");
        } else if mechanism == AUTH_LOGIN {
            // "Password:" in base64.
            self.out.extend_from_slice(b"334 UGFzc3dvcmQ6\r\n");
            let second = self.line().await?;
            session.log_in(&decoded(&first), &decoded(&second), &mut self.out);
        } else {
            session.plain(&first, &mut self.out);
        }
        Ok(())
    }

    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if self.read.len() > BUFFER || !self.fill().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// The handshake. What came before it must not count as if it came inside of it (RFC 3207,
    /// section 4.2).
    async fn start_tls(mut self) -> io::Result<Self> {
        self.flush().await?;
        self.read.clear();
        let Channel::Plain(tcp) = self.channel else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        self.channel = self.server.door.admit(tcp).await?;
        Ok(self)
    }
}

/// Text out of base64; nothing if it is none.
pub(super) fn decoded(line: &str) -> String {
    let bytes = BASE64.decode(line.trim()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
