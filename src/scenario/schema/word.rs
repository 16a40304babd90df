//! Values that are one word out of a few.

use schemars::{Schema, json_schema};

use super::{scalar::Scalar, value::Value};
use crate::{
    osi::{
        application::spec::{
            Behaviour, EchoTransport, Flow, HttpVersion, LoginMechanism, PushTaking, RecordType,
            WebSocketFault, WebSocketMode,
        },
        presentation::{
            quic::{QuicCongestion, QuicVersion},
            tls::{CertificateKind, TlsVersion},
        },
        transport::{CongestionControl, MtuProbing, RtoFloor, TcpMachine},
    },
    scenario::{
        plan::{ArpMode, CaptureFormat},
        text::closest,
    },
    topology::{JitterShape, NodeKind},
};

/// Whether a node's table is filled by shortest paths or by hand alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Routing {
    #[default]
    Auto,
    Static,
}

/// The kind of a generated network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Star,
    Tree,
    FatTree,
    LeafSpine,
    Dumbbell,
    Ring,
    Grid,
    Waxman,
    BarabasiAlbert,
}

/// What stands in the middle of a star.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Center {
    #[default]
    Router,
    Switch,
    Hub,
}

/// Who fills the routing tables of a generated network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paths {
    Compact,
    Shortest,
}

/// The discipline of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AqmWord {
    None,
    Threshold,
    Red,
    Codel,
    FqCodel,
}

/// The application of a traffic entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AppWord {
    Http,
    Rest,
    Grpc,
    Dns,
    Udp,
    Tcp,
    Echo,
    Ping,
    Traceroute,
    Smtp,
    WebSocket,
    Sse,
}

/// Who talks to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PatternWord {
    /// Each host to the one `shift` further on.
    Permutation,
    /// Each host to another one, each of which hears of one.
    RandomPermutation,
    /// Each host to every other.
    AllToAll,
    /// Many hosts to one node.
    Incast,
    /// Pairs drawn at random, at random times.
    Random,
}

/// The shape of a distribution of sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SizeWord {
    Constant,
    Exponential,
    Uniform,
    Pareto,
    Lognormal,
}

/// How the times of an on/off source are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum TimesWord {
    #[default]
    Exponential,
    Constant,
}

/// The application of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerWord {
    Http,
    Rest,
    Grpc,
    Dns,
    Udp,
    Tcp,
    Echo,
    Smtp,
    Proxy,
    Hostile,
    WebSocket,
    Sse,
    Dhcp,
}

impl Center {
    /// The kind of box.
    pub(crate) const fn kind(self) -> NodeKind {
        match self {
            Self::Router => NodeKind::Router,
            Self::Switch => NodeKind::Switch,
            Self::Hub => NodeKind::Hub,
        }
    }
}

/// One word out of a few, as a value.
pub(crate) trait Word: Copy + PartialEq + 'static {
    /// All of them, with what they stand for.
    const WORDS: &'static [(&'static str, Self)];
}

/// The word that stands for a value.
fn word_of<T: Word>(value: T) -> &'static str {
    let found = T::WORDS.iter().find(|(_, known)| *known == value);
    found.map_or("", |(word, _)| word)
}

macro_rules! named_by_words {
    ($($t:ty),*) => {$(
        impl $t {
            /// The word itself.
            pub(crate) fn name(self) -> &'static str {
                word_of(self)
            }
        }
    )*};
}

named_by_words!(AppWord, ServerWord, AqmWord, Shape, PatternWord, SizeWord);

macro_rules! words_of {
    ($($t:ty, $kind:literal, [$($word:literal => $value:expr),*];)*) => {$(
        impl $crate::scenario::schema::word::Word for $t {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, $value)),*];
        }

        impl Value for $t {
            const KIND: &'static str = $kind;
            fn from_scalar(scalar: &Scalar) -> Result<Self, String> {
                let known = [$($word),*];
                let Scalar::Text(text) = scalar else {
                    return Err(format!(
                        "expected one of {}, found {}", $crate::scenario::schema::word::quoted(&known), scalar.describe()
                    ));
                };
                match text.as_str() {
                    $($word => Ok($value),)*
                    other => Err($crate::scenario::schema::word::unknown($kind, other, &known)),
                }
            }
            fn schema() -> Schema {
                json_schema!({ "type": "string", "enum": [$($word),*] })
            }
        }
    )*};
}

pub(super) use words_of;

