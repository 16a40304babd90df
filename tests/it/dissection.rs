//! The dissector against Wireshark's, frame by frame, over every shipped topology.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use netsim::{
    capture::CaptureReader,
    dissect::{Dissection, Dissector},
};

use crate::support::{fields, pcapng_files, shipped, topologies, tshark};

/// Wireshark's field, and our layer and field. Ours must be the text that tshark prints, or start
/// with it and a blank ("60 bytes").
const FIELDS: [(&str, &str, &str); 41] = [
    ("eth.dst", "eth", "dst"),
    ("eth.src", "eth", "src"),
    ("arp.src.hw_mac", "arp", "src.hw_mac"),
    ("arp.src.proto_ipv4", "arp", "src.proto_ipv4"),
    ("arp.dst.hw_mac", "arp", "dst.hw_mac"),
    ("arp.dst.proto_ipv4", "arp", "dst.proto_ipv4"),
    ("ip.len", "ip", "len"),
    ("ip.hdr_len", "ip", "hdr_len"),
    ("ip.id", "ip", "id"),
    ("ip.ttl", "ip", "ttl"),
    ("ip.checksum", "ip", "checksum"),
    ("ip.src", "ip", "src"),
    ("ip.dst", "ip", "dst"),
    ("icmp.checksum", "icmp", "checksum"),
    ("icmp.seq", "icmp", "seq"),
    ("udp.srcport", "udp", "srcport"),
    ("udp.dstport", "udp", "dstport"),
    ("udp.length", "udp", "length"),
    ("udp.checksum", "udp", "checksum"),
    ("tcp.srcport", "tcp", "srcport"),
    ("tcp.stream", "tcp", "stream"),
    ("tcp.seq", "tcp", "seq"),
    ("tcp.seq_raw", "tcp", "seq_raw"),
    ("tcp.ack", "tcp", "ack"),
    ("tcp.ack_raw", "tcp", "ack_raw"),
    ("tcp.window_size", "tcp", "window_size"),
    ("tcp.len", "tcp", "len"),
    ("tcp.hdr_len", "tcp", "hdr_len"),
    ("tcp.options.mss_val", "tcp", "options.mss_val"),
    ("tcp.options.wscale.shift", "tcp", "options.wscale.shift"),
    ("dns.id", "dns", "id"),
    ("dns.qry.name", "dns", "qry.name"),
    ("dns.a", "dns", "a"),
    ("dns.aaaa", "dns", "aaaa"),
    ("dns.cname", "dns", "cname"),
    ("dns.ns", "dns", "ns"),
    ("dns.ptr.domain_name", "dns", "ptr.domain_name"),
    ("dns.soa.mname", "dns", "soa.mname"),
    ("dhcp.id", "dhcp", "id"),
    ("dhcp.ip.your", "dhcp", "ip.your"),
    ("dhcp.hw.mac_addr", "dhcp", "hw.mac_addr"),
];

/// The frames of a capture, dissected by us.
fn dissected(capture: &Path) -> Vec<Dissection> {
    let mut dissector = Dissector::new();
    if let Ok(secrets) = fs::read_to_string(capture.with_file_name("tls-keys.log")) {
        dissector.add_tls_secrets(&secrets);
    }
    CaptureReader::new(File::open(capture).unwrap())
        .unwrap()
        .map(|frame| dissector.dissect(&frame.unwrap().bytes))
        .collect()
}

