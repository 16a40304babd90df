//! Floor 2: ARP (RFC 826) for IPv4 over Ethernet.
//!
//! Not here: the addresses of other pairs of networks; their header is shown, they are not.

use std::net::Ipv4Addr;

use etherparse::ArpPacketSlice;

use super::{
    build::{Fields, Kind, place},
    ethernet::ethertype_name,
    tree::Layer,
};
use crate::wire::{Mac, OsiLayer};

const ARP: Kind = Kind {
    osi: OsiLayer::DataLink,
    protocol: "arp",
    title: "Address Resolution Protocol",
};

/// One ARP packet.
pub(super) fn arp(frame: &[u8], slice: &ArpPacketSlice<'_>) -> Layer {
    let range = place(frame, slice.slice());
    let operation = slice.operation().0;
    let hardware = slice.hw_addr_type().0;
    let mut fields = Fields::at(range.start);
    fields
        .add("hw.type", "Hardware type", 0..2, hardware_name(hardware))
        .add(
            "proto.type",
            "Protocol type",
            2..4,
            ethertype_name(slice.proto_addr_type()),
        )
        .add("hw.size", "Hardware size", 4..5, slice.hw_addr_size())
        .add("proto.size", "Protocol size", 5..6, slice.proto_addr_size())
        .add("opcode", "Opcode", 6..8, operation_name(operation));
    let summary = match Addresses::of(slice) {
        Some(addresses) => {
            addresses.add_to(&mut fields);
            addresses.summary(operation)
        }
        None => operation_name(operation),
    };
    ARP.layer(summary, range, fields)
}

/// The four addresses of a packet for IPv4 over Ethernet.
struct Addresses {
    sender_mac: Mac,
    sender_ip: Ipv4Addr,
    target_mac: Mac,
    target_ip: Ipv4Addr,
}

impl Addresses {
    fn of(slice: &ArpPacketSlice<'_>) -> Option<Self> {
        let mac = |bytes: &[u8]| <[u8; 6]>::try_from(bytes).ok().map(Mac);
        let ip = |bytes: &[u8]| <[u8; 4]>::try_from(bytes).ok().map(Ipv4Addr::from);
        Some(Self {
            sender_mac: mac(slice.sender_hw_addr())?,
            sender_ip: ip(slice.sender_protocol_addr())?,
            target_mac: mac(slice.target_hw_addr())?,
            target_ip: ip(slice.target_protocol_addr())?,
        })
    }

    fn add_to(&self, fields: &mut Fields) {
        fields
            .add("src.hw_mac", "Sender MAC address", 8..14, self.sender_mac)
            .add(
                "src.proto_ipv4",
                "Sender IP address",
                14..18,
                self.sender_ip,
            )
            .add("dst.hw_mac", "Target MAC address", 18..24, self.target_mac)
            .add(
                "dst.proto_ipv4",
                "Target IP address",
                24..28,
                self.target_ip,
            );
    }

    fn summary(&self, operation: u16) -> String {
        match operation {
            1 if self.sender_ip == self.target_ip => {
                format!("ARP Announcement for {}", self.sender_ip)
            }
            1 if self.sender_ip.is_unspecified() => {
                format!("Who has {}? (ARP Probe)", self.target_ip)
            }
            1 => format!("Who has {}? Tell {}", self.target_ip, self.sender_ip),
            2 => format!("{} is at {}", self.sender_ip, self.sender_mac),
            _ => operation_name(operation),
        }
    }
}

fn operation_name(operation: u16) -> String {
    match operation {
        1 => "request (1)".to_owned(),
        2 => "reply (2)".to_owned(),
        other => format!("opcode {other}"),
    }
}

fn hardware_name(hardware: u16) -> String {
    match hardware {
        1 => "Ethernet (1)".to_owned(),
        other => other.to_string(),
    }
}
