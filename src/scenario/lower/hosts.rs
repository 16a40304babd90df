//! Settings of hosts and routers: the node's own, else those of `[defaults.host]`, else built in.

use std::collections::BTreeMap;

use super::{nodes::Nodes, ranges};
use crate::{
    osi::transport::{CongestionControl, TcpConfig, TcpMachine},
    scenario::{
        limits::{MAX_BUFFER, MAX_DELAYED_ACK, MAX_SPAN, MIN_BUFFER},
        plan::HostConfig,
        schema::{Field, File, Host, Node, SpanOrOff, Tcp},
        text::Findings,
    },
    units::Span,
};

/// The settings of every node, by number.
pub(super) fn read(file: &File, nodes: &Nodes, findings: &mut Findings) -> Vec<HostConfig> {
    // The defaults are read for themselves too, so that a mistake in them shows without nodes.
    let defaults = &file.defaults.host;
    let usual = merged(&Node::default(), defaults, findings);
    let each = file.node.0.iter().zip(&nodes.kinds);
    let written = each.map(|((_, node), kind)| {
        if kind.speaks_ip() {
            merged(&node.value, defaults, findings)
        } else {
            refuse_ip_keys(&node.value, kind.name(), findings);
            HostConfig::default()
        }
    });
    let mut all = Vec::with_capacity(nodes.kinds.len());
    all.extend(written);
    all.extend(nodes.kinds[all.len()..].iter().map(|kind| {
        if kind.speaks_ip() {
            usual.clone()
        } else {
            HostConfig::default()
        }
    }));
    all
}

fn merged(node: &Node, defaults: &Host, findings: &mut Findings) -> HostConfig {
    let ttl = node.ttl.or(&defaults.ttl);
    HostConfig {
        tcp: tcp(&node.tcp, &defaults.tcp, findings).into(),
        arp: node
            .arp
            .or(&defaults.arp)
            .read(findings)
            .unwrap_or_default(),
        ttl: ranges::within(&ttl, "ttl", 1..=255, findings),
        silent: !node
            .icmp_errors
            .or(&defaults.icmp_errors)
            .read(findings)
            .unwrap_or(true),
        source_ways: BTreeMap::new(),
    }
}

fn tcp(own: &Tcp, fallback: &Tcp, findings: &mut Findings) -> TcpConfig {
    let stack = own.stack.or(&fallback.stack).read(findings);
    let usual = match stack.unwrap_or_default() {
        TcpMachine::Native => TcpConfig::native(),
        TcpMachine::Smoltcp => TcpConfig::smoltcp(),
    };
    let mut buffer = |own: &Field<_>, fallback, key| {
        ranges::size(&own.or(fallback), key, MIN_BUFFER..=MAX_BUFFER, findings)
    };
    let send_buffer = buffer(&own.send_buffer, &fallback.send_buffer, "send_buffer");
    let receive_buffer = buffer(
        &own.receive_buffer,
        &fallback.receive_buffer,
        "receive_buffer",
    );
    let min_rto = own.min_rto.or(&fallback.min_rto);
    let min_rto = ranges::within(&min_rto, "min_rto", LEAST_RTO..=MOST_RTO, findings);
    let backlog = own.backlog.or(&fallback.backlog);
    let backlog = ranges::within(&backlog, "backlog", 1..=MOST_BACKLOG, findings);
    let rto_floor = own.rto_floor.or(&fallback.rto_floor).read(findings);
    let rto_floor = rto_floor.unwrap_or_default();
    let mut timer = |own: &Field<_>, fallback, key, most, usual| {
        let field = own.or(fallback);
        or_off(&field, key, most, findings).unwrap_or(usual)
    };
    TcpConfig {
        machine: usual.machine,
        own_congestion: None,
        trace: false,
        delayed_ack: timer(
            &own.delayed_ack,
            &fallback.delayed_ack,
            "delayed_ack",
            MAX_DELAYED_ACK,
            usual.delayed_ack,
        ),
        timeout: timer(
            &own.timeout,
            &fallback.timeout,
            "timeout",
            MAX_SPAN,
            usual.timeout,
        ),
        keep_alive: timer(
            &own.keep_alive,
            &fallback.keep_alive,
            "keep_alive",
            MAX_SPAN,
            usual.keep_alive,
        ),
        congestion: congestion(
            &own.congestion.or(&fallback.congestion),
            usual.machine,
            findings,
        ),
        ecn: own
            .ecn
            .or(&fallback.ecn)
            .read(findings)
            .unwrap_or(usual.ecn),
        pacing: own
            .pacing
            .or(&fallback.pacing)
            .read(findings)
            .unwrap_or(usual.pacing),
        nagle: own
            .nagle
            .or(&fallback.nagle)
            .read(findings)
            .unwrap_or(usual.nagle),
        min_rto: min_rto.unwrap_or_else(|| rto_floor.usual()),
        rto_floor,
        backlog: backlog.unwrap_or(usual.backlog),
        syn_cookies: own
            .syn_cookies
            .or(&fallback.syn_cookies)
            .read(findings)
            .unwrap_or(usual.syn_cookies),
        fast_open: own
            .fast_open
            .or(&fallback.fast_open)
            .read(findings)
            .unwrap_or(usual.fast_open),
        mtu_probing: own
            .mtu_probing
            .or(&fallback.mtu_probing)
            .read(findings)
            .unwrap_or(usual.mtu_probing),
        send_buffer: send_buffer.unwrap_or(usual.send_buffer),
        receive_buffer: receive_buffer.unwrap_or(usual.receive_buffer),
    }
}

