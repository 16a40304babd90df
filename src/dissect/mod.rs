//! From bytes to a tree of layers and named fields with byte ranges. Works on any capture from
//! anywhere, never panics on any bytes, and never sees the engine.
//!
//! A [`Dissector`] takes frames in order, as one network card saw them, and yields a
//! [`Dissection`] each. It reads Ethernet II, 802.1Q, ARP, IPv4, IPv6, ICMP, TCP and UDP, and
//! above them TLS, QUIC, HTTP/1.1 with event streams, HTTP/2 with its header fields, gRPC, the frames of
//! WebSocket, HTTP/3, SMTP, DNS and DHCP. With [`Dissector::add_tls_secrets`] it reads what TLS
//! protects.
//!
//! One vantage point for one dissector: fed with every hop of a packet, it takes the second hop
//! for a retransmission, as Wireshark does.
//!
//! Memory is bounded: 4096 connections are remembered, 1 MiB of a direction waits for earlier bytes,
//! 64 KiB of a message's head are kept, and 64 MiB in all.
//!
//! Not here: IP fragments put together again, ICMPv6.

mod arp;
mod build;
mod data;
mod dhcp;
mod dissector;
mod dns;
mod dns_tcp;
mod ethernet;
mod grpc;
mod hpack;
mod http;
mod http2;
mod huffman;
mod icmp;
mod ipv4;
mod ipv6;
mod quic;
mod smtp;
mod speech;
mod stream;
mod tcp;
#[cfg(test)]
mod tests;
mod tls;
mod tree;
mod udp;
mod websocket;

pub use dissector::Dissector;
pub use tree::{Dissection, Field, Layer};
