//! Plots of hand-made runs.

use super::*;
use crate::{
    diagram::lab::{ALICE, Ending, Lab, Tcp},
    trace::{Record, Recorder, TcpCause, TcpProgress, TcpRecovery, TcpValues},
    units::{SimTime, Span},
};

fn drawn(mut lab: Lab, theme: Theme) -> Vec<Plot> {
    let mut series = Series::new(&lab.topology);
    lab.play(&mut series);
    let plots = plots(&series, &lab.topology, theme).unwrap();
    if let Ok(folder) = std::env::var("NETSIM_LOOK") {
        for plot in &plots {
            std::fs::write(format!("{folder}/{}.svg", plot.stem), &plot.svg).unwrap();
        }
    }
    plots
}

/// A slow start of five round trips; the tenth segment is lost and sent again after a second.
fn transfer(lab: &mut Lab) {
    let ms = Span::from_millis;
    let segment = |sequence| Tcp {
        sequence,
        ack: Some(1),
        flags: "",
        payload: &[7; 1000],
    };
    let ack = |ack| Tcp {
        sequence: 1,
        ack: Some(ack),
        ..Tcp::default()
    };
    let mut next = 1;
    for round in 0..6u64 {
        for i in 0..(1 << round) {
            let at = ms(10 + round * 47 + i / 2);
            let end = if next == 9001 {
                Ending::Lost
            } else {
                Ending::Arrives
            };
            lab.tcp(at, true, &segment(next), end);
            next += 1000;
            let so_far = if next > 9001 { 9001 } else { next };
            if next != 10_001 {
                lab.tcp(at + Lab::DELAY, false, &ack(so_far), Ending::Arrives);
            }
        }
    }
    lab.tcp(ms(1200), true, &segment(9001), Ending::Arrives);
    lab.tcp(ms(1223), false, &ack(next), Ending::Arrives);
}

/// Fifty datagrams a second for two seconds; the queue in front of the WAN fills and empties.
fn stream(lab: &mut Lab) {
    for i in 0..100u64 {
        let end = match i {
            13 | 14 | 60 => Ending::Lost,
            45..=47 => Ending::QueueFull,
            _ => Ending::Arrives,
        };
        let wait = Span::from_micros(if i < 50 { i * 160 } else { (100 - i) * 80 });
        lab.udp(Span::from_millis(i * 20), wait, &[0; 160], end);
    }
}

#[test]
fn a_run_with_losses_gets_all_five_plots() {
    let mut lab = Lab::new();
    transfer(&mut lab);
    stream(&mut lab);
    let plots = drawn(lab, Theme::Dark);
    let stems: Vec<&str> = plots.iter().map(|p| p.stem).collect();
    assert_eq!(
        stems,
        [
            "tcp-sequence",
            "throughput",
            "udp-delay",
            "udp-loss",
            "queue"
        ]
    );
}

#[test]
fn a_quiet_run_gets_no_plot() {
    let mut lab = Lab::new();
    lab.arp(Span::ZERO);
    assert_eq!(drawn(lab, Theme::Light), []);
}

#[test]
fn the_loss_plot_is_the_known_one() {
    let mut lab = Lab::new();
    stream(&mut lab);
    let plots = drawn(lab, Theme::Light);
    let loss = plots.iter().find(|p| p.stem == "udp-loss").unwrap();
    insta::assert_snapshot!(loss.svg);
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let svgs = || {
        let mut lab = Lab::new();
        transfer(&mut lab);
        stream(&mut lab);
        drawn(lab, Theme::Dark)
    };
    assert_eq!(svgs(), svgs());
}

#[test]
fn twelve_flows_show_the_eight_largest_and_say_so() {
    let mut lab = Lab::new();
    for flow in 0..12 {
        lab.port = 50_000 + flow;
        for i in 0..12 {
            let at = Span::from_millis(i * 25 + u64::from(flow) * 3);
            let payload = vec![0; 200 + usize::from(flow) * 40];
            let end = if i == 5 {
                Ending::Lost
            } else {
                Ending::Arrives
            };
            lab.udp(at, Span::from_micros(i * 50), &payload, end);
        }
    }
    let plots = drawn(lab, Theme::Light);
    let throughput = plots.iter().find(|p| p.stem == "throughput").unwrap();
    assert!(throughput.svg.contains("The 8 largest flows; 4 more"));
    assert!(throughput.svg.contains("alice:50011"));
    assert!(!throughput.svg.contains("alice:50003"));
}

