//! What the reports promise: bounded lists, results as they come, no order between two hosts.

use super::*;
use crate::{
    ids::NodeId,
    osi::application::spec::{Amount, Flow as Way, Ping, Target, TcpTransfer, UdpStream},
    units::Span,
};

fn traffic(app: App) -> Traffic {
    Traffic {
        name: "t".into(),
        from: NodeId(0),
        to: Target {
            name: "bob".into(),
            address: [10, 0, 0, 2].into(),
        },
        start: SimTime::ZERO,
        repeat: 1,
        every: Span::ZERO,
        resolve_by_dns: false,
        app: Arc::new(app),
    }
}

const UPLOAD: TcpTransfer = TcpTransfer {
    port: 5001,
    amount: Amount::HandshakeOnly,
    flow: Way::Upload,
    tls: None,
};

const UNKNOWN: TcpResult = TcpResult {
    started: SimTime::ZERO,
    connect: None,
    tls: None,
    bytes: 0,
    transfer: None,
    error: None,
};

fn probe(number: u32) -> Probe {
    Probe {
        number,
        sent: SimTime::ZERO,
        rtt: None,
        from: None,
        error: None,
    }
}

fn ping() -> Traffic {
    traffic(App::Ping(Ping {
        count: 4,
        interval: Span::from_secs(1),
        size: 56,
        timeout: Span::from_secs(1),
        ttl: 64,
    }))
}

#[test]
fn lists_keep_the_first_results_and_count_the_rest() {
    let reports = Reports::new(&[ping()]);
    let entry = reports.entry(TrafficId(0));
    for number in 0..10_005 {
        let mut open = entry.open(probe(number));
        if number == 10_003 {
            open.update(|p| p.error = Some("no answer".to_owned()));
        }
    }
    let report = reports.collect().remove(0);
    let AppResult::Ping(list) = report.result else {
        panic!("not a ping");
    };
    assert_eq!(list.len(), KEPT_RESULTS);
    assert_eq!((report.left_out, report.left_out_failed), (5, 1));
}

#[test]
fn an_unfinished_exchange_is_reported_as_it_stands() {
    let reports = Reports::new(&[ping()]);
    let entry = reports.entry(TrafficId(0));
    entry.started(SimTime::from_nanos(7));
    let mut open = entry.open(probe(1));
    open.update(|p| p.rtt = Some(Span::from_millis(2)));
    let report = reports.collect().remove(0);
    assert_eq!(report.started, Some(SimTime::from_nanos(7)));
    assert_eq!(report.ended, None);
    let AppResult::Ping(list) = report.result else {
        panic!("not a ping");
    };
    assert_eq!(list[0].rtt, Some(Span::from_millis(2)));
}

#[test]
fn results_do_not_depend_on_which_host_writes_first() {
    // The parts of a parallel run write at the same time: any order gives the same report.
    let transfer = || Reports::new(&[traffic(App::Tcp(UPLOAD))]);
    let stream = || {
        Reports::new(&[traffic(App::Udp(UdpStream {
            port: 5004,
            size: 100,
            interval: Span::from_millis(1),
            count: 2,
            on_off: None,
        }))])
    };
    type Step = fn(&FlowMeter);
    let steps: [Step; 4] = [
        |flow| flow.sending(SimTime::from_nanos(10)),
        |flow| flow.received(100, SimTime::from_nanos(50)),
        |flow| flow.received(200, SimTime::from_nanos(60)),
        |flow| flow.sending(SimTime::from_nanos(20)),
    ];
    let told = |order: &[usize]| {
        let reports = transfer();
        let ends = (([10, 0, 0, 1], 4000).into(), ([10, 0, 0, 2], 5001).into());
        let open = reports.entry(TrafficId(0)).open(UNKNOWN);
        let flow = open.share(ends.0, ends.1);
        order.iter().for_each(|step| steps[*step](&flow));
        format!("{:?}", reports.collect())
    };
    assert_eq!(told(&[0, 1, 2, 3]), told(&[3, 2, 1, 0]));
    assert_eq!(told(&[0, 1, 2, 3]), told(&[2, 0, 3, 1]));
    let (one, other) = (stream(), stream());
    let arrive = |reports: &Reports| {
        reports.received(TrafficId(0), |meter| {
            meter.arrived(0, SimTime::ZERO, SimTime::from_nanos(5), 100);
        });
    };
    one.entry(TrafficId(0)).sent(1, 0);
    arrive(&one);
    arrive(&other);
    other.entry(TrafficId(0)).sent(1, 0);
    assert_eq!(
        format!("{:?}", one.collect()),
        format!("{:?}", other.collect())
    );
}

#[test]
fn both_ends_of_a_transfer_write_to_one_result() {
    // First byte sent at 10 ms, last received at 60 ms: 300 bytes in 50 ms.
    let reports = Reports::new(&[traffic(App::Tcp(UPLOAD))]);
    let ms = |n| SimTime::ZERO + Span::from_millis(n);
    let (client, server) = (([10, 0, 0, 1], 4000).into(), ([10, 0, 0, 2], 5001).into());
    let open = reports.entry(TrafficId(0)).open(UNKNOWN);
    let shared = open.share(client, server);
    shared.sending(ms(10));
    shared.sending(ms(20));
    let served = reports.served(client, server);
    served.received(100, ms(50));
    served.received(200, ms(60));
    drop(served);
    // Another connection between the same ports, which no client measures.
    reports.served(client, server).received(1, ms(70));
    let AppResult::Tcp(list) = reports.collect().remove(0).result else {
        panic!("not a transfer");
    };
    assert_eq!(list[0].bytes, 300);
    assert_eq!(list[0].transfer, Some(Span::from_millis(50)));
}
