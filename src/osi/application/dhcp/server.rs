//! The DHCP server: who holds which address of the pool, and what is said to whom (RFC 2131, section
//! 4.3). Answers go out as broadcasts, but for those to a client that has its address already.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
};

use super::message::{Kind, Message};
use crate::{
    osi::{
        application::spec::{DHCP_CLIENT_PORT, DHCP_SERVER_PORT, DhcpServer},
        session::cause,
    },
    task::Host,
    trace::AppEventKind,
    units::{SimTime, Span},
    wire::Mac,
};

/// Gives addresses away as long as the run lasts.
pub(in crate::osi::application) async fn serve(host: Host, spec: DhcpServer) {
    let socket = match host.udp(DHCP_SERVER_PORT) {
        Ok(socket) => socket,
        Err(error) => {
            let text = format!("DHCP server on port {DHCP_SERVER_PORT}: {}", cause(&error));
            return host.emit(AppEventKind::Failed(text), None);
        }
    };
    let mut pool = Pool::new(spec);
    let mut buffer = vec![0; 1500];
    loop {
        let Ok((length, _)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        let Some(message) = Message::read(&buffer[..length]) else {
            continue;
        };
        match pool.answer(&message, host.now()) {
            Some((answer, to)) => {
                // An answer that cannot be sent is an answer lost: the client asks again.
                let _ = socket.send_to(&answer.bytes(), to).await;
            }
            None if message.kind == Kind::Discover => {
                let text = format!("DHCP: no address is left for {}", message.mac);
                host.emit(AppEventKind::Note(text), None);
            }
            None if message.kind == Kind::Decline => {
                let taken = message.requested.unwrap_or(message.client);
                let text = format!("DHCP: {} says that {taken} is taken", message.mac);
                host.emit(AppEventKind::Note(text), None);
            }
            None => {}
        }
    }
}

/// The addresses and who has them.
#[derive(Debug)]
struct Pool {
    spec: DhcpServer,
    held: BTreeMap<Mac, Held>,
    /// Addresses that a stranger has, and until when they are left alone.
    taken: BTreeMap<Ipv4Addr, SimTime>,
}

/// An address that belongs to a client.
#[derive(Debug, Clone, Copy)]
struct Held {
    address: Ipv4Addr,
    until: SimTime,
}

impl Pool {
    const fn new(spec: DhcpServer) -> Self {
        Self {
            spec,
            held: BTreeMap::new(),
            taken: BTreeMap::new(),
        }
    }

    /// What is said to a message, and to whom.
    fn answer(&mut self, message: &Message, now: SimTime) -> Option<(Message, SocketAddr)> {
        match message.kind {
            Kind::Discover => {
                let address = self.choose(message, now)?;
                self.hold(message.mac, address, now + OFFER);
                Some((self.reply(Kind::Offer, message, address), everybody()))
            }
            Kind::Request => self.request(message, now),
            Kind::Release => {
                let own = self.held.get(&message.mac).map(|held| held.address);
                if own == Some(message.client) {
                    self.held.remove(&message.mac);
                }
                None
            }
            Kind::Decline => {
                self.decline(message, now);
                None
            }
            _ => None,
        }
    }

    /// Somebody else has the address that this server gave: nobody gets it for as long as a lease
    /// (RFC 2131, section 4.3.3).
    fn decline(&mut self, message: &Message, now: SimTime) {
        let own = self.held.get(&message.mac).map(|held| held.address);
        if let Some(address) = own.filter(|_| own == message.requested) {
            self.held.remove(&message.mac);
            self.taken.insert(address, now + self.spec.lease);
        }
    }

    /// A client wants the address of an offer, or wants to keep its own.
    fn request(&mut self, message: &Message, now: SimTime) -> Option<(Message, SocketAddr)> {
        if message.server.is_some_and(|id| id != self.spec.own.addr()) {
            // It takes the offer of another server.
            self.held.remove(&message.mac);
            return None;
        }
        let wanted = message.requested.unwrap_or(message.client);
        if !self.may_have(message.mac, wanted, now) {
            let refusal = Message {
                server: Some(self.spec.own.addr()),
                ..Message::new(Kind::Nak, message.xid, message.mac)
            };
            return Some((refusal, everybody()));
        }
        self.hold(message.mac, wanted, now + self.spec.lease);
        let to = match message.client {
            Ipv4Addr::UNSPECIFIED => everybody(),
            client => (client, DHCP_CLIENT_PORT).into(),
        };
        Some((self.reply(Kind::Ack, message, wanted), to))
    }

    /// The address for a client: the one it had, the one it asks for, or the first that is free.
    fn choose(&self, message: &Message, now: SimTime) -> Option<Ipv4Addr> {
        let own = self.held.get(&message.mac).map(|held| held.address);
        let wishes = own.into_iter().chain(message.requested);
        let (first, last) = self.spec.pool;
        let all = (first.to_bits()..=last.to_bits()).map(Ipv4Addr::from_bits);
        let mut all = wishes.chain(all);
        all.find(|address| self.may_have(message.mac, *address, now))
    }

    /// True if the address is one of the pool and nobody else has it.
    fn may_have(&self, mac: Mac, address: Ipv4Addr, now: SimTime) -> bool {
        let (first, last) = self.spec.pool;
        let mut others = self.held.iter().filter(|(owner, _)| **owner != mac);
        (first..=last).contains(&address)
            && self.taken.get(&address).is_none_or(|until| *until <= now)
            && !others.any(|(_, held)| held.address == address && held.until > now)
    }

    fn hold(&mut self, mac: Mac, address: Ipv4Addr, until: SimTime) {
        self.held.insert(mac, Held { address, until });
    }

    fn reply(&self, kind: Kind, message: &Message, address: Ipv4Addr) -> Message {
        let lease = self.spec.lease.as_nanos() / 1_000_000_000;
        let lease = u32::try_from(lease).unwrap_or(u32::MAX);
        Message {
            client: message.client,
            yours: address,
            server: Some(self.spec.own.addr()),
            mask: Some(self.spec.own.netmask()),
            router: self.spec.router,
            dns: self.spec.dns.clone(),
            times: Some([lease, lease / 2, lease - lease / 8]),
            ..Message::new(kind, message.xid, message.mac)
        }
    }
}

/// All clients on the segment.
fn everybody() -> SocketAddr {
    (Ipv4Addr::BROADCAST, DHCP_CLIENT_PORT).into()
}

/// How long an offer stands.
const OFFER: Span = Span::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(last: u8) -> Pool {
        Pool::new(DhcpServer {
            own: "10.0.0.1/24".parse().unwrap(),
            pool: ([10, 0, 0, 100].into(), [10, 0, 0, last].into()),
            lease: Span::from_secs(100),
            router: Some([10, 0, 0, 1].into()),
            dns: Vec::new(),
        })
    }

    fn mac(last: u8) -> Mac {
        Mac([2, 0, 0, 0, 0, last])
    }

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + Span::from_secs(seconds)
    }

    fn discover(pool: &mut Pool, client: u8, now: u64) -> Option<Ipv4Addr> {
        let message = Message::new(Kind::Discover, 1, mac(client));
        pool.answer(&message, at(now)).map(|(offer, _)| offer.yours)
    }

    fn request(pool: &mut Pool, client: u8, address: Ipv4Addr, now: u64) -> Kind {
        let message = Message {
            requested: Some(address),
            server: Some([10, 0, 0, 1].into()),
            ..Message::new(Kind::Request, 1, mac(client))
        };
        pool.answer(&message, at(now)).unwrap().0.kind
    }

    #[test]
    fn each_client_gets_an_address_of_its_own_and_the_same_one_again() {
        let mut pool = pool(110);
        let first = discover(&mut pool, 1, 0).unwrap();
        let second = discover(&mut pool, 2, 0).unwrap();
        assert_eq!(first, Ipv4Addr::new(10, 0, 0, 100));
        assert_eq!(second, Ipv4Addr::new(10, 0, 0, 101));
        assert_eq!(request(&mut pool, 1, first, 1), Kind::Ack);
        assert_eq!(request(&mut pool, 2, first, 1), Kind::Nak);
        assert_eq!(discover(&mut pool, 1, 50), Some(first));
    }

    #[test]
    fn an_empty_pool_is_silent_until_a_lease_ends() {
        let mut pool = pool(100);
        let only = discover(&mut pool, 1, 0).unwrap();
        assert_eq!(request(&mut pool, 1, only, 0), Kind::Ack);
        assert_eq!(discover(&mut pool, 2, 99), None);
        assert_eq!(discover(&mut pool, 2, 100), Some(only));
    }

    #[test]
    fn an_address_outside_of_the_pool_is_refused() {
        let mut pool = pool(110);
        assert_eq!(request(&mut pool, 1, [10, 9, 9, 9].into(), 0), Kind::Nak);
    }

    #[test]
    fn a_released_address_is_free() {
        let mut pool = pool(100);
        let only = discover(&mut pool, 1, 0).unwrap();
        request(&mut pool, 1, only, 0);
        let release = Message {
            client: only,
            ..Message::new(Kind::Release, 2, mac(1))
        };
        assert!(pool.answer(&release, at(1)).is_none());
        assert_eq!(discover(&mut pool, 2, 1), Some(only));
    }

    #[test]
    fn a_declined_address_is_left_alone_for_a_lease() {
        let mut pool = pool(101);
        let first = discover(&mut pool, 1, 0).unwrap();
        assert_eq!(request(&mut pool, 1, first, 0), Kind::Ack);
        let decline = |client, address| Message {
            requested: Some(address),
            server: Some([10, 0, 0, 1].into()),
            ..Message::new(Kind::Decline, 3, mac(client))
        };
        // Who does not have it cannot decline it.
        assert!(pool.answer(&decline(2, first), at(1)).is_none());
        assert_eq!(request(&mut pool, 1, first, 1), Kind::Ack);
        assert!(pool.answer(&decline(1, first), at(2)).is_none());
        let second = discover(&mut pool, 1, 3).unwrap();
        assert_ne!(second, first);
        assert_eq!(request(&mut pool, 1, second, 3), Kind::Ack);
        // A lease lasts 100 s.
        assert_eq!(discover(&mut pool, 2, 101), None);
        assert_eq!(discover(&mut pool, 2, 102), Some(first));
    }
}
