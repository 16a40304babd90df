//! The search by itself, and between two machines with a narrow path.

use super::{
    super::{
        congestion::{AckEvent, Factory, LossEvent, LostSegment},
        losses::tests::{connected_with, says},
    },
    *,
};
use crate::osi::transport::{MtuProbing, TcpConfig, tcp::machine::Received};

#[test]
fn any_path_is_found_to_within_7_bytes_by_at_most_7_probes() {
    // Between 1024 and 1448 lie 424 bytes: halved six times 6.6 are left, and rounding may cost one
    // more.
    for path in 1024..=1448 {
        let mut search = MtuSearch::default();
        let mut probes = 0;
        while let Some(len) = search.next(SimTime::ZERO, search.low, 1448) {
            probes += 1;
            if len > path {
                search.refuse(len);
                continue;
            }
            search.probe = Some((1, 1 + len));
            assert!(!search.confirm(len), "the last byte is missing");
            assert!(search.confirm(1 + len));
        }
        assert!((search.low..search.low + 8).contains(&path), "{search:?}");
        assert!(probes <= 7, "{probes} probes for {path}");
    }
}

#[test]
fn a_search_that_is_over_begins_again_after_ten_minutes() {
    // 1240 is too large; 1232 to 1239 are less than 8 bytes.
    let mut search = MtuSearch::default();
    search.begin_at(1232);
    search.refuse(1240);
    let at = |s| SimTime::ZERO + Span::from_secs(s);
    assert_eq!(search.next(at(5), 1232, 1448), None);
    assert_eq!(search.next(at(604), 1232, 1448), None);
    // (1232 + 1448) / 2.
    assert_eq!(search.next(at(605), 1232, 1448), Some(1340));
}

/// A window of 20 segments that must not hear of losses.
#[derive(Debug)]
struct Deaf;

impl CongestionControl for Deaf {
    fn name(&self) -> &'static str {
        "deaf"
    }

    fn window(&self) -> u64 {
        20 * BASE_MSS
    }

    fn on_ack(&mut self, ack: &AckEvent) {
        assert_eq!((ack.lost, ack.lost_total), (0, 0));
        assert_eq!(ack.recovery, Told::Open);
    }

    fn on_segment_lost(&mut self, lost: &LostSegment) {
        panic!("{lost:?}");
    }

    fn on_loss(&mut self, loss: &LossEvent) {
        panic!("{loss:?}");
    }

    fn on_timeout(&mut self, loss: &LossEvent) {
        panic!("{loss:?}");
    }
}

/// What `from` says at `now` reaches `to` 20 ms later, but for packets of more than `widest` bytes:
/// how many those are.
fn through(widest: usize, from: &mut Native, to: &mut Native, now: SimTime) -> usize {
    let (fit, large): (Vec<_>, Vec<_>) = says(from, now)
        .into_iter()
        .partition(|packet| packet.len() <= widest);
    let then = now + Span::from_millis(20);
    fit.iter().for_each(|packet| to.ingress(then, packet));
    large.len()
}

#[test]
fn congestion_control_hears_nothing_of_probes_that_are_too_large() {
    // Packets of at most 1300 bytes: 1248 of data beside time stamps. Of 1024 to 1448: 1236 comes
    // through; 1342, 1288 and 1261 are lost; 1248 comes through; 1254 is lost; 1249 to 1253 are not
    // worth another probe.
    let tcp = TcpConfig {
        mtu_probing: MtuProbing::Always,
        own_congestion: Some(Factory::new(|_, _| Deaf)),
        ..TcpConfig::native()
    };
    let (mut a, mut b, mut now) = connected_with(&tcp);
    let (mut lost, mut came, mut out) = (0, 0, [0; 4096]);
    for _ in 0..40 {
        let _ = a.send(&[7; 100_000]);
        lost += through(1300, &mut a, &mut b, now);
        now += Span::from_millis(20);
        while let Received::Data(count) = b.recv(&mut out) {
            came += count;
        }
        through(1300, &mut b, &mut a, now);
        now += Span::from_millis(20);
    }
    assert_eq!((lost, a.mss()), (4, 1248));
    // Twenty segments of 1024 bytes each 40 ms, less at most one round trip for each loss.
    assert!(came >= 35 * 20 * 1000, "{came} bytes");
}
