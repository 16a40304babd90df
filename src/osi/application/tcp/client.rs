//! The client of a TCP transfer: it opens, sends or orders, and closes.

use std::{io, sync::Arc};

use tokio::io::AsyncWriteExt;

use super::{bulk::send_until, order::Order};
use crate::{
    osi::{
        application::{
            content::Content,
            program::Program,
            report::TcpResult,
            reports::{FlowMeter, Open},
            secure::{Dialled, Handshake},
            spec::{Amount, Flow as Way, TcpTransfer},
            stream::{both, read_to_end},
        },
        presentation::Channel,
        session::cause,
    },
    task::Host,
    units::{BitRate, ByteSize, Span},
};

/// Makes one connection and carries the amount over it.
pub(in crate::osi::application) async fn transfer(program: &Program, spec: &TcpTransfer) {
    let mut open = program.entry.open(TcpResult {
        started: program.now(),
        connect: None,
        tls: None,
        bytes: 0,
        transfer: None,
        error: None,
    });
    program.started(title(spec, &program.peer.name));
    match connect_and_carry(program, spec, &mut open).await {
        Ok(done) => program.finished(done),
        Err(error) => {
            open.update(|r| r.error = Some(error.clone()));
            program.failed(error);
        }
    }
}

fn title(spec: &TcpTransfer, to: &str) -> String {
    let what = match &spec.amount {
        Amount::HandshakeOnly => return format!("connect to {to}:{}", spec.port),
        Amount::Text(text) => ByteSize::new(text.len() as u64).to_string(),
        Amount::Bytes(size) => size.to_string(),
        Amount::Duration(span) => format!("for {span}"),
    };
    match spec.flow {
        Way::Upload => format!("upload to {to}:{}, {what}", spec.port),
        Way::Download => format!("download from {to}:{}, {what}", spec.port),
    }
}

/// The whole connection; what there is to say at its end.
async fn connect_and_carry(
    program: &Program,
    spec: &TcpTransfer,
    open: &mut Open<TcpResult>,
) -> Result<String, String> {
    let host = &program.host;
    let mut flow = Arc::default();
    let dialled = program.dial(spec.port, |connection| {
        open.update(|r| r.connect = Some(connection.connect));
        let stream = &connection.stream;
        flow = open.share(stream.local_addr(), stream.peer_addr());
    });
    let Dialled {
        channel: mut stream,
        connect,
        tls,
    } = dialled.await?;
    let begin = host.now();
    let bytes = match spec.flow {
        Way::Upload => upload(host, &mut stream, &spec.amount, &flow).await,
        Way::Download => download(host, &mut stream, &spec.amount, &flow).await,
    }
    .map_err(|e| cause(&e));
    open.update(|r| r.tls = tls.as_ref().map(Handshake::result));
    let bytes = bytes?;
    if spec.flow == Way::Download {
        check(&spec.amount, bytes)?;
    }
    Ok(match bytes {
        0 => format!("connected in {connect}"),
        _ => summary(bytes, host.now() - begin),
    })
}

/// "1 MiB in 1.2s, 6.99 Mbit/s".
fn summary(bytes: u64, took: Span) -> String {
    let bits = u128::from(bytes) * 8_000_000_000 / u128::from(took.as_nanos().max(1));
    let rate = u64::try_from(bits).ok().and_then(|b| BitRate::new(b).ok());
    let rate = rate.map_or_else(String::new, |rate| format!(", {rate}"));
    format!("{} in {took}{rate}", ByteSize::new(bytes))
}

/// A download that ends early has failed, even if the server closed in good order.
fn check(amount: &Amount, got: u64) -> Result<(), String> {
    let wanted = match amount {
        Amount::HandshakeOnly | Amount::Duration(_) => return Ok(()),
        Amount::Text(text) => text.len() as u64,
        Amount::Bytes(size) => size.bytes(),
    };
    if got < wanted {
        return Err(format!("the server closed after {got} of {wanted} bytes"));
    }
    Ok(())
}

/// Sends, closes this side and waits until the server has closed the other.
async fn upload(
    host: &Host,
    stream: &mut Channel,
    amount: &Amount,
    flow: &FlowMeter,
) -> io::Result<u64> {
    let (content, deadline) = match amount {
        Amount::HandshakeOnly => (Content::filler(0), None),
        Amount::Text(text) => (Content::text(text), None),
        Amount::Bytes(size) => (Content::filler(size.bytes()), None),
        Amount::Duration(span) => (Content::endless(), Some(host.now() + *span)),
    };
    let sent = send_until(host, stream, &content, deadline, flow).await?;
    stream.shutdown().await?;
    read_to_end(stream, |_| {}).await?;
    Ok(sent)
}

/// Orders, reads to the end and closes.
async fn download(
    host: &Host,
    stream: &mut Channel,
    amount: &Amount,
    flow: &FlowMeter,
) -> io::Result<u64> {
    let order = Order::bytes(amount);
    let mut got = 0;
    if !order.is_empty() {
        let (mut reader, mut writer) = tokio::io::split(&mut *stream);
        let read = read_to_end(&mut reader, |piece| {
            got += piece.len() as u64;
            flow.received(piece.len() as u64, host.now());
        });
        both(writer.write_all(&order), read).await?;
    }
    stream.shutdown().await?;
    read_to_end(stream, |_| {}).await?;
    Ok(got)
}
