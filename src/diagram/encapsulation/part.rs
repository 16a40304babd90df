//! The frame as a row of parts: one for each layer's own bytes, and the padding.

use std::ops::Range;

use crate::{
    diagram::style::{Colour, Theme, layer_colour},
    dissect::{Dissection, Layer},
    wire::OsiLayer,
};

/// A stretch of the frame that belongs to one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// `None` for padding and bytes that no layer claims.
    pub(super) layer: Option<OsiLayer>,
    /// True for bytes of the application, coded or not.
    pub(super) is_payload: bool,
    /// "TCP header", "HTTP", "padding".
    pub(super) name: String,
    pub(super) range: Range<usize>,
}

impl Part {
    pub(super) fn colour(&self, theme: Theme) -> Colour {
        match self.layer {
            Some(layer) => layer_colour(layer),
            None => theme.palette().dim.mix(theme.palette().ground, 35),
        }
    }
}

/// All parts in the order of the bytes; together they are the whole frame.
pub(super) fn parts(bytes: &[u8], dissection: &Dissection) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut end = 0;
    let mut behind = "other bytes";
    for layer in &dissection.layers {
        let range = layer.range.start.max(end)..layer.range.end.min(bytes.len());
        if range.is_empty() {
            continue;
        }
        // Between the frames of HTTP/3 in a packet stand the heads of the frames of QUIC.
        let name = match (behind, layer.protocol) {
            ("QUIC tag", "http3") => "QUIC frame",
            _ => behind,
        };
        parts.extend(rest(name, end..range.start));
        end = range.end;
        if layer.protocol == "tls" {
            // What the cipher adds behind the content: its type and the tag.
            behind = "TLS tag";
        }
        if layer.protocol == "quic" {
            behind = "QUIC tag";
        }
        parts.push(Part {
            layer: Some(layer.osi),
            is_payload: layer.osi == OsiLayer::Application || layer.protocol == "coding",
            name: part_name(layer),
            range,
        });
    }
    let name = if is_padded(dissection) {
        "padding"
    } else {
        behind
    };
    parts.extend(rest(name, end..bytes.len()));
    parts
}

fn rest(name: &str, range: Range<usize>) -> Option<Part> {
    (!range.is_empty()).then(|| Part {
        layer: None,
        is_payload: false,
        name: name.to_owned(),
        range,
    })
}

fn is_padded(dissection: &Dissection) -> bool {
    let first = dissection.layers.first();
    first.is_some_and(|l| l.value("padding").is_some())
}

/// The short name of a protocol: "TCP".
pub(crate) fn short_name(layer: &Layer) -> String {
    match layer.protocol {
        "eth" => "Ethernet".to_owned(),
        "ip" => "IPv4".to_owned(),
        "ipv6" => "IPv6".to_owned(),
        "data" => "Data".to_owned(),
        "http3" => "HTTP/3".to_owned(),
        "websocket" => "WebSocket".to_owned(),
        "coding" => layer.value("encoding").unwrap_or("coded").to_owned(),
        "http2" => "HTTP/2".to_owned(),
        "grpc" => "gRPC".to_owned(),
        "protobuf" => "Protobuf".to_owned(),
        other => other.to_uppercase(),
    }
}

fn part_name(layer: &Layer) -> String {
    let name = short_name(layer);
    match layer.protocol {
        "eth" | "ip" | "ipv6" | "tcp" | "udp" => format!("{name} header"),
        "tls" if layer.range.len() == RECORD_HEADER => "TLS header".to_owned(),
        _ => name,
    }
}

/// Type, version and length \[bytes\].
pub(super) const RECORD_HEADER: usize = 5;

/// What a protocol calls its unit of data, header included.
pub(crate) fn unit_name(layer: &Layer) -> &'static str {
    match layer.protocol {
        "eth" | "websocket" => "frame",
        "ip" | "ipv6" | "arp" | "quic" => "packet",
        "tcp" => "segment",
        "udp" => "datagram",
        "tls" => "record",
        "coding" => "content",
        "http2" if layer.osi == OsiLayer::Session => "header",
        "http2" => "frame",
        "grpc" => "header",
        "icmp" | "icmpv6" | "dns" | "protobuf" => "message",
        _ => "data",
    }
}

/// "1 byte", "20 bytes".
pub(super) fn bytes_of(count: usize) -> String {
    match count {
        1 => "1 byte".to_owned(),
        n => format!("{n} bytes"),
    }
}
