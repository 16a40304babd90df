//! The echo client: it sends a message, waits for it to come back, and compares.
//!
//! One message at a time: the next one goes out an interval after the last, or when that one's
//! answer or time-out has come, whichever is later. Over TCP all messages of a repetition share a
//! connection until one fails; over UDP each has a port of its own, so a late echo is never taken
//! for the next.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::osi::{
    application::{
        content::Content,
        program::Program,
        report::Probe,
        spec::{EchoClient, EchoTransport},
        stream::{BUFFER, both, send_all},
    },
    presentation::Channel,
    session::cause,
};

/// Sends all messages of one repetition.
pub(in crate::osi::application) async fn exchange_all(program: &Program, spec: &EchoClient) {
    let content = Content::from(&spec.message);
    let mut connection = None;
    for number in 0..spec.count {
        let next = program.now() + spec.interval;
        exchange(program, spec, &content, number, &mut connection).await;
        if number + 1 < spec.count {
            program.host.sleep_until(next).await;
        }
    }
    if let Some(mut stream) = connection {
        // The messages are through; how the connection ends changes nothing.
        let _ = stream.shutdown().await;
    }
}

async fn exchange(
    program: &Program,
    spec: &EchoClient,
    content: &Content,
    number: u32,
    connection: &mut Option<Channel>,
) {
    let sent = program.now();
    let mut open = program.entry.open(Probe {
        number: program.round.saturating_mul(spec.count) + number + 1,
        sent,
        rtt: None,
        from: None,
        error: None,
    });
    program.started(format!("echo message {}", number + 1));
    let answered = match spec.over {
        EchoTransport::Tcp => {
            let work = over_tcp(program, spec, content, connection);
            program.host.timeout(spec.timeout, work).await
        }
        EchoTransport::Udp => {
            let work = over_udp(program, spec, content);
            program.host.timeout(spec.timeout, work).await
        }
    };
    let took = program.now() - sent;
    match answered.unwrap_or_else(|_| Err(format!("no echo within {}", spec.timeout))) {
        Ok(()) => {
            open.update(|p| p.rtt = Some(took));
            program.finished(format!("echo {} back in {took}", number + 1));
        }
        Err(error) => {
            *connection = None;
            open.update(|p| p.error = Some(error.clone()));
            program.failed(format!("echo message {}: {error}", number + 1));
        }
    }
}

async fn over_tcp(
    program: &Program,
    spec: &EchoClient,
    content: &Content,
    connection: &mut Option<Channel>,
) -> Result<(), String> {
    let stream = match connection {
        Some(stream) => stream,
        None => {
            let dialled = program.dial(spec.port, |_| {}).await?;
            connection.insert(dialled.channel)
        }
    };
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut same = true;
    let receive = async {
        let (mut at, mut buffer) = (0, vec![0; BUFFER]);
        while at < content.len() {
            let left = usize::try_from(content.len() - at).unwrap_or(BUFFER);
            let n = reader.read(&mut buffer[..left.min(BUFFER)]).await?;
            if n == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            same &= content.matches(at, &buffer[..n]);
            at += n as u64;
        }
        Ok(())
    };
    let both_ways = both(send_all(&mut writer, content), receive).await;
    both_ways.map_err(|e| cause(&e))?;
    same.then_some(()).ok_or_else(|| DIFFERS.to_owned())
}

async fn over_udp(program: &Program, spec: &EchoClient, content: &Content) -> Result<(), String> {
    let located = program.peer.locate(&program.host).await;
    let address = located.map_err(|e| e.to_string())?.address;
    let message = datagram(content)?;
    let exchange = async {
        let socket = program.host.udp(0)?;
        socket.connect(SocketAddr::from((address, spec.port)))?;
        socket.send(&message).await?;
        let mut buffer = vec![0; 1 << 16];
        let length = socket.recv(&mut buffer).await?;
        buffer.truncate(length);
        Ok(buffer)
    };
    let back = exchange.await.map_err(|e: std::io::Error| cause(&e))?;
    (back == message)
        .then_some(())
        .ok_or_else(|| DIFFERS.to_owned())
}

/// The message as one datagram.
fn datagram(content: &Content) -> Result<Vec<u8>, String> {
    if content.len() > LARGEST_PAYLOAD {
        return Err(format!(
            "a UDP datagram holds at most {LARGEST_PAYLOAD} bytes, the message has {}",
            content.len()
        ));
    }
    let mut message = Vec::new();
    while (message.len() as u64) < content.len() {
        message.extend_from_slice(&content.chunk(message.len() as u64));
    }
    Ok(message)
}

const DIFFERS: &str = "what came back is not what was sent";

/// 65 535 less the headers of IPv4 (20) and UDP (8).
const LARGEST_PAYLOAD: u64 = 65_507;
