//! Claims about FQ-CoDel: who gets which share.

use super::*;

fn fair(limit: QueueLimit) -> Port {
    Port::new(&LinkProfile {
        queue: limit,
        ..profile(Discipline::FqCodel(topology::FqCodel::default()))
    })
}

#[test]
fn a_new_flow_goes_before_a_long_queue() {
    // Twenty frames of one flow are there when another flow comes. The first frame is on the line
    // and the flow has 514 bytes of its quantum left; a new flow goes first all the same.
    let mut port = fair(QueueLimit::Packets(1000));
    (0..20).for_each(|n| port.put(SimTime::ZERO, frame(n, 1000, ECT, 2)));
    port.put(at_micros(10), frame(100, 100, ECT, 3));
    port.run(SimTime::MAX);
    let place = port.fates.iter().position(|(n, _)| *n == 100).unwrap();
    assert!((1..=2).contains(&place), "{place}");
}

#[test]
fn flows_get_the_same_share_whatever_they_send() {
    // Flow 2 sends twice as much as flow 3, in frames half as long: the line carries a byte a
    // microsecond, so half a second is 500 000 bytes, 250 000 each.
    let mut port = fair(QueueLimit::Packets(10_000));
    for n in 0..1000u32 {
        let now = at_micros(u64::from(n) * 500);
        (0..4).for_each(|k| port.put(now, frame(n * 10 + k, 500, ECT, 2)));
        port.put(now, frame(n * 10 + 5, 1000, ECT, 3));
    }
    let sent = |flow_3: bool| {
        port.fates
            .iter()
            .filter(|(n, f)| (n % 10 == 5) == flow_3 && matches!(f, Fate::Left { .. }))
            .count()
    };
    let (two, three) = (sent(false) * 500, sent(true) * 1000);
    assert!(two.abs_diff(three) < 5_000, "{two} {three}");
}

#[test]
fn the_longest_flow_makes_room() {
    // A hundred packets may wait. Flow 2 fills the queue, then flow 3 comes with one packet: half of
    // flow 2's are thrown out from its head, and flow 3 loses none. It leaves after the second frame
    // of flow 2, which had 514 bytes of its first turn left.
    let mut port = fair(QueueLimit::Packets(100));
    (0..101).for_each(|n| port.put(SimTime::ZERO, frame(n, 1000, ECT, 2)));
    port.put(SimTime::ZERO, frame(200, 100, ECT, 3));
    assert_eq!(port.drops(DropReason::QueueFull), 50);
    assert_eq!(port.fates[1].0, 1, "the head goes");
    port.run(SimTime::MAX);
    assert!(port.fates.contains(&(
        200,
        Fate::Left {
            at: 2000,
            marked: false
        }
    )));
}

#[test]
fn what_is_not_ip_is_neither_marked_nor_told_apart() {
    let mut arp = vec![0; 60];
    arp[12..14].copy_from_slice(&[8, 6]);
    assert!(!mark(&mut arp));
    assert!(!mark(&mut [0; 4]));
    let mut port = fair(QueueLimit::Packets(1000));
    let id = FrameId {
        origin: NodeId(0),
        number: 0,
    };
    port.put(SimTime::ZERO, Frame::new(id, arp));
    assert_eq!(
        port.fates,
        [(
            0,
            Fate::Left {
                at: 0,
                marked: false
            }
        )]
    );
}
