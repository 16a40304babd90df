//! A DNS server's answers: a zone of addresses and the rules of RFC 1035 and RFC 2308.
//!
//! Names match exactly, whatever their case. The server has authority for every name there is: its
//! zone is the root. Not here: delegation, CNAME, EDNS, zone transfers, recursion.

use std::{collections::BTreeMap, net::IpAddr};

use simple_dns::{
    CLASS, Name, OPCODE, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, ResourceRecord, TYPE,
    rdata::{A, AAAA, RData, SOA},
};

use crate::osi::application::spec::DnsServer;

/// The zone in memory.
#[derive(Debug)]
pub(super) struct Zone {
    names: BTreeMap<String, Vec<IpAddr>>,
    ttl: u32,
    /// The server's own name, for the SOA record.
    server: String,
}

impl Zone {
    /// The zone of a server that runs on the host called `host`.
    pub(super) fn new(server: &DnsServer, host: &str) -> Self {
        let mut names = BTreeMap::<String, Vec<IpAddr>>::new();
        for (name, address) in &server.zone {
            names.entry(canonical(name)).or_default().push(*address);
        }
        let seconds = server.ttl.as_nanos() / 1_000_000_000;
        Self {
            names,
            ttl: u32::try_from(seconds).unwrap_or(u32::MAX),
            server: host.to_ascii_lowercase(),
        }
    }

    /// The bytes to send back for a datagram; `None` if it deserves no answer: it is an answer
    /// itself, or too short to have an id.
    pub(super) fn answer(&self, datagram: &[u8]) -> Option<Vec<u8>> {
        let (id, flags) = head(datagram)?;
        if flags & RESPONSE_BIT != 0 {
            return None;
        }
        let Ok(query) = Packet::parse(datagram) else {
            return bare(id, RCODE::FormatError);
        };
        if query.opcode() != OPCODE::StandardQuery {
            return bare(id, RCODE::NotImplemented);
        }
        // One question per message, as everyone has it (RFC 9619).
        let [question] = query.questions.as_slice() else {
            return bare(id, RCODE::FormatError);
        };
        let mut reply = Packet::new_reply(id);
        if query.has_flags(PacketFlag::RECURSION_DESIRED) {
            reply.set_flags(PacketFlag::RECURSION_DESIRED);
        }
        self.fill(&mut reply, question);
        reply.questions.push(question.clone());
        pack(reply)
    }

    /// Puts the response code and the records for `question` into `reply`.
    fn fill<'a>(&'a self, reply: &mut Packet<'a>, question: &Question<'a>) {
        if !matches!(question.qclass, QCLASS::ANY | QCLASS::CLASS(CLASS::IN)) {
            *reply.rcode_mut() = RCODE::Refused;
            return;
        }
        reply.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
        match self.names.get(&canonical(&question.qname.to_string())) {
            None => *reply.rcode_mut() = RCODE::NameError,
            Some(addresses) => reply.answers.extend(
                addresses
                    .iter()
                    .filter(|a| asked_for(question.qtype, a))
                    .map(|a| self.record(question.qname.clone(), address_data(*a))),
            ),
        }
        // RFC 2308, section 3: a negative answer carries the SOA of its zone.
        if reply.answers.is_empty() {
            reply.name_servers.extend(self.authority());
        }
    }

    fn record<'a>(&self, name: Name<'a>, data: RData<'a>) -> ResourceRecord<'a> {
        ResourceRecord::new(name, CLASS::IN, self.ttl, data)
    }

    /// The SOA of the root, in the name of this server. `None` if the host's name is not a name
    /// of the DNS.
    fn authority(&self) -> Option<ResourceRecord<'_>> {
        let soa = SOA {
            mname: Name::new(&self.server).ok()?,
            rname: Name::new("hostmaster").ok()?,
            serial: 1,
            refresh: 3600,
            retry: 600,
            expire: 86_400,
            minimum: self.ttl,
        };
        Some(self.record(Name::new("").ok()?, RData::SOA(soa)))
    }
}

/// Id and flags of a message, if it has a whole header.
fn head(datagram: &[u8]) -> Option<(u16, u16)> {
    let [a, b, c, d, ..] = *datagram.first_chunk::<12>()?;
    Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
}

/// An answer that is only a response code.
fn bare(id: u16, code: RCODE) -> Option<Vec<u8>> {
    let mut reply = Packet::new_reply(id);
    *reply.rcode_mut() = code;
    reply.build_bytes_vec().ok()
}

/// The bytes of a reply; a long one is cut to its question and marked as truncated.
fn pack(mut reply: Packet<'_>) -> Option<Vec<u8>> {
    let bytes = reply.build_bytes_vec_compressed().ok()?;
    if bytes.len() <= LONGEST {
        return Some(bytes);
    }
    reply.answers.clear();
    reply.name_servers.clear();
    reply.set_flags(PacketFlag::TRUNCATION);
    reply.build_bytes_vec_compressed().ok()
}

