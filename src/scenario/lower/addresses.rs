//! The address of every card: those of the file, and the next free one of the subnet for the rest.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr},
};

use ipnet::{IpNet, Ipv4Net};

use super::{
    generate::Sketch,
    ports,
    subnets::{self, Subnets},
};
use crate::{
    ids::{NodeId, PortId},
    osi::application::spec::DhcpClient,
    scenario::{
        plan::FilledIn,
        schema::{CardAddress, File},
        text::{Findings, Place},
    },
    topology::{NodeKind, SegmentId, Segments, Topology},
};

type Card = (NodeId, PortId);

/// The addresses of the file, by card.
type Written = BTreeMap<Card, (Ipv4Net, Place)>;

/// Gives every card of a host or router its address.
pub(super) fn assign(
    file: &File,
    topology: &mut Topology,
    (sketch, clients): (&Sketch, &BTreeMap<NodeId, DhcpClient>),
    filled: &mut FilledIn,
    findings: &mut Findings,
) {
    let written = written(file, topology, findings);
    if findings.failed() {
        return;
    }
    let mut taken = Subnets::default();
    number_cables(topology, sketch, &mut taken);
    if file.link.items.is_empty() && sketch.is_numbered() {
        return;
    }
    let segments = Segments::of(topology);
    let mut nets: Vec<Option<Ipv4Net>> = Vec::new();
    for (segment, members) in segments.iter() {
        nets.push(written_net(
            (topology, sketch),
            segment,
            members,
            &written,
            &mut taken,
            findings,
        ));
    }
    if findings.failed() {
        return;
    }
    for ((segment, members), net) in segments.iter().zip(nets) {
        if is_numbered(topology, members) {
            continue;
        }
        // Whoever asks for an address on the wire gets none here.
        let asks = |card: &&Card| clients.contains_key(&card.0);
        let members: Vec<Card> = members.iter().filter(|card| !asks(card)).copied().collect();
        let members = members.as_slice();
        let net = net.or_else(|| taken.take_free(segment.0, members.len()));
        let Some(net) = net else {
            findings.error(None, "there are more subnets than fit into 10.0.0.0/8; write the addresses of some into the file");
            return;
        };
        fill(topology, net, members, &written, filled, findings);
    }
}

/// Gives the cards on generated cables their addresses, and takes the blocks they come from.
fn number_cables(topology: &mut Topology, sketch: &Sketch, taken: &mut Subnets) {
    for block in &sketch.blocks {
        // They do not overlap each other, and nothing else is taken yet.
        let _ = taken.take(*block);
    }
    for (number, cable) in sketch.cables.iter().enumerate() {
        let (Some(net), ends) = (cable.net, topology.links[number].ends) else {
            continue;
        };
        for (end, address) in ends.into_iter().zip(net.hosts()) {
            let port = &mut topology.nodes[end.node.index()].ports[end.port.index()];
            let net = Ipv4Net::new_assert(address, net.prefix_len());
            port.addresses = vec![IpNet::V4(net)];
        }
    }
}

/// True for the segment of a generated cable that has its own addresses.
fn is_numbered(topology: &Topology, members: &[Card]) -> bool {
    let first = members.first();
    first.is_some_and(|(node, port)| !topology.port(*node, *port).addresses.is_empty())
}

/// Reads the addresses of the file and checks each for itself.
fn written(file: &File, topology: &Topology, findings: &mut Findings) -> Written {
    let mut written = Written::new();
    let mut owners: BTreeMap<IpAddr, Place> = BTreeMap::new();
    for (node, (_, keys)) in topology.node_ids().zip(&file.node.0) {
        let keys = &keys.value;
        let given = ports::values(
            topology,
            node,
            ("address", &keys.address),
            &keys.addresses.0,
            findings,
        );
        for (port, net, place) in given {
            let CardAddress::Net(IpNet::V4(net)) = net else {
                continue;
            };
            check_address(net, &place, findings);
            if let Some(other) = owners.insert(net.addr().into(), place.clone()) {
                findings
                    .error(
                        place.clone(),
                        format!("the address {} is given twice", net.addr()),
                    )
                    .also(Some(other), "here too");
            }
            written.insert((node, port), (net, place));
        }
    }
    written
}

