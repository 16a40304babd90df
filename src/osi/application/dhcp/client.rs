//! The DHCP client: from no address to one, and how to keep it (RFC 2131, sections 4.4.1 and 4.4.5).
//!
//! Messages without an answer are repeated after 4, 8, 16, 32 and then 64 s, each a second more or
//! less at random (section 4.1). A lease is renewed at half of its time with its server, and from
//! seven eighths on with any; if that fails, the address is given up and everything begins anew. A client
//! that is refused begins anew at once, but waits as long as above if it is refused again.
//!
//! If it is to, it asks by ARP whether somebody has the address before it uses it (`claim`), and gives it
//! back when the time has come (section 4.4.6).

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    pin::pin,
    sync::{Arc, Mutex},
};

use futures_util::future::select;

use super::message::{Kind, Message};
use crate::{
    osi::{
        application::{
            Reports,
            report::LeaseReport,
            spec::{DHCP_CLIENT_PORT, DHCP_SERVER_PORT, DhcpClient},
        },
        session::cause,
        transport::{UdpSocket, lock},
    },
    task::Host,
    trace::AppEventKind,
    units::{SimTime, Span},
    wire::Mac,
};

mod claim;
mod lease;

use lease::Lease;

/// Gets `host`, whose only card is `mac`, an address and keeps it as long as the run lasts, or as `spec`
/// says.
pub(in crate::osi::application) async fn hold_address(
    host: Host,
    mac: Mac,
    spec: DhcpClient,
    reports: Reports,
) {
    let socket = match host.udp(DHCP_CLIENT_PORT) {
        Ok(socket) => socket,
        Err(error) => {
            let text = format!("DHCP client: {}", cause(&error));
            return host.emit(AppEventKind::Failed(text), None);
        }
    };
    let client = Client {
        host,
        mac,
        spec,
        socket,
        reports,
        held: Arc::default(),
    };
    let Some(end) = spec.release else {
        return client.live().await;
    };
    select(pin!(client.live()), pin!(client.host.sleep_until(end))).await;
    client.give_back().await;
}

struct Client {
    host: Host,
    mac: Mac,
    spec: DhcpClient,
    socket: UdpSocket,
    reports: Reports,
    /// The address that the host has now.
    held: Arc<Mutex<Option<Lease>>>,
}

/// What came of asking for an address.
enum Answer {
    Ack(Lease),
    Nak,
    Silence,
}

impl Client {
    /// Gets addresses and keeps them, one after the other.
    async fn live(&self) {
        loop {
            let lease = self.acquire().await;
            self.keep(lease).await;
        }
    }

    /// INIT, SELECTING and REQUESTING: until there is a lease.
    async fn acquire(&self) -> Lease {
        let started = self.host.now();
        self.report(|report| report.started.get_or_insert(started).to_owned());
        let mut refusals = 0;
        loop {
            let offer = self.discover(started).await;
            match self.request(started, &offer).await {
                Answer::Ack(lease) => match self.rival(lease.net.addr()).await {
                    None => {
                        self.bind(&lease);
                        let took = self.host.now() - started;
                        self.report(|report| report.took = Some(took));
                        return lease;
                    }
                    Some(rival) => self.decline(&lease, rival).await,
                },
                Answer::Nak => {
                    self.refused();
                    self.back_off(refusals).await;
                    refusals += 1;
                }
                Answer::Silence => {}
            }
        }
    }

    /// The first refusal is no reason to wait (RFC 2131, section 3.1, point 5); the ones after it are.
    async fn back_off(&self, refusals: u32) {
        if let Some(tries) = refusals.checked_sub(1) {
            self.host.sleep(self.patience(tries)).await;
        }
    }

    /// Asks everybody until somebody offers something.
    async fn discover(&self, started: SimTime) -> Message {
        let xid = self.xid();
        let mut tries = 0;
        loop {
            let discover = Message {
                secs: self.seconds_since(started),
                ..Message::new(Kind::Discover, xid, self.mac)
            };
            self.report(|report| report.discovers += 1);
            let patience = self.patience(tries);
            tries += 1;
            let sent = self.send(&discover, everybody()).await;
            let answer = self.hear(xid, self.host.now() + patience).await;
            if let (Ok(()), Some(offer)) = (sent, answer)
                && offer.kind == Kind::Offer
                && offer.server.is_some()
            {
                return offer;
            }
        }
    }

    /// Takes an offer. The server is named, so that others know that theirs are not wanted.
    async fn request(&self, started: SimTime, offer: &Message) -> Answer {
        let request = Message {
            secs: self.seconds_since(started),
            requested: Some(offer.yours),
            server: offer.server,
            ..Message::new(Kind::Request, offer.xid, self.mac)
        };
        for tries in 0..MOST_REQUESTS {
            let patience = self.patience(tries);
            match self.ask(&request, everybody(), patience).await {
                Answer::Silence => {}
                answer => return answer,
            }
        }
        Answer::Silence
    }

    /// BOUND, RENEWING and REBINDING: until the lease is lost.
    async fn keep(&self, mut lease: Lease) {
        loop {
            self.host.sleep_until(lease.renew).await;
            let server = (lease.server, DHCP_SERVER_PORT).into();
            let mut answer = self.extend(&lease, server, lease.rebind).await;
            if matches!(answer, Answer::Silence) {
                answer = self.extend(&lease, everybody(), lease.end).await;
            }
            match answer {
                Answer::Ack(next) => {
                    if next.net != lease.net || next.router != lease.router {
                        self.bind(&next);
                    }
                    self.report(|report| report.renewals += 1);
                    self.note(format!("DHCP: {} renewed for {}", next.net, next.length));
                    lease = next;
                }
                Answer::Nak => {
                    self.refused();
                    return self.unbind(&lease, "refused");
                }
                Answer::Silence => return self.unbind(&lease, "run out"),
            }
        }
    }

