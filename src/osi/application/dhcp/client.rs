//! The DHCP client: from no address to one, and how to keep it (RFC 2131, sections 4.4.1 and 4.4.5).
//!
//! Messages without an answer are repeated after 4, 8, 16, 32 and then 64 s, each a second more or
//! less at random (section 4.1). A lease is renewed at half of its time with its server, and from
//! seven eighths on with any; if that fails, the address is given up and everything begins anew.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use ipnet::{IpNet, Ipv4Net};

use super::message::{Kind, Message};
use crate::{
    ids::PortId,
    osi::{
        application::{
            Reports,
            report::LeaseReport,
            spec::{DHCP_CLIENT_PORT, DHCP_SERVER_PORT},
        },
        network::Assignment,
        session::cause,
        transport::UdpSocket,
    },
    task::Host,
    topology::{Route, RouteOrigin},
    trace::AppEventKind,
    units::{SimTime, Span},
    wire::Mac,
};

/// Gets `host`, whose only card is `mac`, an address and keeps it as long as the run lasts.
pub(in crate::osi::application) async fn hold_address(host: Host, mac: Mac, reports: Reports) {
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
        socket,
        reports,
    };
    loop {
        let lease = client.acquire().await;
        client.keep(lease).await;
    }
}

struct Client {
    host: Host,
    mac: Mac,
    socket: UdpSocket,
    reports: Reports,
}

/// An address for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lease {
    net: Ipv4Net,
    server: Ipv4Addr,
    router: Option<Ipv4Addr>,
    dns: Vec<Ipv4Addr>,
    length: Span,
    renew: SimTime,
    rebind: SimTime,
    end: SimTime,
}

impl Lease {
    /// What an acknowledgment gives, to a request that left at `asked`: the time counts from there.
    fn of(ack: &Message, asked: SimTime) -> Option<Self> {
        let [length, renew, rebind] = ack.times?.map(|s| Span::from_secs(s.into()));
        let mask = ack.mask.unwrap_or(Ipv4Addr::new(255, 255, 255, 0));
        Some(Self {
            net: Ipv4Net::with_netmask(ack.yours, mask).ok()?,
            server: ack.server?,
            router: ack.router,
            dns: ack.dns.clone(),
            length,
            renew: asked + renew,
            rebind: asked + rebind,
            end: asked + length,
        })
    }
}

/// What came of asking for an address.
enum Answer {
    Ack(Lease),
    Nak,
    Silence,
}

impl Client {
    /// INIT, SELECTING and REQUESTING: until there is a lease.
    async fn acquire(&self) -> Lease {
        let started = self.host.now();
        self.report(|report| report.started.get_or_insert(started).to_owned());
        loop {
            let offer = self.discover(started).await;
            match self.request(started, &offer).await {
                Answer::Ack(lease) => {
                    self.bind(&lease);
                    let took = self.host.now() - started;
                    self.report(|report| report.took = Some(took));
                    return lease;
                }
                Answer::Nak => self.refused(),
                Answer::Silence => {}
            }
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
                    return self.release(&lease, "refused");
                }
                Answer::Silence => return self.release(&lease, "run out"),
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
        let net = IpNet::V4(lease.net);
        let route = |prefix, via: Option<Ipv4Addr>| Route {
            prefix,
            via: via.map(IpAddr::V4),
            port: CARD,
            origin: RouteOrigin::Static,
        };
        let mut routes = vec![limited_broadcast(), route(net.trunc(), None)];
        if let Some(router) = lease.router {
            routes.push(route(IpNet::V4(Ipv4Net::default()), Some(router)));
        }
        let name_server = lease.dns.first().map(|address| IpAddr::V4(*address));
        self.host
            .assign(Assignment::new(CARD, Some(net), &routes), name_server);
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
    fn release(&self, lease: &Lease, why: &str) {
        let nothing = Assignment::new(CARD, None, &[limited_broadcast()]);
        self.host.assign(nothing, None);
        self.report(|report| {
            report.address = None;
            report.lost += 1;
        });
        self.note(format!("DHCP: {} is {why}", lease.net));
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

/// How a host without an address reaches its segment.
fn limited_broadcast() -> Route {
    Route {
        prefix: IpNet::V4(Ipv4Net::from(Ipv4Addr::BROADCAST)),
        via: None,
        port: CARD,
        origin: RouteOrigin::Static,
    }
}

/// All servers on the segment.
fn everybody() -> SocketAddr {
    (Ipv4Addr::BROADCAST, DHCP_SERVER_PORT).into()
}

/// A host that asks for its address has one card.
const CARD: PortId = PortId(0);
const SECOND: u64 = 1_000_000_000;
/// After so many requests without an answer, it begins anew.
const MOST_REQUESTS: u32 = 4;
/// RFC 2131, section 4.4.5: "to a minimum of 60 seconds".
const LEAST_PATIENCE: Span = Span::from_secs(60);
