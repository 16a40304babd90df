//! Resource records as owned values: what zones hold, answers say and caches keep (RFC 1035,
//! section 3.2).
//!
//! Names are in lower case and without the final dot, so that equal names are equal texts; the root
//! is the empty text. On the wire a record is simple-dns's. Types beyond [`RecordType`] do not exist
//! here: [`RecordData::read`] passes over them.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

use simple_dns::{
    CLASS, CharacterString, Name, ResourceRecord, TYPE,
    rdata::{A, AAAA, CNAME, MX, NS, PTR, RData, SOA, TXT},
};

/// What a record says of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum RecordType {
    /// An IPv4 address (RFC 1035).
    #[default]
    A,
    /// An IPv6 address (RFC 3596).
    Aaaa,
    /// The name it is an alias of.
    Cname,
    /// A host that takes mail for it.
    Mx,
    /// Free text.
    Txt,
    /// The name that an address has, under `in-addr.arpa`.
    Ptr,
    /// A server of its zone.
    Ns,
    /// The beginning of a zone.
    Soa,
}

impl RecordType {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::A,
        Self::Aaaa,
        Self::Cname,
        Self::Mx,
        Self::Txt,
        Self::Ptr,
        Self::Ns,
        Self::Soa,
    ];

    /// Its name in zone files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Mx => "MX",
            Self::Txt => "TXT",
            Self::Ptr => "PTR",
            Self::Ns => "NS",
            Self::Soa => "SOA",
        }
    }

    /// The type of this name, whatever its case.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// As simple-dns has it.
    pub const fn wire(self) -> TYPE {
        match self {
            Self::A => TYPE::A,
            Self::Aaaa => TYPE::AAAA,
            Self::Cname => TYPE::CNAME,
            Self::Mx => TYPE::MX,
            Self::Txt => TYPE::TXT,
            Self::Ptr => TYPE::PTR,
            Self::Ns => TYPE::NS,
            Self::Soa => TYPE::SOA,
        }
    }

    /// Back from simple-dns's; `None` for a type that is not here.
    pub fn from_wire(kind: TYPE) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.wire() == kind)
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One resource record of class IN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The name it is about.
    pub name: String,
    /// How long it may be kept \[s\].
    pub ttl: u32,
    /// What it says.
    pub data: RecordData,
}

/// The data of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordData {
    /// An address.
    A(Ipv4Addr),
    /// An address.
    Aaaa(Ipv6Addr),
    /// The real name.
    Cname(String),
    /// A mail exchanger.
    Mx {
        /// Lower is tried first.
        preference: u16,
        /// The host.
        exchange: String,
    },
    /// Strings of at most 255 bytes each.
    Txt(Vec<String>),
    /// The name of an address.
    Ptr(String),
    /// A name server.
    Ns(String),
    /// Start of authority.
    Soa(Soa),
}

/// What a zone says of itself (RFC 1035, section 3.3.13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Soa {
    /// The server that has the original.
    pub mname: String,
    /// The mailbox of its keeper, with a dot for the `@`.
    pub rname: String,
    /// The version of the zone.
    pub serial: u32,
    /// When secondaries look again \[s\].
    pub refresh: u32,
    /// When they try again after a failure \[s\].
    pub retry: u32,
    /// When they give up \[s\].
    pub expire: u32,
    /// How long a negative answer may be kept \[s\] (RFC 2308, section 4).
    pub minimum: u32,
}

impl Soa {
    /// The usual values for a zone whose first server is `mname`.
    pub fn usual(mname: &str, rname: &str, minimum: u32) -> Self {
        Self {
            mname: mname.to_owned(),
            rname: rname.to_owned(),
            serial: 1,
            refresh: 3600,
            retry: 600,
            expire: 86_400,
            minimum,
        }
    }
}

impl Record {
    /// Its type.
    pub const fn kind(&self) -> RecordType {
        self.data.kind()
    }

    /// As simple-dns writes it, under `name` if that is given (to keep the letter case of a
    /// question). `None` if a text in it is not a name of the DNS.
    pub fn wire<'a>(&'a self, name: Option<Name<'a>>) -> Option<ResourceRecord<'a>> {
        let name = name.or_else(|| Name::new(&self.name).ok())?;
        Some(ResourceRecord::new(
            name,
            CLASS::IN,
            self.ttl,
            self.data.wire()?,
        ))
    }

    /// Back from simple-dns's; `None` for a type or class that is not here.
    pub fn read(record: &ResourceRecord<'_>) -> Option<Self> {
        if record.class != CLASS::IN {
            return None;
        }
        Some(Self {
            name: canonical(&record.name.to_string()),
            ttl: record.ttl,
            data: RecordData::read(&record.rdata)?,
        })
    }
}

impl RecordData {
    /// Its type.
    pub const fn kind(&self) -> RecordType {
        match self {
            Self::A(_) => RecordType::A,
            Self::Aaaa(_) => RecordType::Aaaa,
            Self::Cname(_) => RecordType::Cname,
            Self::Mx { .. } => RecordType::Mx,
            Self::Txt(_) => RecordType::Txt,
            Self::Ptr(_) => RecordType::Ptr,
            Self::Ns(_) => RecordType::Ns,
            Self::Soa(_) => RecordType::Soa,
        }
    }

    /// The name whose addresses come along in the additional section, if it names a host.
    pub fn target(&self) -> Option<&str> {
        match self {
            Self::Ns(name) | Self::Mx { exchange: name, .. } => Some(name),
            _ => None,
        }
    }

