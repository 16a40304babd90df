//! The keys of `echo`, `ping` and `traceroute`.

use super::{count, interval, payload, timeout};
use crate::{
    osi::application::spec::{Body, EchoClient, EchoTransport, Ping, Traceroute},
    scenario::{
        limits::{MAX_BODY, MAX_DATAGRAM},
        lower::{http, ranges, tls},
        schema::Traffic,
        text::Findings,
    },
    units::{ByteSize, Span},
};

const MESSAGE: &str = "Hello from netsim.";

/// Messages that a server sends back.
pub(super) fn echo(keys: &Traffic, findings: &mut Findings) -> EchoClient {
    let over = keys.over.read(findings).unwrap_or_default();
    let most = match over {
        EchoTransport::Tcp => MAX_BODY,
        EchoTransport::Udp => MAX_DATAGRAM,
    };
    let message = http::body(("text", &keys.text), &keys.size, most, findings);
    if let Some(Body::Text(text)) = &message
        && over == EchoTransport::Udp
        && text.len() as u64 > MAX_DATAGRAM.bytes()
    {
        findings.error(
            keys.text.place(),
            format!("a datagram carries at most {} bytes", MAX_DATAGRAM.bytes()),
        );
    }
    let tls = tls::client(&keys.tls, None, findings);
    if tls.is_some() && over == EchoTransport::Udp {
        findings
            .error(keys.tls.place.clone(), "TLS protects connections of TCP")
            .also(keys.over.place(), "this asks for datagrams");
    }
    EchoClient {
        port: ranges::port(&keys.port, 7, findings),
        over,
        message: message.unwrap_or_else(|| Body::Text(MESSAGE.to_owned())),
        count: count(keys, 1, findings),
        interval: interval(keys, findings),
        timeout: timeout(keys, Span::from_secs(5), findings),
        tls,
    }
}

/// ICMP echo requests; `ttl` is that of the host.
pub(super) fn ping(keys: &Traffic, ttl: Option<u8>, findings: &mut Findings) -> Ping {
    Ping {
        count: count(keys, 4, findings),
        interval: interval(keys, findings),
        size: payload(&keys.size, ByteSize::new(0), 56, findings).unwrap_or(56),
        timeout: timeout(keys, Span::from_secs(1), findings),
        ttl: ranges::within(&keys.ttl, "ttl", 1..=255, findings)
            .or(ttl)
            .unwrap_or(64),
    }
}

/// Probes with a rising TTL.
pub(super) fn traceroute(keys: &Traffic, findings: &mut Findings) -> Traceroute {
    Traceroute {
        max_hops: ranges::within(&keys.max_hops, "max_hops", 1..=255, findings).unwrap_or(30),
        probes: ranges::within(&keys.probes, "probes", 1..=10, findings).unwrap_or(3),
        timeout: timeout(keys, Span::from_secs(1), findings),
    }
}
