//! Sessions that can be resumed: the client's tickets and the server's table.
//!
//! Bounded: a client keeps [`TICKETS`] tickets for each server, a server the newest [`SESSIONS`].
//! rustls has such tables too; theirs hash with keys drawn from the machine.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Mutex,
};

use rustls::{
    NamedGroup,
    client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue},
    pki_types::ServerName,
    server::StoresServerSessions,
};

use crate::osi::transport::lock;

/// What a client remembers of the servers it talked to.
#[derive(Debug, Default)]
pub(super) struct ClientSessions(Mutex<BTreeMap<String, Remembered>>);

#[derive(Debug, Default)]
struct Remembered {
    group: Option<NamedGroup>,
    tls12: Option<Tls12ClientSessionValue>,
    /// The newest last.
    tls13: VecDeque<Tls13ClientSessionValue>,
}

impl ClientSessions {
    fn with<R>(&self, name: &ServerName<'_>, look: impl FnOnce(&mut Remembered) -> R) -> R {
        look(lock(&self.0).entry(name.to_str().into_owned()).or_default())
    }
}

impl ClientSessionStore for ClientSessions {
    fn set_kx_hint(&self, server_name: ServerName<'static>, group: NamedGroup) {
        self.with(&server_name, |known| known.group = Some(group));
    }

    fn kx_hint(&self, server_name: &ServerName<'_>) -> Option<NamedGroup> {
        self.with(server_name, |known| known.group)
    }

    fn set_tls12_session(&self, server_name: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.with(&server_name, |known| known.tls12 = Some(value));
    }

    fn tls12_session(&self, server_name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.with(server_name, |known| known.tls12.clone())
    }

    fn remove_tls12_session(&self, server_name: &ServerName<'static>) {
        self.with(server_name, |known| known.tls12 = None);
    }

    fn insert_tls13_ticket(
        &self,
        server_name: ServerName<'static>,
        value: Tls13ClientSessionValue,
    ) {
        self.with(&server_name, |known| {
            if known.tls13.len() == TICKETS {
                known.tls13.pop_front();
            }
            known.tls13.push_back(value);
        });
    }

    fn take_tls13_ticket(
        &self,
        server_name: &ServerName<'static>,
    ) -> Option<Tls13ClientSessionValue> {
        self.with(server_name, |known| known.tls13.pop_back())
    }
}

/// What a server remembers of its clients.
#[derive(Debug, Default)]
pub(super) struct ServerSessions(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    sessions: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The oldest first; some may be gone.
    order: VecDeque<Vec<u8>>,
}

impl StoresServerSessions for ServerSessions {
    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> bool {
        let mut table = lock(&self.0);
        table.order.push_back(key.clone());
        table.sessions.insert(key, value);
        while table.order.len() > SESSIONS {
            if let Some(oldest) = table.order.pop_front() {
                table.sessions.remove(&oldest);
            }
        }
        true
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        lock(&self.0).sessions.get(key).cloned()
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        lock(&self.0).sessions.remove(key)
    }

    fn can_cache(&self) -> bool {
        true
    }
}

/// RFC 8446, appendix C.4: a ticket is used once, so a client needs a few.
const TICKETS: usize = 8;
/// The usual size of such a table.
const SESSIONS: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_forgets_the_oldest_session() {
        let table = ServerSessions::default();
        for i in 0..=SESSIONS {
            assert!(table.put(i.to_be_bytes().to_vec(), vec![1]));
        }
        assert_eq!(table.get(&0_usize.to_be_bytes()), None);
        assert_eq!(table.take(&1_usize.to_be_bytes()), Some(vec![1]));
        assert_eq!(table.get(&1_usize.to_be_bytes()), None);
        assert_eq!(table.get(&SESSIONS.to_be_bytes()), Some(vec![1]));
    }
}
