//! The sending end of a constant-rate stream.

use super::{bursts::Bursts, payload::Head};
use crate::{
    osi::{
        application::{program::Program, spec::UdpStream},
        session::cause,
    },
    units::{ByteSize, Span},
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
    let first = u64::from(program.round).saturating_mul(spec.count);
    let (begin, remote) = (host.now(), (address, spec.port).into());
    let size = usize::from(spec.size).max(Head::SIZE);
    let mut sent = 0;
    let mut taken = 0;
    let mut bursts = bursts(program, spec);
    let mut pause = host.sleep_until(begin);
    for number in 0..spec.count {
        let due = match &mut bursts {
            Some(bursts) if number > 0 => bursts.next(spec.interval),
            _ => begin + spec.interval.times(number),
        };
        if is_over(spec, due - begin) {
            break;
        }
        pause.reset(due);
        (&mut pause).await;
        let head = Head {
            stream: program.id,
            sequence: first.saturating_add(number),
            sent: host.now(),
        };
        let fill = |payload: &mut [u8]| head.write(payload);
        let accepted = socket.send_with(size, fill, remote).await;
        taken += 1;
        sent += u64::from(accepted.is_ok());
        program.entry.sent(accepted.is_ok());
    }
    Ok((sent, taken - sent))
}

/// The due times of a stream with bursts, in a box: few streams have any.
fn bursts(program: &Program, spec: &UdpStream) -> Option<Box<Bursts>> {
    let on_off = spec.on_off?;
    let round = program.round.to_string();
    let stream = program.stream(&["on-off", &round]);
    Some(Box::new(Bursts::new(on_off, stream, program.now())))
}

/// True if a stream with bursts sends nothing any more, so long after its first datagram.
fn is_over(spec: &UdpStream, passed: Span) -> bool {
    let duration = spec.on_off.and_then(|on_off| on_off.duration);
    duration.is_some_and(|duration| passed >= duration)
}
