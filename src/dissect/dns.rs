//! Floor 7: DNS messages (RFC 1035), read by simple-dns.
//!
//! Not here: options of EDNS.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    ops::Range,
};

use simple_dns::{
    CLASS, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, ResourceRecord, TYPE, rdata::RData,
};

use super::{
    build::{Fields, Kind, hex16, set},
    tree::Layer,
};
use crate::wire::OsiLayer;

const DNS: Kind = Kind {
    osi: OsiLayer::Application,
    protocol: "dns",
    title: "Domain Name System",
};

/// DNS and multicast DNS.
const PORTS: [u16; 2] = [53, 5353];

/// True if a datagram between these ports should be DNS.
pub(super) fn is_for_us(ports: [u16; 2]) -> bool {
    ports.iter().any(|p| PORTS.contains(p))
}

/// The message in `payload`, which stands at `start` in the frame; `None` if it makes no sense.
pub(super) fn dns(payload: &[u8], start: usize) -> Option<Layer> {
    let places = Places::of(payload)?;
    let packet = Packet::parse(payload).ok()?;
    let mut fields = Fields::at(start);
    add_header(&mut fields, payload, &packet);
    for (question, at) in packet.questions.iter().zip(&places.questions) {
        add_question(&mut fields, question, at);
    }
    let records = packet.answers.iter().chain(&packet.name_servers);
    for (record, at) in records.zip(&places.records) {
        add_record(&mut fields, record, at);
    }
    add_additional(&mut fields, payload, &packet, &places);
    let range = start..start + payload.len();
    Some(DNS.layer(summary(&packet), range, fields))
}

/// The addresses that come along, and how long answers may be (RFC 6891, section 6.1.2). simple-dns
/// hands the record of EDNS out apart from the others.
fn add_additional(fields: &mut Fields, payload: &[u8], packet: &Packet<'_>, places: &Places) {
    let before = packet.answers.len() + packet.name_servers.len();
    let mut others = packet.additional_records.iter();
    for at in places.records.iter().skip(before) {
        let end = at.name.end;
        if payload.get(end..end + 2) == Some(&EDNS) {
            let size = packet.opt().map_or(0, |opt| opt.udp_packet_size);
            fields.add(
                "rr.udp_payload_size",
                "UDP payload size",
                end + 2..end + 4,
                size,
            );
        } else if let Some(record) = others.next() {
            add_record(fields, record, at);
        }
    }
}

/// The type of EDNS's record, 41.
const EDNS: [u8; 2] = [0, 41];

/// A part of a message: all that is known is a line.
pub(super) fn part(summary: String, range: Range<usize>) -> Layer {
    let start = range.start;
    DNS.layer(summary, range, Fields::at(start))
}

fn add_header(fields: &mut Fields, payload: &[u8], packet: &Packet<'_>) {
    let word = |at: usize| u16::from_be_bytes([payload[at], payload[at + 1]]);
    let kind = match packet.has_flags(PacketFlag::RESPONSE) {
        true => "Message is a response",
        false => "Message is a query",
    };
    let flag = |flag| set(packet.has_flags(flag));
    fields
        .add("id", "Transaction ID", 0..2, hex16(packet.id()))
        .add("flags.response", "Response", 2..3, kind)
        .add(
            "flags.opcode",
            "Opcode",
            2..3,
            opcode_words(payload[2] >> 3 & 0x0f),
        )
        .add(
            "flags.authoritative",
            "Authoritative",
            2..3,
            flag(PacketFlag::AUTHORITATIVE_ANSWER),
        )
        .add(
            "flags.truncated",
            "Truncated",
            2..3,
            flag(PacketFlag::TRUNCATION),
        )
        .add(
            "flags.recdesired",
            "Recursion desired",
            2..3,
            flag(PacketFlag::RECURSION_DESIRED),
        )
        .add(
            "flags.recavail",
            "Recursion available",
            3..4,
            flag(PacketFlag::RECURSION_AVAILABLE),
        )
        .add(
            "flags.rcode",
            "Reply code",
            3..4,
            rcode_words(packet.rcode()),
        )
        .add("count.queries", "Questions", 4..6, word(4))
        .add("count.answers", "Answers", 6..8, word(6))
        .add("count.auth_rr", "Authority records", 8..10, word(8))
        .add("count.add_rr", "Additional records", 10..12, word(10));
}

