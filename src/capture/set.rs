//! All captures of one run: a recorder.
//!
//! One capture per vantage card holds what the card sent and received, as if Wireshark had
//! listened there. `all` holds every interface of the network, and the frames that died before
//! they reached a wire. docs/output.md says it for users.

use std::{
    fs,
    io::{self, Write as _},
    net::IpAddr,
    path::{Path, PathBuf},
};

use super::{
    interface::{FileNames, Interface},
    output::{Output, Sight, Style},
    pcapng::PacketDirection,
    secrets::{KEY_LOG_FILE, Secrets},
    spool::Spool,
};
use crate::{
    ids::{NodeId, PortId, WireId},
    scenario::plan::{CaptureFormat, CapturePlan},
    topology::Topology,
    trace::{
        AppEvent, AppEventKind, DropReason, Fate, FrameDropped, FrameReceived, FrameSent, Record,
        Recorder, TlsSecret,
    },
};

/// Writes the captures of a run. Files have the ending `.part` until [`CaptureSet::finish`]; if
/// the set is dropped before, they are removed. No file stays open between writes.
#[derive(Debug)]
pub struct CaptureSet {
    outputs: Vec<Output>,
    /// By node, by port: the capture of that card.
    cards: Vec<Vec<Option<usize>>>,
    all: Option<All>,
    names: Names,
    secrets: Secrets,
    /// Where the secrets go at the end.
    key_log: PathBuf,
}

/// The capture of every interface.
#[derive(Debug)]
struct All {
    output: usize,
    /// By node: the number of its first interface.
    first: Vec<u32>,
}

/// What comments call the parts of the network.
#[derive(Debug)]
struct Names {
    nodes: Vec<String>,
    /// By node, by port.
    ports: Vec<Vec<String>>,
    /// By wire: "wan (r1 to r2)".
    wires: Vec<String>,
}

impl CaptureSet {
    /// Starts the captures that `plan` asks for in the folder `directory`, which is made if it is
    /// missing. `epoch` is the calendar time of virtual time zero \[ns since 1970-01-01 UTC\].
    ///
    /// # Errors
    /// If a file cannot be made; the error names it. Nothing stays behind.
    pub fn create(
        directory: &Path,
        topology: &Topology,
        plan: &CapturePlan,
        epoch: u64,
    ) -> io::Result<Self> {
        fs::create_dir_all(directory)
            .map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", directory.display())))?;
        let builder = Builder {
            directory,
            topology,
            style: Style {
                format: plan.format,
                snap_length: plan.snap_length,
                epoch,
                buffer: buffer_size(plan.vantage.len() + 1),
            },
            files: FileNames::default(),
            outputs: Vec::new(),
        };
        builder.build(plan)
    }

    /// Ends all captures and gives them their names. Returns their paths: the cards' in the order
    /// of the plan, then `all`, then the file of TLS secrets if there are any.
    ///
    /// # Errors
    /// If the last bytes cannot be written; then no unfinished file stays behind.
    pub fn finish(self) -> io::Result<Vec<PathBuf>> {
        let whole: Vec<_> = self
            .outputs
            .into_iter()
            .map(Output::finish)
            .collect::<io::Result<_>>()?;
        let mut paths: Vec<_> = whole
            .into_iter()
            .map(Spool::commit)
            .collect::<io::Result<_>>()?;
        let secrets = self.secrets.lines();
        if !secrets.is_empty() {
            let mut file = Spool::create(self.key_log, 4 << 10)?;
            file.write_all(secrets.as_bytes())?;
            paths.push(file.commit()?);
        }
        Ok(paths)
    }

    /// A secret goes into every capture that can hold frames which it opens.
    fn secret(&mut self, node: NodeId, secret: &TlsSecret) -> io::Result<()> {
        let Some(fresh) = self.secrets.take(node, secret) else {
            return Ok(());
        };
        for (at, cards) in (0_u32..).map(NodeId).zip(&self.cards) {
            if self.secrets.concerns(at, &fresh) {
                for output in cards.iter().flatten() {
                    self.outputs[*output].secret(&fresh.line)?;
                }
            }
        }
        match &self.all {
            Some(all) => self.outputs[all.output].secret(&fresh.line),
            None => Ok(()),
        }
    }

