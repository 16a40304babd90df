//! What is written along an arrow.
//!
//! An application's line comes from the dissection; TCP's and UDP's own numbers are told
//! relative to their connection or stream, as a textbook does.

use super::{
    facts::{Content, Facts, Segment},
    model::Label,
    tcp::Reading,
};
use crate::{
    dissect::{Dissection, Layer},
    units::SimTime,
    wire::OsiLayer,
};

/// The label of a packet first sent at `sent`; `reading` is what TCP's numbers mean.
pub(super) fn label(
    dissection: &Dissection,
    facts: &Facts,
    reading: Option<Reading>,
    sent: SimTime,
) -> Label {
    let layer = dissection
        .highest()
        .map_or_else(|| floor(&facts.content), |l| l.osi);
    let line = application_line(dissection);
    match (&facts.content, reading) {
        (Content::Tcp(segment), Some(reading)) => tcp_label(segment, reading, line, layer),
        (Content::Udp { len, stamp, .. }, _) if line.is_none() => {
            let stamp = stamp.filter(|s| s.is_believable(sent));
            let main = match stamp {
                Some(stamp) => format!("datagram {} len={len}", stamp.number),
                None => format!("UDP len={len}"),
            };
            let brief =
                stamp.map_or_else(|| "UDP".to_owned(), |s| format!("datagram {}", s.number));
            plain(main, brief, layer)
        }
        (Content::Echo { number, reply, .. }, _) => {
            let word = if *reply { "reply" } else { "request" };
            let main = format!("ping {word} seq={number}");
            plain(main.clone(), main, layer)
        }
        _ => {
            let (main, brief) = line.unwrap_or_else(|| top_line(dissection));
            plain(main, brief, layer)
        }
    }
}

const fn plain(main: String, brief: String, layer: OsiLayer) -> Label {
    Label {
        main,
        numbers: None,
        brief,
        layer,
    }
}

/// What the highest layer above transport says, in a line and in a few words, unless it is only
/// "so many bytes".
fn application_line(dissection: &Dissection) -> Option<(String, String)> {
    let named = |l: &&Layer| l.osi > OsiLayer::Transport && !PLAIN_BYTES.contains(&l.protocol);
    let told: Vec<&Layer> = dissection.layers.iter().filter(named).collect();
    let highest = *told.iter().max_by_key(|l| l.osi)?;
    let line = one_line(&highest.summary);
    let (main, brief) = match highest.protocol {
        "http" => with_coding(http_line(&line), &told),
        "dns" => dns_line(&line),
        "dhcp" => dhcp_line(&line),
        "tls" => (tls_line(&told, None), tls_brief(&told)),
        "http2" | "grpc" => http2_line(&told),
        "smtp" | "imf" => mail_line(&told),
        "http3" | "quic" => return Some(quic_line(&told)),
        "websocket" => websocket_line(&told),
        "sse" => sse_line(&told),
        _ => (line.clone(), line),
    };
    let in_tls = told.iter().any(|l| l.protocol == "tls") && highest.protocol != "tls";
    if in_tls && (is_http2(highest) || highest.protocol == "websocket") {
        return Some((tls_line(&told, Some((highest, ""))), brief));
    }
    if in_tls {
        return Some((tls_line(&told, Some((highest, &main))), brief));
    }
    Some((main, brief))
}

/// What the records in a frame hold, in the order of the bytes: messages by name, the application's
/// line where it stands. `application` is its layer, and that line.
fn tls_line(layers: &[&Layer], application: Option<(&Layer, &str)>) -> String {
    let told = layers.iter().filter_map(|layer| match application {
        _ if matches!(layer.protocol, "tls" | "websocket") => Some(one_line(&layer.summary)),
        _ if is_http2(layer) => frame_line(layer),
        Some((own, line)) if *own == **layer => Some(line.to_owned()),
        _ => None,
    });
    let is_shell = |text: &String| application.is_some() && text.starts_with(APPLICATION_DATA);
    let told: Vec<String> = told.filter(|text| !is_shell(text)).collect();
    format!("TLS {}", told.join(", "))
}

