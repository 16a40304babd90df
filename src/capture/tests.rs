//! Captures written by the set and read back, and captures that are damaged.

use std::{io, path::Path};

use proptest::prelude::*;

use super::{
    CaptureReader, CaptureSet, CapturedFrame, Interface, Packet, PacketDirection, PcapngWriter,
};
use crate::{
    ids::{Direction, FrameId, LinkId, NodeId, PortId, WireId},
    scenario::plan::{CaptureFormat, CapturePlan},
    topology::{End, Link, LinkProfile, Node, NodeKind, Port, Topology},
    trace::{DropReason, Fate, FrameDropped, FrameReceived, FrameSent, Record, Recorder},
    units::SimTime,
    wire::Mac,
};

/// alice - r1 - bob; the second link is called "wan".
fn topology() -> Topology {
    let wire = |link, direction| WireId {
        link: LinkId(link),
        direction,
    };
    let port = |wire, mac, address: &str| Port {
        wire,
        mac: Mac::generated(mac, 0),
        addresses: vec![address.parse().unwrap()],
    };
    let node = |name: &str, kind, ports| Node {
        name: name.to_owned(),
        kind,
        ports,
    };
    let link = |name: &str, ends: [(u32, u16); 2]| Link {
        name: name.to_owned(),
        ends: ends.map(|(node, port)| End {
            node: NodeId(node),
            port: PortId(port),
        }),
        cost: 1,
        profiles: [LinkProfile::default(), LinkProfile::default()],
    };
    use Direction::{Backward, Forward};
    Topology {
        nodes: vec![
            node(
                "alice",
                NodeKind::Host,
                vec![port(wire(0, Forward), 1, "10.0.0.10/24")],
            ),
            node(
                "r1",
                NodeKind::Router,
                vec![
                    port(wire(0, Backward), 2, "10.0.0.1/24"),
                    port(wire(1, Forward), 3, "10.0.2.1/24"),
                ],
            ),
            node(
                "bob",
                NodeKind::Host,
                vec![port(wire(1, Backward), 4, "10.0.2.10/24")],
            ),
        ],
        links: vec![
            link("alice-r1", [(0, 0), (1, 0)]),
            link("wan", [(1, 1), (2, 0)]),
        ],
    }
}

fn plan(format: CaptureFormat) -> CapturePlan {
    CapturePlan {
        format,
        snap_length: None,
        vantage: vec![
            (NodeId(0), PortId(0)),
            (NodeId(1), PortId(1)),
            (NodeId(2), PortId(0)),
        ],
        all: true,
    }
}

const FRAME: FrameId = FrameId {
    origin: NodeId(0),
    number: 0,
};
const EPOCH: u64 = 1_000_000_000_000;
const WAN: WireId = WireId {
    link: LinkId(1),
    direction: Direction::Forward,
};

fn sent(at: u64, fate: Fate, duplicate: bool) -> Record<'static> {
    Record::Sent(FrameSent {
        at: SimTime::from_nanos(at),
        wire: WAN,
        node: NodeId(1),
        port: PortId(1),
        frame: FRAME,
        bytes: &[1; 60],
        departs: SimTime::from_nanos(at),
        fate,
        duplicate,
    })
}

fn received(at: u64) -> Record<'static> {
    Record::Received(FrameReceived {
        at: SimTime::from_nanos(at),
        wire: WAN,
        node: NodeId(2),
        port: PortId(0),
        frame: FRAME,
        bytes: &[1; 60],
    })
}

fn dropped(at: u64, node: u32, port: u16, why: DropReason) -> Record<'static> {
    Record::Dropped(FrameDropped {
        at: SimTime::from_nanos(at),
        node: NodeId(node),
        port: PortId(port),
        frame: FRAME,
        bytes: &[2; 60],
        why,
    })
}

