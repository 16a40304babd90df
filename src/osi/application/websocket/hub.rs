//! Who is connected at which path of a chat server, and what is relayed to them.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::mpsc::{self, Receiver, Sender};

use super::reader::Message;
use crate::osi::transport::Mutex;

/// The rooms of a server, by path.
#[derive(Debug, Clone, Default)]
pub(super) struct Hub(Arc<Mutex<BTreeMap<String, Room>>>);

/// The members of a room, by number, in the order in which they came.
#[derive(Debug, Default)]
struct Room {
    next: u64,
    members: BTreeMap<u64, Sender<Arc<Message>>>,
}

/// Somebody in a room, until this is dropped.
#[derive(Debug)]
pub(super) struct Member {
    hub: Hub,
    path: String,
    number: u64,
    /// What is relayed to him. It ends when he is too slow to follow.
    pub(super) inbox: Receiver<Arc<Message>>,
}

impl Hub {
    /// Enters the room of `path`.
    pub(super) fn join(&self, path: &str) -> Member {
        let mut rooms = self.0.lock();
        let room = rooms.entry(path.to_owned()).or_default();
        let number = room.next;
        room.next += 1;
        let (sender, inbox) = mpsc::channel(MOST_WAITING);
        room.members.insert(number, sender);
        Member {
            hub: self.clone(),
            path: path.to_owned(),
            number,
            inbox,
        }
    }
}

impl Member {
    /// Gives a message to all in the room, its sender included. Whoever has too many waiting
    /// loses his place.
    pub(super) fn relay(&self, message: Message) {
        let message = Arc::new(message);
        if let Some(room) = self.hub.0.lock().get_mut(&self.path) {
            room.members
                .retain(|_, to| to.try_send(Arc::clone(&message)).is_ok());
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if let Some(room) = self.hub.0.lock().get_mut(&self.path) {
            room.members.remove(&self.number);
        }
    }
}

/// How many messages may wait for one member.
const MOST_WAITING: usize = 1024;

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn message(text: &'static str) -> Message {
        Message {
            binary: false,
            bytes: Bytes::from_static(text.as_bytes()),
            frames: 1,
        }
    }

    #[test]
    fn a_message_reaches_everybody_at_the_path_and_nobody_elsewhere() {
        let hub = Hub::default();
        let (mut alice, mut bob) = (hub.join("/chat"), hub.join("/chat"));
        let mut eve = hub.join("/other");
        alice.relay(message("hi"));
        assert_eq!(*alice.inbox.try_recv().unwrap(), message("hi"));
        assert_eq!(*bob.inbox.try_recv().unwrap(), message("hi"));
        assert!(eve.inbox.try_recv().is_err());
    }

    #[test]
    fn who_does_not_follow_loses_his_place() {
        let hub = Hub::default();
        let (alice, mut bob) = (hub.join("/"), hub.join("/"));
        (0..=MOST_WAITING).for_each(|_| alice.relay(message("x")));
        for _ in 0..MOST_WAITING {
            bob.inbox.try_recv().unwrap();
        }
        let end = bob.inbox.try_recv().unwrap_err();
        assert_eq!(end, mpsc::error::TryRecvError::Disconnected);
    }
}
