//! The dissector: feed it frames in order, it remembers streams.

use std::{net::IpAddr, ops::Range};

use etherparse::{
    Icmpv4Slice, IpNumber, LaxIpPayloadSlice, LaxLinkExtSlice, LaxNetSlice, LaxSlicedPacket,
    LinkSlice, TransportSlice, UdpSlice, err,
};

use super::{
    arp::arp,
    build::{Verdict, place},
    data::{data, data_called, fragment, malformed},
    dhcp,
    dns::{dns, is_for_us},
    ethernet::{add_padding, ethernet, vlan},
    http,
    icmp::icmp,
    ipv4::{ipv4, protocol_name},
    ipv6::ipv6,
    quic::Quic,
    speech,
    stream::Turn,
    tcp::{Analysis, Conversations, View, tcp},
    tls,
    tree::{Dissection, Layer},
    udp::udp,
    websocket,
};
use crate::wire::{Checksum, OsiLayer, Protocol};

/// Dissects frames one after the other and remembers what it needs to name later ones: the first
/// sequence numbers of TCP connections, the bytes of messages that span segments.
#[derive(Debug, Default)]
pub struct Dissector {
    conversations: Conversations,
    quic: Quic,
}

impl Dissector {
    /// A dissector that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds secrets of TLS connections, as lines of SSLKEYLOGFILE. Records and QUIC packets of frames
    /// that come later are opened with them.
    pub fn add_tls_secrets(&mut self, key_log: &str) {
        self.conversations.add_secrets(key_log);
        self.quic.add_secrets(key_log);
    }

    /// The tree of one Ethernet frame (without FCS).
    pub fn dissect(&mut self, frame: &[u8]) -> Dissection {
        let mut layers = Vec::new();
        match LaxSlicedPacket::from_ethernet(frame) {
            Ok(packet) => self.walk(frame, &packet, &mut layers),
            Err(error) => layers.push(malformed(
                0..frame.len(),
                OsiLayer::DataLink,
                error.to_string(),
            )),
        }
        Dissection { layers }
    }

    /// One floor after the other, as far as etherparse came.
    fn walk(&mut self, frame: &[u8], packet: &LaxSlicedPacket<'_>, layers: &mut Vec<Layer>) {
        let mut end = link_layers(frame, packet, layers);
        let rest_start = end;
        if let Some(net) = &packet.net {
            end = net_layer(frame, net, layers);
            if let Some(padded) = layers.first_mut() {
                add_padding(frame, end, padded);
            }
            if let Some(payload) = net.ip_payload_ref() {
                let ends = Ends::of(net, payload);
                self.inside_ip(frame, packet, payload, ends.as_ref(), layers);
            }
        } else if packet.stop_err.is_none() {
            layers.extend(data(frame, rest_start..frame.len()));
            end = frame.len();
        }
        if let Some((error, floor)) = &packet.stop_err {
            let start = layers.last().map_or(0, |l| l.range.end).min(frame.len());
            let range = start..end.max(start);
            let range = if packet.net.is_none() {
                start..frame.len()
            } else {
                range
            };
            layers.push(malformed(range, osi_of(*floor), error.to_string()));
        }
    }

    /// What an IP packet carries.
    fn inside_ip(
        &mut self,
        frame: &[u8],
        packet: &LaxSlicedPacket<'_>,
        payload: &LaxIpPayloadSlice<'_>,
        ends: Option<&Ends>,
        layers: &mut Vec<Layer>,
    ) {
        let range = place(frame, payload.payload);
        let (Some(ends), None) = (ends, &packet.stop_err) else {
            return;
        };
        match &packet.transport {
            Some(TransportSlice::Tcp(slice)) => {
                let (layer, view) = tcp(frame, slice, ends, &mut self.conversations);
                layers.push(layer);
                self.inside_tcp(frame, slice.payload(), &view, layers);
            }
            Some(TransportSlice::Udp(slice)) => {
                layers.push(udp(frame, slice, ends));
                self.inside_udp(frame, slice, layers);
            }
            Some(TransportSlice::Icmpv4(slice)) => layers.push(icmp(frame, slice, ends)),
            _ if payload.fragmented => inside_fragment(frame, payload, ends, layers),
            _ => layers.extend(unknown(frame, range, payload.ip_number)),
        }
    }

