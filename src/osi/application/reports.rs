//! Where applications put down what they measure.
//!
//! Contract: results are written as they come, so a run that is cut short still has them. Both
//! sides of an exchange may write here, but nothing is ever read back by an application: what a
//! host knows of another comes over the network. The two sides write to different places, or add
//! to one number, and [`Reports::collect`] puts them together: no result depends on which of two
//! hosts wrote first. Memory is bounded by [`KEPT_RESULTS`] per entry.

use std::{net::SocketAddr, sync::Arc};

use super::{
    report::{
        AppResult, DnsExchange, GrpcExchange, HttpExchange, KEPT_RESULTS, LeaseReport,
        MailExchange, Mailbox, Probe, SseResult, StoredMail, TcpResult, TraceHop, TrafficReport,
        UdpResult, WebSocketResult,
    },
    spec::{App, Traffic},
    udp::StreamMeter,
};
use crate::{
    ids::{NodeId, TrafficId},
    osi::transport::Mutex,
    prefetch::prefetch,
    units::SimTime,
};

mod flow;
mod leases;
mod mail;

use flow::Flows;
pub(super) use flow::{FlowMeter, ServedFlow};

/// The reports of all traffic entries. Clones share them.
#[derive(Debug, Clone)]
pub struct Reports(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// What the host that started the entry has to say.
    clients: Vec<Mutex<Client>>,
    /// What the receivers of streams of datagrams have to say.
    meters: Vec<Mutex<StreamMeter>>,
    /// The place of each entry's meter among them; [`NO_METER`] for what is no such stream.
    meter_of: Vec<u32>,
    flows: Flows,
    mail: mail::Mailboxes,
    leases: leases::Leases,
}

#[derive(Debug)]
struct Client {
    report: TrafficReport,
    /// The meters of the first TCP transfers, by their place in the list.
    meters: Vec<(usize, Arc<FlowMeter>)>,
}

impl Reports {
    /// An empty report for each entry.
    pub fn new(traffic: &[Traffic]) -> Self {
        let ids = (0..).map(TrafficId);
        let (meters, meter_of) = meters(traffic);
        Self(Arc::new(Shared {
            clients: ids
                .zip(traffic)
                .map(|(id, t)| Mutex::new(Client::new(id, &t.app)))
                .collect(),
            meters,
            meter_of,
            flows: Flows::default(),
            mail: mail::Mailboxes::default(),
            leases: leases::Leases::default(),
        }))
    }

    /// What one stream of datagrams takes before anything of it has arrived \[bytes\].
    #[cfg(test)]
    pub(super) const SIZE_OF_STREAM: usize =
        size_of::<Mutex<Client>>() + size_of::<Mutex<StreamMeter>>() + size_of::<u32>();

    /// Every report as it stands, by [`TrafficId`]. Call it when the run has ended.
    pub fn collect(&self) -> Vec<TrafficReport> {
        let entries = (0..).map(TrafficId).zip(&self.0.clients);
        entries
            .map(|(id, client)| {
                let mut report = client.lock().collect();
                if let (AppResult::Udp(stream), Some(meter)) = (&mut report.result, self.meter(id))
                {
                    meter.lock().complete(stream);
                }
                report
            })
            .collect()
    }

    /// What lies in the mailboxes of all hosts. Call it when the run has ended.
    pub fn mailboxes(&self) -> Vec<Mailbox> {
        self.0.mail.collect()
    }

    /// What hosts report of the addresses that they get by DHCP.
    pub fn leases(&self) -> Vec<LeaseReport> {
        self.0.leases.collect()
    }

    /// A host changes its report of its address.
    pub(super) fn lease<R>(&self, node: NodeId, change: impl FnOnce(&mut LeaseReport) -> R) -> R {
        self.0.leases.change(node, change)
    }

    /// A message has come to a mailbox of a host.
    pub(super) fn mail(&self, node: NodeId, mailbox: &str, mail: StoredMail) {
        self.0.mail.put(node, mailbox, mail);
    }

    /// The report of one entry.
    pub(super) fn entry(&self, id: TrafficId) -> Entry {
        Entry {
            reports: self.clone(),
            id,
        }
    }

    /// The receiver of a stream changes its meter, if that entry is one.
    pub(super) fn received(&self, id: TrafficId, change: impl FnOnce(&mut StreamMeter)) {
        if let Some(meter) = self.meter(id) {
            // All of it at once: to lock it would wait for its first line before it asks for another.
            prefetch(meter);
            change(&mut meter.lock());
        }
    }

    fn meter(&self, id: TrafficId) -> Option<&Mutex<StreamMeter>> {
        let place = *self.0.meter_of.get(id.index())?;
        self.0.meters.get(place as usize)
    }