/// All frames of HTTP/2 in a segment, in their order; in few words the one that says most.
fn http2_line(layers: &[&Layer]) -> (String, String) {
    let lines: Vec<String> = layers.iter().filter_map(|l| frame_line(l)).collect();
    // A request says most, then a message, then whatever is about a stream.
    let find = |what: &str| lines.iter().find(|line| line.contains(what));
    let best = find(" /").or_else(|| find("gRPC ")).or_else(|| find("["));
    let best = best.or_else(|| lines.first()).map_or("", String::as_str);
    let brief = best.split(',').next().unwrap_or_default().to_owned();
    let version = match lines.first() {
        Some(line) if line.starts_with("gRPC ") => "",
        _ => "HTTP/2 ",
    };
    (format!("{version}{}", lines.join(", ")), brief)
}

/// True for a frame of HTTP/2 and for a message of gRPC in one.
fn is_http2(layer: &Layer) -> bool {
    matches!(layer.protocol, "http2" | "grpc")
}

/// What a frame or a message says; nothing of a frame whose messages tell it all.
fn frame_line(layer: &Layer) -> Option<String> {
    let is_told = is_http2(layer) && layer.osi == OsiLayer::Application;
    is_told.then(|| one_line(&layer.summary))
}

/// The packets of QUIC in a datagram, in their order: the frames of HTTP/3 where there are any, or else
/// what a packet says of itself, without its number and its padding.
fn quic_line(layers: &[&Layer]) -> (String, String) {
    let is = |layer: Option<&&Layer>, protocol| layer.is_some_and(|l| l.protocol == protocol);
    let mut told: Vec<String> = Vec::new();
    for (at, layer) in layers.iter().enumerate() {
        let follows_http3 = at > 0 && is(layers.get(at - 1), "http3");
        match layer.protocol {
            "quic" if is(layers.get(at + 1), "http3") => {}
            "quic" => told.push(format!("QUIC {}", packet_line(&layer.summary))),
            "http3" if follows_http3 => told.push(one_line(&layer.summary)),
            "http3" => told.push(format!("HTTP/3 {}", one_line(&layer.summary))),
            _ => {}
        }
    }
    let of_request = |l: &&&Layer| {
        let frames = ["HEADERS[", "DATA["];
        l.protocol == "http3" && frames.iter().any(|name| l.summary.starts_with(name))
    };
    let brief = match layers.iter().find(of_request) {
        Some(frame) => frame
            .summary
            .split([' ', ','])
            .next()
            .unwrap_or_default()
            .to_owned(),
        None => packet_brief(&told.join(", ")),
    };
    (told.join(", "), brief)
}

/// "Initial 0: CRYPTO (ClientHello), PADDING" is "Initial CRYPTO (ClientHello)".
fn packet_line(summary: &str) -> String {
    let line = match summary.split_once(": ") {
        Some((front, frames)) => {
            let kind = front.trim_end_matches(|c: char| c.is_ascii_digit());
            match kind.strip_suffix(' ') {
                Some(kind) => format!("{kind} {frames}"),
                None => format!("{front}: {frames}"),
            }
        }
        None => summary.to_owned(),
    };
    let line = one_line(&line).replace(", PADDING", "");
    line.replace("IMMEDIATE_ACK, PING", "PING")
}

/// The message of the handshake, or else the first two words of a packet: "QUIC 1-RTT".
fn packet_brief(line: &str) -> String {
    if let Some((_, message)) = line.split_once("CRYPTO (") {
        let name = message.split([' ', ',', ')']).next().unwrap_or_default();
        return format!("QUIC {name}");
    }
    for name in [
        "Version Negotiation",
        "CONNECTION_CLOSE",
        "PATH_CHALLENGE",
        "PATH_RESPONSE",
    ] {
        if line.contains(name) {
            return format!("QUIC {name}");
        }
    }
    let words: Vec<&str> = line.split([' ', ',']).take(2).collect();
    words.join(" ")
}

/// The head of a response, if it is there, and the events behind it; in few words the events.
fn sse_line(layers: &[&Layer]) -> (String, String) {
    let lines: Vec<String> = layers
        .iter()
        .filter(|l| matches!(l.protocol, "http" | "sse"))
        .map(|l| http_line(&one_line(&l.summary)).0)
        .collect();
    let all = lines.join(", ");
    let events = layers.iter().find(|l| l.protocol == "sse");
    let brief = events.map_or("", |l| l.summary.as_str());
    let event = brief.split(", ").find(|told| told.starts_with("SSE event"));
    (all, event.unwrap_or(brief).to_owned())
}

