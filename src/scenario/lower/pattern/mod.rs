//! Patterns: one traffic entry that stands for many flows.
//!
//! Contract: every draw comes from a stream that is named after the entry and the purpose, so that
//! another entry does not shift it. The flows come in the order of the hosts, or of time.

mod arrivals;
mod cdf;
mod members;
mod pairs;
mod sizes;

pub(super) use sizes::Sizes;

use std::path::Path;

use self::arrivals::Arrivals;
use super::{nodes::Nodes, ranges};
use crate::{
    ids::NodeId,
    rng::Stream,
    scenario::{
        limits::MAX_FLOWS,
        schema::{PatternWord, Table, Traffic},
        text::{Findings, Place},
    },
    topology::Topology,
    units::Span,
};

/// One flow of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flow {
    pub(super) from: NodeId,
    /// `None`: the `to` of the entry.
    pub(super) to: Option<NodeId>,
    /// How long after the start of the entry.
    pub(super) after: Span,
}

/// What a pattern is made from.
pub(super) struct Scene<'a> {
    pub(super) nodes: &'a Nodes,
    pub(super) topology: &'a Topology,
    /// The node that `to` names, if the pattern has one.
    pub(super) to: Option<NodeId>,
    /// When the entry starts.
    pub(super) start: Span,
    /// The mean size of a flow \[bytes\], if it has one.
    pub(super) mean_size: Option<f64>,
    /// The entry's stream for a purpose.
    pub(super) stream: &'a dyn Fn(&str) -> Stream,
}

/// The distribution of sizes, if the entry has one. Its file is looked for in `folder`.
pub(super) fn sizes(keys: &Traffic, folder: &Path, findings: &mut Findings) -> Option<Sizes> {
    keys.sizes.place.as_ref()?;
    sizes::read(&keys.sizes, folder, findings)
}

/// True if all flows of the entry go to its `to`.
pub(super) fn has_target(keys: &Traffic, word: PatternWord) -> bool {
    word == PatternWord::Incast || (word == PatternWord::Random && keys.to.is_given())
}

/// All flows of an entry.
pub(super) fn flows(
    table: &Table<Traffic>,
    word: PatternWord,
    scene: &Scene<'_>,
    findings: &mut Findings,
) -> Option<Vec<Flow>> {
    refuse_foreign_keys(&table.value, Some(word), findings);
    let mut hosts = members::read(&table.value.among, scene.nodes, findings)?;
    hosts.retain(|host| Some(*host) != scene.to);
    let pattern = Pattern {
        table,
        scene,
        hosts,
    };
    let least = if has_target(&table.value, word) { 1 } else { 2 };
    if pattern.hosts.len() < least {
        let there = match pattern.hosts.len() {
            0 => "no host",
            _ => "one host alone",
        };
        findings.error(
            pattern.place(),
            format!("{there} takes part in this pattern, which leaves nobody to talk to"),
        );
        return None;
    }
    pattern.flows(word, findings)
}

/// The keys of each pattern, beside those that all have.
const fn keys_of(word: Option<PatternWord>) -> &'static [&'static str] {
    match word {
        None => &["from", "to", "start_spread"],
        Some(PatternWord::Permutation) => &["among", "start_spread", "shift"],
        Some(PatternWord::RandomPermutation | PatternWord::AllToAll) => &["among", "start_spread"],
        Some(PatternWord::Incast) => &["among", "start_spread", "to", "senders"],
        Some(PatternWord::Random) => &["among", "to", "flows", "until", "arrivals", "load"],
    }
}

/// A key of another pattern would be without effect: an error.
pub(super) fn refuse_foreign_keys(
    keys: &Traffic,
    word: Option<PatternWord>,
    findings: &mut Findings,
) {
    let given = [
        ("from", keys.from.place()),
        ("to", keys.to.place()),
        ("among", keys.among.place.clone()),
        ("start_spread", keys.start_spread.place()),
        ("shift", keys.shift.place()),
        ("senders", keys.senders.place()),
        ("flows", keys.flows.place()),
        ("until", keys.until.place()),
        ("arrivals", keys.arrivals.place()),
        ("load", keys.load.place()),
    ];
    let own = keys_of(word);
    for (key, place) in given {
        let Some(place) = place.filter(|_| !own.contains(&key)) else {
            continue;
        };
        match word {
            Some(word) => findings
                .error(
                    place,
                    format!("`{key}` means nothing to the pattern \"{}\"", word.name()),
                )
                .help(format!("its keys: {}", own.join(", "))),
            None => findings
                .error(place, format!("`{key}` means nothing without a `pattern`"))
                .help("write something like `pattern = \"permutation\"`, and leave `from` out"),
        };
    }
}

