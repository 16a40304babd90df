//! The echo server.

use std::{io, pin::pin};

use tokio::io::AsyncWriteExt;

use crate::{
    osi::{application::secure::Door, session::cause, transport::TcpStream},
    task::Host,
    trace::AppEventKind,
};

/// Echoes over TCP: every connection in a task of its own, until the client closes.
pub(in crate::osi::application) async fn serve_tcp(host: Host, port: u16, door: Door) {
    match host.listen(port) {
        Ok(listener) => {
            while let Ok((stream, _)) = listener.accept().await {
                // An error here is seen by the client as well, and its report tells of it.
                drop(host.spawn(echo(door.clone(), stream)));
            }
        }
        Err(error) => complain(&host, "TCP", port, &error),
    }
}

async fn echo(door: Door, stream: TcpStream) -> io::Result<()> {
    let mut stream = door.admit(stream).await?;
    let (reader, mut writer) = tokio::io::split(&mut stream);
    tokio::io::copy(&mut pin!(reader), &mut writer).await?;
    writer.shutdown().await
}

/// Echoes over UDP: a datagram back for every one that comes.
pub(in crate::osi::application) async fn serve_udp(host: Host, port: u16) {
    let socket = match host.udp(port) {
        Ok(socket) => socket,
        Err(error) => return complain(&host, "UDP", port, &error),
    };
    let mut buffer = vec![0; 1 << 16];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        // An echo that cannot be sent is an echo lost.
        let _ = socket.send_to(&buffer[..length], from).await;
    }
}

fn complain(host: &Host, over: &str, port: u16, error: &io::Error) {
    let text = format!("echo server on {over} port {port}: {}", cause(error));
    host.emit(AppEventKind::Failed(text), None);
}