/// Differences in the fields of the table, in words; the first few.
fn differences(capture: &Path) -> Vec<String> {
    let names: Vec<&str> = FIELDS.iter().map(|f| f.0).collect();
    let theirs = fields(capture, "frame", &names);
    let ours = dissected(capture);
    assert_eq!(theirs.len(), ours.len(), "{}", capture.display());
    let mut found = Vec::new();
    for (number, (row, tree)) in theirs.iter().zip(&ours).enumerate() {
        for (their, (name, layer, field)) in row.iter().zip(FIELDS) {
            // What an ICMP error quotes comes with it: behind a comma, or alone.
            let their = their.split(',').next().unwrap();
            let Some(our) = tree.layer(layer).and_then(|l| l.value(field)) else {
                let quoted = is_icmp_error(tree);
                if !their.is_empty() && !quoted {
                    found.push(format!("frame {}: {name}: {their} and nothing", number + 1));
                }
                continue;
            };
            if our != their && !our.starts_with(&format!("{their} ")) {
                found.push(format!("frame {}: {name}: {their} and {our}", number + 1));
            }
        }
    }
    found.truncate(20);
    found
}

fn is_icmp_error(tree: &Dissection) -> bool {
    let icmp = tree.layer("icmp");
    icmp.is_some_and(|l| l.value("ip.src").is_some())
}

/// What tshark prints for each frame when it shows every segment by itself.
fn segments(capture: &Path, columns: &[&str]) -> Vec<Vec<String>> {
    let mut arguments = vec!["-o", "tcp.desegment_tcp_streams:FALSE"];
    arguments.extend(["-T", "fields", "-E", "separator=/t"]);
    for column in columns {
        arguments.extend(["-e", column]);
    }
    tshark(capture, &arguments)
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

/// An info line without what a dissector without clock and frame numbers cannot say: which kind
/// of repetition it is, and of which frame.
fn comparable(line: &str) -> String {
    let kinds = [
        "Retransmission",
        "Fast Retransmission",
        "Spurious Retransmission",
    ];
    // Of a TLS record that went before; only without reassembly.
    let continued = line.strip_prefix("[Continuation to #");
    let line = continued
        .and_then(|rest| rest.split_once("] "))
        .map_or(line, |(_, rest)| rest);
    let line = line.trim_end().to_owned();
    let line = kinds.iter().fold(line, |line, kind| {
        line.replace(&format!("[TCP {kind}]"), "[TCP Out-Of-Order]")
    });
    match (line.find("Dup ACK "), line.find('#')) {
        (Some(start), Some(end)) => format!("{}{}", &line[..start + 8], &line[end..]),
        _ => line,
    }
}

/// The captures of single cards: Wireshark takes the hops in `all` for repetitions, and so do we,
/// but it looks at a clock.
fn captures_of_cards(folder: &Path) -> Vec<PathBuf> {
    let mut captures = pcapng_files(folder);
    captures.retain(|c| c.file_stem().is_some_and(|s| s != "all"));
    captures
}

#[test]
fn wireshark_says_the_same_of_every_segment() {
    let columns = [
        "_ws.col.Protocol",
        "_ws.col.Info",
        "http.request.method",
        "http.response.code",
    ];
    for topology in topologies() {
        let run = shipped(&topology);
        for capture in captures_of_cards(&run.out) {
            let frames = segments(&capture, &columns)
                .into_iter()
                .zip(dissected(&capture));
            for (number, (row, tree)) in frames.enumerate() {
                let place = format!("{}, frame {}", capture.display(), number + 1);
                if let ("TCP", Some(tcp)) = (row[0].as_str(), tree.layer("tcp")) {
                    assert_eq!(comparable(&tcp.summary), comparable(&row[1]), "{place}");
                }
                let http = tree.layer("http");
                for (their, field) in [(&row[2], "request.method"), (&row[3], "response.code")] {
                    let our = http.and_then(|l| l.value(field));
                    let first = their.split(',').next().filter(|t| !t.is_empty());
                    assert!(first.is_none() || first == our, "{place}: {row:?}");
                }
            }
        }
    }
}

#[test]
fn wireshark_reads_the_same_in_every_shipped_topology() {
    for topology in topologies() {
        let run = shipped(&topology);
        for capture in pcapng_files(&run.out) {
            let found = differences(&capture);
            assert!(found.is_empty(), "{}: {found:#?}", capture.display());
        }
    }
}