/// An address that a card can have.
fn check_address(net: Ipv4Net, place: &Place, findings: &mut Findings) {
    let address = net.addr();
    let (first, last) = subnets::usable(net);
    let problem = if !(8..=31).contains(&net.prefix_len()) {
        "its prefix length must be from 8 to 31".to_owned()
    } else if address.octets()[0] == 0 || address.is_loopback() || address.octets()[0] >= 224 {
        "no card can have it: it is of a special range (RFC 6890)".to_owned()
    } else if u32::from(address) < first {
        format!(
            "it is the address of the network itself; use {} or above",
            Ipv4Addr::from(first)
        )
    } else if u32::from(address) > last {
        format!(
            "it is the broadcast address; use {} or below",
            Ipv4Addr::from(last)
        )
    } else {
        return;
    };
    findings.error(
        place.clone(),
        format!("{net} cannot be a card's address: {problem}"),
    );
}

/// The subnet that the written addresses of a segment agree on, if there are any.
fn written_net(
    (topology, sketch): (&Topology, &Sketch),
    segment: SegmentId,
    members: &[Card],
    written: &Written,
    taken: &mut Subnets,
    findings: &mut Findings,
) -> Option<Ipv4Net> {
    let mut given = members
        .iter()
        .filter_map(|card| Some((card, written.get(card)?)));
    let (first_card, (net, place)) = given.next()?;
    for (card, (other, other_place)) in given {
        if other.trunc() != net.trunc() {
            let (a, b) = (name(topology, *card), name(topology, *first_card));
            findings
                .error(other_place.clone(), format!("{other} is not in the subnet of its neighbours, {}", net.trunc()))
                .also(Some(place.clone()), format!("{b} is on the same segment as {a}"))
                .help("cards that hear each other directly, or through switches and hubs, share one subnet");
        }
    }
    if let Some(block) = sketch.block_over(*net) {
        let message = format!("the subnet {} overlaps {block}", net.trunc());
        findings
            .error(place.clone(), message)
            .help(format!("{block} belongs to the nodes of `[generate]`"));
        return None;
    }
    if taken.take(net.trunc()).is_err() {
        let seldom = !findings.many();
        let other = seldom
            .then(|| overlapping(topology, segment, *net, written))
            .flatten();
        let mut diagnostic = findings.error(
            place.clone(),
            format!("the subnet {} is also used on another segment", net.trunc()),
        );
        if let Some((card, other)) = other {
            diagnostic = diagnostic.also(Some(other), format!("by {}", name(topology, card)));
        }
        diagnostic
            .help("every segment needs a subnet of its own, or routers cannot tell them apart");
    }
    Some(net.trunc())
}

/// A card on another segment whose subnet overlaps `net`.
fn overlapping(
    topology: &Topology,
    segment: SegmentId,
    net: Ipv4Net,
    written: &Written,
) -> Option<(Card, Place)> {
    let segments = Segments::of(topology);
    let elsewhere =
        |card: &Card| segments.of_link(topology.port(card.0, card.1).wire.link) != segment;
    written
        .iter()
        .find(|(card, (other, _))| {
            elsewhere(card) && (other.contains(&net.network()) || net.contains(&other.network()))
        })
        .map(|(card, (_, place))| (*card, place.clone()))
}

fn name(topology: &Topology, card: Card) -> String {
    topology.port_name(card.0, card.1)
}

/// Hands out the free addresses of `net`: routers from .1 upward, hosts from .10 upward.
fn fill(
    topology: &mut Topology,
    net: Ipv4Net,
    members: &[Card],
    written: &Written,
    filled: &mut FilledIn,
    findings: &mut Findings,
) {
    let mut used: BTreeSet<Ipv4Addr> = members
        .iter()
        .filter_map(|card| written.get(card))
        .map(|(net, _)| net.addr())
        .collect();
    let mut routers = subnets::for_routers(net);
    let mut hosts = subnets::for_hosts(net);
    let is_router =
        |topology: &Topology, card: &Card| topology.node(card.0).kind == NodeKind::Router;
    let (first, second): (Vec<Card>, Vec<Card>) =
        members.iter().partition(|card| is_router(topology, card));
    for card in first.into_iter().chain(second) {
        let own = written.get(&card).map(|(net, _)| net.addr());
        let next = || {
            filled.addresses.insert(card);
            if is_router(topology, &card) {
                routers.find(|address| used.insert(*address))
            } else {
                hosts.find(|address| used.insert(*address))
            }
        };
        let Some(address) = own.or_else(next) else {
            let place = members
                .iter()
                .find_map(|c| written.get(c))
                .map(|(_, p)| p.clone());
            findings
                .error(
                    place,
                    format!(
                        "the subnet {net} is too small for its {} cards",
                        members.len()
                    ),
                )
                .help("write a shorter prefix, such as /24");
            return;
        };
        if let Ok(address) = Ipv4Net::new(address, net.prefix_len()) {
            let port = &mut topology.nodes[card.0.index()].ports[card.1.index()];
            port.addresses = vec![IpNet::V4(address)];
        }
    }
}
