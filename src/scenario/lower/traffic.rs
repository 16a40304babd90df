//! Traffic: who talks to whom, when and how often.

use std::{collections::BTreeMap, net::IpAddr};

use super::{
    app, dns,
    flows::{Common, Ends, Flows, Scene, is_name},
    names,
    pattern::{self, Sizes},
};
use crate::{
    ids::{NodeId, TrafficId},
    osi::application::spec::{App, Target, Traffic},
    scenario::{
        limits::{MAX_ENTRIES, MAX_FLOWS},
        plan::{FilledIn, TrafficGroup},
        schema::{self, AppWord, File, PatternWord, Table},
        text::{Findings, Place, closest},
    },
    topology::{NodeKind, Owners},
    units::Span,
};

/// What the lowering of one entry looks at.
struct Reader<'a> {
    scene: Scene<'a>,
    owners: Owners,
}

/// Reads every `[[traffic]]`.
pub(super) fn read(
    file: &File,
    scene: Scene<'_>,
    filled: &mut FilledIn,
    findings: &mut Findings,
) -> Flows {
    let mut flows = Flows::default();
    if file.traffic.items.len() > MAX_ENTRIES {
        findings.error(
            None,
            format!("too many traffic entries: at most {MAX_ENTRIES} are possible"),
        );
        return flows;
    }
    if file.traffic.items.is_empty() {
        findings.warn(None, "there is no traffic: nothing will happen");
    }
    let reader = Reader {
        owners: Owners::of(scene.topology),
        scene,
    };
    let names = entry_names(file, findings);
    for (table, name) in file.traffic.items.iter().zip(names) {
        let range = flows.add(reader.entry(table, &name, findings).unwrap_or_default());
        if flows.list.len() > MAX_FLOWS as usize {
            findings.error(
                table.place.clone(),
                format!("too many flows so far: at most {MAX_FLOWS} are possible in all entries"),
            );
            break;
        }
        if table.value.pattern.is_given() {
            flows.groups.push(TrafficGroup {
                name,
                entries: range,
            });
        } else if !table.value.name.is_given() {
            let number = u32::try_from(range.start).unwrap_or(u32::MAX);
            filled.traffic_names.insert(TrafficId(number));
        }
    }
    flows
}

/// Every entry's name: given and checked, or made of its application.
fn entry_names(file: &File, findings: &mut Findings) -> Vec<String> {
    let mut first: BTreeMap<String, Place> = BTreeMap::new();
    let mut given = Vec::with_capacity(file.traffic.items.len());
    for table in &file.traffic.items {
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
        }
        given.push((name, keys.app.peek().map(|app| app.name().to_owned())));
    }
    names::automatic_traffic_names(&given)
}

