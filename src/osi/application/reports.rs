//! Where applications put down what they measure.
//!
//! Contract: results are written as they come, so a run that is cut short still has them. Both
//! sides of an exchange may write here, but nothing is ever read back by an application: what a
//! host knows of another comes over the network. Memory is bounded by [`KEPT_RESULTS`] per entry.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    report::{
        AppResult, DnsExchange, HttpExchange, KEPT_RESULTS, Probe, TcpResult, TraceHop,
        TrafficReport, UdpResult,
    },
    spec::{App, Traffic},
    udp::StreamMeter,
};
use crate::{ids::TrafficId, units::SimTime};

mod flow;

pub(super) use flow::{Flow, SharedFlow};
use flow::{FlowKey, FlowPlace};

/// The reports of all traffic entries. Clones share them.
#[derive(Debug, Clone)]
pub struct Reports(Arc<Mutex<Shared>>);

#[derive(Debug)]
struct Shared {
    entries: Vec<TrafficReport>,
    streams: BTreeMap<TrafficId, StreamMeter>,
    flows: BTreeMap<FlowKey, FlowPlace>,
}

impl Reports {
    /// An empty report for each entry.
    pub fn new(traffic: &[Traffic]) -> Self {
        let ids = || (0..).map(TrafficId).zip(traffic);
        Self(Arc::new(Mutex::new(Shared {
            entries: ids().map(|(id, t)| empty_report(id, &t.app)).collect(),
            streams: ids()
                .filter_map(|(id, t)| Some((id, StreamMeter::new(stream_length(t)?))))
                .collect(),
            flows: BTreeMap::new(),
        })))
    }

    /// Every report as it stands, by [`TrafficId`]. Call it when the run has ended.
    pub fn collect(&self) -> Vec<TrafficReport> {
        let shared = self.lock();
        let mut reports = shared.entries.clone();
        for (id, meter) in &shared.streams {
            if let Some(report) = reports.get_mut(id.index()) {
                report.result = AppResult::Udp(meter.result());
            }
        }
        reports
    }

    /// The report of one entry.
    pub(super) fn entry(&self, id: TrafficId) -> Entry {
        Entry {
            reports: self.clone(),
            id,
        }
    }

    /// Changes the meter of a stream, if that entry is one.
    pub(super) fn stream(&self, id: TrafficId, change: impl FnOnce(&mut StreamMeter)) {
        if let Some(meter) = self.lock().streams.get_mut(&id) {
            change(meter);
        }
    }

