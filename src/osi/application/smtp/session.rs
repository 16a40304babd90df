//! What a mail server says to each command, and what it remembers meanwhile (RFC 5321, section 4.1.4).
//!
//! Sans-I/O: commands in, replies out. Commands are read by smtp-proto, replies written by it. Not
//! here: BDAT, VRFY that tells, EXPN, ETRN, relaying mail to other servers.

use smtp_proto::{
    AUTH_LOGIN, AUTH_PLAIN, EXT_8BIT_MIME, EXT_AUTH, EXT_ENHANCED_STATUS_CODES, EXT_PIPELINING,
    EXT_SIZE, EXT_START_TLS, EhloResponse, Error, Request, Response,
};

use crate::osi::application::spec::SmtpServer;

/// A dialogue with one client.
#[derive(Debug)]
pub(super) struct Session<'a> {
    spec: &'a SmtpServer,
    /// The server's name.
    name: &'a str,
    /// How the client calls itself.
    pub(super) client: Option<String>,
    protected: bool,
    user: Option<String>,
    pub(super) envelope: Option<Envelope>,
    mistakes: u32,
}

/// Who sends a message to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) from: String,
    pub(super) to: Vec<String>,
}

/// What follows a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The next command.
    Go,
    /// The lines of a message.
    Data,
    /// A handshake of TLS.
    Tls,
    /// A name and a password: both in one line, or one after the other.
    Credentials(u64),
    /// The end.
    Close,
}

impl<'a> Session<'a> {
    pub(super) const fn new(spec: &'a SmtpServer, name: &'a str, protected: bool) -> Self {
        Self {
            spec,
            name,
            client: None,
            protected,
            user: None,
            envelope: None,
            mistakes: 0,
        }
    }

    /// The first words.
    pub(super) fn greeting(&self) -> String {
        format!("220 {} ESMTP netsim\r\n", self.name)
    }

    /// After the handshake of TLS, everything said before is forgotten (RFC 3207, section 4.2).
    pub(super) fn begin_tls(&mut self) {
        *self = Self::new(self.spec, self.name, true);
    }

    /// Puts the reply to a command at the end of `out`.
    pub(super) fn handle(&mut self, request: Request<String>, out: &mut Vec<u8>) -> Then {
        match request {
            Request::Ehlo { host } => self.hello(host, true, out),
            Request::Helo { host } => self.hello(host, false, out),
            Request::Noop { .. } => say(out, 250, [2, 0, 0], "nothing done"),
            Request::Rset => {
                self.envelope = None;
                say(out, 250, [2, 0, 0], "forgotten")
            }
            Request::Quit => {
                say(out, 221, [2, 0, 0], "goodbye");
                Then::Close
            }
            Request::Help { .. } => say(out, 214, [2, 0, 0], "see RFC 5321"),
            Request::Vrfy { .. } => say(out, 252, [2, 5, 2], "send some mail and see"),
            _ if self.client.is_none() => self.mistake(out, 503, [5, 5, 1], "say EHLO first"),
            Request::StartTls => self.start_tls(out),
            Request::Auth {
                mechanism,
                initial_response,
            } => self.auth(mechanism, &initial_response, out),
            Request::Mail { from } => self.mail(from.address, from.size, out),
            Request::Rcpt { to } => self.recipient(to.address, out),
            Request::Data => self.data(out),
            _ => self.mistake(out, 502, [5, 5, 1], "that is not done here"),
        }
    }

    /// Puts the reply to a line that is no command at the end of `out`.
    pub(super) fn handle_error(&mut self, error: &Error, out: &mut Vec<u8>) -> Then {
        let text = match error {
            Error::UnknownCommand => return self.mistake(out, 500, [5, 5, 1], "unknown command"),
            Error::InvalidSenderAddress | Error::InvalidRecipientAddress => {
                return self.mistake(out, 553, [5, 1, 3], "that is no mailbox");
            }
            Error::ResponseTooLong => return self.mistake(out, 500, [5, 5, 2], "line too long"),
            Error::SyntaxError { syntax } => format!("the syntax is {syntax}"),
            other => other.to_string(),
        };
        self.mistake(out, 501, [5, 5, 4], &text)
    }

    /// Takes a message, or says why not.
    pub(super) fn received(&mut self, size: usize, out: &mut Vec<u8>) -> Option<Envelope> {
        let envelope = self.envelope.take()?;
        if size as u64 > self.spec.max_message.bytes() {
            say(out, 552, [5, 3, 4], "the message is too big");
            return None;
        }
        say(out, 250, [2, 0, 0], "taken");
        Some(envelope)
    }