fn add_question(fields: &mut Fields, question: &Question<'_>, at: &Place) {
    let end = at.name.end;
    let class = match question.qclass {
        QCLASS::CLASS(class) => class_word(class),
        QCLASS::ANY => "ANY",
    };
    fields
        .add("qry.name", "Name", at.name.clone(), &question.qname)
        .add(
            "qry.type",
            "Type",
            end..end + 2,
            question_type(question.qtype),
        )
        .add("qry.class", "Class", end + 2..end + 4, class);
}

fn add_record(fields: &mut Fields, record: &ResourceRecord<'_>, at: &Place) {
    let end = at.name.end;
    let (field, label, value) = data_of(&record.rdata);
    fields
        .add("resp.name", "Name", at.name.clone(), &record.name)
        .add(
            "resp.type",
            "Type",
            end..end + 2,
            type_word(record.rdata.type_code()),
        )
        .add(
            "resp.class",
            "Class",
            end + 2..end + 4,
            class_word(record.class),
        )
        .add(
            "resp.ttl",
            "Time to live",
            end + 4..end + 8,
            format!("{} s", record.ttl),
        )
        .add("resp.len", "Data length", end + 8..end + 10, at.data.len())
        .add(field, label, at.data.clone(), value);
}

/// Wireshark's name, label and value of a record's data.
fn data_of(data: &RData<'_>) -> (&'static str, &'static str, String) {
    match data {
        RData::A(a) => ("a", "Address", Ipv4Addr::from(a.address).to_string()),
        RData::AAAA(a) => ("aaaa", "Address", Ipv6Addr::from(a.address).to_string()),
        RData::CNAME(name) => ("cname", "Canonical name", name.to_string()),
        RData::NS(name) => ("ns", "Name server", name.to_string()),
        RData::PTR(name) => ("ptr.domain_name", "Domain name", name.to_string()),
        RData::MX(mx) => {
            let value = format!("{} {}", mx.preference, mx.exchange);
            ("mx.mail_exchange", "Mail exchange", value)
        }
        RData::TXT(_) => ("txt", "Text", texts(data)),
        RData::SOA(soa) => ("soa.mname", "Primary name server", soa.mname.to_string()),
        other => {
            let value = format!("record of type {}", type_word(other.type_code()));
            ("resp.data", "Data", value)
        }
    }
}

/// The strings of a TXT record.
fn texts(data: &RData<'_>) -> String {
    let RData::TXT(text) = data else {
        return String::new();
    };
    let strings = text.iter_raw().map(|(key, value)| {
        let key = String::from_utf8_lossy(key);
        match value {
            Some(value) => format!("{key}={}", String::from_utf8_lossy(value)),
            None => key.into_owned(),
        }
    });
    strings.collect::<Vec<_>>().join(" ")
}

/// Wireshark's info column: "Standard query response 0x1234 A bob A 10.0.2.10".
fn summary(packet: &Packet<'_>) -> String {
    let mut text = opcode_words(opcode_number(packet)).to_owned();
    if packet.has_flags(PacketFlag::RESPONSE) {
        text += " response";
    }
    text += &format!(" {}", hex16(packet.id()));
    if packet.rcode() != RCODE::NoError {
        text += &format!(" {}", rcode_words(packet.rcode()));
    }
    for question in &packet.questions {
        text += &format!(" {} {}", question_type(question.qtype), question.qname);
    }
    for record in packet.answers.iter().chain(&packet.name_servers) {
        let kind = type_word(record.rdata.type_code());
        let data = data_of(&record.rdata).2;
        let head: String = data.chars().take(LONGEST_DATA).collect();
        let more = if head.len() < data.len() { "…" } else { "" };
        text += &format!(" {kind} {head}{more}");
    }
    text
}

/// How much of a record a line shows: a name fits, a long text does not.
const LONGEST_DATA: usize = 64;

fn opcode_number(packet: &Packet<'_>) -> u8 {
    match packet.opcode() {
        simple_dns::OPCODE::StandardQuery => 0,
        simple_dns::OPCODE::InverseQuery => 1,
        simple_dns::OPCODE::ServerStatusRequest => 2,
        simple_dns::OPCODE::Notify => 4,
        simple_dns::OPCODE::Update => 5,
        _ => 15,
    }
}

const fn opcode_words(number: u8) -> &'static str {
    match number {
        0 => "Standard query",
        1 => "Inverse query",
        2 => "Server status request",
        4 => "Zone change notification",
        5 => "Dynamic update",
        _ => "Unknown operation",
    }
}