words_of! {
    NodeKind, "a kind of node", [
        "host" => Self::Host, "router" => Self::Router, "switch" => Self::Switch, "hub" => Self::Hub
    ];
    JitterShape, "a distribution", ["uniform" => Self::Uniform, "normal" => Self::Normal];
    AqmWord, "a queue discipline", [
        "none" => Self::None, "threshold" => Self::Threshold, "red" => Self::Red,
        "codel" => Self::Codel, "fq-codel" => Self::FqCodel
    ];
    CongestionControl, "a congestion control", [
        "none" => Self::None, "reno" => Self::Reno, "newreno" => Self::NewReno,
        "cubic" => Self::Cubic, "cubic-rfc9438" => Self::CubicRfc, "bbr" => Self::Bbr,
        "bbr1" => Self::Bbr1, "dctcp" => Self::Dctcp, "vegas" => Self::Vegas
    ];
    TcpMachine, "a TCP", ["native" => Self::Native, "smoltcp" => Self::Smoltcp];
    MtuProbing, "a way of MTU probing", [
        "off" => Self::Off, "black-hole" => Self::BlackHole, "always" => Self::Always
    ];
    RtoFloor, "a floor of the time-out", ["linux" => Self::Linux, "rfc6298" => Self::Rfc6298];
    ArpMode, "an ARP mode", ["dynamic" => Self::Dynamic, "static" => Self::Static];
    Routing, "a way of routing", ["auto" => Self::Auto, "static" => Self::Static];
    Shape, "a kind of generated network", [
        "star" => Self::Star, "tree" => Self::Tree, "fat-tree" => Self::FatTree,
        "leaf-spine" => Self::LeafSpine, "dumbbell" => Self::Dumbbell, "ring" => Self::Ring,
        "grid" => Self::Grid, "waxman" => Self::Waxman,
        "barabasi-albert" => Self::BarabasiAlbert
    ];
    Center, "a centre", [
        "router" => Self::Router, "switch" => Self::Switch, "hub" => Self::Hub
    ];
    Paths, "a way of routing", ["compact" => Self::Compact, "shortest" => Self::Shortest];
    AppWord, "an application", [
        "http" => Self::Http, "rest" => Self::Rest, "grpc" => Self::Grpc, "dns" => Self::Dns, "udp" => Self::Udp, "tcp" => Self::Tcp,
        "echo" => Self::Echo, "ping" => Self::Ping, "traceroute" => Self::Traceroute,
        "smtp" => Self::Smtp, "websocket" => Self::WebSocket, "sse" => Self::Sse
    ];
    PatternWord, "a pattern", [
        "permutation" => Self::Permutation, "random-permutation" => Self::RandomPermutation,
        "all-to-all" => Self::AllToAll, "incast" => Self::Incast, "random" => Self::Random
    ];
    SizeWord, "a distribution of sizes", [
        "constant" => Self::Constant, "exponential" => Self::Exponential,
        "uniform" => Self::Uniform, "pareto" => Self::Pareto, "lognormal" => Self::Lognormal
    ];
    TimesWord, "a kind of times", [
        "exponential" => Self::Exponential, "constant" => Self::Constant
    ];
    ServerWord, "an application with a server", [
        "http" => Self::Http, "rest" => Self::Rest, "grpc" => Self::Grpc, "dns" => Self::Dns, "udp" => Self::Udp, "tcp" => Self::Tcp,
        "echo" => Self::Echo, "smtp" => Self::Smtp, "dhcp" => Self::Dhcp, "proxy" => Self::Proxy,
        "hostile" => Self::Hostile, "websocket" => Self::WebSocket, "sse" => Self::Sse
    ];
    LoginMechanism, "a way of logging in", ["plain" => Self::Plain, "login" => Self::Login];
    RecordType, "a type of record that is known here", [
        "A" => Self::A, "AAAA" => Self::Aaaa, "CNAME" => Self::Cname, "MX" => Self::Mx,
        "TXT" => Self::Txt, "PTR" => Self::Ptr, "NS" => Self::Ns, "SOA" => Self::Soa
    ];
    Behaviour, "a behaviour of hostile servers", [
        "garbage" => Self::Garbage, "silent" => Self::Silent,
        "close-at-once" => Self::CloseAtOnce, "close-in-the-middle" => Self::CloseInTheMiddle,
        "endless-header" => Self::EndlessHeader, "endless-body" => Self::EndlessBody,
        "body-too-long" => Self::BodyTooLong, "body-too-short" => Self::BodyTooShort,
        "stall" => Self::Stall, "bad-chunk" => Self::BadChunk
    ];
    WebSocketMode, "a mode of WebSocket", [
        "echo" => Self::Echo, "chat" => Self::Chat, "ticker" => Self::Ticker
    ];
    WebSocketFault, "a rule to break", [
        "unmasked" => Self::Unmasked, "masked" => Self::Masked,
        "oversized-control" => Self::OversizedControl, "garbage" => Self::Garbage,
        "bad-utf8" => Self::BadUtf8, "silent" => Self::Silent,
        "wrong-accept" => Self::WrongAccept
    ];
    HttpVersion, "a version of HTTP that is spoken here", [
        "1.1" => Self::Http1, "2" => Self::Http2, "3" => Self::Http3
    ];
    QuicVersion, "a version of QUIC that is spoken here", [
        "1" => Self::V1, "draft-29" => Self::Draft29
    ];
    QuicCongestion, "a congestion control of QUIC", [
        "newreno" => Self::NewReno, "cubic" => Self::Cubic
    ];
    TlsVersion, "a version of TLS that is still spoken", [
        "1.2" => Self::Tls12, "1.3" => Self::Tls13
    ];
    CertificateKind, "a kind of certificate", [
        "valid" => Self::Valid, "expired" => Self::Expired,
        "not-yet-valid" => Self::NotYetValid, "wrong-name" => Self::WrongName,
        "self-signed" => Self::SelfSigned
    ];
    PushTaking, "a way to take pushed responses", [
        "accept" => Self::Accept, "cancel" => Self::Cancel, "off" => Self::Off
    ];
    Flow, "a direction", ["upload" => Self::Upload, "download" => Self::Download];
    EchoTransport, "a transport", ["tcp" => Self::Tcp, "udp" => Self::Udp];
    CaptureFormat, "a capture format", ["pcapng" => Self::Pcapng, "pcap" => Self::Pcap];
}

pub(super) fn unknown(kind: &str, word: &str, known: &[&str]) -> String {
    let guess = closest(word, known.iter().copied())
        .map_or_else(String::new, |w| format!("; did you mean \"{w}\"?"));
    format!(
        "`{word}` is not {kind}: use one of {}{guess}",
        quoted(known)
    )
}

pub(super) fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|w| format!("\"{w}\"")).collect();
    words.join(", ")
}
