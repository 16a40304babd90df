//! Probes that come back (ping, echo) and the hops of a traceroute.

use std::net::IpAddr;

use serde::Serialize;

use crate::{
    osi::application::report::{Probe, TraceHop},
    topology::Topology,
    units::Span,
};

/// All probes of an entry and what they come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProbeList {
    /// Probes sent.
    pub sent: u64,
    /// Probes that the one asked answered.
    pub answered: u64,
    /// The shortest round trip.
    pub rtt_min_ns: Option<u64>,
    /// The mean, rounded down.
    pub rtt_mean_ns: Option<u64>,
    /// The longest.
    pub rtt_max_ns: Option<u64>,
    /// Each probe.
    pub list: Vec<ProbeSummary>,
}

impl ProbeList {
    pub(in crate::report) fn new(probes: &[Probe]) -> Self {
        let answered = probes.iter().filter(|p| p.error.is_none());
        let rtts: Vec<u64> = answered.filter_map(|p| Some(p.rtt?.as_nanos())).collect();
        let sum: u128 = rtts.iter().copied().map(u128::from).sum();
        let mean = sum.checked_div(rtts.len() as u128);
        Self {
            sent: probes.len() as u64,
            answered: rtts.len() as u64,
            rtt_min_ns: rtts.iter().min().copied(),
            rtt_mean_ns: mean.and_then(|m| u64::try_from(m).ok()),
            rtt_max_ns: rtts.iter().max().copied(),
            list: probes.iter().map(ProbeSummary::new).collect(),
        }
    }
}

/// One probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProbeSummary {
    /// Its number, from 1.
    pub number: u32,
    /// When it was sent.
    pub sent_ns: u64,
    /// How long until the answer.
    pub rtt_ns: Option<u64>,
    /// Who answered, if it was not the one asked.
    pub from: Option<IpAddr>,
    /// What went wrong.
    pub error: Option<String>,
}

impl ProbeSummary {
    fn new(x: &Probe) -> Self {
        Self {
            number: x.number,
            sent_ns: x.sent.as_nanos(),
            rtt_ns: x.rtt.map(Span::as_nanos),
            from: x.from,
            error: x.error.clone(),
        }
    }
}

/// One hop of a traceroute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TraceHopSummary {
    /// The TTL of the probes.
    pub ttl: u8,
    /// Who answered; `null` if nobody did.
    pub address: Option<IpAddr>,
    /// The node that owns the address.
    pub node: Option<String>,
    /// The round trip of each probe; `null` where no answer came.
    pub rtts_ns: Vec<Option<u64>>,
    /// True if it is the destination itself.
    pub reached: bool,
}

impl TraceHopSummary {
    pub(super) fn new(topology: &Topology, x: &TraceHop) -> Self {
        let owner = x.address.and_then(|a| topology.owner(a));
        Self {
            ttl: x.ttl,
            address: x.address,
            node: owner.map(|id| topology.node(id).name.clone()),
            rtts_ns: x.rtts.iter().map(|r| r.map(Span::as_nanos)).collect(),
            reached: x.reached,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimTime;

    fn probe(number: u32, rtt_ms: Option<u64>, error: Option<&str>) -> Probe {
        Probe {
            number,
            sent: SimTime::ZERO,
            rtt: rtt_ms.map(Span::from_millis),
            from: None,
            error: error.map(str::to_owned),
        }
    }

    #[test]
    fn an_icmp_error_is_no_answer_of_the_one_asked() {
        // Answers after 10 and 20 ms: mean 15 ms. The error came back too, but from a router.
        let probes = [
            probe(1, Some(10), None),
            probe(2, Some(20), None),
            probe(3, Some(1), Some("time exceeded")),
            probe(4, None, Some("no answer")),
        ];
        let list = ProbeList::new(&probes);
        assert_eq!((list.sent, list.answered), (4, 2));
        assert_eq!(list.rtt_mean_ns, Some(15_000_000));
        assert_eq!(list.rtt_min_ns, Some(10_000_000));
    }
}