impl Reader<'_> {
    /// The flows of one entry.
    fn entry(
        &self,
        table: &Table<schema::Traffic>,
        name: &str,
        findings: &mut Findings,
    ) -> Option<Vec<Traffic>> {
        let keys = &table.value;
        require(table, findings);
        let word = keys.app.read(findings);
        let common = Common::read(keys, self.scene.folder, findings);
        if !keys.pattern.is_given() {
            pattern::refuse_foreign_keys(keys, None, findings);
            let from = self
                .scene
                .nodes
                .host(&keys.from, "applications run on hosts", findings);
            let (app, ends) = self.one(table, word?, from, findings)?;
            return Some(
                self.scene
                    .expand(table, (name, false), common, (app, vec![ends])),
            );
        }
        let pattern = keys.pattern.read(findings);
        let app = app::read(table, word?, (None, self.scene.qlog), findings);
        let ends = self.many(table, (name, pattern?), &common, app.as_ref(), findings)?;
        Some(self.scene.expand(table, (name, true), common, (app?, ends)))
    }

    /// What an entry without a pattern does, and its ends.
    fn one(
        &self,
        table: &Table<schema::Traffic>,
        word: AppWord,
        from: Option<NodeId>,
        findings: &mut Findings,
    ) -> Option<(App, Ends)> {
        let app = app::read(
            table,
            word,
            (from.and_then(|id| self.scene.ttl(id)), self.scene.qlog),
            findings,
        );
        let to = self.target(table, word, findings);
        self.check_resolve(table, word, to.as_ref(), findings);
        let (from, to, app) = (from?, to?, app?);
        self.check_ends(table, from, &to, &app, findings);
        let after = Span::ZERO;
        Some((app, Ends { from, to, after }))
    }

    /// The ends of all flows of a pattern.
    fn many(
        &self,
        table: &Table<schema::Traffic>,
        (name, word): (&str, PatternWord),
        common: &Common,
        app: Option<&App>,
        findings: &mut Findings,
    ) -> Option<Vec<Ends>> {
        let keys = &table.value;
        let app_word = *keys.app.peek()?;
        let target = if pattern::has_target(keys, word) {
            Some(self.target(table, app_word, findings)?)
        } else {
            None
        };
        self.check_resolve(table, app_word, target.as_ref(), findings);
        #[allow(clippy::cast_precision_loss, reason = "a mean needs no more digits")]
        let fixed_size = app.and_then(app::size).map(|size| size as f64);
        let scene = pattern::Scene {
            nodes: self.scene.nodes,
            topology: self.scene.topology,
            to: target.as_ref().and_then(|to| self.owner(to)),
            start: common.start,
            mean_size: common.sizes.as_ref().map(Sizes::mean).or(fixed_size),
            stream: &|purpose| self.scene.stream(name, purpose),
        };
        let flows = pattern::flows(table, word, &scene, findings)?;
        if let (Some(to), Some(first), Some(app)) = (&target, flows.first(), app) {
            self.check_ends(table, first.from, to, app, findings);
        }
        Some(self.ends(&flows, target.as_ref()))
    }

    /// Flows to the same node share its name.
    fn ends(&self, flows: &[pattern::Flow], target: Option<&Target>) -> Vec<Ends> {
        let topology = self.scene.topology;
        let mut targets: Vec<Option<Target>> = vec![None; topology.nodes.len()];
        let mut target_of = |id: NodeId| {
            let known = targets[id.index()].get_or_insert_with(|| Target {
                name: topology.node(id).name.as_str().into(),
                address: dns::address_of(topology, id),
            });
            known.clone()
        };
        let ends = flows.iter().filter_map(|flow| {
            Some(Ends {
                from: flow.from,
                to: flow.to.map(&mut target_of).or_else(|| target.cloned())?,
                after: flow.after,
            })
        });
        ends.collect()
    }

    fn owner(&self, to: &Target) -> Option<NodeId> {
        let owner = self.owners.get(to.address);
        owner.or_else(|| self.scene.nodes.get(&to.name))
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
        if let (AppWord::Dns, Some(server)) = (word, self.scene.dns.server) {
            return Some(Target {
                name: self.scene.topology.node(server).name.as_str().into(),
                address: dns::address_of(self.scene.topology, server),
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
        if let Some(node) = self.scene.nodes.get(name) {
            if self.scene.nodes.kind(node).speaks_ip() {
                return Some(dns::address_of(self.scene.topology, node));
            }
            findings
                .error(
                    place,
                    format!(
                        "`{name}` is a {}, which has no address to talk to",
                        self.scene.nodes.kind(node)
                    ),
                )
                .help("name a host or a router");
            return None;
        }
        let record = self.scene.dns.record(name);
        if record.is_none() {
            let near = closest(name, self.scene.dns.record_names()).filter(|_| !findings.many());
            match near {
                Some(guess) => {
                    findings.error(
                        place,
                        format!("there is no node or DNS name `{name}`, did you mean `{guess}`?"),
                    );
                }
                None => self.scene.nodes.unknown(name, place, findings),
            }
        }
        record
    }

    /// Looking the name up on the wire first must be possible if the entry wants it.
    fn check_resolve(
        &self,
        table: &Table<schema::Traffic>,
        word: AppWord,
        to: Option<&Target>,
        findings: &mut Findings,
    ) {
        let field = &table.value.resolve;
        let is_name = to.is_none_or(is_name);
        let known = to.is_some() || table.value.pattern.is_given();
        let possible = self.scene.dns.server.is_some() && is_name && word != AppWord::Dns;
        let wanted = field.read(findings);
        if wanted == Some(true) && !possible && known {
            let why = if word == AppWord::Dns {
                "a DNS lookup is itself the question"
            } else if is_name {
                "the file has no `[dns]` server to ask"
            } else {
                "`to` is an address, not a name"
            };
            findings.error(field.place(), format!("`resolve` is not possible: {why}"));
        }
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
        let owner = self.owner(to);
        let from_name = &self.scene.topology.node(from).name;
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
        } else if self.scene.nodes.kind(owner) == NodeKind::Router && needs_server(app) {
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

/// `app` must be there, and `from` unless a pattern says who.
fn require(table: &Table<schema::Traffic>, findings: &mut Findings) {
    let keys = &table.value;
    for (key, given, example) in [
        ("app", keys.app.is_given(), "app = \"http\""),
        (
            "from",
            keys.from.is_given() || keys.pattern.is_given(),
            "from = \"alice\"",
        ),
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