    /// The meter of a TCP transfer, by the addresses of client and server.
    pub(super) fn flow(&self, client: SocketAddr, server: SocketAddr) -> Flow {
        Flow {
            reports: self.clone(),
            key: (client, server),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn empty_report(traffic: TrafficId, app: &App) -> TrafficReport {
    TrafficReport {
        traffic,
        started: None,
        ended: None,
        result: match app {
            App::Http(_) => AppResult::Http(Vec::new()),
            App::Dns(_) => AppResult::Dns(Vec::new()),
            App::Udp(_) => AppResult::Udp(UdpResult::default()),
            App::Tcp(_) => AppResult::Tcp(Vec::new()),
            App::Echo(_) => AppResult::Echo(Vec::new()),
            App::Ping(_) => AppResult::Ping(Vec::new()),
            App::Traceroute(_) => AppResult::Traceroute(Vec::new()),
        },
        left_out: 0,
        left_out_failed: 0,
    }
}

fn stream_length(traffic: &Traffic) -> Option<u64> {
    match &traffic.app {
        App::Udp(stream) => Some(stream.count.saturating_mul(u64::from(traffic.repeat))),
        _ => None,
    }
}

/// The report of one traffic entry.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    reports: Reports,
    id: TrafficId,
}

impl Entry {
    /// The program starts.
    pub(super) fn started(&self, now: SimTime) {
        self.change(|report| report.started = Some(now));
    }

    /// The program has ended.
    pub(super) fn ended(&self, now: SimTime) {
        self.change(|report| report.ended = Some(now));
    }

    /// Puts `item` at the end of the entry's list and returns its place, to fill it in later.
    pub(super) fn open<T: Listed>(&self, item: T) -> Open<T> {
        let place = self.change(|report| match T::list(&mut report.result) {
            Some(list) if list.len() < KEPT_RESULTS => {
                list.push(item);
                Place::Kept(list.len() - 1)
            }
            _ => {
                report.left_out += 1;
                Place::LeftOut(item)
            }
        });
        Open {
            entry: self.clone(),
            place: place.unwrap_or(Place::Nowhere),
        }
    }

    fn change<R>(&self, change: impl FnOnce(&mut TrafficReport) -> R) -> Option<R> {
        let mut shared = self.reports.lock();
        shared.entries.get_mut(self.id.index()).map(change)
    }
}

/// The place of one exchange in its list; it may still change.
#[derive(Debug)]
pub(super) struct Open<T: Listed> {
    entry: Entry,
    place: Place<T>,
}

#[derive(Debug)]
enum Place<T> {
    Kept(usize),
    LeftOut(T),
    Nowhere,
}

impl<T: Listed> Open<T> {
    /// Changes the exchange.
    pub(super) fn update(&mut self, change: impl FnOnce(&mut T)) {
        match &mut self.place {
            Place::Kept(index) => {
                let index = *index;
                self.entry.change(|report| {
                    T::list(&mut report.result)
                        .and_then(|list| list.get_mut(index))
                        .map(change)
                });
            }
            Place::LeftOut(item) => change(item),
            Place::Nowhere => {}
        }
    }
}

impl Open<TcpResult> {
    /// Lets both ends of the connection between these two write to this result, until the guard
    /// is dropped.
    pub(super) fn share(&self, client: SocketAddr, server: SocketAddr) -> SharedFlow {
        let flow = self.entry.reports.flow(client, server);
        let place = FlowPlace {
            traffic: self.entry.id,
            index: match self.place {
                Place::Kept(index) => Some(index),
                _ => None,
            },
            first_sent: None,
        };
        self.entry.reports.lock().flows.insert(flow.key, place);
        SharedFlow(flow)
    }
}

impl<T: Listed> Drop for Open<T> {
    fn drop(&mut self) {
        if matches!(&self.place, Place::LeftOut(item) if item.failed()) {
            self.entry.change(|report| report.left_out_failed += 1);
        }
    }
}

/// An exchange that stands in the list of a report.
pub(super) trait Listed: Sized {
    /// Its list, if the result is of its kind.
    fn list(result: &mut AppResult) -> Option<&mut Vec<Self>>;
    /// True if it ended in an error.
    fn failed(&self) -> bool;
}

macro_rules! listed {
    ($item:ty, $lists:pat => $list:ident, $this:ident: $failed:expr) => {
        impl Listed for $item {
            fn list(result: &mut AppResult) -> Option<&mut Vec<Self>> {
                match result {
                    $lists => Some($list),
                    _ => None,
                }
            }
            fn failed(&self) -> bool {
                let $this = self;
                $failed
            }
        }
    };
}

listed!(HttpExchange, AppResult::Http(l) => l, e: e.error.is_some());
listed!(DnsExchange, AppResult::Dns(l) => l, e: e.error.is_some());
listed!(TcpResult, AppResult::Tcp(l) => l, e: e.error.is_some());
listed!(Probe, AppResult::Echo(l) | AppResult::Ping(l) => l, e: e.error.is_some());
listed!(TraceHop, AppResult::Traceroute(l) => l, e: e.address.is_none() || e.error.is_some());

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::NodeId,
        osi::application::spec::{Amount, Flow as Way, Ping, Target, TcpTransfer},
        units::Span,
    };

    fn traffic(app: App) -> Traffic {
        Traffic {
            name: "t".to_owned(),
            from: NodeId(0),
            to: Target {
                name: "bob".to_owned(),
                address: [10, 0, 0, 2].into(),
            },
            start: SimTime::ZERO,
            repeat: 1,
            every: Span::ZERO,
            resolve_by_dns: false,
            app,
        }
    }

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
    fn both_ends_of_a_transfer_write_to_one_result() {
        // First byte sent at 10 ms, last received at 60 ms: 300 bytes in 50 ms.
        let reports = Reports::new(&[traffic(App::Tcp(TcpTransfer {
            port: 5001,
            amount: Amount::HandshakeOnly,
            flow: Way::Upload,
        }))]);
        let ms = |n| SimTime::ZERO + Span::from_millis(n);
        let (client, server) = (([10, 0, 0, 1], 4000).into(), ([10, 0, 0, 2], 5001).into());
        let open = reports.entry(TrafficId(0)).open(TcpResult {
            started: SimTime::ZERO,
            connect: None,
            bytes: 0,
            transfer: None,
            error: None,
        });
        let shared = open.share(client, server);
        shared.sending(ms(10));
        shared.sending(ms(20));
        reports.flow(client, server).received(100, ms(50));
        reports.flow(client, server).received(200, ms(60));
        drop(shared);
        reports.flow(client, server).received(1, ms(70));
        let AppResult::Tcp(list) = reports.collect().remove(0).result else {
            panic!("not a transfer");
        };
        assert_eq!(list[0].bytes, 300);
        assert_eq!(list[0].transfer, Some(Span::from_millis(50)));
    }
}
