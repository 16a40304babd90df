//! How each kind of value is read from what stands in the file, and what the JSON Schema says of
//! it.

use std::{fmt::Display, net::IpAddr, str::FromStr};

use ipnet::IpNet;
use schemars::{Schema, json_schema};

use super::scalar::Scalar;
use crate::{
    topology::{Outage, QueueLimit},
    units::{BitRate, ByteSize, Probability, Span},
    wire::Mac,
};

/// A kind of value.
pub(crate) trait Value: Sized {
    /// What it is called.
    const KIND: &'static str;
    /// Reads it; the error says what is wrong and what would be right.
    fn from_scalar(scalar: &Scalar) -> Result<Self, String>;
    /// What the JSON Schema says of it.
    fn schema() -> Schema;
}

impl Value for String {
    const KIND: &'static str = "text";
    fn from_scalar(scalar: &Scalar) -> Result<Self, String> {
        match scalar {
            Scalar::Text(text) => Ok(text.clone()),
            other => Err(format!(
                "expected a text in quotes, found {}",
                other.describe()
            )),
        }
    }
    fn schema() -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl Value for bool {
    const KIND: &'static str = "true or false";
    fn from_scalar(scalar: &Scalar) -> Result<Self, String> {
        match scalar {
            Scalar::Bool(b) => Ok(*b),
            other => Err(format!(
                "expected true or false, found {}",
                other.describe()
            )),
        }
    }
    fn schema() -> Schema {
        json_schema!({ "type": "boolean" })
    }
}

macro_rules! whole_numbers {
    ($($t:ty),*) => {$(
        impl Value for $t {
            const KIND: &'static str = "whole number";
            fn from_scalar(scalar: &Scalar) -> Result<Self, String> {
                match scalar {
                    Scalar::Integer(n) => Self::try_from(*n).map_err(|_| {
                        format!("{n} is out of range: a whole number from 0 to {}", Self::MAX)
                    }),
                    other => Err(format!(
                        "expected a whole number without quotes, found {}",
                        other.describe()
                    )),
                }
            }
            fn schema() -> Schema {
                json_schema!({ "type": "integer", "minimum": 0, "maximum": Self::MAX })
            }
        }
    )*};
}
whole_numbers!(u8, u16, u32, u64);

/// A quantity with a unit. A bare number goes to its parser too, which asks for the unit.
fn quantity<T>(scalar: &Scalar, kind: &str, example: &str) -> Result<T, String>
where
    T: FromStr,
    T::Err: Display,
{
    let text = match scalar {
        Scalar::Text(text) => text.clone(),
        Scalar::Integer(n) => n.to_string(),
        Scalar::Float(x) => x.to_string(),
        other => {
            return Err(format!(
                "expected a {kind} such as \"{example}\", found {}",
                other.describe()
            ));
        }
    };
    text.parse().map_err(|e: T::Err| e.to_string())
}

macro_rules! quantities {
    ($($t:ty, $kind:literal, $example:literal, $pattern:expr;)*) => {$(
        impl Value for $t {
            const KIND: &'static str = $kind;
            fn from_scalar(scalar: &Scalar) -> Result<Self, String> {
                quantity(scalar, $kind, $example)
            }
            fn schema() -> Schema {
                json_schema!({ "type": "string", "x-value": $kind, "pattern": $pattern })
            }
        }
    )*};
}
quantities! {
    Span, "time", "20ms", r"^\s*[0-9][0-9_]*(\.[0-9_]+)?\s*(ns|us|µs|ms|s|min|h)\s*$";
    BitRate, "bit rate", "10 Mbit/s", r"^\s*[0-9][0-9_]*(\.[0-9_]+)?\s*[kMGT]?(bit/s|bps)\s*$";
    ByteSize, "size", "64 KiB", r"^\s*[0-9][0-9_]*(\.[0-9_]+)?\s*(B|kB|KB|KiB|MB|MiB|GB|GiB|TB|TiB)\s*$";
}

impl Value for Probability {
    const KIND: &'static str = "probability";
    fn from_scalar(scalar: &Scalar) -> Result<Self, String> {
        quantity(scalar, "probability", "3%")
    }
    fn schema() -> Schema {
        json_schema!({ "type": ["string", "number"], "x-value": "probability" })
    }
}

impl Value for f64 {
    const KIND: &'static str = "number";
    #[allow(
        clippy::cast_precision_loss,
        reason = "a whole number that long is out of every range"
    )]
    fn from_scalar(scalar: &Scalar) -> Result<Self, String> {
        match scalar {
            Scalar::Float(x) if x.is_finite() => Ok(*x),
            Scalar::Integer(n) => Ok(*n as Self),
            other => Err(format!(
                "expected a number without quotes, found {}",
                other.describe()
            )),
        }
    }
    fn schema() -> Schema {
        json_schema!({ "type": "number", "x-value": "number" })
    }
}

/// How often something happens \[1/s\]; above zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct FlowRate(pub(crate) f64);