    /// Judges a name and a password.
    pub(super) fn log_in(&mut self, user: &str, password: &str, out: &mut Vec<u8>) -> Then {
        let known = self.spec.users.iter();
        if known.into_iter().any(|(u, p)| u == user && p == password) {
            self.user = Some(user.to_owned());
            return say(out, 235, [2, 7, 0], "welcome");
        }
        self.mistake(out, 535, [5, 7, 8], "wrong name or password")
    }

    fn hello(&mut self, host: String, extended: bool, out: &mut Vec<u8>) -> Then {
        self.client = Some(host);
        self.envelope = None;
        if !extended {
            out.extend_from_slice(format!("250 {}\r\n", self.name).as_bytes());
            return Then::Go;
        }
        let mut reply = EhloResponse::new(self.name);
        reply.capabilities = EXT_PIPELINING | EXT_SIZE | EXT_8BIT_MIME | EXT_ENHANCED_STATUS_CODES;
        reply.size = usize::try_from(self.spec.max_message.bytes()).unwrap_or(usize::MAX);
        if self.spec.starttls && !self.protected {
            reply.capabilities |= EXT_START_TLS;
        }
        if self.offers_auth() {
            reply.capabilities |= EXT_AUTH;
            reply.auth_mechanisms = AUTH_PLAIN | AUTH_LOGIN;
        }
        // Into memory: that cannot fail.
        let _ = reply.write(&mut *out);
        Then::Go
    }

    /// Passwords are not asked for in the clear if there is another way (RFC 4954, section 4).
    const fn offers_auth(&self) -> bool {
        !self.spec.users.is_empty() && (self.protected || !self.spec.starttls)
    }

    fn start_tls(&mut self, out: &mut Vec<u8>) -> Then {
        if !self.spec.starttls || self.protected {
            return self.mistake(out, 503, [5, 5, 1], "no TLS to start");
        }
        say(out, 220, [2, 0, 0], "begin");
        Then::Tls
    }

    fn auth(&mut self, mechanism: u64, initial: &str, out: &mut Vec<u8>) -> Then {
        if !self.offers_auth() || self.user.is_some() {
            return self.mistake(out, 503, [5, 5, 1], "no login here and now");
        }
        match mechanism {
            AUTH_PLAIN if initial.is_empty() => {
                out.extend_from_slice(b"334 \r\n");
                Then::Credentials(mechanism)
            }
            AUTH_PLAIN => self.plain(initial, out),
            AUTH_LOGIN if initial.is_empty() => {
                // "Username:" in base64, as everyone has it.
                out.extend_from_slice(b"334 VXNlcm5hbWU6\r\n");
                Then::Credentials(mechanism)
            }
            _ => self.mistake(out, 504, [5, 5, 4], "that mechanism is not known"),
        }
    }

    /// The one line of AUTH PLAIN.
    pub(super) fn plain(&mut self, line: &str, out: &mut Vec<u8>) -> Then {
        let text = super::server::decoded(line);
        let mut parts = text.split('\0');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(_), Some(user), Some(password)) => self.log_in(user, password, out),
            _ => self.mistake(out, 501, [5, 5, 2], "that is no name and password"),
        }
    }

    fn mail(&mut self, from: String, size: usize, out: &mut Vec<u8>) -> Then {
        if self.envelope.is_some() {
            return self.mistake(out, 503, [5, 5, 1], "one message at a time");
        }
        if !self.spec.users.is_empty() && self.user.is_none() {
            return self.mistake(out, 530, [5, 7, 0], "log in first");
        }
        if size as u64 > self.spec.max_message.bytes() {
            return say(out, 552, [5, 3, 4], "the message is too big");
        }
        self.envelope = Some(Envelope {
            from,
            to: Vec::new(),
        });
        say(out, 250, [2, 1, 0], "sender ok")
    }

    fn recipient(&mut self, to: String, out: &mut Vec<u8>) -> Then {
        let Some(envelope) = &mut self.envelope else {
            return self.mistake(out, 503, [5, 5, 1], "say MAIL first");
        };
        let known = self.spec.mailboxes.iter();
        let exists = self.spec.mailboxes.is_empty()
            || known.into_iter().any(|m| m.eq_ignore_ascii_case(&to));
        if !exists {
            return say(out, 550, [5, 1, 1], "no such mailbox");
        }
        if envelope.to.len() >= self.spec.max_recipients as usize {
            return say(out, 452, [4, 5, 3], "too many recipients");
        }
        envelope.to.push(to);
        say(out, 250, [2, 1, 5], "recipient ok")
    }

    fn data(&mut self, out: &mut Vec<u8>) -> Then {
        match &self.envelope {
            None => self.mistake(out, 503, [5, 5, 1], "say MAIL first"),
            Some(envelope) if envelope.to.is_empty() => {
                say(out, 554, [5, 5, 1], "no valid recipients")
            }
            Some(_) => {
                out.extend_from_slice(b"354 end it with a dot on a line of its own\r\n");
                Then::Data
            }
        }
    }

    /// A client that only makes mistakes is sent away.
    fn mistake(&mut self, out: &mut Vec<u8>, code: u16, esc: [u8; 3], text: &str) -> Then {
        self.mistakes += 1;
        say(out, code, esc, text);
        if self.mistakes < MOST_MISTAKES {
            return Then::Go;
        }
        say(out, 421, [4, 7, 0], "too many mistakes");
        Then::Close
    }
}