/// One frame that arrives with a copy, one that is lost, one hurt by noise, one that finds the
/// queue full.
fn story() -> Vec<Record<'static>> {
    let at = SimTime::from_nanos;
    vec![
        sent(10, Fate::Arrives(at(20)), false),
        sent(10, Fate::Arrives(at(21)), true),
        sent(12, Fate::Lost(at(22), DropReason::RandomLoss), false),
        sent(13, Fate::Lost(at(23), DropReason::BitError), false),
        dropped(14, 1, 1, DropReason::QueueFull),
        received(20),
        received(21),
        dropped(23, 2, 0, DropReason::BitError),
    ]
}

fn write_story(folder: &Path, plan: &CapturePlan) -> Vec<String> {
    let mut set = CaptureSet::create(folder, &topology(), plan, EPOCH).unwrap();
    for record in story() {
        set.record(&record).unwrap();
    }
    let paths = set.finish().unwrap();
    let name = |p: &Path| p.file_name().unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|p| name(p)).collect()
}

fn read(path: &Path) -> Vec<CapturedFrame> {
    let file = std::fs::File::open(path).unwrap();
    CaptureReader::new(file)
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// Time after the epoch, direction and comment of each frame.
fn lines(frames: &[CapturedFrame]) -> Vec<String> {
    let way = |f: &CapturedFrame| match f.direction {
        Some(PacketDirection::Inbound) => "in",
        Some(PacketDirection::Outbound) => "out",
        None => "-",
    };
    frames
        .iter()
        .map(|f| {
            let comment = f.comment.as_deref().unwrap_or_default();
            format!("{} if{} {} {comment}", f.at - EPOCH, f.interface, way(f))
        })
        .collect()
}

#[test]
fn a_card_shows_what_it_sent_and_received_and_all_shows_every_death_once() {
    let folder = tempfile::tempdir().unwrap();
    let names = write_story(folder.path(), &plan(CaptureFormat::Pcapng));
    assert_eq!(
        names,
        ["alice.pcapng", "r1-wan.pcapng", "bob.pcapng", "all.pcapng"]
    );
    let card = |name: &str| lines(&read(&folder.path().join(name)));
    assert!(card("alice.pcapng").is_empty());
    // The copy that the link makes was never sent by r1; the frame in the full queue neither.
    let noise = "netsim: lost on wan (r1 to bob): bit errors, FCS check failed";
    let loss = "netsim: lost on wan (r1 to bob): random loss on the wire";
    assert_eq!(
        card("r1-wan.pcapng"),
        [
            "10 if0 out ".to_owned(),
            format!("12 if0 out {loss}"),
            format!("13 if0 out {noise}")
        ]
    );
    assert_eq!(card("bob.pcapng"), ["20 if0 in ", "21 if0 in "]);
    // Interfaces in order: alice 0, r1 1 and 2, bob 3. The death by noise is told by its sender.
    assert_eq!(
        card("all.pcapng"),
        [
            "10 if2 out ".to_owned(),
            format!("12 if2 out {loss}"),
            format!("13 if2 out {noise}"),
            "14 if2 - netsim: dropped at r1 (r1:wan): queue full".to_owned(),
            "20 if3 in ".to_owned(),
            "21 if3 in ".to_owned(),
        ]
    );
}

#[test]
fn interfaces_say_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    write_story(folder.path(), &plan(CaptureFormat::Pcapng));
    let file = std::fs::File::open(folder.path().join("all.pcapng")).unwrap();
    let mut reader = CaptureReader::new(file).unwrap();
    assert!(reader.by_ref().all(|f| f.is_ok()));
    let interfaces = reader.interfaces().iter();
    let names: Vec<_> = interfaces
        .map(|i| format!("{}|{}", i.name, i.description))
        .collect();
    assert_eq!(
        names,
        [
            "alice|host alice, 10.0.0.10/24, link alice-r1 to r1",
            "r1:alice-r1|router r1, 10.0.0.1/24, link alice-r1 to alice",
            "r1:wan|router r1, 10.0.2.1/24, link wan to bob",
            "bob|host bob, 10.0.2.10/24, link wan to r1",
        ]
    );
}

