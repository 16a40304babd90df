//! What HTTP/1.1, HTTP/2, gRPC, server-sent events and WebSocket say.

use super::one_line;
use crate::{dissect::Layer, wire::OsiLayer};

/// A request without its version, a status without its, a part of a body without its size.
pub(super) fn http_line(line: &str) -> (String, String) {
    let main = line.strip_suffix(" HTTP/1.1").unwrap_or(line);
    let status = main.strip_prefix("HTTP/1.1 ");
    let brief = status.or_else(|| main.split_once(", ").map(|(what, _)| what));
    (main.to_owned(), brief.unwrap_or(main).to_owned())
}

/// The same, and what became of the content, if it is coded.
pub(super) fn with_coding((main, brief): (String, String), layers: &[&Layer]) -> (String, String) {
    match layers.iter().find(|l| l.protocol == "coding") {
        Some(coding) => (format!("{main}, {}", coding.summary), brief),
        None => (main, brief),
    }
}

/// All frames of HTTP/2 in a segment, in their order; in few words the one that says most.
pub(super) fn http2_line(layers: &[&Layer]) -> (String, String) {
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
pub(super) fn is_http2(layer: &Layer) -> bool {
    matches!(layer.protocol, "http2" | "grpc")
}

/// What a frame or a message says; nothing of a frame whose messages tell it all.
pub(super) fn frame_line(layer: &Layer) -> Option<String> {
    let is_told = is_http2(layer) && layer.osi == OsiLayer::Application;
    is_told.then(|| one_line(&layer.summary))
}

/// The head of a response, if it is there, and the events behind it; in few words the events.
pub(super) fn sse_line(layers: &[&Layer]) -> (String, String) {
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
pub(super) fn websocket_line(layers: &[&Layer]) -> (String, String) {
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
