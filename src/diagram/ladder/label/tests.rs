//! Labels word by word.

use super::*;
use crate::diagram::ladder::facts::{Flags, Segment};

fn segment(syn: bool, ack: bool, len: u32) -> Segment {
    Segment {
        source: 1,
        destination: 2,
        seq: 0,
        ack: 0,
        window: 0,
        len,
        flags: Flags {
            syn,
            ack,
            ..Flags::default()
        },
        dsack: false,
    }
}

fn text(segment: Segment, seq: u32, ack: u32) -> String {
    let reading = Reading {
        seq,
        ack,
        special: None,
    };
    let facts = Facts {
        ends: None,
        content: Content::Tcp(segment),
    };
    label(&Dissection::default(), &facts, Some(reading), SimTime::ZERO).full()
}

#[test]
fn tcp_says_its_flags_and_relative_numbers() {
    assert_eq!(text(segment(true, false, 0), 0, 0), "SYN seq=0");
    assert_eq!(text(segment(true, true, 0), 0, 1), "SYN, ACK seq=0 ack=1");
    assert_eq!(text(segment(false, true, 0), 1, 1), "ACK ack=1");
    assert_eq!(
        text(segment(false, true, 100), 1, 1),
        "ACK seq=1 ack=1 len=100"
    );
}

#[test]
fn long_lines_are_told_in_fewer_words() {
    let (main, brief) = http_line("HTTP/1.1 200 OK");
    assert_eq!(
        (main.as_str(), brief.as_str()),
        ("HTTP/1.1 200 OK", "200 OK")
    );
    assert_eq!(http_line("HTTP body, 9 bytes (continued)").1, "HTTP body");
    let unreachable = "Destination unreachable (Network unreachable)";
    assert_eq!(icmp_line(unreachable).0, "ICMP network unreachable");
    let question = dns_line("Standard query 0x1f A bob");
    assert_eq!(question.0, "DNS question A bob");
    let answer = dns_line("Standard query response 0x1f A bob A 10.0.2.10");
    assert_eq!(answer.0, "DNS answer A bob A 10.0.2.10");
    assert_eq!(
        (question.1.as_str(), answer.1.as_str()),
        ("DNS A bob?", "DNS answer")
    );
}

fn layer(protocol: &'static str, osi: OsiLayer, summary: &str) -> Layer {
    Layer {
        osi,
        protocol,
        title: "",
        summary: summary.to_owned(),
        range: 0..0,
        fields: Vec::new(),
    }
}

#[test]
fn records_of_tls_are_told_by_their_messages_and_what_they_protect() {
    let tls = |summary| layer("tls", OsiLayer::Presentation, summary);
    let told = |layers: Vec<Layer>| application_line(&Dissection { layers }).unwrap();
    let both = |(main, brief): (&str, &str)| (main.to_owned(), brief.to_owned());
    let hello = told(vec![
        tls("ServerHello TLS 1.3"),
        tls("Certificate CN=bob, Finished"),
    ]);
    let wanted = "TLS ServerHello TLS 1.3, Certificate CN=bob, Finished";
    assert_eq!(hello, both((wanted, "TLS ServerHello")));
    let refusal = told(vec![tls("ChangeCipherSpec"), tls("Alert unknown_ca")]);
    let wanted = "TLS ChangeCipherSpec, Alert unknown_ca";
    assert_eq!(refusal, both((wanted, "TLS Alert unknown_ca")));
    let page = told(vec![
        tls("Finished"),
        tls("Application data, 94 bytes"),
        layer("http", OsiLayer::Application, "GET /a HTTP/1.1"),
    ]);
    assert_eq!(page, both(("TLS Finished, GET /a", "GET /a")));
    let frame = |summary| layer("http2", OsiLayer::Application, summary);
    let streams = told(vec![
        frame("SETTINGS"),
        frame("HEADERS[1], end"),
        frame("DATA[3] 9 bytes"),
    ]);
    let wanted = "HTTP/2 SETTINGS, HEADERS[1], end, DATA[3] 9 bytes";
    assert_eq!(streams, both((wanted, "HEADERS[1]")));
    let streams = told(vec![
        tls("Finished"),
        tls("Application data, 9 bytes"),
        frame("HEADERS[1]"),
    ]);
    assert_eq!(streams, both(("TLS Finished, HEADERS[1]", "HEADERS[1]")));
    let message = || layer("grpc", OsiLayer::Application, "gRPC User id=1 name=Ada ...");
    let data = || layer("http2", OsiLayer::Session, "DATA[1] 20 bytes");
    let protobuf = || layer("protobuf", OsiLayer::Presentation, "User, 15 bytes");
    let call = told(vec![frame("HEADERS[1] 200"), data(), message(), protobuf()]);
    let wanted = "HTTP/2 HEADERS[1] 200, gRPC User id=1 name=Ada ...";
    assert_eq!(call, both((wanted, "gRPC User id=1 name=Ada ...")));
    let call = told(vec![data(), message(), protobuf()]);
    assert_eq!(
        call,
        both(("gRPC User id=1 name=Ada ...", "gRPC User id=1 name=Ada ..."))
    );
    let call = told(vec![
        tls("Application data, 29 bytes"),
        data(),
        message(),
        protobuf(),
    ]);
    let wanted = "TLS gRPC User id=1 name=Ada ...";
    assert_eq!(call, both((wanted, "gRPC User id=1 name=Ada ...")));
    let sealed = told(vec![tls("Application data, 94 bytes")]);
    assert_eq!(sealed, both(("TLS Application data, 94 bytes", "TLS data")));
}