/// A pattern and its hosts.
struct Pattern<'a> {
    table: &'a Table<Traffic>,
    scene: &'a Scene<'a>,
    hosts: Vec<NodeId>,
}

impl Pattern<'_> {
    fn flows(&self, word: PatternWord, findings: &mut Findings) -> Option<Vec<Flow>> {
        let n = self.hosts.len();
        match word {
            PatternWord::Permutation => {
                let shift = self.shift(findings)?;
                self.together(n, || pairs::shifted(n, shift), findings)
            }
            PatternWord::RandomPermutation => {
                let pairs = || pairs::derangement(n, &mut (self.scene.stream)("pairs"));
                self.together(n, pairs, findings)
            }
            PatternWord::AllToAll => {
                self.together(n.saturating_mul(n - 1), || pairs::all_to_all(n), findings)
            }
            PatternWord::Incast => self.incast(findings),
            PatternWord::Random => self.random(findings),
        }
    }

    /// One flow for each pair, all at the start.
    fn together(
        &self,
        count: usize,
        pairs: impl FnOnce() -> Vec<pairs::Pair>,
        findings: &mut Findings,
    ) -> Option<Vec<Flow>> {
        self.limit(count, findings)?;
        let flow = |(from, to)| self.flow(from, Some(to), Span::ZERO);
        Some(pairs().into_iter().map(flow).collect())
    }

    fn flow(&self, from: usize, to: Option<usize>, after: Span) -> Flow {
        Flow {
            from: self.hosts[from],
            to: to.map(|to| self.hosts[to]),
            after,
        }
    }

    fn shift(&self, findings: &mut Findings) -> Option<usize> {
        let field = &self.table.value.shift;
        let n = self.hosts.len();
        let Some(shift) = field.read(findings) else {
            return (!field.is_given()).then_some(n / 2);
        };
        let shift = shift as usize % n;
        if shift == 0 {
            let message = format!("this shift leads each of the {n} hosts to itself");
            let help = format!("a shift goes from 1 to {}", n - 1);
            findings.error(field.place(), message).help(help);
            return None;
        }
        Some(shift)
    }

    fn incast(&self, findings: &mut Findings) -> Option<Vec<Flow>> {
        let n = self.hosts.len();
        let most = u32::try_from(n).unwrap_or(u32::MAX);
        let senders = &self.table.value.senders;
        let wanted = ranges::within(senders, "senders", 1..=most, findings);
        let senders = match wanted.map(|wanted| wanted as usize) {
            None if senders.is_given() => return None,
            Some(wanted) if wanted < n => {
                pairs::sample(n, wanted, &mut (self.scene.stream)("senders"))
            }
            _ => (0..n).collect(),
        };
        let flow = |from| self.flow(from, None, Span::ZERO);
        Some(senders.into_iter().map(flow).collect())
    }

    fn random(&self, findings: &mut Findings) -> Option<Vec<Flow>> {
        let keys = &self.table.value;
        let rate = self.rate(findings);
        let count = ranges::within(&keys.flows, "flows", 1..=MAX_FLOWS, findings);
        let until = self.until(findings);
        if let (Some(place), Some(other)) = (keys.until.place(), keys.flows.place()) {
            findings
                .error(place, "`flows` and `until` exclude each other")
                .also(Some(other), "here");
        }
        if !keys.flows.is_given() && !keys.until.is_given() {
            findings
                .missing(
                    self.table.place.clone(),
                    "this pattern does not say how many flows begin",
                )
                .help("write `flows = 1000`, or `until = \"2s\"` for as many as begin until then");
        }
        let rate = rate?;
        if count.is_none() && until.is_none() {
            return None;
        }
        let arrivals = Arrivals::new(rate, (self.scene.stream)("arrivals"));
        let most = count.unwrap_or(MAX_FLOWS + 1) as usize;
        let before = until.unwrap_or(Span::from_nanos(u64::MAX));
        let mut pairs = (self.scene.stream)("pairs");
        let mut flows = Vec::new();
        for after in arrivals.take(most).take_while(|after| *after < before) {
            flows.push(self.random_flow(after, &mut pairs));
        }
        if flows.len() > MAX_FLOWS as usize {
            findings
                .error(
                    self.place(),
                    format!("more than {MAX_FLOWS} flows begin: too many"),
                )
                .help("let them begin less often, or until an earlier time");
            return None;
        }
        Some(flows)
    }

    fn random_flow(&self, after: Span, pairs: &mut Stream) -> Flow {
        let n = self.hosts.len();
        if has_target(&self.table.value, PatternWord::Random) {
            return self.flow(pairs::below(n, pairs), None, after);
        }
        let (from, to) = pairs::two_of(n, pairs);
        self.flow(from, Some(to), after)
    }

    /// The time from the start in which flows begin.
    fn until(&self, findings: &mut Findings) -> Option<Span> {
        let field = &self.table.value.until;
        let until = ranges::positive_span(field, "until", findings)?;
        if until <= self.scene.start {
            let message = format!("`until` must come after the start, {}", self.scene.start);
            findings.error(field.place(), message);
            return None;
        }
        Some(Span::from_nanos(
            until.as_nanos() - self.scene.start.as_nanos(),
        ))
    }

    /// Arrivals per second.
    fn rate(&self, findings: &mut Findings) -> Option<f64> {
        let keys = &self.table.value;
        match (keys.arrivals.place(), keys.load.place()) {
            (Some(_), None) => keys.arrivals.read(findings).map(|rate| rate.0),
            (None, Some(place)) => self.rate_for_load(&place, findings),
            (Some(first), Some(second)) => {
                findings
                    .error(second, "`arrivals` and `load` exclude each other")
                    .also(Some(first), "here");
                None
            }
            (None, None) => {
                findings
                    .missing(
                        self.table.place.clone(),
                        "this pattern does not say how often flows begin",
                    )
                    .help("write `arrivals = \"500/s\"`, or `load = \"30%\"` of the hosts' links");
                None
            }
        }
    }

    /// So many flows that each host's link carries its share on average: `load` of the sum of all
    /// rates, over the bits of a flow.
    #[allow(clippy::cast_precision_loss, reason = "rates are far below 2^53 bit/s")]
    fn rate_for_load(&self, place: &Place, findings: &mut Findings) -> Option<f64> {
        let load = self.table.value.load.read(findings)?.value();
        let Some(mean) = self.scene.mean_size.filter(|mean| mean.is_finite()) else {
            findings
                .error(
                    place.clone(),
                    "`load` must know how many bytes a flow has on average",
                )
                .help("give `sizes` with a finite mean, or a size without a `duration`");
            return None;
        };
        let rates = self.hosts.iter().map(|host| self.link_rate(*host));
        let rate = load * rates.sum::<f64>() / (8.0 * mean);
        if rate <= 0.0 {
            findings.error(place.clone(), "with this `load` no flow ever begins");
            return None;
        }
        Some(rate)
    }

    /// The rate of a host's first link, on the way out \[bit/s\].
    #[allow(clippy::cast_precision_loss, reason = "rates are far below 2^53 bit/s")]
    fn link_rate(&self, host: NodeId) -> f64 {
        let topology = self.scene.topology;
        let port = topology.node(host).ports.first();
        port.map_or(0.0, |port| {
            topology.profile(port.wire).rate.bits_per_second() as f64
        })
    }

    fn limit(&self, count: usize, findings: &mut Findings) -> Option<()> {
        if count <= MAX_FLOWS as usize {
            return Some(());
        }
        let hosts = self.hosts.len();
        findings
            .error(
                self.place(),
                format!("{hosts} hosts make too many flows: at most {MAX_FLOWS} are possible"),
            )
            .help("name fewer hosts with `among`, or take another pattern");
        None
    }

    fn place(&self) -> Option<Place> {
        self.table.value.pattern.place()
    }
}