/// All frames of WebSocket in a segment, in their order; in few words what the first one says.
fn websocket_line(layers: &[&Layer]) -> (String, String) {
    let frames = layers.iter().filter(|l| l.protocol == "websocket");
    let lines: Vec<String> = frames.map(|l| one_line(&l.summary)).collect();
    let first = lines.first().map_or("", String::as_str);
    let brief = ["WebSocket ", " [FIN]", " [MASKED]", "Connection "];
    let brief = brief
        .iter()
        .fold(first.to_owned(), |text, word| text.replacen(word, "", 1));
    let more = lines.iter().skip(1);
    let more = more.map(|line| line.strip_prefix("WebSocket ").unwrap_or(line));
    let all: Vec<&str> = std::iter::once(first).chain(more).collect();
    (all.join(", "), brief)
}

/// What matters most of some records, in a few words: an alert, or else the first message that says
/// more than that keys change.
fn tls_brief(layers: &[&Layer]) -> String {
    let records = layers.iter().filter(|l| l.protocol == "tls");
    let lines: Vec<&str> = records.map(|l| l.summary.as_str()).collect();
    let alert = lines.iter().find(|line| line.starts_with("Alert"));
    if let Some(alert) = alert {
        return format!("TLS {alert}");
    }
    let first = lines.iter().find(|line| **line != "ChangeCipherSpec");
    match first.or_else(|| lines.first()) {
        Some(line) if line.starts_with(APPLICATION_DATA) => "TLS data".to_owned(),
        Some(line) => format!("TLS {}", line.split([' ', ',']).next().unwrap_or_default()),
        None => "TLS".to_owned(),
    }
}

/// How the line of a record with bytes of an application begins.
const APPLICATION_DATA: &str = "Application data";

/// What is said in mail, in the order of the bytes: a message stands between the lines about it.
fn mail_line(layers: &[&Layer]) -> (String, String) {
    let told = layers
        .iter()
        .filter(|l| matches!(l.protocol, "smtp" | "imf"));
    let lines: Vec<String> = told.map(|l| one_line(&l.summary)).collect();
    let main = lines.join(", ");
    let first = main.split([',', '|']).next().unwrap_or_default();
    let mut brief = String::new();
    for word in first.split_whitespace() {
        if !brief.is_empty() && brief.len() + word.len() >= BRIEF_MAIL {
            break;
        }
        brief += &format!("{}{word}", if brief.is_empty() { "" } else { " " });
    }
    (main, brief)
}

/// How much of a line of mail a later hop shows.
const BRIEF_MAIL: usize = 24;

/// A request without its version, a status without its, a part of a body without its size.
fn http_line(line: &str) -> (String, String) {
    let main = line.strip_suffix(" HTTP/1.1").unwrap_or(line);
    let status = main.strip_prefix("HTTP/1.1 ");
    let brief = status.or_else(|| main.split_once(", ").map(|(what, _)| what));
    (main.to_owned(), brief.unwrap_or(main).to_owned())
}

/// The same, and what became of the content, if it is coded.
fn with_coding((main, brief): (String, String), layers: &[&Layer]) -> (String, String) {
    match layers.iter().find(|l| l.protocol == "coding") {
        Some(coding) => (format!("{main}, {}", coding.summary), brief),
        None => (main, brief),
    }
}

/// A question or an answer without Wireshark's long words and the number.
fn dns_line(line: &str) -> (String, String) {
    let without_id = |rest: &str| {
        let words = rest
            .split_whitespace()
            .filter(|word| !word.starts_with("0x"));
        words.collect::<Vec<_>>().join(" ")
    };
    if let Some(rest) = line.strip_prefix("Standard query response") {
        (
            format!("DNS answer {}", without_id(rest)),
            "DNS answer".to_owned(),
        )
    } else if let Some(rest) = line.strip_prefix("Standard query") {
        let question = without_id(rest);
        (
            format!("DNS question {question}"),
            format!("DNS {question}?"),
        )
    } else {
        (line.to_owned(), "DNS".to_owned())
    }
}

/// A message by name, and the address that it brings.
fn dhcp_line(line: &str) -> (String, String) {
    let words: Vec<&str> = line.split(' ').collect();
    let brief = words.iter().take(2).copied().collect::<Vec<_>>().join(" ");
    let main = line.split_once(" xid").map_or(line, |(main, _)| main);
    (main.to_owned(), brief)
}

