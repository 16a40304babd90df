//! A question to a DNS server and what comes back (RFC 1035, section 4; RFC 6891 for EDNS).
//!
//! An answer is believed only if it repeats id, name and type of the question (RFC 5452). Not here:
//! several questions in one message, DNSSEC, EDNS options.

use simple_dns::{
    CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, ResourceRecord, rdata::OPT,
};

use super::record::{Record, RecordType, canonical};

/// One question.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// What the answer must repeat.
    pub id: u16,
    /// The name asked for.
    pub name: &'a str,
    /// What to tell of it.
    pub record: RecordType,
    /// Whether the server shall ask others (RD).
    pub recursion: bool,
    /// The longest answer over UDP that is welcome \[bytes\], by EDNS; `None`: 512, without EDNS.
    pub edns: Option<u16>,
}

/// What a server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The response code.
    pub code: ResponseCode,
    /// The server has the zone (AA).
    pub authoritative: bool,
    /// It did not fit (TC).
    pub truncated: bool,
    /// The records asked for, aliases first.
    pub answers: Vec<Record>,
    /// Who knows, or the SOA of the zone that has nothing.
    pub authority: Vec<Record>,
    /// Addresses of hosts that the other sections name.
    pub additional: Vec<Record>,
}

/// The response codes of RFC 1035, section 4.1.1, by their names in the IANA registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseCode {
    /// NOERROR.
    NoError,
    /// FORMERR.
    FormErr,
    /// SERVFAIL.
    ServFail,
    /// NXDOMAIN.
    NxDomain,
    /// NOTIMP.
    NotImp,
    /// REFUSED.
    Refused,
    /// Any other.
    Other,
}

impl ResponseCode {
    /// Its name in the registry.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoError => "NOERROR",
            Self::FormErr => "FORMERR",
            Self::ServFail => "SERVFAIL",
            Self::NxDomain => "NXDOMAIN",
            Self::NotImp => "NOTIMP",
            Self::Refused => "REFUSED",
            Self::Other => "an unusual response code",
        }
    }

    /// As simple-dns writes it.
    pub const fn wire(self) -> RCODE {
        match self {
            Self::NoError => RCODE::NoError,
            Self::FormErr => RCODE::FormatError,
            Self::NxDomain => RCODE::NameError,
            Self::NotImp => RCODE::NotImplemented,
            Self::Refused => RCODE::Refused,
            Self::ServFail | Self::Other => RCODE::ServerFailure,
        }
    }

    const fn read(code: RCODE) -> Self {
        match code {
            RCODE::NoError => Self::NoError,
            RCODE::FormatError => Self::FormErr,
            RCODE::ServerFailure => Self::ServFail,
            RCODE::NameError => Self::NxDomain,
            RCODE::NotImplemented => Self::NotImp,
            RCODE::Refused => Self::Refused,
            _ => Self::Other,
        }
    }
}

impl Query<'_> {
    /// The bytes of the question; `None` if the name is not one of the DNS (a label over 63 bytes,
    /// say).
    pub fn bytes(&self) -> Option<Vec<u8>> {
        let name = Name::new(self.name).ok()?;
        let mut packet = Packet::new_query(self.id);
        if self.recursion {
            packet.set_flags(PacketFlag::RECURSION_DESIRED);
        }
        packet.questions.push(Question::new(
            name,
            QTYPE::TYPE(self.record.wire()),
            QCLASS::CLASS(CLASS::IN),
            false,
        ));
        *packet.opt_mut() = self.edns.map(edns);
        packet.build_bytes_vec().ok()
    }

    /// Reads a message that may be the answer; `None` if it is not: wrong id, name or type, or no
    /// DNS at all.
    pub fn answer(&self, message: &[u8]) -> Option<Answer> {
        let packet = Packet::parse(message).ok()?;
        let fits = packet.id() == self.id
            && packet.has_flags(PacketFlag::RESPONSE)
            && self.is_repeated(&packet);
        fits.then(|| Answer {
            code: ResponseCode::read(packet.rcode()),
            authoritative: packet.has_flags(PacketFlag::AUTHORITATIVE_ANSWER),
            truncated: packet.has_flags(PacketFlag::TRUNCATION),
            answers: records(&packet.answers),
            authority: records(&packet.name_servers),
            additional: records(&packet.additional_records),
        })
    }

    fn is_repeated(&self, packet: &Packet<'_>) -> bool {
        packet.questions.first().is_some_and(|question| {
            canonical(&question.qname.to_string()) == canonical(self.name)
                && question.qtype == QTYPE::TYPE(self.record.wire())
        })
    }
}

