//! What is written along an arrow.
//!
//! An application's line comes from the dissection; TCP's and UDP's own numbers are told
//! relative to their connection or stream, as a textbook does.

mod line;
mod quic;
mod segment;
mod tls;
mod web;

#[cfg(test)]
mod tests;

use self::{
    line::{arp_line, dhcp_line, dns_line, icmp_line, mail_line},
    quic::quic_line,
    segment::tcp_label,
    tls::{tls_brief, tls_line},
    web::{http_line, http2_line, is_http2, sse_line, websocket_line, with_coding},
};
use super::{
    facts::{Content, Facts},
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
