//! The server of TCP transfers: it counts uploads and carries out orders.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    bulk::send_until,
    order::{Opening, Order},
};
use crate::{
    osi::{
        application::{
            content::Content,
            reports::{FlowMeter, Reports},
            secure::Door,
            stream::{BUFFER, read_to_end},
        },
        presentation::Channel,
        session::cause,
        transport::TcpStream,
    },
    task::Host,
    trace::AppEventKind,
    units::Span,
};

/// Serves transfers on `port` as long as the run lasts, each in a task of its own.
pub(in crate::osi::application) async fn serve(
    host: Host,
    port: u16,
    door: Door,
    reports: Reports,
) {
    let listener = match host.listen(port) {
        Ok(listener) => listener,
        Err(error) => {
            let text = format!("TCP server on port {port}: {}", cause(&error));
            return host.emit(AppEventKind::Failed(text), None);
        }
    };
    while let Ok((stream, peer)) = listener.accept().await {
        let flow = reports.served(peer, stream.local_addr());
        let (task, door) = (host.clone(), door.clone());
        drop(host.spawn(async move {
            // An error here is seen by the client as well, and its report tells of it.
            let _ = serve_one(&task, &door, stream, &flow).await;
        }));
    }
}

async fn serve_one(
    host: &Host,
    door: &Door,
    stream: TcpStream,
    flow: &FlowMeter,
) -> io::Result<()> {
    let mut stream = door.admit(stream).await?;
    let mut head = Vec::new();
    match read_opening(&mut stream, &mut head).await? {
        Opening::Order(order, line) => {
            send(host, &mut stream, order, &head[line..], flow).await?;
            stream.shutdown().await?;
            read_to_end(&mut stream, |_| {}).await
        }
        Opening::Upload | Opening::Unclear => {
            count(host, flow, &head);
            read_to_end(&mut stream, |piece| count(host, flow, piece)).await?;
            stream.shutdown().await
        }
    }
}

fn count(host: &Host, flow: &FlowMeter, piece: &[u8]) {
    if !piece.is_empty() {
        flow.received(piece.len() as u64, host.now());
    }
}

/// Reads into `head` until it is clear what the connection is for, or it ends.
async fn read_opening(stream: &mut Channel, head: &mut Vec<u8>) -> io::Result<Opening> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let n = stream.read(&mut buffer).await?;
        head.extend_from_slice(&buffer[..n]);
        match Order::read(head) {
            Opening::Unclear if n > 0 => {}
            opening => return Ok(opening),
        }
    }
}

/// Carries out an order. `rest` is what came after its line.
async fn send(
    host: &Host,
    stream: &mut Channel,
    order: Order,
    rest: &[u8],
    flow: &FlowMeter,
) -> io::Result<()> {
    match order {
        Order::Bytes(size) => {
            send_until(host, stream, &Content::filler(size), None, flow).await?;
        }
        Order::Nanos(ns) => {
            let deadline = host.now() + Span::from_nanos(ns);
            send_until(host, stream, &Content::endless(), Some(deadline), flow).await?;
        }
        Order::Text(size) => send_back(host, stream, size, rest, flow).await?,
    }
    Ok(())
}

/// Sends `size` bytes back, of which `rest` has already been read.
async fn send_back(
    host: &Host,
    stream: &mut Channel,
    size: u64,
    rest: &[u8],
    flow: &FlowMeter,
) -> io::Result<()> {
    flow.sending(host.now());
    let (mut reader, mut writer) = tokio::io::split(&mut *stream);
    writer.write_all(rest).await?;
    let left = size.saturating_sub(rest.len() as u64);
    tokio::io::copy(&mut (&mut reader).take(left), &mut writer).await?;
    writer.flush().await
}
