//! What the server makes of messages.

use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr},
    pin::pin,
    task::{Context, Poll, Waker},
};

use proptest::prelude::*;
use simple_dns::{
    Name, RCODE, TYPE,
    rdata::{A, OPT, RData},
};

use super::*;
use crate::units::Span;

fn zone(names: &[(&str, IpAddr)]) -> Server {
    let spec = DnsServer {
        port: 53,
        zone: names.iter().map(|(n, a)| ((*n).to_owned(), *a)).collect(),
        ttl: Span::from_secs(300),
        zones: Vec::new(),
        roots: Vec::new(),
    };
    Server {
        authority: Authority::new(&spec, "ns1"),
        recursor: None,
    }
}

impl Server {
    /// Without a recursor, nothing is waited for.
    fn at_once(&self, message: &[u8], over_tcp: bool) -> Option<Vec<u8>> {
        let answer = pin!(self.answer(message, over_tcp));
        match answer.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => panic!("the server waits"),
        }
    }
}

fn small_zone() -> Server {
    let v6 = "fd00::1".parse().unwrap();
    zone(&[("www.example.com", [10, 0, 2, 10].into()), ("six", v6)])
}

fn packet(name: &str, qtype: QTYPE) -> Packet<'_> {
    let mut packet = Packet::new_query(0x4321);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(name).unwrap();
    let class = QCLASS::CLASS(CLASS::IN);
    packet
        .questions
        .push(Question::new(name, qtype, class, false));
    packet
}

fn query(name: &str, qtype: QTYPE) -> Vec<u8> {
    packet(name, qtype).build_bytes_vec().unwrap()
}

const TYPE_A: QTYPE = QTYPE::TYPE(TYPE::A);
const TYPE_AAAA: QTYPE = QTYPE::TYPE(TYPE::AAAA);

#[test]
fn a_known_name_is_answered_with_authority() {
    let bytes = small_zone()
        .at_once(&query("WWW.example.COM", TYPE_A), false)
        .unwrap();
    let reply = Packet::parse(&bytes).unwrap();
    assert_eq!((reply.id(), reply.rcode()), (0x4321, RCODE::NoError));
    assert!(reply.has_flags(
        PacketFlag::RESPONSE | PacketFlag::AUTHORITATIVE_ANSWER | PacketFlag::RECURSION_DESIRED
    ));
    assert!(!reply.has_flags(PacketFlag::RECURSION_AVAILABLE));
    assert_eq!(reply.questions.len(), 1);
    let [record] = reply.answers.as_slice() else {
        panic!("one answer");
    };
    assert_eq!(record.ttl, 300);
    assert_eq!(record.rdata, RData::A(A::from(Ipv4Addr::new(10, 0, 2, 10))));
    assert!(reply.name_servers.is_empty());
}

#[test]
fn an_unknown_name_is_nxdomain_with_the_soa() {
    let bytes = small_zone()
        .at_once(&query("nobody", TYPE_A), false)
        .unwrap();
    let reply = Packet::parse(&bytes).unwrap();
    assert_eq!(reply.rcode(), RCODE::NameError);
    assert!(reply.has_flags(PacketFlag::AUTHORITATIVE_ANSWER));
    assert!(reply.answers.is_empty());
    assert!(matches!(reply.name_servers[0].rdata, RData::SOA(_)));
}

#[test]
fn a_name_without_the_type_is_an_empty_noerror() {
    for (name, qtype) in [("www.example.com", TYPE_AAAA), ("six", TYPE_A)] {
        let bytes = small_zone().at_once(&query(name, qtype), false).unwrap();
        let reply = Packet::parse(&bytes).unwrap();
        assert_eq!(reply.rcode(), RCODE::NoError);
        assert!(reply.answers.is_empty());
        assert_eq!(reply.name_servers.len(), 1);
    }
    let bytes = small_zone()
        .at_once(&query("six", TYPE_AAAA), false)
        .unwrap();
    assert_eq!(Packet::parse(&bytes).unwrap().answers.len(), 1);
}

#[test]
fn an_answer_that_is_too_long_is_truncated() {
    // 40 records of 16 bytes (compressed name 2, fixed part 10, address 4) are 640 bytes: more
    // than 512, less than the 1232 of a question with EDNS, and no matter over TCP.
    let many: Vec<(&str, IpAddr)> = (0..40).map(|k| ("many", [10, 0, 0, k].into())).collect();
    let server = zone(&many);
    let plain = query("many", TYPE_A);
    let bytes = server.at_once(&plain, false).unwrap();
    let reply = Packet::parse(&bytes).unwrap();
    assert!(bytes.len() <= 512 && reply.answers.is_empty());
    assert!(reply.has_flags(PacketFlag::TRUNCATION));
    let whole = server.at_once(&plain, true).unwrap();
    assert_eq!(Packet::parse(&whole).unwrap().answers.len(), 40);
    let mut with_edns = packet("many", TYPE_A);
    *with_edns.opt_mut() = Some(OPT {
        opt_codes: Vec::new(),
        udp_packet_size: 4096,
        version: 0,
    });
    let bytes = server
        .at_once(&with_edns.build_bytes_vec().unwrap(), false)
        .unwrap();
    let reply = Packet::parse(&bytes).unwrap();
    assert_eq!(reply.answers.len(), 40);
    assert_eq!(reply.opt().unwrap().udp_packet_size, MOST_OVER_UDP);
}

#[test]
fn what_is_no_question_is_refused_or_ignored() {
    let zone = small_zone();
    let mut status = query("six", TYPE_A);
    status[2] |= 2 << 3;
    let code = |bytes: &[u8]| zone.at_once(bytes, false).map(|reply| reply[3] & 0x0f);
    // NOTIMP is 4, FORMERR is 1.
    assert_eq!(code(&status), Some(4));
    assert_eq!(code(&query("six", TYPE_A)[..14]), Some(1));
    assert_eq!(
        code(&Packet::new_query(1).build_bytes_vec().unwrap()),
        Some(1)
    );
    assert_eq!(code(&[0; 11]), None);
    let reply = zone.at_once(&query("six", TYPE_A), false).unwrap();
    assert_eq!(code(&reply), None);
}

proptest! {
    #[test]
    fn any_bytes_are_answered_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = small_zone().at_once(&bytes, false);
    }
}