#[test]
fn frames_and_events_are_told_in_their_order() {
    let told = |layers: Vec<Layer>| application_line(&Dissection { layers }).unwrap();
    let both = |(main, brief): (&str, &str)| (main.to_owned(), brief.to_owned());
    let app = |protocol, summary| layer(protocol, OsiLayer::Application, summary);
    let frames = told(vec![
        app("websocket", "WebSocket Text [MASKED] \"Hel\""),
        app("websocket", "WebSocket Continuation [FIN] [MASKED] \"lo\""),
    ]);
    let wanted = "WebSocket Text [MASKED] \"Hel\", Continuation [FIN] [MASKED] \"lo\"";
    assert_eq!(frames, both((wanted, "Text \"Hel\"")));
    let close = told(vec![
        layer("tls", OsiLayer::Presentation, "Application data, 6 bytes"),
        app(
            "websocket",
            "WebSocket Connection Close [FIN] 1000 \"done\"",
        ),
    ]);
    let wanted = "TLS WebSocket Connection Close [FIN] 1000 \"done\"";
    assert_eq!(close, both((wanted, "Close 1000 \"done\"")));
    let events = told(vec![
        app("http", "HTTP/1.1 200 OK"),
        app("sse", "SSE retry=500, SSE event id=1"),
    ]);
    let wanted = "HTTP/1.1 200 OK, SSE retry=500, SSE event id=1";
    assert_eq!(events, both((wanted, "SSE event id=1")));
}

/// The label of a segment with a request in it.
fn of_request(segment: Segment, reading: Reading) -> Label {
    let request = layer("http", OsiLayer::Application, "GET /a  HTTP/1.1\r\n");
    let dissection = Dissection {
        layers: vec![request],
    };
    let facts = Facts {
        ends: None,
        content: Content::Tcp(segment),
    };
    label(&dissection, &facts, Some(reading), SimTime::ZERO)
}

#[test]
fn an_application_line_comes_first_and_the_numbers_behind() {
    let reading = Reading {
        seq: 1,
        ack: 1,
        special: None,
    };
    let label = of_request(segment(false, true, 20), reading);
    assert_eq!(label.main, "GET /a");
    assert_eq!(label.full(), "GET /a  seq=1 ack=1 len=20");
    assert_eq!(label.layer, OsiLayer::Application);
}

#[test]
fn a_request_that_rides_on_a_syn_does_not_hide_it() {
    let reading = Reading {
        seq: 0,
        ack: 0,
        special: None,
    };
    let label = of_request(segment(true, false, 20), reading);
    assert_eq!(label.full(), "SYN, GET /a  seq=0 len=20");
    assert_eq!(label.brief, "SYN, GET /a");
}

#[test]
fn packets_of_quic_are_told_by_their_frames_and_those_of_http3() {
    let quic = |summary| layer("quic", OsiLayer::Presentation, summary);
    let http3 = |summary| layer("http3", OsiLayer::Application, summary);
    let line = |layers: Vec<Layer>| quic_line(&layers.iter().collect::<Vec<_>>());
    let first = "Initial 0: CRYPTO (ClientHello SNI=bob ALPN=h3), PADDING";
    assert_eq!(
        line(vec![quic(first)]),
        (
            "QUIC Initial CRYPTO (ClientHello SNI=bob ALPN=h3)".to_owned(),
            "QUIC ClientHello".to_owned()
        )
    );
    let both = vec![
        quic("Handshake 1: ACK 0"),
        quic("1-RTT 4: ACK 3, STREAM[0] offset 0, 43 bytes, end"),
        http3("HEADERS[0] GET /"),
        http3("DATA[0] 20 bytes"),
    ];
    let wanted = "QUIC Handshake ACK 0, HTTP/3 HEADERS[0] GET /, DATA[0] 20 bytes";
    assert_eq!(line(both), (wanted.to_owned(), "HEADERS[0]".to_owned()));
    let versions = line(vec![quic("Version Negotiation: 1")]).0;
    assert_eq!(versions, "QUIC Version Negotiation: 1");
}
