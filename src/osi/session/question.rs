//! The question of a stub resolver and what it reads out of the answer (RFC 1035, section 4).
//!
//! Only addresses of IPv4 (type A) are asked for; CNAME chains inside one answer are followed by
//! taking every A record of the answer section. Not here: EDNS, AAAA, search lists.

use std::net::{IpAddr, Ipv4Addr};

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};

/// The bytes of a recursive question for the address of `name`; `None` if `name` is not a name
/// (a label over 63 bytes, say).
pub(super) fn ask(id: u16, name: &str) -> Option<Vec<u8>> {
    let name = Name::new(name).ok()?;
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    packet.questions.push(Question::new(
        name,
        QTYPE::TYPE(TYPE::A),
        QCLASS::CLASS(CLASS::IN),
        false,
    ));
    packet.build_bytes_vec().ok()
}

/// What a datagram from the server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// The addresses; none if the name exists without one.
    Addresses(Vec<IpAddr>),
    /// A response code other than 0, by its name.
    Failure(&'static str),
    /// Not the answer to this question: wrong id, wrong name, no DNS at all.
    Garbage,
}

/// Reads the answer to the question `id` for `name`.
pub(super) fn hear(datagram: &[u8], id: u16, name: &str) -> Heard {
    let Ok(packet) = Packet::parse(datagram) else {
        return Heard::Garbage;
    };
    if packet.id() != id || !packet.has_flags(PacketFlag::RESPONSE) || !repeats(&packet, name) {
        return Heard::Garbage;
    }
    match packet.rcode() {
        RCODE::NoError => Heard::Addresses(addresses(&packet)),
        failure => Heard::Failure(code_name(failure)),
    }
}

/// True if the answer repeats the question for `name`.
fn repeats(packet: &Packet<'_>, name: &str) -> bool {
    packet.questions.first().is_some_and(|question| {
        let asked = question.qname.to_string();
        asked.eq_ignore_ascii_case(name.trim_end_matches('.'))
    })
}

fn addresses(packet: &Packet<'_>) -> Vec<IpAddr> {
    packet
        .answers
        .iter()
        .filter_map(|record| match &record.rdata {
            RData::A(a) => Some(Ipv4Addr::from(a.address).into()),
            _ => None,
        })
        .collect()
}

/// The names of the IANA registry "DNS RCODEs".
const fn code_name(code: RCODE) -> &'static str {
    match code {
        RCODE::NoError => "NOERROR",
        RCODE::FormatError => "FORMERR",
        RCODE::ServerFailure => "SERVFAIL",
        RCODE::NameError => "NXDOMAIN",
        RCODE::NotImplemented => "NOTIMP",
        RCODE::Refused => "REFUSED",
        _ => "an unusual response code",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use simple_dns::{ResourceRecord, rdata::A};

    use super::*;

    /// The answer of a server with one address.
    fn answer(question: &[u8]) -> Vec<u8> {
        let mut packet = Packet::parse(question).unwrap().into_reply();
        let name = packet.questions[0].qname.clone();
        let address = RData::A(A::from(Ipv4Addr::new(10, 0, 2, 10)));
        packet
            .answers
            .push(ResourceRecord::new(name, CLASS::IN, 300, address));
        packet.build_bytes_vec_compressed().unwrap()
    }

    #[test]
    fn a_question_is_the_bytes_of_the_rfc() {
        // Id, flags 0x0100 (only RD), one question; 3 "www" 3 "bob" 0, type 1, class 1.
        let bytes = ask(0x1234, "www.bob").unwrap();
        let head = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        assert_eq!(bytes[..12], head);
        assert_eq!(bytes[12..], *b"\x03www\x03bob\0\0\x01\0\x01");
    }

    #[test]
    fn an_answer_gives_its_addresses_whatever_the_case_of_the_name() {
        let bytes = answer(&ask(7, "Bob.example").unwrap());
        let found = Heard::Addresses(vec![[10, 0, 2, 10].into()]);
        assert_eq!(hear(&bytes, 7, "bob.EXAMPLE."), found);
    }

    #[test]
    fn an_answer_to_another_question_is_garbage() {
        let bytes = answer(&ask(7, "bob").unwrap());
        assert_eq!(hear(&bytes, 8, "bob"), Heard::Garbage);
        assert_eq!(hear(&bytes, 7, "eve"), Heard::Garbage);
        assert_eq!(hear(&ask(7, "bob").unwrap(), 7, "bob"), Heard::Garbage);
    }

    #[test]
    fn a_response_code_comes_back_by_name() {
        let mut bytes = ask(7, "bob").unwrap();
        bytes[2] |= 0x80;
        bytes[3] |= 3;
        assert_eq!(hear(&bytes, 7, "bob"), Heard::Failure("NXDOMAIN"));
    }

    #[test]
    fn a_label_that_is_too_long_cannot_be_asked_for() {
        assert!(ask(1, &"a".repeat(64)).is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_are_heard_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = hear(&bytes, 0, "bob");
        }
    }
}
