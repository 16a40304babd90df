//! Captures as Wireshark's tools see them.

use std::{fs::File, path::Path};

use netsim::{
    capture::{Interface, Packet, PacketDirection, PcapWriter, PcapngWriter, Statistics},
    wire::Mac,
};

use crate::support::{assert_clean, capinfos, fields, scratch, tshark};

/// 2025-01-01T00:00:00Z.
const EPOCH: u64 = 1_735_689_600_000_000_000;

/// Port 49152 of 10.0.0.10 asks port 80 of 10.0.2.10 for a connection.
const SYN: &str = "020000010000020000000000080045\
    00003c0001400040 0624a80a00000a0a00020ac0000050000003e800000000a002faf072c20000\
    020405b40402080a000000010000000001030307";

fn syn() -> Vec<u8> {
    let digits: Vec<char> = SYN.chars().filter(char::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
        .collect()
}

fn interface(name: &str, address: &str) -> Interface {
    Interface {
        name: name.to_owned(),
        description: format!("host {name}, {address}, link wan to r1"),
        addresses: vec![address.parse().unwrap()],
        mac: Some(Mac::generated(1, 0)),
        speed: Some("10 Mbit/s".parse().unwrap()),
        snap_length: Some(1000),
    }
}

fn packet<'a>(interface: u32, at: u64, bytes: &'a [u8], comment: Option<&'a str>) -> Packet<'a> {
    Packet {
        interface,
        at: EPOCH + at,
        direction: Some(PacketDirection::Outbound),
        bytes,
        original_len: 74,
        comment,
    }
}

/// Two interfaces, names, a frame on each, statistics.
fn write(path: &Path) {
    let mut writer = PcapngWriter::new(File::create(path).unwrap()).unwrap();
    writer.tls_secrets(b"# no secrets\n").unwrap();
    writer
        .add_interface(&interface("alice", "10.0.0.10/24"))
        .unwrap();
    writer
        .add_interface(&interface("bob", "10.0.2.10/24"))
        .unwrap();
    let names = ["10.0.0.10", "10.0.2.10"].map(|a| a.parse().unwrap());
    writer
        .names(names.into_iter().zip(["alice", "bob"]))
        .unwrap();
    let lost = "netsim: lost on wan (r1 to r2): random loss on the wire";
    writer.packet(&packet(0, 1, &syn(), Some(lost))).unwrap();
    writer
        .packet(&packet(1, 1_000_000_007, &syn(), None))
        .unwrap();
    for interface in 0..2 {
        let seen = Statistics {
            start: EPOCH,
            end: EPOCH + 1_000_000_007,
            received: 1,
            dropped: 0,
        };
        writer.statistics(interface, &seen).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn tshark_sees_interfaces_names_nanoseconds_directions_and_comments() {
    let folder = scratch();
    let path = folder.path().join("x.pcapng");
    write(&path);
    assert_clean(&path);
    let columns = [
        "frame.time_epoch",
        "frame.interface_name",
        "frame.interface_description",
        "frame.packet_flags_direction",
        "frame.comment",
        "tcp.seq_raw",
    ];
    let lost = "netsim: lost on wan (r1 to r2): random loss on the wire";
    let [alice, bob] = [("alice", "10.0.0.10/24"), ("bob", "10.0.2.10/24")]
        .map(|(name, address)| format!("host {name}, {address}, link wan to r1"));
    assert_eq!(
        fields(&path, "frame", &columns),
        [
            [
                "1735689600.000000001",
                "alice",
                &alice,
                "0x00000002",
                lost,
                "1000"
            ],
            [
                "1735689601.000000007",
                "bob",
                &bob,
                "0x00000002",
                "",
                "1000"
            ],
        ]
    );
    // Without -n the names in the capture are used.
    let names = tshark(
        &path,
        &[
            "-N",
            "n",
            "-T",
            "fields",
            "-e",
            "ip.src_host",
            "-e",
            "ip.dst_host",
        ],
    );
    assert_eq!(names, "alice\tbob\nalice\tbob\n");
}

#[test]
fn capinfos_agrees_on_interfaces_resolution_and_program() {
    let folder = scratch();
    let path = folder.path().join("x.pcapng");
    write(&path);
    let text = capinfos(&path, &[]);
    for line in [
        "File timestamp precision:  nanoseconds (9)",
        "Number of packets:   2",
        "Capture application: netsim 0.1.0",
        "Number of interfaces in file: 2",
        "Name = alice",
        "Description = host bob, 10.0.2.10/24, link wan to r1",
        "Speed = 10000000",
        "Capture length = 1000",
        "Time precision = nanoseconds (9)",
        "Number of stat entries = 1",
        "Number of resolved IPv4 addresses in file: 2",
        "Number of decryption secrets in file: 1",
        "Strict time order:   True",
    ] {
        assert!(text.contains(line), "no line \"{line}\" in:\n{text}");
    }
}

#[test]
fn tshark_reads_classic_captures_with_nanoseconds() {
    let folder = scratch();
    let path = folder.path().join("x.pcap");
    let mut writer = PcapWriter::new(File::create(&path).unwrap(), Some(60)).unwrap();
    writer.packet(&packet(0, 5, &syn()[..60], None)).unwrap();
    writer.finish().unwrap();
    let rows = fields(
        &path,
        "tcp",
        &["frame.time_epoch", "frame.len", "frame.cap_len"],
    );
    assert_eq!(rows, [["1735689600.000000005", "74", "60"]]);
}
