//! What came of mail: one message from its sender's side, and what lies in mailboxes.

use std::sync::Arc;

use super::TlsResult;
use crate::{
    ids::NodeId,
    osi::application::spec::Mail,
    units::{SimTime, Span},
};

/// One message and what the server made of it.
#[derive(Debug, Clone)]
pub struct MailExchange {
    /// Its subject.
    pub subject: String,
    /// Its sender.
    pub from: String,
    /// Recipients that the server accepted.
    pub accepted: Vec<String>,
    /// Recipients that it did not.
    pub rejected: Vec<Refusal>,
    /// Lines that were said before it, and the replies.
    pub said: Vec<(String, String)>,
    /// When it was wanted (before name lookup and connecting).
    pub started: SimTime,
    /// Name lookup over DNS, if there was one.
    pub lookup: Option<Span>,
    /// TCP connect, if this message opened the connection.
    pub connect: Option<Span>,
    /// TLS, if this message opened the connection and it is protected.
    pub tls: Option<TlsResult>,
    /// From `started` to the last reply about it, or to the error.
    pub total: Option<Span>,
    /// The message's size with headers, dots not doubled.
    pub bytes: u64,
    /// What went wrong, if nobody got it.
    pub error: Option<String>,
}

impl MailExchange {
    /// A message that is about to be sent.
    pub fn new(mail: &Mail, started: SimTime) -> Self {
        Self {
            subject: mail.subject.clone(),
            from: mail.from.clone(),
            accepted: Vec::new(),
            rejected: Vec::new(),
            said: Vec::new(),
            started,
            lookup: None,
            connect: None,
            tls: None,
            total: None,
            bytes: 0,
            error: None,
        }
    }
}

/// A recipient that the server did not accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The recipient.
    pub mailbox: String,
    /// The reply code: 550, 452 ...
    pub code: u16,
    /// What the server said.
    pub text: String,
}

/// What lies in one mailbox at the end of the run.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// The host whose server has it.
    pub node: NodeId,
    /// Its address.
    pub name: String,
    /// The first [`KEPT_MAIL`] messages, oldest first.
    pub mail: Arc<[StoredMail]>,
    /// How many came after those.
    pub left_out: u64,
}

/// A message in a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMail {
    /// When it came.
    pub at: SimTime,
    /// Its sender, by MAIL FROM.
    pub from: String,
    /// The whole of it, with the lines that say how it came.
    pub bytes: Vec<u8>,
}

/// How many messages a mailbox keeps; memory must not grow with the run.
pub const KEPT_MAIL: usize = 1_000;
