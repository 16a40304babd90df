//! Mail: each message from its sender's side, and the mailboxes.

use serde::Serialize;

use super::TlsSummary;
use crate::{
    osi::application::report::{MailExchange, Mailbox, Refusal},
    topology::Topology,
    units::Span,
};

/// One message and what the server made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailSummary {
    /// Its subject.
    pub subject: String,
    /// Its sender.
    pub from: String,
    /// Recipients that the server accepted.
    pub accepted: Vec<String>,
    /// Recipients that it did not.
    pub rejected: Vec<RefusalSummary>,
    /// Lines that were said before it, each with the reply.
    pub said: Vec<(String, String)>,
    /// When it was wanted.
    pub started_ns: u64,
    /// Name lookup over DNS, if there was one.
    pub lookup_ns: Option<u64>,
    /// TCP connect, if this message opened the connection.
    pub connect_ns: Option<u64>,
    /// TLS, if this message opened the connection and it is protected.
    pub tls: Option<TlsSummary>,
    /// From `started_ns` to the last reply about it, or to the error.
    pub total_ns: Option<u64>,
    /// Its size with headers.
    pub bytes: u64,
    /// What went wrong.
    pub error: Option<String>,
}

/// A recipient that the server did not accept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusalSummary {
    /// The recipient.
    pub mailbox: String,
    /// The reply code.
    pub code: u16,
    /// What the server said.
    pub text: String,
}

/// What lies in one mailbox at the end of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailboxSummary {
    /// The host whose server has it.
    pub node: String,
    /// Its address.
    pub mailbox: String,
    /// The messages, oldest first.
    pub messages: Vec<MailboxMessage>,
    /// How many came after those.
    pub left_out: u64,
}

/// A message in a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailboxMessage {
    /// When it came.
    pub at_ns: u64,
    /// Its sender, by MAIL FROM.
    pub from: String,
    /// The whole of it.
    pub bytes: u64,
    /// Where it stands in the output folder.
    pub file: String,
}

impl MailSummary {
    pub(super) fn new(x: &MailExchange) -> Self {
        Self {
            subject: x.subject.clone(),
            from: x.from.clone(),
            accepted: x.accepted.clone(),
            rejected: x.rejected.iter().map(RefusalSummary::new).collect(),
            said: x.said.clone(),
            started_ns: x.started.as_nanos(),
            lookup_ns: x.lookup.map(Span::as_nanos),
            connect_ns: x.connect.map(Span::as_nanos),
            tls: x.tls.as_ref().map(TlsSummary::new),
            total_ns: x.total.map(Span::as_nanos),
            bytes: x.bytes,
            error: x.error.clone(),
        }
    }
}

impl RefusalSummary {
    fn new(x: &Refusal) -> Self {
        Self {
            mailbox: x.mailbox.clone(),
            code: x.code,
            text: x.text.clone(),
        }
    }
}

impl MailboxSummary {
    pub(in crate::report) fn new(topology: &Topology, x: &Mailbox) -> Self {
        let node = topology.node(x.node).name.clone();
        let message = |(number, mail): (usize, &crate::osi::application::report::StoredMail)| {
            MailboxMessage {
                at_ns: mail.at.as_nanos(),
                from: mail.from.clone(),
                bytes: mail.bytes.len() as u64,
                file: mail_file(&node, &x.name, number),
            }
        };
        Self {
            messages: (1..).zip(x.mail.iter()).map(message).collect(),
            mailbox: x.name.clone(),
            left_out: x.left_out,
            node,
        }
    }
}

/// Where message `number` of a mailbox stands in the output folder.
pub fn mail_file(node: &str, mailbox: &str, number: usize) -> String {
    format!("mail/{node}/{mailbox}/{number}.eml")
}
