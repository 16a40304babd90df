//! Traffic: who talks to whom, when and how often.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use super::{app, dns, dns::Names, names, nodes::Nodes, owners::Owners, ranges};
use crate::{
    ids::{NodeId, TrafficId},
    osi::application::spec::{App, Target, Traffic},
    scenario::{
        limits::{MAX_COUNT, MAX_ENTRIES},
        plan::{FilledIn, HostConfig},
        schema::{self, AppWord, File, Table},
        text::{Findings, Place, closest},
    },
    topology::{NodeKind, Topology},
    units::{SimTime, Span},
};

/// What the lowering of one entry looks at.
struct Reader<'a> {
    nodes: &'a Nodes,
    topology: &'a Topology,
    dns: &'a Names,
    hosts: &'a [HostConfig],
    owners: Owners,
}

/// Reads every `[[traffic]]`.
pub(super) fn read(
    file: &File,
    nodes: &Nodes,
    topology: &Topology,
    dns: &Names,
    hosts: &[HostConfig],
    filled: &mut FilledIn,
    findings: &mut Findings,
) -> Vec<Traffic> {
    if file.traffic.items.len() > MAX_ENTRIES {
        findings.error(
            None,
            format!("too many traffic entries: at most {MAX_ENTRIES} are possible"),
        );
        return Vec::new();
    }
    if file.traffic.items.is_empty() {
        findings.warn(None, "there is no traffic: nothing will happen");
    }
    let reader = Reader {
        nodes,
        topology,
        dns,
        hosts,
        owners: Owners::of(topology),
    };
    let names = entry_names(file, filled, findings);
    let mut traffic = Vec::with_capacity(file.traffic.items.len());
    for (table, name) in file.traffic.items.iter().zip(names) {
        traffic.extend(reader.entry(table, name, findings));
    }
    traffic
}

/// Every entry's name: given and checked, or made of its application.
fn entry_names(file: &File, filled: &mut FilledIn, findings: &mut Findings) -> Vec<String> {
    let mut first: BTreeMap<String, Place> = BTreeMap::new();
    let mut given = Vec::with_capacity(file.traffic.items.len());
    for (number, table) in (0..).zip(&file.traffic.items) {
        let keys = &table.value;
        let name = keys.name.read(findings);
        if let (Some(name), Some(place)) = (&name, keys.name.place()) {
            names::check(name, &place, "traffic", findings);
            if let Some(other) = first.insert(name.clone(), place.clone()) {
                findings
                    .error(
                        place,
                        format!("there are two traffic entries called `{name}`"),
                    )
                    .also(Some(other), "the first one");
            }
        } else {
            filled.traffic_names.insert(TrafficId(number));
        }
        given.push((name, keys.app.peek().map(|app| app.name().to_owned())));
    }
    names::automatic_traffic_names(&given)
}

