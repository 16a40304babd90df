//! A stub resolver: names become addresses, or other records, by asking one recursive DNS server.
//!
//! It believes only an answer from the server's address that repeats id and question (RFC 5452), and
//! it follows an alias inside one answer alone: the rest is the server's work. Not here: a cache,
//! search lists, several servers.

use std::net::{IpAddr, SocketAddr};

use super::{
    ask::{AskError, Asked, Inquiry},
    question::ResponseCode,
    record::{Record, RecordData, RecordType},
};
use crate::{task::Host, units::Span};

/// Whom to ask and how patiently.
///
/// # Defaults
/// Those of the usual resolver of Unix: 5 s, 3 attempts, no EDNS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolver {
    /// The server.
    pub server: SocketAddr,
    /// How long to wait for an answer before asking again.
    pub timeout: Span,
    /// How often to ask at most; 0 counts as 1.
    pub attempts: u32,
    /// The longest answer over UDP that is welcome \[bytes\], by EDNS; `None`: 512, without EDNS.
    pub edns: Option<u16>,
}

impl Resolver {
    /// A resolver with the default patience that asks `server` on port 53.
    pub fn new(server: IpAddr) -> Self {
        Self {
            server: (server, 53).into(),
            timeout: Span::from_secs(5),
            attempts: 3,
            edns: None,
        }
    }

    /// Asks for the IPv4 addresses of `name`.
    pub async fn lookup(&self, host: &Host, name: &str) -> Lookup {
        self.query(host, name, RecordType::A).await
    }

    /// Asks for the records of a type.
    pub async fn query(&self, host: &Host, name: &str, record: RecordType) -> Lookup {
        let started = host.now();
        let inquiry = Inquiry {
            server: self.server,
            name,
            record,
            recursion: true,
            edns: self.edns,
            timeout: self.timeout,
            attempts: self.attempts,
        };
        let Asked {
            result,
            attempts,
            over_tcp,
        } = inquiry.ask(host).await;
        let authoritative = matches!(&result, Ok(answer) if answer.authoritative);
        let result = match result {
            Ok(answer) if answer.code != ResponseCode::NoError => {
                Err(LookupError::Failure(answer.code.name()))
            }
            Ok(answer) if answer.answers.iter().any(|r| r.kind() == record) => Ok(answer.answers),
            Ok(_) => Err(nothing(record)),
            Err(error) => Err(LookupError::from_ask(error, name, attempts)),
        };
        Lookup {
            result,
            attempts,
            over_tcp,
            authoritative,
            took: host.now() - started,
        }
    }
}

const fn nothing(record: RecordType) -> LookupError {
    match record {
        RecordType::A => LookupError::NoAddress,
        other => LookupError::NoRecord(other),
    }
}

/// What came of a question.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// The answer section with at least one record of the type, or why there is none.
    pub result: Result<Vec<Record>, LookupError>,
    /// How often the question was sent.
    pub attempts: u32,
    /// True if the answer came over TCP.
    pub over_tcp: bool,
    /// True if the server has the zone itself.
    pub authoritative: bool,
    /// From the first question to the answer or the end of patience.
    pub took: Span,
}

impl Lookup {
    /// The IPv4 addresses among the records.
    ///
    /// # Errors
    /// Why there is none.
    pub fn addresses(self) -> Result<Vec<IpAddr>, LookupError> {
        let records = self.result?;
        let addresses = records.iter().filter_map(|record| match record.data {
            RecordData::A(address) => Some(address.into()),
            _ => None,
        });
        Ok(addresses.collect())
    }
}

/// Why a name has no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// The text is not a name of the DNS.
    #[error("`{0}` cannot be a DNS name: a label has at most 63 bytes, a name at most 255")]
    BadName(String),
    /// The server answered with an error code.
    #[error("the DNS server answered {0}")]
    Failure(&'static str),
    /// The name exists without an IPv4 address.
    #[error("the name has no IPv4 address")]
    NoAddress,
    /// The name exists without a record of the type.
    #[error("the name has no {0} record")]
    NoRecord(RecordType),
    /// Nobody answered.
    #[error("no answer from the DNS server (asked {0} times)")]
    NoAnswer(u32),
    /// The question could not be sent, or an ICMP error came back.
    #[error("the DNS server cannot be reached: {0}")]
    Socket(String),
    /// The answer was truncated, and the whole of it could not be had.
    #[error("the answer is too long for UDP, and the DNS server cannot be asked over TCP: {0}")]
    Tcp(String),
}

impl LookupError {
    /// True if the server did answer, only not with a record.
    pub const fn was_answered(&self) -> bool {
        matches!(self, Self::Failure(_) | Self::NoAddress | Self::NoRecord(_))
    }

    fn from_ask(error: AskError, name: &str, attempts: u32) -> Self {
        match error {
            AskError::BadName => Self::BadName(name.to_owned()),
            AskError::NoAnswer => Self::NoAnswer(attempts),
            AskError::Socket(why) => Self::Socket(why),
            AskError::Tcp(why) => Self::Tcp(why),
        }
    }
}
