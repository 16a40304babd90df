//! The tree that a dissection yields.

use std::ops::Range;

use crate::wire::OsiLayer;

/// What one frame is made of, outermost layer first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dissection {
    /// The layers in the order of the bytes.
    pub layers: Vec<Layer>,
}

impl Dissection {
    /// The layer of highest OSI number: what the frame is about.
    pub fn highest(&self) -> Option<&Layer> {
        self.layers.iter().max_by_key(|l| l.osi)
    }

    /// The first layer of this protocol ("tcp", "http" ...).
    pub fn layer(&self, protocol: &str) -> Option<&Layer> {
        self.layers.iter().find(|l| l.protocol == protocol)
    }
}

/// One protocol's part of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Its floor.
    pub osi: OsiLayer,
    /// Short lower-case name, as in Wireshark filters: "eth", "arp", "ip", "icmp", "tcp", "udp",
    /// "http", "dns", "data".
    pub protocol: &'static str,
    /// The name for people: "Transmission Control Protocol".
    pub title: &'static str,
    /// One line that says it all: `54321 → 80 [SYN] Seq=0 Win=64240`.
    pub summary: String,
    /// Which bytes of the frame are this layer's own (its header; for the innermost layer all).
    pub range: Range<usize>,
    /// Its fields, in the order of the bytes.
    pub fields: Vec<Field>,
}

impl Layer {
    /// The value of the field called `name`.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|f| f.name == name)
            .map(|f| f.value.as_str())
    }
}

/// One field of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// As in Wireshark filters, without the protocol: "srcport", "flags.syn".
    pub name: &'static str,
    /// The name for people: "Source port".
    pub label: &'static str,
    /// Its value as text.
    pub value: String,
    /// Which bytes of the frame it stands in.
    pub range: Range<usize>,
}
