//! What a ladder shows, before anybody draws it: columns from left to right, rows in time order.
//!
//! Renderers only draw this; everything that needs the story, the topology or a dissection has
//! been done when a [`Ladder`] exists.

use std::fmt;

use crate::{
    ids::NodeId,
    topology::NodeKind,
    units::{SimTime, Span},
    wire::OsiLayer,
};

/// A ladder diagram: who sent what to whom, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    /// Above the picture.
    pub title: String,
    /// The lifelines, from left to right.
    pub columns: Vec<Column>,
    /// What happened, in time order.
    pub rows: Vec<Row>,
    /// How many frames of this ladder's subject are not in it, because it would be too long or
    /// the story was not kept that far.
    pub left_out: u64,
    /// True if silent nodes between two columns are not shown.
    pub end_to_end: bool,
    /// What it tells of, if that is only a part of a large network.
    pub excerpt: Option<String>,
    /// True if `all.pcapng` holds the frames that are left out.
    pub captured: bool,
}

/// A lifeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The node.
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// Its first address, if it has one.
    pub address: Option<String>,
}

/// One thing that a ladder shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A frame under way.
    Arrow(Arrow),
    /// A frame that died in a node.
    Death(Death),
    /// A node's end of a connection entered a state.
    State(State),
    /// Nothing happened for long.
    Silence(Silence),
    /// Packets that are left out here.
    Skipped(Skipped),
}

/// A frame on its way from one column to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrow {
    /// The packet's number in this ladder, from 1. All hops of a packet have the same.
    pub number: usize,
    /// Index of the column it leaves.
    pub from: usize,
    /// Index of the column it goes to.
    pub to: usize,
    /// When it was handed to the sending port.
    pub sent: SimTime,
    /// When it waited in the sending port's queue, until then.
    pub departs: SimTime,
    /// When it arrives, or would have arrived.
    pub arrives: SimTime,
    /// Why and where it was lost, if it was.
    pub lost: Option<String>,
    /// What it says.
    pub label: Label,
    /// True on the first arrow of a packet, where its full label belongs.
    pub first: bool,
    /// True if the node sends the same frame out of several ports at once, and another arrow
    /// already says so: a switch or hub that floods.
    pub sibling: bool,
    /// What is special about it.
    pub mark: Option<Mark>,
}

impl Arrow {
    /// True if it points to the right.
    pub const fn points_right(&self) -> bool {
        self.from < self.to
    }

    /// The leftmost and the rightmost column it touches.
    pub fn columns(&self) -> (usize, usize) {
        (self.from.min(self.to), self.from.max(self.to))
    }

    /// What can be written along it, from the longest form to the shortest. An application's
    /// numbers stand only on the first hop. What is special about it stands in all of them.
    pub fn label_forms(&self) -> Vec<LabelForm> {
        let full = self.label.full();
        let texts = if self.first {
            vec![full, self.label.main.clone(), self.label.brief.clone()]
        } else {
            vec![self.label.main.clone(), self.label.brief.clone()]
        };
        let mark = self.mark.map(Mark::words);
        let mut forms: Vec<LabelForm> = texts
            .into_iter()
            .map(|text| LabelForm {
                text,
                mark: mark.as_ref().map(|words| format!("({words})")),
            })
            .collect();
        let short = self.mark.map(Mark::short_words);
        forms.extend([mark, short].into_iter().flatten().map(|words| LabelForm {
            text: String::new(),
            mark: Some(words),
        }));
        forms.dedup();
        forms
    }

    /// How long it takes from sender to receiver.
    pub const fn flight(&self) -> Span {
        self.arrives.since(self.sent)
    }
}

/// What is said along an arrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The most important: `GET /api/users/123`, `SYN seq=0`.
    pub main: String,
    /// The transport's numbers beside an application's line: `seq=1 ack=1 len=82`.
    pub numbers: Option<String>,
    /// A few words, where there is little room: `SYN`.
    pub brief: String,
    /// The highest layer in it: its colour.
    pub layer: OsiLayer,
}

impl Label {
    /// Main line and numbers.
    pub fn full(&self) -> String {
        match &self.numbers {
            Some(numbers) => format!("{}  {numbers}", self.main),
            None => self.main.clone(),
        }
    }
}

/// One way to write a label: `ACK 100`, `(duplicate ACK)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelForm {
    /// What the frame says. May be empty if there is a mark.
    pub text: String,
    /// What is special about it.
    pub mark: Option<String>,
}

impl fmt::Display for LabelForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.mark {
            None => f.write_str(&self.text),
            Some(mark) if self.text.is_empty() => f.write_str(mark),
            Some(mark) => write!(f, "{} {mark}", self.text),
        }
    }
}