    /// Asks `to` for more time until `until`, again after half of what is left, but not more often
    /// than once a minute.
    async fn extend(&self, lease: &Lease, to: SocketAddr, until: SimTime) -> Answer {
        while self.host.now() < until {
            let request = Message {
                client: lease.net.addr(),
                ..Message::new(Kind::Request, self.xid(), self.mac)
            };
            let left = until - self.host.now();
            let half = Span::from_nanos(left.as_nanos() / 2);
            let patience = half.max(LEAST_PATIENCE).min(left);
            match self.ask(&request, to, patience).await {
                Answer::Silence => {}
                answer => return answer,
            }
        }
        Answer::Silence
    }

    /// Sends a request and waits for what the server makes of it.
    async fn ask(&self, request: &Message, to: SocketAddr, patience: Span) -> Answer {
        let asked = self.host.now();
        self.report(|report| report.requests += 1);
        // What cannot be sent is lost; silence follows.
        let _ = self.send(request, to).await;
        let deadline = asked + patience;
        while let Some(answer) = self.hear(request.xid, deadline).await {
            match (answer.kind, Lease::of(&answer, asked)) {
                (Kind::Ack, Some(lease)) => return Answer::Ack(lease),
                (Kind::Nak, _) => return Answer::Nak,
                _ => {}
            }
        }
        Answer::Silence
    }

    async fn send(&self, message: &Message, to: SocketAddr) -> io::Result<()> {
        self.socket.send_to(&message.bytes(), to).await.map(|_| ())
    }

    /// The next message to this client about `xid`, if one comes in time.
    async fn hear(&self, xid: u32, deadline: SimTime) -> Option<Message> {
        let mut buffer = vec![0; 1500];
        loop {
            let left = deadline - self.host.now();
            let received = self.socket.recv_from(&mut buffer);
            let Ok((length, _)) = self.host.timeout(left, received).await.ok()? else {
                continue;
            };
            let message = Message::read(&buffer[..length]);
            if let Some(message) = message.filter(|m| m.xid == xid && m.mac == self.mac) {
                return Some(message);
            }
        }
    }

    /// The host has the address from now on.
    fn bind(&self, lease: &Lease) {
        let name_server = lease.dns.first().map(|address| (*address).into());
        self.host.assign(lease.assignment(), name_server);
        let before = lock(&self.held).replace(lease.clone());
        if before.is_none_or(|before| before.net != lease.net) {
            self.announce(lease);
        }
        let (now, copy) = (self.host.now(), lease.clone());
        self.report(|report| {
            report.address = Some(copy.net);
            report.server = Some(copy.server);
            report.router = copy.router;
            report.dns = copy.dns;
            report.lease = Some(copy.length);
            report.bound.get_or_insert(now);
        });
        self.note(format!("DHCP: {} for {}", lease.net, lease.length));
    }

    /// The host has no address any more.
    fn unbind(&self, lease: &Lease, why: &str) {
        self.lose_address();
        self.report(|report| report.lost += 1);
        self.note(format!("DHCP: {} is {why}", lease.net));
    }

    fn lose_address(&self) {
        lock(&self.held).take();
        self.host.assign(lease::nothing(), None);
        self.report(|report| report.address = None);
    }

    /// Gives the address back, if there is one. It goes a second later, so that the message gets out,
    /// and the question by ARP that may have to come before it.
    async fn give_back(&self) {
        let Some(lease) = lock(&self.held).take() else {
            return;
        };
        let release = Message {
            client: lease.net.addr(),
            server: Some(lease.server),
            ..Message::new(Kind::Release, self.xid(), self.mac)
        };
        // Nobody answers it: what cannot be sent is lost, and the lease runs out by itself.
        let _ = self
            .send(&release, (lease.server, DHCP_SERVER_PORT).into())
            .await;
        let now = self.host.now();
        self.report(|report| report.released = Some(now));
        self.note(format!("DHCP: {} given back", lease.net));
        self.host.sleep(FAREWELL).await;
        self.lose_address();
    }

    fn refused(&self) {
        self.report(|report| report.naks += 1);
        self.note("DHCP: refused (NAK)".to_owned());
    }

    fn note(&self, text: String) {
        self.host.emit(AppEventKind::Note(text), None);
    }

    fn report<R>(&self, change: impl FnOnce(&mut LeaseReport) -> R) {
        self.reports.lease(self.host.id(), change);
    }

    fn xid(&self) -> u32 {
        u32::try_from(self.host.random_u64() >> 32).unwrap_or_default()
    }

    fn seconds_since(&self, started: SimTime) -> u16 {
        let seconds = (self.host.now() - started).as_nanos() / SECOND;
        u16::try_from(seconds).unwrap_or(u16::MAX)
    }

    /// 4 s, then twice as long, at most 64 s; a second more or less.
    fn patience(&self, tries: u32) -> Span {
        let base = (4 * SECOND) << tries.min(4);
        Span::from_nanos(base - SECOND + self.host.random_u64() % (2 * SECOND))
    }
}

/// All servers on the segment.
fn everybody() -> SocketAddr {
    (Ipv4Addr::BROADCAST, DHCP_SERVER_PORT).into()
}

const SECOND: u64 = 1_000_000_000;
/// After so many requests without an answer, it begins anew.
const MOST_REQUESTS: u32 = 4;
/// RFC 2131, section 4.4.5: "to a minimum of 60 seconds".
const LEAST_PATIENCE: Span = Span::from_secs(60);
/// From the message that gives an address back to its loss.
const FAREWELL: Span = Span::from_secs(1);
