//! The blocks, byte by byte.

use super::*;
use crate::{units::BitRate, wire::Mac};

fn written(fill: impl FnOnce(&mut PcapngWriter<Vec<u8>>)) -> Vec<u8> {
    let mut writer = PcapngWriter::new(Vec::new()).unwrap();
    let header = writer.out.len();
    fill(&mut writer);
    writer.finish().unwrap().split_off(header)
}

#[test]
fn the_section_header_names_the_program_and_nothing_else() {
    let bytes = PcapngWriter::new(Vec::new()).unwrap().finish().unwrap();
    // 28 bytes of block, and one option of "netsim 0.1.0": 4 + 12, and the end of options 4.
    let mut expected = vec![0x0a, 0x0d, 0x0d, 0x0a, 48, 0, 0, 0];
    expected.extend([0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0]);
    expected.extend([0xff; 8]);
    expected.extend([4, 0, 12, 0]);
    expected.extend(b"netsim 0.1.0");
    expected.extend([0, 0, 0, 0, 48, 0, 0, 0]);
    assert_eq!(bytes, expected);
}

#[test]
fn an_interface_is_described_byte_by_byte() {
    let interface = Interface {
        name: "alice".to_owned(),
        description: "a".to_owned(),
        addresses: vec!["10.0.0.10/24".parse().unwrap()],
        mac: Some(Mac([2, 0, 0, 0, 0, 1])),
        speed: Some("1 Mbit/s".parse::<BitRate>().unwrap()),
        snap_length: Some(96),
    };
    let bytes = written(|w| assert_eq!(w.add_interface(&interface).unwrap(), 0));
    // 16 of header, options 12 + 8 + 12 + 12 + 12 + 8, end of options 4, length 4: 88.
    let mut expected = vec![1, 0, 0, 0, 88, 0, 0, 0, 1, 0, 0, 0, 96, 0, 0, 0];
    // Name, padded to 8; description, padded to 4; address and mask; MAC padded to 8.
    expected.extend([2, 0, 5, 0]);
    expected.extend(b"alice\0\0\0");
    expected.extend([3, 0, 1, 0, b'a', 0, 0, 0]);
    expected.extend([4, 0, 8, 0, 10, 0, 0, 10, 255, 255, 255, 0]);
    expected.extend([6, 0, 6, 0, 2, 0, 0, 0, 0, 1, 0, 0]);
    // 1 000 000 = 0xf4240; nanoseconds are 9; end of options; the length again.
    expected.extend([8, 0, 8, 0, 0x40, 0x42, 0x0f, 0, 0, 0, 0, 0]);
    expected.extend([9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 88, 0, 0, 0]);
    assert_eq!(bytes, expected);
}

#[test]
fn a_packet_carries_its_time_lengths_comment_and_direction() {
    let packet = Packet {
        interface: 3,
        at: 0x0102_0304_0506_0708,
        direction: Some(PacketDirection::Outbound),
        bytes: &[0xaa; 5],
        original_len: 60,
        comment: Some("lost"),
    };
    let bytes = written(|w| w.packet(&packet).unwrap());
    // 28 of header, 5 padded to 8, comment 4 + 4, flags 4 + 4, end 4, length 4: 60.
    let mut expected = vec![6, 0, 0, 0, 60, 0, 0, 0, 3, 0, 0, 0];
    expected.extend([4, 3, 2, 1, 8, 7, 6, 5, 5, 0, 0, 0, 60, 0, 0, 0]);
    expected.extend([0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0, 0, 0]);
    expected.extend(b"\x01\0\x04\0lost");
    expected.extend([2, 0, 4, 0, 2, 0, 0, 0, 0, 0, 0, 0, 60, 0, 0, 0]);
    assert_eq!(bytes, expected);
}

#[test]
fn names_and_secrets_are_padded_records() {
    let names = [(IpAddr::from([10, 0, 2, 10]), "bob")];
    let bytes = written(|w| w.names(names).unwrap());
    let mut expected = vec![4, 0, 0, 0, 28, 0, 0, 0, 1, 0, 8, 0, 10, 0, 2, 10];
    expected.extend(b"bob\0\0\0\0\0\x1c\0\0\0");
    assert_eq!(bytes, expected);
    let bytes = written(|w| w.tls_secrets(b"CLIENT").unwrap());
    let mut expected = vec![10, 0, 0, 0, 28, 0, 0, 0];
    expected.extend(b"KSLT\x06\0\0\0CLIENT\0\0\x1c\0\0\0");
    assert_eq!(bytes, expected);
}

#[test]
fn statistics_count_frames_and_times() {
    let seen = Statistics {
        start: 1,
        end: 2,
        received: 7,
        dropped: 0,
    };
    let bytes = written(|w| w.statistics(0, &seen).unwrap());
    let mut expected = vec![5, 0, 0, 0, 76, 0, 0, 0, 0, 0, 0, 0];
    expected.extend([0, 0, 0, 0, 2, 0, 0, 0]);
    expected.extend([2, 0, 8, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
    expected.extend([3, 0, 8, 0, 0, 0, 0, 0, 2, 0, 0, 0]);
    expected.extend([4, 0, 8, 0, 7, 0, 0, 0, 0, 0, 0, 0]);
    expected.extend([5, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expected.extend([0, 0, 0, 0, 76, 0, 0, 0]);
    assert_eq!(bytes, expected);
}