/// What is special about a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It carries again what packet number so-and-so of this ladder carried first.
    RetransmissionOf(usize),
    /// The same, and fast recovery sent it.
    FastRetransmit(usize),
    /// The same, after the retransmission timer ran out.
    TimeoutRetransmit(usize),
    /// It is to bring an ACK, should the end of the flight be lost (RFC 8985, section 7): new data,
    /// or what a packet of this ladder carried first.
    TailLossProbe(Option<usize>),
    /// It asks whether the peer's window is still closed.
    WindowProbe,
    /// It is larger than others, to see whether the path takes it (RFC 4821).
    MtuProbe,
    /// It says that data came twice: what was sent again had not been lost (RFC 2883).
    Spurious,
    /// A queue on the way marked it instead of dropping it (RFC 3168).
    CongestionExperienced,
    /// The link made a second copy of it.
    Duplicate,
    /// It repeats the acknowledgment before it.
    DuplicateAck,
    /// It probes a silent peer.
    KeepAlive,
}

impl Mark {
    /// The number of the packet that it carries again.
    pub const fn original(self) -> Option<usize> {
        match self {
            Self::RetransmissionOf(number)
            | Self::FastRetransmit(number)
            | Self::TimeoutRetransmit(number) => Some(number),
            Self::TailLossProbe(number) => number,
            _ => None,
        }
    }

    /// In as few words as possible.
    fn short_words(self) -> String {
        match self {
            Self::RetransmissionOf(number) => format!("repeats {number}"),
            Self::FastRetransmit(number) => format!("fast: repeats {number}"),
            Self::TimeoutRetransmit(number) => format!("RTO: repeats {number}"),
            Self::TailLossProbe(_) => "TLP".to_owned(),
            Self::Spurious => "DSACK".to_owned(),
            Self::CongestionExperienced => "CE".to_owned(),
            other => other.words(),
        }
    }

    /// In words, for labels.
    pub fn words(self) -> String {
        match self {
            Self::RetransmissionOf(number) => format!("retransmission of {number}"),
            Self::FastRetransmit(number) => format!("fast retransmit of {number}"),
            Self::TimeoutRetransmit(number) => format!("RTO retransmit of {number}"),
            Self::TailLossProbe(Some(number)) => format!("tail-loss probe, repeats {number}"),
            Self::TailLossProbe(None) => "tail-loss probe".to_owned(),
            Self::WindowProbe => "window probe".to_owned(),
            Self::MtuProbe => "path MTU probe".to_owned(),
            Self::Spurious => "DSACK: spurious retransmit".to_owned(),
            Self::CongestionExperienced => "ECN mark".to_owned(),
            Self::Duplicate => "duplicate".to_owned(),
            Self::DuplicateAck => "duplicate ACK".to_owned(),
            Self::KeepAlive => "keep-alive".to_owned(),
        }
    }
}

/// A frame that died in a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    /// The packet's number in this ladder.
    pub number: usize,
    /// Index of the column.
    pub column: usize,
    /// When.
    pub at: SimTime,
    /// Why.
    pub reason: String,
    /// What it said.
    pub label: Label,
}

/// A socket's new state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Index of the column.
    pub column: usize,
    /// When.
    pub at: SimTime,
    /// The state: `ESTABLISHED`.
    pub name: &'static str,
}

/// A long time in which nothing was under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// Its beginning.
    pub from: SimTime,
    /// Its end.
    pub until: SimTime,
}

impl Silence {
    /// How long it lasted.
    pub const fn length(&self) -> Span {
        self.until.since(self.from)
    }
}

impl Skipped {
    /// In words, for pictures.
    pub fn words(&self) -> String {
        match self.packets {
            1 => "1 packet not shown".to_owned(),
            n => format!("{n} packets not shown"),
        }
    }
}

/// Packets left out of a long ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skipped {
    /// How many packets.
    pub packets: usize,
    /// When the first of them was sent, or later: when all that was sent before it had arrived.
    pub from: SimTime,
    /// When the last of them was sent.
    pub until: SimTime,
}

impl Row {
    /// When it happened, or began.
    pub const fn at(&self) -> SimTime {
        match self {
            Self::Arrow(arrow) => arrow.sent,
            Self::Death(death) => death.at,
            Self::State(state) => state.at,
            Self::Silence(silence) => silence.from,
            Self::Skipped(skipped) => skipped.from,
        }
    }
}

impl Ladder {
    /// The arrows, in time order.
    pub fn arrows(&self) -> impl Iterator<Item = &Arrow> {
        self.rows.iter().filter_map(|row| match row {
            Row::Arrow(arrow) => Some(arrow),
            _ => None,
        })
    }

    /// The layers that appear in it, highest first: what a legend must explain.
    pub fn layers(&self) -> Vec<OsiLayer> {
        let mut layers: Vec<OsiLayer> = self.arrows().map(|a| a.label.layer).collect();
        layers.sort_unstable_by(|a, b| b.cmp(a));
        layers.dedup();
        layers
    }

    /// The sentence that says how much is not shown, if anything is.
    pub fn left_out_words(&self) -> Option<String> {
        let place = match self.captured {
            true => "in all.pcapng",
            false => "not shown",
        };
        match self.left_out {
            0 => None,
            1 => Some(format!("1 more frame is {place}")),
            n => Some(format!("{n} more frames are {place}")),
        }
    }
}