    /// The server's hold on the meter of a TCP transfer, by the addresses of client and server.
    pub(super) fn served(&self, client: SocketAddr, server: SocketAddr) -> ServedFlow {
        ServedFlow::new(self.clone(), (client, server))
    }
}

impl Client {
    fn new(traffic: TrafficId, app: &App) -> Self {
        Self {
            report: empty_report(traffic, app),
            meters: Vec::new(),
        }
    }

    fn collect(&self) -> TrafficReport {
        let mut report = self.report.clone();
        if let AppResult::Tcp(list) = &mut report.result {
            for (index, meter) in &self.meters {
                meter.complete(&mut list[*index]);
            }
        }
        report
    }
}

fn empty_report(traffic: TrafficId, app: &App) -> TrafficReport {
    TrafficReport {
        traffic,
        started: None,
        ended: None,
        result: match app {
            App::Http(_) | App::Rest(_) => AppResult::Http(Vec::new()),
            App::Grpc(_) => AppResult::Grpc(Vec::new()),
            App::Dns(_) => AppResult::Dns(Vec::new()),
            App::Udp(_) => AppResult::Udp(UdpResult::default()),
            App::Tcp(_) => AppResult::Tcp(Vec::new()),
            App::Echo(_) => AppResult::Echo(Vec::new()),
            App::Ping(_) => AppResult::Ping(Vec::new()),
            App::Traceroute(_) => AppResult::Traceroute(Vec::new()),
            App::Smtp(_) => AppResult::Smtp(Vec::new()),
            App::WebSocket(_) => AppResult::WebSocket(Vec::new()),
            App::Sse(_) => AppResult::Sse(Vec::new()),
        },
        left_out: 0,
        left_out_failed: 0,
    }
}

/// A meter for each stream of datagrams, and where that of each entry stands.
fn meters(traffic: &[Traffic]) -> (Vec<Mutex<StreamMeter>>, Vec<u32>) {
    let streams = traffic.iter().filter_map(stream_length).count();
    let mut meters = Vec::with_capacity(streams);
    let place = |entry| {
        let Some(count) = stream_length(entry) else {
            return NO_METER;
        };
        meters.push(Mutex::new(StreamMeter::new(count)));
        u32::try_from(meters.len() - 1).unwrap_or(NO_METER)
    };
    let places = traffic.iter().map(place).collect();
    (meters, places)
}

/// The place of no meter.
const NO_METER: u32 = u32::MAX;

fn stream_length(traffic: &Traffic) -> Option<u64> {
    match &*traffic.app {
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
    /// Which entry it is.
    pub(super) const fn id(&self) -> TrafficId {
        self.id
    }

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

    /// So many datagrams of the entry's stream left its sender, and so many the sender's own stack
    /// refused.
    pub(super) fn sent(&self, sent: u64, refused: u64) {
        self.change(|report| {
            if let AppResult::Udp(stream) = &mut report.result {
                stream.sent += sent;
                stream.refused += refused;
            }
        });
    }

    /// How many datagrams of the entry's stream left, and how many were refused, in the repetitions
    /// that have ended.
    pub(super) fn datagrams(&self) -> (u64, u64) {
        let counts = self.change(|report| match &report.result {
            AppResult::Udp(stream) => (stream.sent, stream.refused),
            _ => (0, 0),
        });
        counts.unwrap_or_default()
    }

    fn change<R>(&self, change: impl FnOnce(&mut TrafficReport) -> R) -> Option<R> {
        Some(change(&mut self.client()?.lock().report))
    }

    fn client(&self) -> Option<&Mutex<Client>> {
        self.reports.0.clients.get(self.id.index())
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
    /// Lets both ends of the connection between these two measure this transfer.
    pub(super) fn share(&self, client: SocketAddr, server: SocketAddr) -> Arc<FlowMeter> {
        let reports = &self.entry.reports.0;
        let meter = reports.flows.open((client, server));
        if let (Place::Kept(index), Some(client)) = (&self.place, self.entry.client()) {
            let mut client = client.lock();
            client.meters.push((*index, Arc::clone(&meter)));
        }
        meter
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
listed!(GrpcExchange, AppResult::Grpc(l) => l, e: e.failed());
listed!(DnsExchange, AppResult::Dns(l) => l, e: e.error.is_some());
listed!(MailExchange, AppResult::Smtp(l) => l, e: e.error.is_some());
listed!(TcpResult, AppResult::Tcp(l) => l, e: e.error.is_some());
listed!(Probe, AppResult::Echo(l) | AppResult::Ping(l) => l, e: e.error.is_some());
listed!(WebSocketResult, AppResult::WebSocket(l) => l, e: e.error.is_some());
listed!(SseResult, AppResult::Sse(l) => l, e: e.error.is_some());
listed!(TraceHop, AppResult::Traceroute(l) => l, e: e.address.is_none() || e.error.is_some());

#[cfg(test)]
mod tests;