const fn rcode_words(code: RCODE) -> &'static str {
    match code {
        RCODE::NoError => "No error",
        RCODE::FormatError => "Format error",
        RCODE::ServerFailure => "Server failure",
        RCODE::NameError => "No such name",
        RCODE::NotImplemented => "Not implemented",
        RCODE::Refused => "Refused",
        _ => "Other error",
    }
}

fn question_type(kind: QTYPE) -> String {
    match kind {
        QTYPE::TYPE(kind) => type_word(kind),
        other => format!("{other:?}"),
    }
}

fn type_word(kind: TYPE) -> String {
    match kind {
        TYPE::Unknown(number) => format!("TYPE{number}"),
        known => format!("{known:?}"),
    }
}

const fn class_word(class: CLASS) -> &'static str {
    match class {
        CLASS::IN => "IN",
        CLASS::CS => "CS",
        CLASS::CH => "CH",
        CLASS::HS => "HS",
        CLASS::NONE => "NONE",
    }
}

/// Where a question or record stands in the message.
#[derive(Debug)]
struct Place {
    name: Range<usize>,
    data: Range<usize>,
}

/// Where all of them stand: the parser of values does not tell.
#[derive(Debug)]
struct Places {
    questions: Vec<Place>,
    records: Vec<Place>,
}

impl Places {
    /// `None` if a count or length does not fit the message; so no parser after this one makes
    /// room for more entries than there can be.
    fn of(message: &[u8]) -> Option<Self> {
        let header: &[u8; 12] = message.first_chunk()?;
        let count = |i: usize| usize::from(u16::from_be_bytes([header[i], header[i + 1]]));
        let mut at = header.len();
        let questions = (0..count(4))
            .map(|_| question_place(message, &mut at))
            .collect::<Option<_>>()?;
        let records = (0..count(6) + count(8) + count(10))
            .map(|_| record_place(message, &mut at))
            .collect::<Option<_>>()?;
        Some(Self { questions, records })
    }
}

fn question_place(message: &[u8], at: &mut usize) -> Option<Place> {
    let name = *at..name_end(message, *at)?;
    *at = name.end + 4;
    (*at <= message.len()).then_some(Place { name, data: 0..0 })
}

fn record_place(message: &[u8], at: &mut usize) -> Option<Place> {
    let name = *at..name_end(message, *at)?;
    let start = name.end + 10;
    let length = message.get(start - 2..start)?;
    let data = start..start + usize::from(u16::from_be_bytes([length[0], length[1]]));
    *at = data.end;
    (*at <= message.len()).then_some(Place { name, data })
}

/// Where the name that starts at `at` ends: behind its zero or its pointer (RFC 1035, 4.1.4).
fn name_end(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            0xc0.. => return Some(at + 2),
            length => at += 1 + usize::from(length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Question for A of "bob", class IN; answer by pointer to byte 12, 300 s, 10.0.2.10.
    const ANSWER: &[u8] = b"\x12\x34\x85\x80\x00\x01\x00\x01\x00\x00\x00\x00\
        \x03bob\x00\x00\x01\x00\x01\
        \xc0\x0c\x00\x01\x00\x01\x00\x00\x01\x2c\x00\x04\x0a\x00\x02\x0a";

    #[test]
    fn an_answer_shows_its_names_types_and_times_at_their_bytes() {
        // The header is 12 bytes, the question 5 + 4, so the record starts at 21.
        let layer = dns(ANSWER, 100).unwrap();
        assert_eq!(
            layer.summary,
            "Standard query response 0x1234 A bob A 10.0.2.10"
        );
        assert_eq!(layer.range, 100..100 + ANSWER.len());
        let field = |name: &str| {
            let f = layer.fields.iter().find(|f| f.name == name).unwrap();
            (f.value.as_str(), f.range.clone())
        };
        assert_eq!(field("qry.name"), ("bob", 112..117));
        assert_eq!(field("qry.type"), ("A", 117..119));
        assert_eq!(field("resp.name"), ("bob", 121..123));
        assert_eq!(field("resp.ttl"), ("300 s", 127..131));
        assert_eq!(field("a"), ("10.0.2.10", 133..137));
        assert_eq!(field("flags.authoritative").0, "Set");
        assert_eq!(field("flags.rcode").0, "No error");
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_survived() {
        for cut in 0..ANSWER.len() {
            assert!(dns(&ANSWER[..cut], 0).is_none());
        }
        for at in 0..ANSWER.len() {
            let mut message = ANSWER.to_vec();
            message[at] = 0xff;
            dns(&message, 0);
        }
    }
}
