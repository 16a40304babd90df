//! Protocols whose packets say one thing: their line, and a few words of it.

use super::one_line;
use crate::dissect::Layer;

/// What is said in mail, in the order of the bytes: a message stands between the lines about it.
pub(super) fn mail_line(layers: &[&Layer]) -> (String, String) {
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

/// A question or an answer without Wireshark's long words and the number.
pub(super) fn dns_line(line: &str) -> (String, String) {
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
pub(super) fn dhcp_line(line: &str) -> (String, String) {
    let words: Vec<&str> = line.split(' ').collect();
    let brief = words.iter().take(2).copied().collect::<Vec<_>>().join(" ");
    let main = line.split_once(" xid").map_or(line, |(main, _)| main);
    (main.to_owned(), brief)
}

/// An ICMP error by its most exact words: the detail, where the type alone says too little.
pub(super) fn icmp_line(line: &str) -> (String, String) {
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
pub(super) fn arp_line(line: &str) -> (String, String) {
    let brief = if let Some((question, _)) = line.split_once(" Tell ") {
        question.to_owned()
    } else if let Some((address, _)) = line.split_once(" is at ") {
        format!("ARP reply {address}")
    } else {
        "ARP".to_owned()
    };
    (line.to_owned(), brief)
}