/// An ICMP error by its most exact words: the detail, where the type alone says too little.
fn icmp_line(line: &str) -> (String, String) {
    let (what, detail) = line.split_once(" (").unwrap_or((line, ""));
    let words = match what {
        "Time-to-live exceeded" => "time exceeded".to_owned(),
        "Destination unreachable" if !detail.is_empty() => {
            detail.trim_end_matches(')').to_lowercase()
        }
        _ => what.to_lowercase(),
    };
    (format!("ICMP {words}"), format!("ICMP {words}"))
}

/// An ARP packet's line, and what it is.
fn arp_line(line: &str) -> (String, String) {
    let brief = if let Some((question, _)) = line.split_once(" Tell ") {
        question.to_owned()
    } else if let Some((address, _)) = line.split_once(" is at ") {
        format!("ARP reply {address}")
    } else {
        "ARP".to_owned()
    };
    (line.to_owned(), brief)
}

/// What the highest layer says, whatever it is, in a line and in a few words.
fn top_line(dissection: &Dissection) -> (String, String) {
    let Some(layer) = dissection.highest() else {
        return ("frame".to_owned(), "frame".to_owned());
    };
    let line = one_line(&layer.summary);
    match layer.protocol {
        "arp" => arp_line(&line),
        "icmp" => icmp_line(&line),
        _ => (line.clone(), line),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn tcp_label(
    segment: &Segment,
    reading: Reading,
    line: Option<(String, String)>,
    layer: OsiLayer,
) -> Label {
    let flags = flag_words(segment);
    let numbers = tcp_numbers(segment, reading);
    match line {
        Some((main, brief)) => Label {
            main: with_syn(segment, main),
            numbers: Some(numbers),
            brief: with_syn(segment, brief),
            layer,
        },
        None => plain(
            format!("{flags} {numbers}"),
            brief_tcp(segment, reading, flags),
            layer,
        ),
    }
}

/// The line of an application, behind the SYN that it rides on (RFC 7413).
fn with_syn(segment: &Segment, line: String) -> String {
    match segment.flags.syn {
        true => format!("{}, {line}", flag_words(segment)),
        false => line,
    }
}

/// `SYN, ACK`; a segment without any of these bits is just a segment.
fn flag_words(segment: &Segment) -> String {
    let flags = segment.flags;
    let words: Vec<&str> = [
        (flags.syn, "SYN"),
        (flags.fin, "FIN"),
        (flags.rst, "RST"),
        (flags.ack, "ACK"),
        (flags.ece, "ECE"),
        (flags.cwr, "CWR"),
    ]
    .into_iter()
    .filter_map(|(set, word)| set.then_some(word))
    .collect();
    if words.is_empty() {
        "TCP".to_owned()
    } else {
        words.join(", ")
    }
}

/// `seq=1 ack=1 len=100`, without what says nothing: the sequence number of a bare
/// acknowledgment, a length of zero.
fn tcp_numbers(segment: &Segment, reading: Reading) -> String {
    let bare = segment.space() == 0 && segment.flags.ack;
    let parts = [
        (!bare).then(|| format!("seq={}", reading.seq)),
        segment.flags.ack.then(|| format!("ack={}", reading.ack)),
        (segment.len > 0).then(|| format!("len={}", segment.len)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Later hops need only enough to recognise the segment.
fn brief_tcp(segment: &Segment, reading: Reading, flags: String) -> String {
    if segment.len > 0 {
        format!("{flags} seq={}", reading.seq)
    } else if segment.space() == 0 && segment.flags.ack {
        format!("{flags} {}", reading.ack)
    } else {
        flags
    }
}

/// The floor of a frame that nobody dissected.
const fn floor(content: &Content) -> OsiLayer {
    match content {
        Content::Tcp(_) | Content::Udp { .. } => OsiLayer::Transport,
        Content::Echo { .. } | Content::IcmpError(_) => OsiLayer::Network,
        Content::Other => OsiLayer::DataLink,
    }
}

/// Layers that only say how many bytes there are.
const PLAIN_BYTES: [&str; 2] = ["data", "malformed"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::ladder::facts::Flags;

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
}
