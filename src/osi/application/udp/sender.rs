//! The sending end of a constant-rate stream.

use super::payload::Head;
use crate::{
    osi::{
        application::{program::Program, spec::UdpStream},
        session::cause,
    },
    units::ByteSize,
};

/// Sends the datagrams of one repetition, one every `interval`, whatever becomes of them.
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
    for number in 0..spec.count {
        host.sleep_until(begin + spec.interval.times(number)).await;
        let head = Head {
            stream: program.id,
            sequence: first.saturating_add(number),
            sent: host.now(),
        };
        let fill = |payload: &mut [u8]| head.write(payload);
        let accepted = socket.send_with(size, fill, remote).await;
        sent += u64::from(accepted.is_ok());
        program.entry.sent(accepted.is_ok());
    }
    Ok((sent, spec.count - sent))
}
