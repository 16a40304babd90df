//! What mail clients and servers are asked to do.

use super::Body;
use crate::{
    osi::presentation::tls::{TlsClient, TlsServer},
    units::{ByteSize, Span},
};

/// Mail to be sent, over one connection.
#[derive(Debug, Clone)]
pub struct SmtpClient {
    /// The server's port. Default 25, with TLS from the start 465.
    pub port: u16,
    /// The messages, one after the other; at least one.
    pub mail: Vec<Mail>,
    /// Send MAIL, RCPT and DATA at once if the server allows it (RFC 2920). Default: yes.
    pub pipelining: bool,
    /// Who it says it is. Default: nobody.
    pub login: Option<Login>,
    /// Lines to say before the first message, whatever the server may think of them.
    pub say: Vec<String>,
    /// Give up after so long without a reply. Default 30 s.
    pub timeout: Span,
    /// Over TLS: from the start, or after `starttls`. Default: no.
    pub tls: Option<TlsClient>,
    /// Begin TLS by the command STARTTLS (RFC 3207). Default: no.
    pub starttls: bool,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The sender's mailbox.
    pub from: String,
    /// The recipients' mailboxes; at least one.
    pub to: Vec<String>,
    /// A line.
    pub subject: String,
    /// The text.
    pub body: Body,
}

/// A name and a password (RFC 4954).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: String,
    /// How it is said. Default PLAIN.
    pub mechanism: LoginMechanism,
}

/// How a name and a password are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LoginMechanism {
    /// Both at once (RFC 4616).
    #[default]
    Plain,
    /// One after the other.
    Login,
}

impl LoginMechanism {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
        }
    }
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct SmtpServer {
    /// Default 25, with TLS from the start 465.
    pub port: u16,
    /// The mailboxes there are; none: every mailbox.
    pub mailboxes: Vec<String>,
    /// Names and passwords. If there are any, nobody sends mail without one.
    pub users: Vec<(String, String)>,
    /// The longest message. Default 10 MiB.
    pub max_message: ByteSize,
    /// How many recipients a message may have. Default 100 (RFC 5321, section 4.5.3.1.8).
    pub max_recipients: u32,
    /// How many clients may talk at the same time. Default 100.
    pub max_connections: u32,
    /// How long it waits for a silent client. Default 5 min (RFC 5321, section 4.5.3.2.7).
    pub idle: Span,
    /// It speaks TLS: from the start, or after STARTTLS.
    pub tls: Option<TlsServer>,
    /// It offers STARTTLS.
    pub starttls: bool,
}