/// The pseudo-record that says how long an answer may be (RFC 6891, section 6.1).
pub fn edns<'a>(size: u16) -> OPT<'a> {
    OPT {
        opt_codes: Vec::new(),
        udp_packet_size: size,
        version: 0,
    }
}

fn records(section: &[ResourceRecord<'_>]) -> Vec<Record> {
    section.iter().filter_map(Record::read).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::osi::session::record::RecordData;

    fn query(id: u16, name: &str) -> Query<'_> {
        Query {
            id,
            name,
            record: RecordType::A,
            recursion: true,
            edns: None,
        }
    }

    /// The answer of a server with one address.
    fn answer(question: &[u8]) -> Vec<u8> {
        let mut packet = Packet::parse(question).unwrap().into_reply();
        let record = Record {
            name: String::new(),
            ttl: 300,
            data: RecordData::A([10, 0, 2, 10].into()),
        };
        let name = packet.questions[0].qname.clone();
        packet.answers.push(record.wire(Some(name)).unwrap());
        packet.build_bytes_vec_compressed().unwrap()
    }

    #[test]
    fn a_question_is_the_bytes_of_the_rfc() {
        // Id, flags 0x0100 (only RD), one question; 3 "www" 3 "bob" 0, type 1, class 1.
        let bytes = query(0x1234, "www.bob").bytes().unwrap();
        let head = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        assert_eq!(bytes[..12], head);
        assert_eq!(bytes[12..], *b"\x03www\x03bob\0\0\x01\0\x01");
    }

    #[test]
    fn edns_is_an_additional_record_with_the_size_in_its_class() {
        // RFC 6891, section 6.1.2: root name, type 41, class = size (1232 = 0x04d0), ttl 0, no data.
        let with = Query {
            edns: Some(1232),
            ..query(1, "bob")
        };
        let bytes = with.bytes().unwrap();
        assert_eq!(bytes[10..12], [0, 1]);
        assert!(bytes.ends_with(&[0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]));
    }

    #[test]
    fn an_answer_gives_its_records_whatever_the_case_of_the_name() {
        let bytes = answer(&query(7, "Bob.example").bytes().unwrap());
        let found = query(7, "bob.EXAMPLE.").answer(&bytes).unwrap();
        assert_eq!(found.code, ResponseCode::NoError);
        let [record] = found.answers.as_slice() else {
            panic!("one answer");
        };
        assert_eq!(record.name, "bob.example");
        assert_eq!(record.data, RecordData::A([10, 0, 2, 10].into()));
    }

    #[test]
    fn an_answer_to_another_question_is_none() {
        let bytes = answer(&query(7, "bob").bytes().unwrap());
        assert!(query(8, "bob").answer(&bytes).is_none());
        assert!(query(7, "eve").answer(&bytes).is_none());
        let other_type = Query {
            record: RecordType::Mx,
            ..query(7, "bob")
        };
        assert!(other_type.answer(&bytes).is_none());
        let own = query(7, "bob").bytes().unwrap();
        assert!(query(7, "bob").answer(&own).is_none());
    }

    #[test]
    fn a_response_code_comes_back_by_name() {
        let mut bytes = query(7, "bob").bytes().unwrap();
        bytes[2] |= 0x80;
        bytes[3] |= 3;
        let found = query(7, "bob").answer(&bytes).unwrap();
        assert_eq!(found.code.name(), "NXDOMAIN");
    }

    #[test]
    fn a_label_that_is_too_long_cannot_be_asked_for() {
        assert!(query(1, &"a".repeat(64)).bytes().is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_are_heard_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = query(0, "bob").answer(&bytes);
        }
    }
}