    fn sent(&mut self, sent: &FrameSent<'_>) -> io::Result<()> {
        if sent.duplicate {
            return Ok(());
        }
        let comment = match sent.fate {
            Fate::Arrives(_) => None,
            Fate::Lost(_, why) => Some(self.names.lost(sent.wire, why)),
        };
        self.at_card(
            (sent.node, sent.port),
            &Sight {
                interface: 0,
                at: sent.at.as_nanos(),
                direction: Some(PacketDirection::Outbound),
                bytes: sent.bytes,
                comment: comment.as_deref(),
            },
        )
    }

    fn received(&mut self, received: &FrameReceived<'_>) -> io::Result<()> {
        self.at_card(
            (received.node, received.port),
            &Sight {
                interface: 0,
                at: received.at.as_nanos(),
                direction: Some(PacketDirection::Inbound),
                bytes: received.bytes,
                comment: None,
            },
        )
    }

    fn dropped(&mut self, dropped: &FrameDropped<'_>) -> io::Result<()> {
        // The record of the sender already tells of a death on the wire.
        if dropped.why.is_on_the_wire() || self.all.is_none() {
            return Ok(());
        }
        let comment = self.names.dropped(dropped.node, dropped.port, dropped.why);
        self.in_all(
            (dropped.node, dropped.port),
            &Sight {
                interface: 0,
                at: dropped.at.as_nanos(),
                direction: None,
                bytes: dropped.bytes,
                comment: Some(&comment),
            },
        )
    }

    /// Writes to the card's own capture, if it has one, and to `all`.
    fn at_card(&mut self, card: (NodeId, PortId), sight: &Sight<'_>) -> io::Result<()> {
        let ports = self.cards.get(card.0.index());
        let own = ports.and_then(|p| p.get(card.1.index()).copied().flatten());
        if let Some(output) = own {
            self.outputs[output].write(sight)?;
        }
        self.in_all(card, sight)
    }

    fn in_all(&mut self, card: (NodeId, PortId), sight: &Sight<'_>) -> io::Result<()> {
        let Some(all) = &self.all else {
            return Ok(());
        };
        let first = all.first.get(card.0.index()).copied().unwrap_or_default();
        let interface = first + u32::from(card.1.0);
        self.outputs[all.output].write(&Sight {
            interface,
            ..*sight
        })
    }
}

impl Recorder for CaptureSet {
    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        match record {
            Record::Sent(sent) => self.sent(sent),
            Record::Received(received) => self.received(received),
            Record::Dropped(dropped) => self.dropped(dropped),
            Record::App(AppEvent {
                node,
                kind: AppEventKind::Secret(secret),
                ..
            }) => self.secret(*node, secret),
            _ => Ok(()),
        }
    }
}

impl Names {
    fn of(topology: &Topology) -> Self {
        let wires = (0..topology.links.len() * 2).map(WireId::from_index);
        Self {
            nodes: topology.nodes.iter().map(|n| n.name.clone()).collect(),
            ports: topology
                .node_ids()
                .map(|id| {
                    ports(topology, id)
                        .map(|p| topology.port_name(id, p))
                        .collect()
                })
                .collect(),
            wires: wires.map(|wire| wire_name(topology, wire)).collect(),
        }
    }

    fn lost(&self, wire: WireId, why: DropReason) -> String {
        let wire = self
            .wires
            .get(wire.index())
            .map_or("a wire", String::as_str);
        format!("netsim: lost on {wire}: {why}")
    }

    fn dropped(&self, node: NodeId, port: PortId, why: DropReason) -> String {
        let name = self
            .nodes
            .get(node.index())
            .map_or("a node", String::as_str);
        let ports = self.ports.get(node.index());
        match ports.and_then(|p| p.get(port.index())) {
            Some(port) => format!("netsim: dropped at {name} ({port}): {why}"),
            None => format!("netsim: dropped at {name}: {why}"),
        }
    }
}