#[test]
fn a_stream_that_is_lost_whole_still_shows_its_losses() {
    let mut lab = Lab::new();
    for i in 0..9 {
        lab.udp(
            Span::from_millis(i * 20),
            Span::ZERO,
            &[0; 99],
            Ending::Lost,
        );
    }
    let plots = drawn(lab, Theme::Dark);
    let delay = plots.iter().find(|p| p.stem == "udp-delay").unwrap();
    assert!(delay.svg.contains("9 of 9 lost"));
}

/// A sender that starts slowly, loses a segment, recovers, and then waits for its timer.
fn sender(series: &mut Series) {
    let (local, remote) = (
        "10.0.0.10:50000".parse().unwrap(),
        "10.0.2.10:80".parse().unwrap(),
    );
    let mut tell = |ms, cause, window: u64, threshold, recovery| {
        let rtt = Some(Span::from_millis(50 + window / 1000));
        series
            .record(&Record::Tcp(TcpProgress {
                at: SimTime::ZERO + Span::from_millis(ms),
                node: ALICE,
                local,
                remote,
                cause,
                values: TcpValues {
                    window,
                    threshold,
                    pacing_rate: None,
                    in_flight: window - window / 8,
                    lost: 0,
                    peer_window: 64_000,
                    rtt,
                    srtt: rtt,
                    rttvar: Span::from_millis(10),
                    rto: Span::from_millis(250),
                    recovery,
                    algorithm: "reno",
                    phase: "slow start",
                },
            }))
            .unwrap();
    };
    tell(50, TcpCause::Established, 10_000, None, TcpRecovery::Open);
    tell(50, TcpCause::Sent, 10_000, None, TcpRecovery::Open);
    for (round, window) in [(1, 20_000), (2, 40_000)] {
        tell(
            50 + round * 60,
            TcpCause::Acknowledged,
            window,
            None,
            TcpRecovery::Open,
        );
    }
    let half = Some(20_000);
    tell(230, TcpCause::LossDetected, 38_000, half, TcpRecovery::Fast);
    tell(290, TcpCause::Recovered, 20_000, half, TcpRecovery::Open);
    for round in 1..6 {
        let window = 20_000 + round * 1000;
        tell(
            290 + round * 60,
            TcpCause::Acknowledged,
            window,
            half,
            TcpRecovery::Open,
        );
    }
    let quarter = Some(12_000);
    tell(
        900,
        TcpCause::RetransmissionTimeout,
        1000,
        quarter,
        TcpRecovery::Timeout,
    );
    tell(960, TcpCause::Spurious, 25_000, half, TcpRecovery::Open);
}

#[test]
fn the_plots_of_a_sender_are_the_known_ones() {
    let lab = Lab::new();
    let mut series = Series::new(&lab.topology);
    sender(&mut series);
    let plots = plots(&series, &lab.topology, Theme::Light).unwrap();
    let stems: Vec<&str> = plots.iter().map(|p| p.stem).collect();
    assert_eq!(stems, ["tcp-window", "tcp-flight", "tcp-rtt"]);
    if let Ok(folder) = std::env::var("NETSIM_LOOK") {
        for plot in &plots {
            std::fs::write(format!("{folder}/{}.svg", plot.stem), &plot.svg).unwrap();
        }
    }
    for plot in plots {
        insta::assert_snapshot!(plot.stem, plot.svg);
    }
}

#[test]
fn senders_beyond_the_sixth_are_counted() {
    let lab = Lab::new();
    let mut series = Series::new(&lab.topology);
    for port in 50_000..50_009 {
        let values = |window| TcpValues {
            window,
            threshold: None,
            pacing_rate: None,
            in_flight: window,
            lost: 0,
            peer_window: 64_000,
            rtt: None,
            srtt: None,
            rttvar: Span::ZERO,
            rto: Span::from_secs(1),
            recovery: TcpRecovery::Open,
            algorithm: "cubic",
            phase: "slow start",
        };
        for step in 1..10 {
            let told = TcpProgress {
                at: SimTime::ZERO + Span::from_millis(step * 10),
                node: ALICE,
                local: format!("10.0.0.10:{port}").parse().unwrap(),
                remote: "10.0.2.10:80".parse().unwrap(),
                cause: TcpCause::Sent,
                values: values(step * 1000),
            };
            series.record(&Record::Tcp(told)).unwrap();
        }
    }
    let plots = plots(&series, &lab.topology, Theme::Dark).unwrap();
    let window = plots.iter().find(|p| p.stem == "tcp-window").unwrap();
    assert!(window.svg.contains("The 6 busiest senders; 3 more"));
}