impl Reader<'_> {
    /// One entry.
    fn entry(
        &self,
        table: &Table<schema::Traffic>,
        name: String,
        findings: &mut Findings,
    ) -> Option<Traffic> {
        let keys = &table.value;
        require(table, findings);
        let word = keys.app.read(findings);
        let from = self
            .nodes
            .host(&keys.from, "applications run on hosts", findings);
        let start = ranges::span(&keys.start, "start", findings).unwrap_or_default();
        let most = u32::try_from(MAX_COUNT).unwrap_or(u32::MAX);
        let repeat = ranges::within(&keys.repeat, "repeat", 1..=most, findings).unwrap_or(1);
        let every = ranges::span(&keys.every, "every", findings).unwrap_or(Span::from_secs(1));
        let word = word?;
        let ttl = from
            .and_then(|id| self.hosts.get(id.index()))
            .and_then(|h| h.ttl);
        let app = app::read(table, word, ttl, findings);
        let to = self.target(table, word, findings);
        let resolve = self.resolve(table, word, to.as_ref(), from, findings);
        let (from, to, app) = (from?, to?, app?);
        self.check_ends(table, from, &to, &app, findings);
        Some(Traffic {
            name: name.into(),
            from,
            to,
            start: SimTime::ZERO + start,
            repeat,
            every,
            resolve_by_dns: resolve,
            app: Arc::new(app),
        })
    }

    /// The other side.
    fn target(
        &self,
        table: &Table<schema::Traffic>,
        word: AppWord,
        findings: &mut Findings,
    ) -> Option<Target> {
        let field = &table.value.to;
        if !field.is_given() {
            return self.default_target(table, word, findings);
        }
        let name = field.read(findings)?;
        let address = self.address(&name, table, findings)?;
        Some(Target {
            name: name.into(),
            address,
        })
    }

    fn default_target(
        &self,
        table: &Table<schema::Traffic>,
        word: AppWord,
        findings: &mut Findings,
    ) -> Option<Target> {
        if let (AppWord::Dns, Some(server)) = (word, self.dns.server) {
            return Some(Target {
                name: self.topology.node(server).name.as_str().into(),
                address: dns::address_of(self.topology, server),
            });
        }
        findings
            .missing(table.place.clone(), "this traffic has no `to`")
            .help("write `to = \"NAME\"` with the name of a node, or an address");
        None
    }

    fn address(
        &self,
        name: &str,
        table: &Table<schema::Traffic>,
        findings: &mut Findings,
    ) -> Option<IpAddr> {
        let place = table.value.to.place();
        if let Ok(address) = name.parse::<IpAddr>() {
            if address.is_ipv6() {
                findings.error(
                    place,
                    "only IPv4 addresses are understood in scenario files so far",
                );
            }
            return Some(address);
        }
        if let Some(node) = self.nodes.get(name) {
            if self.nodes.kind(node).speaks_ip() {
                return Some(dns::address_of(self.topology, node));
            }
            findings
                .error(
                    place,
                    format!(
                        "`{name}` is a {}, which has no address to talk to",
                        self.nodes.kind(node)
                    ),
                )
                .help("name a host or a router");
            return None;
        }
        let record = self.dns.record(name);
        if record.is_none() {
            let near = closest(name, self.dns.record_names()).filter(|_| !findings.many());
            match near {
                Some(guess) => {
                    findings.error(
                        place,
                        format!("there is no node or DNS name `{name}`, did you mean `{guess}`?"),
                    );
                }
                None => self.nodes.unknown(name, place, findings),
            }
        }
        record
    }

    /// Whether the name is looked up on the wire first.
    fn resolve(
        &self,
        table: &Table<schema::Traffic>,
        word: AppWord,
        to: Option<&Target>,
        from: Option<NodeId>,
        findings: &mut Findings,
    ) -> bool {
        let field = &table.value.resolve;
        let is_name = to.is_some_and(|t| t.name.parse::<IpAddr>().is_err());
        let possible = self.dns.server.is_some() && is_name && word != AppWord::Dns;
        let wanted = field.read(findings);
        if wanted == Some(true) && !possible && to.is_some() {
            let why = if word == AppWord::Dns {
                "a DNS lookup is itself the question"
            } else if is_name {
                "the file has no `[dns]` server to ask"
            } else {
                "`to` is an address, not a name"
            };
            findings.error(field.place(), format!("`resolve` is not possible: {why}"));
        }
        possible && wanted.unwrap_or(from != self.dns.server)
    }

    fn check_ends(
        &self,
        table: &Table<schema::Traffic>,
        from: NodeId,
        to: &Target,
        app: &App,
        findings: &mut Findings,
    ) {
        let place = table.value.to.place().or_else(|| table.place.clone());
        let owner = self
            .owners
            .get(to.address)
            .or_else(|| self.nodes.get(&to.name));
        let from_name = &self.topology.node(from).name;
        let Some(owner) = owner else {
            if !findings.failed() {
                findings.warn(
                    place,
                    format!(
                        "no node has the address {}: `{from_name}` will get no answer",
                        to.address
                    ),
                );
            }
            return;
        };
        if owner == from {
            findings
                .error(
                    place,
                    format!(
                        "`{from_name}` would talk to itself, and nothing would pass over a link"
                    ),
                )
                .help("let `from` and `to` be different nodes");
        } else if self.nodes.kind(owner) == NodeKind::Router && needs_server(app) {
            findings
                .error(
                    place,
                    format!(
                        "`{}` is a router and runs no {} server",
                        to.name,
                        app.name()
                    ),
                )
                .help("routers answer ping and traceroute; name a host for anything else");
        }
    }
}

/// `app` and `from` must be there.
fn require(table: &Table<schema::Traffic>, findings: &mut Findings) {
    let keys = &table.value;
    for (key, given, example) in [
        ("app", keys.app.is_given(), "app = \"http\""),
        ("from", keys.from.is_given(), "from = \"alice\""),
    ] {
        if !given {
            findings
                .missing(table.place.clone(), format!("this traffic has no `{key}`"))
                .help(format!("write something like `{example}`"));
        }
    }
}

const fn needs_server(app: &App) -> bool {
    !matches!(app, App::Ping(_) | App::Traceroute(_) | App::Udp(_))
}