    fn wire(&self) -> Option<RData<'_>> {
        let name = |text| Name::new(text).ok();
        Some(match self {
            Self::A(address) => RData::A(A::from(*address)),
            Self::Aaaa(address) => RData::AAAA(AAAA::from(*address)),
            Self::Cname(target) => RData::CNAME(CNAME(name(target)?)),
            Self::Mx {
                preference,
                exchange,
            } => RData::MX(MX {
                preference: *preference,
                exchange: name(exchange)?,
            }),
            Self::Txt(strings) => RData::TXT(text(strings)?),
            Self::Ptr(target) => RData::PTR(PTR(name(target)?)),
            Self::Ns(target) => RData::NS(NS(name(target)?)),
            Self::Soa(soa) => RData::SOA(soa.wire()?),
        })
    }

    fn read(data: &RData<'_>) -> Option<Self> {
        let name = |name: &Name<'_>| canonical(&name.to_string());
        Some(match data {
            RData::A(a) => Self::A(a.address.into()),
            RData::AAAA(a) => Self::Aaaa(a.address.into()),
            RData::CNAME(target) => Self::Cname(name(&target.0)),
            RData::MX(mx) => Self::Mx {
                preference: mx.preference,
                exchange: name(&mx.exchange),
            },
            RData::TXT(text) => Self::Txt(strings(text)),
            RData::PTR(target) => Self::Ptr(name(&target.0)),
            RData::NS(target) => Self::Ns(name(&target.0)),
            RData::SOA(soa) => Self::Soa(Soa::read(soa)),
            _ => return None,
        })
    }
}

impl Soa {
    fn wire(&self) -> Option<SOA<'_>> {
        let seconds = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        Some(SOA {
            mname: Name::new(&self.mname).ok()?,
            rname: Name::new(&self.rname).ok()?,
            serial: self.serial,
            refresh: seconds(self.refresh),
            retry: seconds(self.retry),
            expire: seconds(self.expire),
            minimum: self.minimum,
        })
    }

    fn read(soa: &SOA<'_>) -> Self {
        let seconds = |n: i32| u32::try_from(n).unwrap_or(0);
        Self {
            mname: canonical(&soa.mname.to_string()),
            rname: canonical(&soa.rname.to_string()),
            serial: soa.serial,
            refresh: seconds(soa.refresh),
            retry: seconds(soa.retry),
            expire: seconds(soa.expire),
            minimum: soa.minimum,
        }
    }
}

fn text(strings: &[String]) -> Option<TXT<'_>> {
    let mut text = TXT::new();
    for string in strings {
        text.add_char_string(CharacterString::new(string.as_bytes()).ok()?);
    }
    Some(text)
}

/// The strings of a TXT record. simple-dns hands them out cut at their first `=`.
fn strings(text: &TXT<'_>) -> Vec<String> {
    let whole = |(key, value): (&[u8], Option<&[u8]>)| {
        let mut bytes = key.to_vec();
        if let Some(value) = value {
            bytes.push(b'=');
            bytes.extend_from_slice(value);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    text.iter_raw().map(whole).collect()
}

/// As in a zone file, but without final dots.
impl fmt::Display for RecordData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::A(address) => address.fmt(f),
            Self::Aaaa(address) => address.fmt(f),
            Self::Cname(name) | Self::Ptr(name) | Self::Ns(name) => f.write_str(shown(name)),
            Self::Mx {
                preference,
                exchange,
            } => write!(f, "{preference} {}", shown(exchange)),
            Self::Txt(strings) => {
                let quoted: Vec<String> = strings.iter().map(|s| format!("\"{s}\"")).collect();
                f.write_str(&quoted.join(" "))
            }
            Self::Soa(soa) => write!(f, "{} {}", shown(&soa.mname), soa.serial),
        }
    }
}

/// Lower case, no final dot.
pub fn canonical(name: &str) -> String {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.to_ascii_lowercase()
}

/// How a name is shown: the root is a dot.
pub const fn shown(name: &str) -> &str {
    if name.is_empty() { "." } else { name }
}

/// True if `name` is `zone` or lies below it.
pub fn is_within(name: &str, zone: &str) -> bool {
    zone.is_empty()
        || name
            .strip_suffix(zone)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// `name` and everything above it, up to the root: `a.b`, `b` and the empty text.
pub fn ancestors(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| parent(name))
}

fn parent(name: &str) -> Option<&str> {
    match name {
        "" => None,
        name => Some(name.split_once('.').map_or("", |(_, rest)| rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_record_survives_the_wire() {
        let name = || "mail.example".to_owned();
        let all = [
            RecordData::A([10, 0, 2, 10].into()),
            RecordData::Aaaa("fd00::1".parse().unwrap()),
            RecordData::Cname(name()),
            RecordData::Mx {
                preference: 10,
                exchange: name(),
            },
            RecordData::Txt(vec!["v=spf1 -all".to_owned(), "plain".to_owned()]),
            RecordData::Ptr(name()),
            RecordData::Ns(name()),
            RecordData::Soa(Soa::usual("ns.example", "hostmaster.example", 60)),
        ];
        for (data, kind) in all.into_iter().zip(RecordType::ALL) {
            let record = Record {
                name: "example".to_owned(),
                ttl: 300,
                data,
            };
            assert_eq!(record.kind(), kind);
            let wire = record.wire(None).unwrap();
            assert_eq!(RecordType::from_wire(wire.rdata.type_code()), Some(kind));
            assert_eq!(Record::read(&wire), Some(record.clone()));
        }
    }

    #[test]
    fn a_name_lies_within_its_ancestors_and_not_within_names_that_only_end_alike() {
        let up: Vec<&str> = ancestors("www.bob.example").collect();
        assert_eq!(up, ["www.bob.example", "bob.example", "example", ""]);
        assert!(up.iter().all(|zone| is_within("www.bob.example", zone)));
        assert!(!is_within("notbob.example", "bob.example"));
        assert!(!is_within("example", "bob.example"));
    }
}
