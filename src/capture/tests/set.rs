//! The captures of a run, written by the set and read back.

use std::{path::Path, sync::Arc};

use super::super::{CaptureReader, CaptureSet, CapturedFrame, PacketDirection};
use crate::{
    ids::{Direction, FrameId, LinkId, NodeId, PortId, WireId},
    scenario::plan::{CaptureFormat, CapturePlan},
    topology::{End, Link, Node, NodeKind, Port, Topology},
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
        profiles: [Arc::default(), Arc::default()],
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
        queued: SimTime::from_nanos(at),
        departs: SimTime::from_nanos(at),
        marked: false,
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

#[test]
fn a_folder_that_goes_away_ends_the_run_with_an_error_that_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("out");
    let plan = plan(CaptureFormat::Pcapng);
    let mut set = CaptureSet::create(&inner, &topology(), &plan, EPOCH).unwrap();
    std::fs::remove_dir_all(&inner).unwrap();
    // The buffer of each file holds 256 KiB: 4000 frames of 60 bytes and their block are more.
    let error = (0..4000)
        .find_map(|at| set.record(&received(at)).err())
        .unwrap();
    assert!(error.to_string().contains("all.pcapng.part: "), "{error}");
    assert!(set.finish().is_err());
}

/// So their number is not limited by the operating system.
#[cfg(target_os = "linux")]
#[test]
fn captures_hold_no_file_open() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(CaptureFormat::Pcapng);
    let mut set = CaptureSet::create(folder.path(), &topology(), &plan, EPOCH).unwrap();
    for at in 0..5000 {
        set.record(&received(at)).unwrap();
    }
    let open = std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|entry| {
            let target = std::fs::read_link(entry.unwrap().path()).ok()?;
            target.starts_with(folder.path()).then_some(target)
        });
    assert_eq!(open.count(), 0);
    set.finish().unwrap();
    assert_eq!(read(&folder.path().join("bob.pcapng")).len(), 5000);
}
