//! Flows: the traffic entries of the plan that an entry of the file stands for.

use std::{net::IpAddr, ops::Range, path::Path, sync::Arc};

use super::{
    app,
    dns::Names,
    nodes::Nodes,
    pattern::{self, Sizes},
    ranges,
};
use crate::{
    ids::NodeId,
    osi::application::spec::{App, Ping, Target, Traffic},
    rng::{RootSeed, Stream},
    scenario::{
        limits::MAX_COUNT,
        plan::{HostConfig, TrafficGroup},
        schema::{self, File, Table},
        text::Findings,
    },
    topology::Topology,
    units::{SimTime, Span},
};

/// What the lowering of traffic looks at.
pub(super) struct Scene<'a> {
    pub(super) nodes: &'a Nodes,
    pub(super) topology: &'a Topology,
    pub(super) dns: &'a Names,
    pub(super) hosts: &'a [HostConfig],
    pub(super) seed: RootSeed,
    /// Where files are looked for that the scenario names.
    pub(super) folder: &'a Path,
    /// Whether QUIC connections are logged.
    pub(super) qlog: bool,
}

/// The flows of all entries.
#[derive(Debug, Default)]
pub(super) struct Flows {
    /// In the order of the plan.
    pub(super) list: Vec<Traffic>,
    /// Entries that stand for many.
    pub(super) groups: Vec<TrafficGroup>,
    /// The flows of each entry of the file, by their places in the list.
    entries: Vec<Range<usize>>,
}

impl Flows {
    /// Each entry of the file with its flows.
    pub(super) fn by_entry<'a>(
        &'a self,
        file: &'a File,
    ) -> impl Iterator<Item = (&'a Table<schema::Traffic>, &'a [Traffic])> {
        let flows = self.entries.iter().map(|range| &self.list[range.clone()]);
        file.traffic.items.iter().zip(flows)
    }

    pub(super) fn add(&mut self, flows: Vec<Traffic>) -> Range<usize> {
        let start = self.list.len();
        self.list.extend(flows);
        let range = start..self.list.len();
        self.entries.push(range.clone());
        range
    }
}

/// The two ends of a flow.
pub(super) struct Ends {
    pub(super) from: NodeId,
    pub(super) to: Target,
    /// How long after the start of the entry it starts.
    pub(super) after: Span,
}

/// What all flows of an entry have in common.
pub(super) struct Common {
    pub(super) start: Span,
    spread: Option<Span>,
    repeat: u32,
    every: Span,
    pub(super) sizes: Option<Sizes>,
}

impl Common {
    pub(super) fn read(keys: &schema::Traffic, folder: &Path, findings: &mut Findings) -> Self {
        let most = u32::try_from(MAX_COUNT).unwrap_or(u32::MAX);
        Self {
            start: ranges::span(&keys.start, "start", findings).unwrap_or_default(),
            spread: ranges::positive_span(&keys.start_spread, "start_spread", findings),
            repeat: ranges::within(&keys.repeat, "repeat", 1..=most, findings).unwrap_or(1),
            every: ranges::span(&keys.every, "every", findings).unwrap_or(Span::from_secs(1)),
            sizes: pattern::sizes(keys, folder, findings),
        }
    }
}

impl Scene<'_> {
    /// A traffic entry of the plan for each pair of ends; numbered if there may be several.
    pub(super) fn expand(
        &self,
        table: &Table<schema::Traffic>,
        (name, numbered): (&str, bool),
        common: Common,
        (app, ends): (App, Vec<Ends>),
    ) -> Vec<Traffic> {
        let mut starts = self.stream(name, "start");
        let mut sizes = self.stream(name, "sizes");
        let shared = Arc::new(app);
        let flow = |(number, ends): (usize, Ends)| {
            let spread = common.spread.map_or(0, |s| starts.below(s.as_nanos()));
            let app = match &common.sizes {
                Some(of) => Arc::new(app::sized(&shared, of.draw(&mut sizes))),
                None => self.on_host(table, &shared, ends.from),
            };
            Traffic {
                name: match numbered {
                    true => format!("{name}.{number}").into(),
                    false => name.into(),
                },
                from: ends.from,
                start: SimTime::ZERO + common.start + ends.after + Span::from_nanos(spread),
                repeat: common.repeat,
                every: common.every,
                resolve_by_dns: self.resolves(table, &app, &ends),
                to: ends.to,
                app,
            }
        };
        (1..).zip(ends).map(flow).collect()
    }

    /// `app` as `host` runs it: a ping has the TTL of its host, unless the entry says otherwise.
    fn on_host(&self, table: &Table<schema::Traffic>, app: &Arc<App>, host: NodeId) -> Arc<App> {
        match (&**app, self.ttl(host)) {
            (App::Ping(ping), Some(ttl)) if !table.value.ttl.is_given() && ping.ttl != ttl => {
                Arc::new(App::Ping(Ping {
                    ttl,
                    ..ping.clone()
                }))
            }
            _ => Arc::clone(app),
        }
    }

    pub(super) fn ttl(&self, host: NodeId) -> Option<u8> {
        self.hosts.get(host.index()).and_then(|h| h.ttl)
    }

    /// The stream of an entry for a purpose.
    pub(super) fn stream(&self, entry: &str, purpose: &str) -> Stream {
        self.seed.stream(&["traffic", entry, purpose])
    }

    /// Whether the name is looked up on the wire first.
    fn resolves(&self, table: &Table<schema::Traffic>, app: &App, ends: &Ends) -> bool {
        let server = self.dns.server;
        let possible = server.is_some() && is_name(&ends.to) && !matches!(app, App::Dns(_));
        let wanted = table.value.resolve.peek().copied();
        possible && wanted.unwrap_or_else(|| Some(ends.from) != server)
    }
}

pub(super) fn is_name(to: &Target) -> bool {
    to.name.parse::<IpAddr>().is_err()
}
