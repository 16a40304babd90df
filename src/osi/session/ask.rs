//! One question to one DNS server: over UDP, and again over TCP if the answer did not fit.
//!
//! The question leaves from a fresh port with a random id and is repeated when no answer comes. A
//! truncated answer is thrown away, and the question asked over TCP, with two bytes of length in
//! front of each message (RFC 7766). Not here: several questions on one TCP connection.

use std::{io, net::SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    cause::cause,
    question::{Answer, Query},
    record::RecordType,
};
use crate::{
    osi::transport::{TcpStream, UdpSocket},
    task::Host,
    units::{SimTime, Span},
};

/// What to ask, and how patiently.
#[derive(Debug, Clone, Copy)]
pub struct Inquiry<'a> {
    /// Whom.
    pub server: SocketAddr,
    /// The name asked for.
    pub name: &'a str,
    /// What to tell of it.
    pub record: RecordType,
    /// Whether the server shall ask others.
    pub recursion: bool,
    /// See [`Query::edns`].
    pub edns: Option<u16>,
    /// How long to wait for an answer before asking again.
    pub timeout: Span,
    /// How often to ask at most over UDP; 0 counts as 1.
    pub attempts: u32,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The answer, or why there is none.
    pub result: Result<Answer, AskError>,
    /// How often the question was sent.
    pub attempts: u32,
    /// True if it was asked over TCP in the end.
    pub over_tcp: bool,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskError {
    /// The text is not a name of the DNS.
    BadName,
    /// Nobody answered.
    NoAnswer,
    /// The question could not be sent, or an ICMP error came back.
    Socket(String),
    /// The answer was truncated, and the connection for the whole of it failed.
    Tcp(String),
}

impl Inquiry<'_> {
    /// Asks.
    pub async fn ask(&self, host: &Host) -> Asked {
        let mut asked = Asked {
            result: Err(AskError::NoAnswer),
            attempts: 0,
            over_tcp: false,
        };
        let [a, b, c, d, ..] = host.random_u64().to_le_bytes();
        let query = self.query(u16::from_le_bytes([a, b]));
        let Some(question) = query.bytes() else {
            asked.result = Err(AskError::BadName);
            return asked;
        };
        let port = u16::from_le_bytes([c, d]);
        asked.result = self
            .over_udp(host, &query, &question, port, &mut asked.attempts)
            .await;
        if matches!(&asked.result, Ok(answer) if answer.truncated) {
            asked.over_tcp = true;
            asked.attempts += 1;
            asked.result = self.over_tcp(host, &query, &question).await;
        }
        asked
    }

    const fn query(&self, id: u16) -> Query<'_> {
        Query {
            id,
            name: self.name,
            record: self.record,
            recursion: self.recursion,
            edns: self.edns,
        }
    }

    async fn over_udp(
        &self,
        host: &Host,
        query: &Query<'_>,
        question: &[u8],
        port: u16,
        attempts: &mut u32,
    ) -> Result<Answer, AskError> {
        let problem = |error: io::Error| AskError::Socket(cause(&error));
        let socket = self.open(host, port).map_err(problem)?;
        while *attempts < self.attempts.max(1) {
            *attempts += 1;
            socket.send(question).await.map_err(problem)?;
            let deadline = host.now() + self.timeout;
            match listen(host, &socket, query, deadline).await {
                Some(answer) => return answer.map_err(problem),
                None => continue,
            }
        }
        Err(AskError::NoAnswer)
    }

    /// A socket on a random port that hears the server alone.
    fn open(&self, host: &Host, random: u16) -> io::Result<UdpSocket> {
        let port = FIRST_EPHEMERAL | random;
        let socket = host.udp(port).or_else(|_| host.udp(0))?;
        socket.connect(self.server)?;
        Ok(socket)
    }

    async fn over_tcp(
        &self,
        host: &Host,
        query: &Query<'_>,
        question: &[u8],
    ) -> Result<Answer, AskError> {
        let exchange = async {
            let mut stream = host.connect(self.server).await?;
            stream.write_all(&framed(question)).await?;
            let message = read_message(&mut stream).await?;
            stream.shutdown().await?;
            query
                .answer(&message)
                .ok_or_else(|| io::Error::other("the answer is to another question"))
        };
        match host.timeout(self.timeout, exchange).await {
            Ok(answer) => answer.map_err(|error| AskError::Tcp(cause(&error))),
            Err(_) => Err(AskError::Tcp("timed out".to_owned())),
        }
    }
}

/// Waits for the answer; `None` if it does not come in time.
async fn listen(
    host: &Host,
    socket: &UdpSocket,
    query: &Query<'_>,
    deadline: SimTime,
) -> Option<io::Result<Answer>> {
    let mut buffer = vec![0; LONGEST_DATAGRAM];
    loop {
        let left = deadline - host.now();
        let received = host.timeout(left, socket.recv(&mut buffer)).await.ok()?;
        match received.map(|length| query.answer(&buffer[..length])) {
            Ok(None) => {}
            Ok(Some(answer)) => return Some(Ok(answer)),
            Err(error) => return Some(Err(error)),
        }
    }
}

/// A message with its length in front (RFC 1035, section 4.2.2), to be written at once (RFC 7766,
/// section 8).
pub fn framed(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).unwrap_or(u16::MAX);
    let mut framed = length.to_be_bytes().to_vec();
    framed.extend_from_slice(&message[..length.into()]);
    framed
}

/// Reads one message with its length in front.
///
/// # Errors
/// `UnexpectedEof` if the connection ends before the message does; what the connection says.
pub async fn read_message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let length = stream.read_u16().await?;
    let mut message = vec![0; length.into()];
    stream.read_exact(&mut message).await?;
    Ok(message)
}

/// The dynamic ports are 49152 to 65535 (RFC 6335, section 6): the two highest bits set.
const FIRST_EPHEMERAL: u16 = 0xc000;

/// More than any size that EDNS asks for here.
const LONGEST_DATAGRAM: usize = 4096;