    /// What a segment carries, in the light of what its stream carried before.
    fn inside_tcp(&mut self, frame: &[u8], payload: &[u8], view: &View, layers: &mut Vec<Layer>) {
        let range = place(frame, payload);
        if payload.is_empty() || matches!(view.analysis, Some(Analysis::KeepAlive)) {
            layers.extend(data(frame, range));
            return;
        }
        let why = match self.conversations.take(view, payload) {
            Turn::Next { seen, pieces } => {
                let start = range.start + seen;
                let (known, foreign) = speech::layers(&payload[seen..], start, &pieces);
                layers.extend(known);
                layers.extend(foreign.into_iter().filter_map(|range| data(frame, range)));
                return;
            }
            Turn::Old => "seen before",
            Turn::Early => "out of order",
        };
        match self.conversations.speech(view) {
            Some(speech) if speech.speaks_tls() => {
                layers.push(tls::out_of_turn(payload, range.start, why));
            }
            Some(speech) if speech.speaks_websocket() => {
                layers.push(websocket::out_of_turn(payload, range.start, why));
            }
            Some(speech) if speech.speaks_http() => {
                layers.push(http::out_of_turn(payload, range.start, why));
            }
            _ => layers.extend(data(frame, range)),
        }
    }

    /// What a datagram carries.
    fn inside_udp(&mut self, frame: &[u8], slice: &UdpSlice<'_>, layers: &mut Vec<Layer>) {
        let range = place(frame, slice.payload());
        let ports = [slice.source_port(), slice.destination_port()];
        let known = match (is_for_us(ports), dhcp::is_for_us(ports)) {
            (true, _) => dns(slice.payload(), range.start),
            (_, true) => dhcp::dhcp(slice.payload(), range.start),
            _ => None,
        };
        if let Some(layer) = known {
            return layers.push(layer);
        }
        match self.quic.layers(slice.payload(), range.start) {
            Some(packets) => layers.extend(packets),
            None => layers.extend(data(frame, range)),
        }
    }
}

/// The first fragment of a datagram holds its header; the others are only bytes.
fn inside_fragment(
    frame: &[u8],
    payload: &LaxIpPayloadSlice<'_>,
    ends: &Ends,
    layers: &mut Vec<Layer>,
) {
    let bytes = payload.payload;
    let mut rest = place(frame, bytes);
    if ends.first_fragment && payload.ip_number == IpNumber::UDP {
        if let Ok(slice) = UdpSlice::from_slice_lax(bytes) {
            layers.push(udp(frame, &slice, ends));
            rest = place(frame, slice.payload());
        }
    } else if ends.first_fragment
        && payload.ip_number == IpNumber::ICMP
        && let Ok(slice) = Icmpv4Slice::from_slice(bytes)
    {
        layers.push(icmp(frame, &slice, ends));
        return;
    }
    layers.extend(fragment(frame, rest, &protocol_name(payload.ip_number)));
}

/// Ethernet and tags. Returns where they end.
fn link_layers(frame: &[u8], packet: &LaxSlicedPacket<'_>, layers: &mut Vec<Layer>) -> usize {
    if let Some(LinkSlice::Ethernet2(slice)) = &packet.link {
        layers.push(ethernet(frame, slice));
    }
    for extension in &packet.link_exts {
        if let LaxLinkExtSlice::Vlan(slice) = extension {
            layers.push(vlan(frame, slice));
        }
    }
    layers.last().map_or(0, |l| l.range.end)
}

/// ARP or the IP header. Returns where the packet ends.
fn net_layer(frame: &[u8], net: &LaxNetSlice<'_>, layers: &mut Vec<Layer>) -> usize {
    let layer = match net {
        LaxNetSlice::Arp(slice) => arp(frame, slice),
        LaxNetSlice::Ipv4(slice) => ipv4(frame, &slice.header()),
        LaxNetSlice::Ipv6(slice) => ipv6(frame, &slice.header()),
    };
    let header_end = layer.range.end;
    layers.push(layer);
    net.ip_payload_ref()
        .map_or(header_end, |p| place(frame, p.payload).end.max(header_end))
}