#[test]
fn classic_captures_hold_the_same_frames_and_a_snap_length_cuts_them() {
    let folder = tempfile::tempdir().unwrap();
    let cut = CapturePlan {
        snap_length: Some(34),
        ..plan(CaptureFormat::Pcap)
    };
    let names = write_story(folder.path(), &cut);
    assert_eq!(names, ["alice.pcap", "r1-wan.pcap", "bob.pcap", "all.pcap"]);
    let frames = read(&folder.path().join("bob.pcap"));
    assert_eq!(lines(&frames), ["20 if0 - ", "21 if0 - "]);
    assert!(
        frames
            .iter()
            .all(|f| (f.bytes.len(), f.original_len) == (34, 60))
    );
}

#[test]
fn a_run_that_fails_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let set = CaptureSet::create(folder.path(), &topology(), &plan(CaptureFormat::Pcapng), 0);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
    drop(set.unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Three frames of 3, 60 and 1500 bytes, the second with a comment.
fn small_capture() -> Vec<u8> {
    let mut writer = PcapngWriter::new(Vec::new()).unwrap();
    writer.add_interface(&Interface::default()).unwrap();
    for (at, len) in [(1, 3), (2, 60), (3, 1500)] {
        let packet = Packet {
            interface: 0,
            at,
            direction: None,
            bytes: &vec![7; len],
            original_len: 1500,
            comment: (len == 60).then_some("ü"),
        };
        writer.packet(&packet).unwrap();
    }
    writer.finish().unwrap()
}

/// All frames, or the frames before the error and the error.
fn read_bytes(bytes: &[u8]) -> (Vec<CapturedFrame>, Option<String>) {
    let mut frames = Vec::new();
    let reader = match CaptureReader::new(bytes) {
        Ok(reader) => reader,
        Err(error) => return (frames, Some(error.to_string())),
    };
    for frame in reader {
        match frame {
            Ok(frame) => frames.push(frame),
            Err(error) => return (frames, Some(error.to_string())),
        }
    }
    (frames, None)
}

#[test]
fn a_cut_capture_gives_its_whole_frames_and_then_says_where_it_was_cut() {
    let whole = small_capture();
    let (frames, error) = read_bytes(&whole);
    assert_eq!((frames.len(), error), (3, None));
    assert_eq!(frames[1].comment.as_deref(), Some("ü"));
    // The last block is 32 + 1500 bytes long.
    let last = whole.len() - 1532;
    for cut in [last + 1, last + 31, whole.len() - 1] {
        let (frames, error) = read_bytes(&whole[..cut]);
        assert_eq!(frames.len(), 2);
        let text =
            format!("the capture ends in the middle of the block that starts at byte {last}");
        assert_eq!(error, Some(text));
    }
    assert_eq!(read_bytes(&whole[..last]).1, None);
}

#[test]
fn what_is_no_capture_is_said_to_be_none() {
    for bytes in [&b""[..], b"x", &[0; 100]] {
        let (_, error) = read_bytes(bytes);
        assert!(error.unwrap().starts_with("not a capture"));
    }
}

#[test]
fn classic_captures_are_read_in_both_byte_orders_and_both_units() {
    // 5 s and 6 units of a microsecond or a nanosecond; one frame of two bytes.
    let units = [
        (0xa1b2_c3d4_u32, 5_000_006_000),
        (0xa1b2_3c4d, 5_000_000_006),
    ];
    for (magic, at) in units {
        for order in [u32::to_be_bytes, u32::to_le_bytes] {
            let version = order(2 << 16 | 4);
            let mut bytes = order(magic).to_vec();
            // Two 16-bit numbers: in the other order they change places.
            bytes.extend(match order(1)[0] {
                0 => version,
                _ => order(4 << 16 | 2),
            });
            bytes.extend([0, 0, 65_535, 1, 5, 6, 2, 2].into_iter().flat_map(order));
            bytes.extend([8, 9]);
            let (frames, error) = read_bytes(&bytes);
            assert_eq!(error, None);
            assert_eq!(
                (frames[0].at, frames[0].bytes.as_slice()),
                (at, &[8, 9][..])
            );
        }
    }
}

/// A big-endian section with times in 1/1024 s: resolution 0x8a is two to the power of minus ten.
#[test]
fn big_endian_pcapng_with_binary_fractions_is_read() {
    let mut bytes = Vec::new();
    let mut block = |kind: u32, body: &[u8]| {
        let len = u32::try_from(body.len() + 12).unwrap().to_be_bytes();
        for part in [&kind.to_be_bytes()[..], &len, body, &len] {
            bytes.extend_from_slice(part);
        }
    };
    let mut header = vec![0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0];
    header.extend([0xff; 8]);
    block(0x0a0d_0d0a, &header);
    block(
        1,
        &[
            0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0x8a, 0, 0, 0, 0, 0, 0, 0,
        ],
    );
    // 1536 / 1024 s = 1.5 s.
    block(
        6,
        &[
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 1, 0, 0, 0, 9, 5, 0, 0, 0,
        ],
    );
    let (frames, error) = read_bytes(&bytes);
    assert_eq!(error, None);
    assert_eq!((frames[0].at, frames[0].original_len), (1_500_000_000, 9));
    assert_eq!(frames[0].bytes, [5]);
}

/// Says that it is endless without holding anything.
struct Endless;

impl io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        buffer.fill(0);
        Ok(buffer.len())
    }
}

