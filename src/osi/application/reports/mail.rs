//! What lies in the mailboxes of all servers, by host and name.
//!
//! Only the server of a host writes to its mailboxes, so their order is that of its own clock.

use std::{collections::BTreeMap, sync::Mutex};

use crate::{
    ids::NodeId,
    osi::{
        application::report::{KEPT_MAIL, Mailbox, StoredMail},
        transport::lock,
    },
};

/// All mailboxes that have mail.
#[derive(Debug, Default)]
pub(super) struct Mailboxes(Mutex<BTreeMap<(NodeId, String), Kept>>);

#[derive(Debug, Default)]
struct Kept {
    mail: Vec<StoredMail>,
    left_out: u64,
}

impl Mailboxes {
    /// Puts a message into a mailbox, whatever the case of its name.
    pub(super) fn put(&self, node: NodeId, mailbox: &str, mail: StoredMail) {
        let mut all = lock(&self.0);
        let kept = all.entry((node, mailbox.to_ascii_lowercase())).or_default();
        if kept.mail.len() < KEPT_MAIL {
            kept.mail.push(mail);
        } else {
            kept.left_out += 1;
        }
    }

    /// All of them as they are now.
    pub(super) fn collect(&self) -> Vec<Mailbox> {
        let all = lock(&self.0);
        let mailbox = |((node, name), kept): (&(NodeId, String), &Kept)| Mailbox {
            node: *node,
            name: name.clone(),
            mail: kept.mail.as_slice().into(),
            left_out: kept.left_out,
        };
        all.iter().map(mailbox).collect()
    }
}