/// A protocol above IP that has no file here.
fn unknown(frame: &[u8], range: Range<usize>, number: IpNumber) -> Option<Layer> {
    let words = format!("IP protocol {}, ", protocol_name(number));
    data_called(frame, range, words).map(|layer| Layer {
        osi: OsiLayer::Network,
        ..layer
    })
}

/// The floor on which etherparse stopped.
const fn osi_of(floor: err::Layer) -> OsiLayer {
    use err::Layer as L;
    match floor {
        L::LinuxSllHeader
        | L::Ethernet2Header
        | L::EtherPayload
        | L::VlanHeader
        | L::MacsecHeader
        | L::MacsecPacket
        | L::Arp => OsiLayer::DataLink,
        L::UdpHeader | L::UdpPayload | L::TcpHeader => OsiLayer::Transport,
        _ => OsiLayer::Network,
    }
}

/// What the floors above IP need to know of it.
#[derive(Debug)]
pub(super) struct Ends {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    /// TTL or hop limit.
    pub(super) hops_left: u8,
    first_fragment: bool,
    /// How many bytes of the packet the capture left out.
    pub(super) missing: usize,
    /// Why checksums over the payload cannot be verified.
    unverifiable: Option<Verdict>,
}

impl Ends {
    fn of(net: &LaxNetSlice<'_>, payload: &LaxIpPayloadSlice<'_>) -> Option<Self> {
        let (source, destination, hops_left, first_fragment): (IpAddr, IpAddr, _, _) = match net {
            LaxNetSlice::Ipv4(ip) => {
                let h = ip.header();
                let first = h.is_fragmenting_payload() && h.fragments_offset().value() == 0;
                (
                    h.source_addr().into(),
                    h.destination_addr().into(),
                    h.ttl(),
                    first,
                )
            }
            LaxNetSlice::Ipv6(ip) => {
                let h = ip.header();
                (
                    h.source_addr().into(),
                    h.destination_addr().into(),
                    h.hop_limit(),
                    false,
                )
            }
            LaxNetSlice::Arp(_) => return None,
        };
        Some(Self {
            source,
            destination,
            hops_left,
            first_fragment,
            missing: missing(net, payload),
            unverifiable: match (payload.fragmented, payload.incomplete) {
                (true, _) => Some(Verdict::Fragment),
                (false, true) => Some(Verdict::Cut),
                (false, false) => None,
            },
        })
    }

    /// Verifies the checksum of a whole ICMP message.
    pub(super) fn verify_alone(&self, message: &[u8]) -> Verdict {
        let sum = Checksum::default().over(message).finish();
        self.unverifiable.unwrap_or_else(|| Verdict::of_sum(sum))
    }

    /// Verifies the checksum of a TCP segment or UDP datagram with its pseudo header
    /// (RFC 9293, section 3.1; RFC 8200, section 8.1).
    pub(super) fn verify(&self, protocol: Protocol, segment: &[u8]) -> Verdict {
        let Ok(length) = u16::try_from(segment.len()) else {
            return Verdict::Cut;
        };
        if let Some(why) = self.unverifiable {
            return why;
        }
        let sum = Checksum::default().word(u16::from(protocol.0)).word(length);
        let sum = add_address(add_address(sum, self.source), self.destination);
        Verdict::of_sum(sum.over(segment).finish())
    }
}

/// How many bytes of the packet are not in the frame, by the length in its header.
fn missing(net: &LaxNetSlice<'_>, payload: &LaxIpPayloadSlice<'_>) -> usize {
    let (said, start) = match net {
        LaxNetSlice::Ipv4(ip) => {
            let header = ip.header();
            (usize::from(header.total_len()), header.slice().len())
        }
        LaxNetSlice::Ipv6(ip) => (usize::from(ip.header().payload_length()), 0),
        LaxNetSlice::Arp(_) => return 0,
    };
    match payload.incomplete {
        true => said.saturating_sub(start + payload.payload.len()),
        false => 0,
    }
}

fn add_address(sum: Checksum, address: IpAddr) -> Checksum {
    match address {
        IpAddr::V4(a) => sum.over(&a.octets()),
        IpAddr::V6(a) => sum.over(&a.octets()),
    }
}