fn canonical(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

fn asked_for(qtype: QTYPE, address: &IpAddr) -> bool {
    match qtype {
        QTYPE::ANY => true,
        QTYPE::TYPE(TYPE::A) => address.is_ipv4(),
        QTYPE::TYPE(TYPE::AAAA) => address.is_ipv6(),
        _ => false,
    }
}

fn address_data<'a>(address: IpAddr) -> RData<'a> {
    match address {
        IpAddr::V4(v4) => RData::A(A::from(v4)),
        IpAddr::V6(v6) => RData::AAAA(AAAA::from(v6)),
    }
}

const RESPONSE_BIT: u16 = 0x8000;

/// RFC 1035, section 2.3.4: "UDP messages: 512 octets or less".
const LONGEST: usize = 512;

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;
    use crate::units::Span;

    fn zone(names: &[(&str, IpAddr)]) -> Zone {
        let server = DnsServer {
            port: 53,
            zone: names.iter().map(|(n, a)| ((*n).to_owned(), *a)).collect(),
            ttl: Span::from_secs(300),
        };
        Zone::new(&server, "ns1")
    }

    fn small_zone() -> Zone {
        let v6 = "fd00::1".parse().unwrap();
        zone(&[("www.example.com", [10, 0, 2, 10].into()), ("six", v6)])
    }

    fn query(name: &str, qtype: QTYPE) -> Vec<u8> {
        let mut packet = Packet::new_query(0x4321);
        packet.set_flags(PacketFlag::RECURSION_DESIRED);
        let name = Name::new(name).unwrap();
        let class = QCLASS::CLASS(CLASS::IN);
        packet
            .questions
            .push(Question::new(name, qtype, class, false));
        packet.build_bytes_vec().unwrap()
    }

    const TYPE_A: QTYPE = QTYPE::TYPE(TYPE::A);
    const TYPE_AAAA: QTYPE = QTYPE::TYPE(TYPE::AAAA);

    #[test]
    fn a_known_name_is_answered_with_authority() {
        let bytes = small_zone()
            .answer(&query("WWW.example.COM", TYPE_A))
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
        let bytes = small_zone().answer(&query("nobody", TYPE_A)).unwrap();
        let reply = Packet::parse(&bytes).unwrap();
        assert_eq!(reply.rcode(), RCODE::NameError);
        assert!(reply.has_flags(PacketFlag::AUTHORITATIVE_ANSWER));
        assert!(reply.answers.is_empty());
        assert!(matches!(reply.name_servers[0].rdata, RData::SOA(_)));
    }

    #[test]
    fn a_name_without_the_type_is_an_empty_noerror() {
        for (name, qtype) in [("www.example.com", TYPE_AAAA), ("six", TYPE_A)] {
            let bytes = small_zone().answer(&query(name, qtype)).unwrap();
            let reply = Packet::parse(&bytes).unwrap();
            assert_eq!(reply.rcode(), RCODE::NoError);
            assert!(reply.answers.is_empty());
            assert_eq!(reply.name_servers.len(), 1);
        }
        let bytes = small_zone().answer(&query("six", TYPE_AAAA)).unwrap();
        assert_eq!(Packet::parse(&bytes).unwrap().answers.len(), 1);
    }

    #[test]
    fn an_answer_over_512_bytes_is_truncated() {
        // 40 records of 16 bytes (compressed name 2, fixed part 10, address 4) are 640 bytes.
        let many: Vec<(&str, IpAddr)> = (0..40).map(|k| ("many", [10, 0, 0, k].into())).collect();
        let bytes = zone(&many).answer(&query("many", TYPE_A)).unwrap();
        let reply = Packet::parse(&bytes).unwrap();
        assert!(bytes.len() <= 512 && reply.answers.is_empty());
        assert!(reply.has_flags(PacketFlag::TRUNCATION));
    }

    #[test]
    fn what_is_no_question_is_refused_or_ignored() {
        let zone = small_zone();
        let mut status = query("six", TYPE_A);
        status[2] |= 2 << 3;
        let code = |bytes: &[u8]| zone.answer(bytes).map(|reply| reply[3] & 0x0f);
        // NOTIMP is 4, FORMERR is 1.
        assert_eq!(code(&status), Some(4));
        assert_eq!(code(&query("six", TYPE_A)[..14]), Some(1));
        assert_eq!(
            code(&Packet::new_query(1).build_bytes_vec().unwrap()),
            Some(1)
        );
        assert_eq!(code(&[0; 11]), None);
        let reply = zone.answer(&query("six", TYPE_A)).unwrap();
        assert_eq!(code(&reply), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = small_zone().answer(&bytes);
        }
    }
}
