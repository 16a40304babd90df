//! The sending end of a constant-rate stream.

use super::{bursts::Bursts, payload::Head};
use crate::{
    osi::{
        application::{program::Program, reports::Entry, spec::UdpStream},
        session::cause,
        transport::Source,
    },
    units::{ByteSize, SimTime, Span},
    wire::Checksum,
};

/// Sends the datagrams of one repetition, one every `interval` of burst, whatever becomes of them.
pub(in crate::osi::application) async fn send_stream(program: &Program, spec: &UdpStream) {
    program.started(format!(
        "UDP stream to {}:{}: {} datagrams of {}, one every {}",
        program.peer.name,
        spec.port,
        spec.count,
        ByteSize::new(spec.size.into()),
        spec.interval
    ));
    match send_all(program, spec).await {
        Ok((sent, 0)) => program.finished(format!("{sent} datagrams sent")),
        Ok((sent, refused)) => program.failed(format!(
            "{sent} datagrams sent, {refused} refused by the own stack"
        )),
        Err(text) => program.failed(text),
    }
}

/// How many datagrams were sent and how many the own stack refused.
async fn send_all(program: &Program, spec: &UdpStream) -> Result<(u64, u64), String> {
    let host = &program.host;
    let located = program.peer.locate(host).await;
    let address = located.map_err(|e| e.to_string())?.address;
    let socket = host.udp(0).map_err(|e| cause(&e))?;
    let stream = Stream::new(program, spec);
    let before = program.entry.datagrams();
    if !stream.is_over(stream.begin) {
        let size = usize::from(spec.size).max(Head::SIZE);
        let to = (size, (address, spec.port).into());
        let run = socket.run_source(stream.begin, stream, to);
        run.await.map_err(|e| cause(&e))?;
    }
    let after = program.entry.datagrams();
    Ok((after.0 - before.0, after.1 - before.1))
}

/// One repetition of a stream: what is sent, and when.
struct Stream {
    entry: Entry,
    /// The sequence number of the first datagram.
    first: u64,
    begin: SimTime,
    interval: Span,
    /// How many datagrams.
    count: u64,
    /// How many were due before.
    number: u64,
    /// How many of those the own stack refused.
    refused: u64,
    /// In a box: few streams have any.
    bursts: Option<Box<Bursts>>,
    /// Send nothing from then on.
    until: SimTime,
}

impl Stream {
    fn new(program: &Program, spec: &UdpStream) -> Self {
        let duration = spec.on_off.and_then(|on_off| on_off.duration);
        let until = duration.map(|duration| program.now() + duration);
        Self {
            entry: program.entry.clone(),
            first: u64::from(program.round).saturating_mul(spec.count),
            begin: program.now(),
            interval: spec.interval,
            count: spec.count,
            number: 0,
            refused: 0,
            bursts: bursts(program, spec),
            until: until.unwrap_or(SimTime::MAX),
        }
    }

    /// True if nothing is sent at `due` any more.
    fn is_over(&self, due: SimTime) -> bool {
        self.number >= self.count || due >= self.until
    }
}

impl Source for Stream {
    fn write(&mut self, now: SimTime, payload: &mut [u8]) -> Checksum {
        let head = Head {
            stream: self.entry.id(),
            sequence: self.first.saturating_add(self.number),
            sent: now,
        };
        head.write(payload)
    }

    fn next(&mut self, taken: bool) -> Option<SimTime> {
        self.number += 1;
        self.refused += u64::from(!taken);
        let due = match &mut self.bursts {
            Some(bursts) if self.number < self.count => bursts.next(self.interval),
            _ => self.begin + self.interval.times(self.number),
        };
        (!self.is_over(due)).then_some(due)
    }
}

/// Whether it has come to its end, or the run has: what was sent goes into the report.
impl Drop for Stream {
    fn drop(&mut self) {
        self.entry.sent(self.number - self.refused, self.refused);
    }
}

fn bursts(program: &Program, spec: &UdpStream) -> Option<Box<Bursts>> {
    let on_off = spec.on_off?;
    let round = program.round.to_string();
    let stream = program.stream(&["on-off", &round]);
    Some(Box::new(Bursts::new(on_off, stream, program.now())))
}
