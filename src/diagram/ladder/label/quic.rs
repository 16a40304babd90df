//! What the packets of QUIC in a datagram say, and HTTP/3 in them.

use super::one_line;
use crate::dissect::Layer;

/// The packets of QUIC in a datagram, in their order: the frames of HTTP/3 where there are any, or else
/// what a packet says of itself, without its number and its padding.
pub(super) fn quic_line(layers: &[&Layer]) -> (String, String) {
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