#[test]
fn a_block_that_claims_gigabytes_is_refused_within_the_limit() {
    let mut start = small_capture();
    let at = start.len();
    // An enhanced packet block of 2 GiB, and no end of bytes behind it.
    start.extend([6, 0, 0, 0, 0, 0, 0, 0x80]);
    let endless = io::Read::chain(&start[..], Endless);
    let mut reader = CaptureReader::new(endless).unwrap();
    let error = reader.find_map(Result::err).unwrap();
    assert_eq!(
        error.to_string(),
        format!("the block at byte {at} makes no sense: it is longer than 16 MiB")
    );
    assert!(reader.next().is_none());
}

proptest! {
    #[test]
    fn damaged_captures_never_panic(changes in prop::collection::vec((0_usize..1700, any::<u8>()), 1..20), keep in 0_usize..1800) {
        let mut bytes = small_capture();
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        bytes.truncate(keep);
        read_bytes(&bytes);
    }

    #[test]
    fn arbitrary_captures_never_panic(which in 0_usize..3, bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let start: &[u8] = [&[][..], &[0x0a, 0x0d, 0x0d, 0x0a], &[0xd4, 0xc3, 0xb2, 0xa1]][which];
        read_bytes(&[start, &bytes].concat());
    }

    #[test]
    fn what_is_written_is_read_back(frames in prop::collection::vec((any::<u64>(), prop::collection::vec(any::<u8>(), 0..100), prop::option::of("[a-zü ]{0,20}")), 0..20)) {
        let mut writer = PcapngWriter::new(Vec::new()).unwrap();
        writer.add_interface(&Interface::default()).unwrap();
        for (at, bytes, comment) in &frames {
            writer.packet(&Packet {
                interface: 0,
                at: *at,
                direction: Some(PacketDirection::Inbound),
                bytes,
                original_len: 100,
                comment: comment.as_deref(),
            }).unwrap();
        }
        let (read, error) = read_bytes(&writer.finish().unwrap());
        prop_assert_eq!(error, None);
        let read: Vec<_> = read.into_iter().map(|f| (f.at, f.bytes, f.comment)).collect();
        prop_assert_eq!(read, frames);
    }
}