/// Who decides how much may be in flight; smoltcp has three of them.
fn congestion(
    field: &Field<CongestionControl>,
    machine: TcpMachine,
    findings: &mut Findings,
) -> CongestionControl {
    use CongestionControl::{Cubic, None, Reno};
    let kind = field.read(findings).unwrap_or_default();
    if machine == TcpMachine::Smoltcp && !matches!(kind, None | Reno | Cubic) {
        findings
            .error(
                field.place(),
                format!("smoltcp has no congestion control `{kind}`"),
            )
            .help("leave out `stack = \"smoltcp\"`, or use \"none\", \"reno\" or \"cubic\"");
    }
    kind
}

/// The least retransmission time-out may be anything in between.
const LEAST_RTO: Span = Span::from_millis(1);
const MOST_RTO: Span = Span::from_secs(60);

/// As many as Linux's limit can be (`net.core.somaxconn`).
const MOST_BACKLOG: u32 = 65_535;

/// A time longer than zero and at most `most`, or "off".
fn or_off(
    field: &Field<SpanOrOff>,
    key: &str,
    most: Span,
    findings: &mut Findings,
) -> Option<Option<Span>> {
    let SpanOrOff(value) = field.read(findings)?;
    if value.is_none_or(|span| span > Span::ZERO && span <= most) {
        return Some(value);
    }
    findings.error(
        field.place(),
        format!(
            "`{key}` must be longer than zero and at most {}, or \"off\"",
            if most == MAX_SPAN {
                "366 days".to_owned()
            } else {
                most.to_string()
            }
        ),
    );
    None
}

/// Switches and hubs have no addresses, no routes and no TCP.
fn refuse_ip_keys(node: &Node, kind: &str, findings: &mut Findings) {
    let tcp = &node.tcp;
    let given = [
        ("address", node.address.place()),
        (
            "addresses",
            node.addresses.0.first().map(|(name, _)| name.place.clone()),
        ),
        ("mac", node.mac.place()),
        (
            "macs",
            node.macs.0.first().map(|(name, _)| name.place.clone()),
        ),
        ("gateway", node.gateway.place()),
        ("routes", node.routes.place.clone()),
        ("routing", node.routing.place()),
        ("arp", node.arp.place()),
        ("ttl", node.ttl.place()),
        ("icmp_errors", node.icmp_errors.place()),
        ("tcp.stack", tcp.stack.place()),
        ("tcp.congestion", tcp.congestion.place()),
        ("tcp.nagle", tcp.nagle.place()),
        ("tcp.ecn", tcp.ecn.place()),
        ("tcp.pacing", tcp.pacing.place()),
        ("tcp.min_rto", tcp.min_rto.place()),
        ("tcp.rto_floor", tcp.rto_floor.place()),
        ("tcp.backlog", tcp.backlog.place()),
        ("tcp.syn_cookies", tcp.syn_cookies.place()),
        ("tcp.fast_open", tcp.fast_open.place()),
        ("tcp.mtu_probing", tcp.mtu_probing.place()),
        ("tcp.delayed_ack", tcp.delayed_ack.place()),
        ("tcp.send_buffer", tcp.send_buffer.place()),
        ("tcp.receive_buffer", tcp.receive_buffer.place()),
        ("tcp.timeout", tcp.timeout.place()),
        ("tcp.keep_alive", tcp.keep_alive.place()),
    ];
    for (key, place) in given.into_iter().filter(|(_, place)| place.is_some()) {
        findings
            .error(place, format!("a {kind} has no `{key}`"))
            .help("only hosts and routers speak IP; leave the key out or change `kind`");
    }
}