impl Value for FlowRate {
    const KIND: &'static str = "number per time";
    fn from_scalar(scalar: &Scalar) -> Result<Self, String> {
        let Scalar::Text(text) = scalar else {
            return Err(format!(
                "expected a number of flows per time such as \"500/s\", found {}",
                scalar.describe()
            ));
        };
        let units = [("/ms", 1e-3), ("/min", 60.0), ("/s", 1.0)];
        let rate = units.iter().find_map(|(unit, seconds)| {
            let number: f64 = text.trim().strip_suffix(unit)?.trim_end().parse().ok()?;
            Some(number / seconds)
        });
        rate.filter(|rate| (1e-6..=1e9).contains(rate))
            .map(Self)
            .ok_or_else(|| {
                format!(
                    "`{text}` is no number of flows per time; write something like \"500/s\", \
                     from 0.000001/s to 1000000000/s (units /s, /ms, /min)"
                )
            })
    }
    fn schema() -> Schema {
        let pattern = r"^\s*[0-9.]+([eE][+-]?[0-9]+)?\s*/(s|ms|min)\s*$";
        json_schema!({ "type": "string", "x-value": "number per time", "pattern": pattern })
    }
}

impl Value for Outage {
    const KIND: &'static str = "outage";
    fn from_scalar(scalar: &Scalar) -> Result<Self, String> {
        match scalar {
            Scalar::Text(text) => text.parse(),
            other => Err(format!(
                "expected an outage such as \"3s..7s\", found {}",
                other.describe()
            )),
        }
    }
    fn schema() -> Schema {
        json_schema!({ "type": "string", "x-value": "outage" })
    }
}

impl Value for QueueLimit {
    const KIND: &'static str = "queue limit";
    fn from_scalar(scalar: &Scalar) -> Result<Self, String> {
        let Scalar::Text(text) = scalar else {
            return Err(format!(
                "expected a queue limit such as \"64 KiB\" or \"100 packets\", found {}",
                scalar.describe()
            ));
        };
        let packets = ["packets", "packet"]
            .iter()
            .find_map(|w| text.trim().strip_suffix(w));
        if let Some(number) = packets {
            return number.trim().parse().map(Self::Packets).map_err(|_| {
                format!("`{text}` is not a queue limit; write something like \"100 packets\"")
            });
        }
        let with_hint = |e| format!("{e}; or count packets, as in \"100 packets\"");
        text.parse().map(Self::Bytes).map_err(with_hint)
    }
    fn schema() -> Schema {
        json_schema!({ "type": "string", "x-value": "queue limit" })
    }
}

/// A time, or `"off"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpanOrOff(pub(crate) Option<Span>);

impl Value for SpanOrOff {
    const KIND: &'static str = "time or \"off\"";
    fn from_scalar(scalar: &Scalar) -> Result<Self, String> {
        match scalar {
            Scalar::Text(text) if text.trim() == "off" => Ok(Self(None)),
            Scalar::Bool(false) => Ok(Self(None)),
            other => match quantity(other, Self::KIND, "10ms") {
                Ok(span) => Ok(Self(Some(span))),
                Err(why) => Err(format!("{why}, or \"off\"")),
            },
        }
    }
    fn schema() -> Schema {
        json_schema!({ "type": ["string", "boolean"], "x-value": "time or \"off\"" })
    }
}

impl Value for Mac {
    const KIND: &'static str = "MAC address";
    fn from_scalar(scalar: &Scalar) -> Result<Self, String> {
        let mac: Self = String::from_scalar(scalar)?
            .parse()
            .map_err(|e| format!("{e}"))?;
        if mac.is_group() {
            return Err(format!(
                "{mac} is a group address: the first byte of a card's own address is even"
            ));
        }
        if mac.0 == [0; 6] {
            return Err("all zeros is not a card's address".to_owned());
        }
        Ok(mac)
    }
    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$" })
    }
}

/// An address with its prefix length. IPv4 only, so far; everything after the file speaks both.
impl Value for IpNet {
    const KIND: &'static str = "address with prefix length";
    fn from_scalar(scalar: &Scalar) -> Result<Self, String> {
        let text = String::from_scalar(scalar)?;
        match text.parse() {
            Ok(Self::V4(net)) => Ok(Self::V4(net)),
            Ok(Self::V6(_)) => Err(ipv6(&text)),
            Err(_) if text.parse::<IpAddr>().is_ok() => Err(format!(
                "`{text}` has no prefix length; write something like \"{text}/24\""
            )),
            Err(_) => Err(format!(
                "`{text}` is not an address with its prefix length; write something like \"10.0.2.10/24\""
            )),
        }
    }
    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": r"^[0-9.]+/[0-9]+$" })
    }
}

/// An address with its prefix length, or the word that leaves it to DHCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CardAddress {
    Net(IpNet),
    Dhcp,
}

impl Value for CardAddress {
    const KIND: &'static str = "address with prefix length, or \"dhcp\"";
    fn from_scalar(scalar: &Scalar) -> Result<Self, String> {
        if String::from_scalar(scalar)? == "dhcp" {
            return Ok(Self::Dhcp);
        }
        IpNet::from_scalar(scalar).map(Self::Net)
    }
    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": r"^([0-9.]+/[0-9]+|dhcp)$" })
    }
}

impl Value for IpAddr {
    const KIND: &'static str = "address";
    fn from_scalar(scalar: &Scalar) -> Result<Self, String> {
        let text = String::from_scalar(scalar)?;
        match text.parse() {
            Ok(Self::V4(address)) => Ok(Self::V4(address)),
            Ok(Self::V6(_)) => Err(ipv6(&text)),
            Err(_) => Err(format!(
                "`{text}` is not an IP address; write something like \"10.0.1.2\""
            )),
        }
    }
    fn schema() -> Schema {
        json_schema!({ "type": "string", "format": "ipv4" })
    }
}

fn ipv6(text: &str) -> String {
    format!("`{text}` is an IPv6 address; only IPv4 is understood in scenario files so far")
}