fn wire_name(topology: &Topology, wire: WireId) -> String {
    let [from, to] = [topology.source(wire), topology.target(wire)]
        .map(|end| topology.node(end.node).name.as_str());
    format!("{} ({from} to {to})", topology.link(wire.link).name)
}

/// The ports of a node.
fn ports(topology: &Topology, node: NodeId) -> impl Iterator<Item = PortId> + use<> {
    let count = u16::try_from(topology.node(node).ports.len()).unwrap_or(u16::MAX);
    (0..count).map(PortId)
}

/// How many bytes of each of `files` captures may wait in memory: 32 MiB in all, but from 4 to
/// 256 KiB each, and a power of two: [`Spool`](super::spool::Spool) says why.
fn buffer_size(files: usize) -> usize {
    (BUFFERS / files.next_power_of_two()).clamp(4 << 10, 256 << 10)
}

/// Makes the files of a set.
struct Builder<'a> {
    directory: &'a Path,
    topology: &'a Topology,
    style: Style,
    files: FileNames,
    outputs: Vec<Output>,
}

impl Builder<'_> {
    fn build(mut self, plan: &CapturePlan) -> io::Result<CaptureSet> {
        let all_name = self.files.unique("all");
        let counts = self.topology.nodes.iter().map(|n| n.ports.len());
        let mut cards: Vec<Vec<Option<usize>>> = counts.map(|n| vec![None; n]).collect();
        // So many captures with so many names each would be mostly names.
        let few = self.names().count() * plan.vantage.len() <= MAX_NAMES;
        for &(node, port) in &plan.vantage {
            let name = self.files.of_port(self.topology, node, port);
            let interface = self.interface(node, port);
            cards[node.index()][port.index()] = Some(self.add(&name, &[interface], few)?);
        }
        let all = match plan.all {
            true => Some(self.add_all(&all_name)?),
            false => None,
        };
        Ok(CaptureSet {
            names: Names::of(self.topology),
            secrets: Secrets::new(self.topology),
            key_log: self.directory.join(KEY_LOG_FILE),
            outputs: self.outputs,
            cards,
            all,
        })
    }

    fn add_all(&mut self, name: &str) -> io::Result<All> {
        let mut interfaces: Vec<Interface> = Vec::new();
        let mut first = Vec::new();
        for id in self.topology.node_ids() {
            first.push(u32::try_from(interfaces.len()).unwrap_or(u32::MAX));
            interfaces.extend(ports(self.topology, id).map(|p| self.interface(id, p)));
        }
        let output = self.add(name, &interfaces, true)?;
        Ok(All { output, first })
    }

    fn add(&mut self, name: &str, interfaces: &[Interface], names: bool) -> io::Result<usize> {
        let ending = match self.style.format {
            CaptureFormat::Pcapng => "pcapng",
            CaptureFormat::Pcap => "pcap",
        };
        let path = self.directory.join(format!("{name}.{ending}"));
        let names = self.names().filter(|_| names);
        let output = Output::create(path, self.style, interfaces, names)?;
        self.outputs.push(output);
        Ok(self.outputs.len() - 1)
    }

    fn interface(&self, node: NodeId, port: PortId) -> Interface {
        Interface::of_port(self.topology, node, port, self.style.snap_length)
    }

    /// Every address and the name of its node.
    fn names(&self) -> impl Iterator<Item = (IpAddr, &str)> {
        let nodes = self.topology.nodes.iter();
        nodes.flat_map(|n| n.addresses().map(|a| (a, n.name.as_str())))
    }
}

/// What all captures together may keep in memory \[bytes\].
const BUFFERS: usize = 32 << 20;
/// How many name records the captures of cards may hold together; if they would hold more, only
/// `all` has names.
const MAX_NAMES: usize = 1 << 20;
