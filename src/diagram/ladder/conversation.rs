//! Conversations: which frames belong together, so that each exchange can have its own ladder.
//!
//! A TCP connection is one conversation. So are all datagrams between a client and one UDP
//! service (whatever port the client uses), all echoes of one ping, all probes of one traceroute.
//! ICMP errors belong to the conversation that they quote. ARP belongs to none.

use std::net::{IpAddr, SocketAddr};

use super::facts::{Content, Facts};
use crate::topology::Topology;

/// What tells one conversation from another; the same for both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// A TCP connection: its two ends, the lower one first.
    Tcp(SocketAddr, SocketAddr),
    /// A client and a UDP service.
    Udp { client: IpAddr, service: SocketAddr },
    /// Echo requests and replies: both addresses, the lower one first, and the identifier.
    Ping(IpAddr, IpAddr, u16),
    /// Probes to rising ports and the errors that answer them.
    Traceroute { from: IpAddr, to: IpAddr },
}

impl Key {
    /// The conversation of a frame.
    pub(super) fn of(facts: &Facts) -> Option<Self> {
        let (from, to) = facts.ends?;
        match &facts.content {
            Content::Tcp(s) => {
                let a = SocketAddr::new(from, s.source);
                let b = SocketAddr::new(to, s.destination);
                Some(Self::Tcp(a.min(b), a.max(b)))
            }
            Content::Udp {
                source,
                destination,
                ..
            } => Some(udp(
                SocketAddr::new(from, *source),
                SocketAddr::new(to, *destination),
            )),
            Content::Echo { id, .. } => Some(Self::Ping(from.min(to), from.max(to), *id)),
            Content::IcmpError(quoted) => Self::of(quoted.as_deref()?),
            Content::Other => None,
        }
    }

    /// One word: what kind of conversation it is.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Tcp(..) => "TCP",
            Self::Udp { service, .. } if service.port() == DNS_PORT => "DNS",
            Self::Udp { .. } => "UDP",
            Self::Ping(..) => "ping",
            Self::Traceroute { .. } => "traceroute",
        }
    }
}

/// The service is the end with the lower port: clients use high, short-lived ones (RFC 6335).
fn udp(from: SocketAddr, to: SocketAddr) -> Key {
    if TRACEROUTE_PORTS.contains(&to.port()) {
        return Key::Traceroute {
            from: from.ip(),
            to: to.ip(),
        };
    }
    let (client, service) = if to.port() <= from.port() {
        (from, to)
    } else {
        (to, from)
    };
    Key::Udp {
        client: client.ip(),
        service,
    }
}

/// A conversation with its names: who began, and with whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conversation {
    pub(super) key: Key,
    /// `TCP alice:49152 ↔ bob:80`.
    pub(super) title: String,
    /// The last part of a file name: `tcp-alice-bob-80`.
    pub(super) stem: String,
}

impl Conversation {
    /// The conversation `key`, whose first frame seen has these facts.
    pub(super) fn begun_by(key: Key, first: &Facts, topology: &Topology) -> Self {
        let (from, to) = beginning(key, first);
        let name = |address: IpAddr| node_name(topology, address);
        let end = |(address, port): (IpAddr, Option<u16>)| match port {
            Some(port) => format!("{}:{port}", name(address)),
            None => name(address),
        };
        let mut stem = format!("{}-{}-{}", key.word(), name(from.0), name(to.0));
        if let Some(port) = to.1 {
            stem += &format!("-{port}");
        }
        Self {
            key,
            title: format!("{} {} ↔ {}", key.word(), end(from), end(to)),
            stem: file_safe(&stem),
        }
    }
}

type End = (IpAddr, Option<u16>);

/// Who began, with whom, and the ports worth naming.
fn beginning(key: Key, first: &Facts) -> (End, End) {
    let first_from = first.ends.map(|(from, _)| from);
    match key {
        Key::Tcp(a, b) => {
            let a_began = match &first.content {
                Content::Tcp(s) => first_from == Some(a.ip()) && s.source == a.port(),
                _ => true,
            };
            let (from, to) = if a_began { (a, b) } else { (b, a) };
            ((from.ip(), Some(from.port())), (to.ip(), Some(to.port())))
        }
        Key::Udp { client, service } => ((client, None), (service.ip(), Some(service.port()))),
        Key::Ping(a, b, _) if first_from == Some(b) => ((b, None), (a, None)),
        Key::Ping(a, b, _) => ((a, None), (b, None)),
        Key::Traceroute { from, to } => ((from, None), (to, None)),
    }
}

/// The name of the node that owns `address`, or the address itself.
pub(super) fn node_name(topology: &Topology, address: IpAddr) -> String {
    topology
        .owner(address)
        .map_or_else(|| address.to_string(), |id| topology.node(id).name.clone())
}

/// Lower case, with everything but letters and digits turned into single dashes.
fn file_safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_matches('-').to_owned()
}

const DNS_PORT: u16 = 53;

/// The ports that traceroute probes, one after the other.
const TRACEROUTE_PORTS: std::ops::RangeInclusive<u16> = 33434..=33534;

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(from: &str, source: u16, to: &str, destination: u16) -> Facts {
        Facts {
            ends: Some((from.parse().unwrap(), to.parse().unwrap())),
            content: Content::Udp {
                source,
                destination,
                len: 0,
                stamp: None,
            },
        }
    }

    #[test]
    fn question_and_answer_are_one_conversation_whatever_the_client_port() {
        let question = datagram("10.0.0.1", 50000, "10.0.0.2", 53);
        let answer = datagram("10.0.0.2", 53, "10.0.0.1", 50000);
        let next = datagram("10.0.0.1", 50001, "10.0.0.2", 53);
        assert_eq!(Key::of(&question), Key::of(&answer));
        assert_eq!(Key::of(&question), Key::of(&next));
    }

    #[test]
    fn an_icmp_error_belongs_to_what_it_quotes() {
        let probe = datagram("10.0.0.1", 40000, "10.0.0.9", 33440);
        let error = Facts {
            ends: Some(("10.0.0.5".parse().unwrap(), "10.0.0.1".parse().unwrap())),
            content: Content::IcmpError(Some(Box::new(probe.clone()))),
        };
        assert_eq!(Key::of(&error), Key::of(&probe));
        assert_eq!(Key::of(&probe).unwrap().word(), "traceroute");
    }

    #[test]
    fn file_names_are_plain() {
        assert_eq!(file_safe("TCP-Büro 1-web--80"), "tcp-b-ro-1-web-80");
    }
}
