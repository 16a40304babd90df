//! A stub resolver: names become addresses by asking one DNS server over UDP.
//!
//! It asks from a fresh port with a random id, repeats the question when no answer comes, and
//! believes only an answer from the server's address that repeats id and name (RFC 5452). Not
//! here: a cache, search lists, several servers.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use super::{
    cause::cause,
    question::{Heard, ask, hear},
};
use crate::{
    osi::transport::UdpSocket,
    task::Host,
    units::{SimTime, Span},
};

/// Whom to ask and how patiently.
///
/// # Defaults
/// Those of the usual resolver of Unix: 5 s, 3 attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolver {
    /// The server.
    pub server: SocketAddr,
    /// How long to wait for an answer before asking again.
    pub timeout: Span,
    /// How often to ask at most; 0 counts as 1.
    pub attempts: u32,
}

impl Resolver {
    /// A resolver with the default patience that asks `server` on port 53.
    pub fn new(server: IpAddr) -> Self {
        Self {
            server: (server, 53).into(),
            timeout: Span::from_secs(5),
            attempts: 3,
        }
    }

    /// Asks for the IPv4 addresses of `name`.
    pub async fn lookup(&self, host: &Host, name: &str) -> Lookup {
        let started = host.now();
        let mut attempts = 0;
        let result = self.ask_until_answered(host, name, &mut attempts).await;
        Lookup {
            result,
            attempts,
            took: host.now() - started,
        }
    }

    async fn ask_until_answered(
        &self,
        host: &Host,
        name: &str,
        attempts: &mut u32,
    ) -> Result<Vec<IpAddr>, LookupError> {
        let [a, b, c, d, ..] = host.random_u64().to_le_bytes();
        let id = u16::from_le_bytes([a, b]);
        let question = ask(id, name).ok_or_else(|| LookupError::BadName(name.to_owned()))?;
        let socket = self
            .open(host, u16::from_le_bytes([c, d]))
            .map_err(|e| LookupError::Socket(cause(&e)))?;
        while *attempts < self.attempts.max(1) {
            *attempts += 1;
            let sent = socket.send(&question).await;
            sent.map_err(|e| LookupError::Socket(cause(&e)))?;
            let deadline = host.now() + self.timeout;
            if let Some(answer) = self.listen(host, &socket, id, name, deadline).await {
                return answer;
            }
        }
        Err(LookupError::NoAnswer(*attempts))
    }

    /// A socket on a random port that hears the server alone.
    fn open(&self, host: &Host, random: u16) -> io::Result<UdpSocket> {
        let port = FIRST_EPHEMERAL | random;
        let socket = host.udp(port).or_else(|_| host.udp(0))?;
        socket.connect(self.server)?;
        Ok(socket)
    }

    /// Waits for the answer; `None` if it does not come in time.
    async fn listen(
        &self,
        host: &Host,
        socket: &UdpSocket,
        id: u16,
        name: &str,
        deadline: SimTime,
    ) -> Option<Result<Vec<IpAddr>, LookupError>> {
        let mut buffer = [0; 1500];
        loop {
            let left = deadline - host.now();
            let received = host.timeout(left, socket.recv(&mut buffer)).await.ok()?;
            let length = match received {
                Ok(length) => length,
                Err(error) => return Some(Err(LookupError::Socket(cause(&error)))),
            };
            match hear(&buffer[..length], id, name) {
                Heard::Garbage => {}
                Heard::Addresses(found) if found.is_empty() => {
                    return Some(Err(LookupError::NoAddress));
                }
                Heard::Addresses(found) => return Some(Ok(found)),
                Heard::Failure(code) => return Some(Err(LookupError::Failure(code))),
            }
        }
    }
}

/// The dynamic ports are 49152 to 65535 (RFC 6335, section 6): the two highest bits set.
const FIRST_EPHEMERAL: u16 = 0xc000;

/// What came of a question.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// At least one address, or why there is none.
    pub result: Result<Vec<IpAddr>, LookupError>,
    /// How often the question was sent.
    pub attempts: u32,
    /// From the first question to the answer or the end of patience.
    pub took: Span,
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
    /// Nobody answered.
    #[error("no answer from the DNS server (asked {0} times)")]
    NoAnswer(u32),
    /// The question could not be sent, or an ICMP error came back.
    #[error("the DNS server cannot be reached: {0}")]
    Socket(String),
}

impl LookupError {
    /// True if the server did answer, only not with an address.
    pub const fn was_answered(&self) -> bool {
        matches!(self, Self::Failure(_) | Self::NoAddress)
    }
}