/// Puts one reply at the end of `out`.
pub(super) fn say(out: &mut Vec<u8>, code: u16, esc: [u8; 3], text: &str) -> Then {
    let [class, subject, detail] = esc;
    // Into memory: that cannot fail.
    let _ = Response::new(code, class, subject, detail, text).write(out);
    Then::Go
}

const MOST_MISTAKES: u32 = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{ByteSize, Span};

    fn spec() -> SmtpServer {
        SmtpServer {
            port: 25,
            mailboxes: vec!["bob@b.example".to_owned(), "carol@b.example".to_owned()],
            users: Vec::new(),
            max_message: ByteSize::new(1000),
            max_recipients: 1,
            max_connections: 10,
            idle: Span::from_secs(300),
            tls: None,
            starttls: false,
        }
    }

    /// The codes of the replies to some lines.
    fn codes(session: &mut Session<'_>, lines: &[&str]) -> Vec<u16> {
        let code = |line: &&str| {
            let bytes = format!("{line}\r\n").into_bytes();
            let mut out = Vec::new();
            match Request::parse(&mut bytes.iter()) {
                Ok(request) => session.handle(request.into_owned(), &mut out),
                Err(error) => session.handle_error(&error, &mut out),
            };
            let last = out.split(|b| *b == b'\n').rev().nth(1).unwrap();
            std::str::from_utf8(&last[..3]).unwrap().parse().unwrap()
        };
        lines.iter().map(code).collect()
    }

    #[test]
    fn commands_have_an_order() {
        let spec = spec();
        let mut session = Session::new(&spec, "mail", false);
        let lines = [
            "MAIL FROM:<a@a.example>",
            "EHLO a",
            "RCPT TO:<bob@b.example>",
            "DATA",
            "MAIL FROM:<a@a.example>",
            "MAIL FROM:<a@a.example>",
            "DATA",
            "RCPT TO:<eve@b.example>",
            "RCPT TO:<Bob@B.example>",
            "RCPT TO:<carol@b.example>",
            "DATA",
        ];
        // RFC 5321, section 4.1.4; eve is unknown, and one recipient is all that is allowed.
        let expected = [503, 250, 503, 503, 250, 503, 554, 550, 250, 452, 354];
        assert_eq!(codes(&mut session, &lines), expected);
    }

    #[test]
    fn what_is_no_command_is_told_apart() {
        let spec = spec();
        let mut session = Session::new(&spec, "mail", false);
        let lines = [
            "EHLO a",
            "JUMP",
            "MAIL TO:<a>",
            "MAIL FROM:<a@a> SIZE=1001",
            "NOOP",
            "QUIT",
        ];
        assert_eq!(codes(&mut session, &lines), [250, 500, 501, 552, 250, 221]);
    }

    #[test]
    fn a_client_that_only_makes_mistakes_is_sent_away() {
        let spec = spec();
        let mut session = Session::new(&spec, "mail", false);
        let said = codes(&mut session, &["JUMP"; 10]);
        assert_eq!((said[8], said[9]), (500, 421));
    }

    #[test]
    fn where_there_are_users_nobody_sends_without_a_login() {
        // "\0bob\0secret" and "\0bob\0wrong" in base64.
        let mut spec = spec();
        spec.users = vec![("bob".to_owned(), "secret".to_owned())];
        let mut session = Session::new(&spec, "mail", false);
        let lines = [
            "EHLO a",
            "MAIL FROM:<a@a.example>",
            "AUTH PLAIN AGJvYgB3cm9uZw==",
            "AUTH PLAIN AGJvYgBzZWNyZXQ=",
            "MAIL FROM:<a@a.example>",
        ];
        assert_eq!(codes(&mut session, &lines), [250, 530, 535, 235, 250]);
    }
}
