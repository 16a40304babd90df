//! A server that does not keep to its protocol, to show what becomes of its clients.
//!
//! Until its time has come it is an ordinary web server; then its connections break off. From then on
//! it waits until a client has said something, at most a second, and then behaves badly. What it sends
//! looks like HTTP/1.1 as far as the behaviour wants it to; to a client of another protocol all of it
//! is nonsense. Random bytes come from the host's stream. What is endless ends when the client closes
//! the connection or the run ends. Not here: nonsense below TCP.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    content::Content,
    http,
    secure::Door,
    spec::{Behaviour, HostileServer},
    stream::{BUFFER, send_all},
};
use crate::{
    osi::{presentation::Channel, session::cause, transport::TcpStream},
    task::Host,
    trace::AppEventKind,
    units::Span,
};

/// Serves as long as the run lasts, each connection in a task of its own.
pub(super) async fn serve(host: Host, spec: HostileServer, door: Door) {
    let listener = match host.listen(spec.port) {
        Ok(listener) => listener,
        Err(error) => {
            let text = format!("hostile server on port {}: {}", spec.port, cause(&error));
            return host.emit(AppEventKind::Failed(text), None);
        }
    };
    while let Ok((stream, _)) = listener.accept().await {
        let (task, spec, door) = (host.clone(), spec.clone(), door.clone());
        let left = spec.begin - host.now();
        if left > Span::ZERO {
            let good = http::say_hello(task.clone(), door, stream);
            drop(host.spawn(async move { task.timeout(left, good).await.is_ok() }));
            continue;
        }
        drop(host.spawn(async move {
            // What the client makes of it stands in its own report.
            let _ = misbehave(&task, &spec, &door, stream).await;
        }));
    }
}

async fn misbehave(
    host: &Host,
    spec: &HostileServer,
    door: &Door,
    stream: TcpStream,
) -> io::Result<()> {
    if spec.behaviour == Behaviour::CloseAtOnce {
        return Ok(());
    }
    let mut channel = door.admit(stream).await?;
    let mut heard = vec![0; BUFFER];
    // A client may wait for the server to speak first.
    let first = host.timeout(PATIENCE, channel.read(&mut heard)).await;
    if matches!(first, Ok(Ok(0) | Err(_))) {
        return Ok(());
    }
    let size = spec.size.bytes();
    match spec.behaviour {
        Behaviour::CloseAtOnce | Behaviour::Silent => {}
        Behaviour::Garbage => garbage(host, &mut channel, size).await?,
        Behaviour::CloseInTheMiddle => {
            say(&mut channel, "HTTP/1.1 200 OK\r\nContent-Type: text/pl").await?;
            return channel.shutdown().await;
        }
        Behaviour::EndlessHeader => {
            say(&mut channel, "HTTP/1.1 200 OK\r\n").await?;
            return endlessly(&mut channel, "X-More: and more and more and more\r\n").await;
        }
        Behaviour::EndlessBody => {
            say(
                &mut channel,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            )
            .await?;
            return endlessly(&mut channel, "10\r\nand more of it, \r\n").await;
        }
        Behaviour::BodyTooLong => announce(&mut channel, size / 2, size).await?,
        Behaviour::BodyTooShort => {
            announce(&mut channel, size, size / 2).await?;
            return channel.shutdown().await;
        }
        Behaviour::Stall => announce(&mut channel, size, size / 2).await?,
        Behaviour::BadChunk => {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            say(&mut channel, &format!("{head}5\r\nhello\r\nmuch\r\n")).await?;
        }
    }
    // The client ends it.
    while channel.read(&mut heard).await? > 0 {}
    Ok(())
}

async fn say(channel: &mut Channel, text: &str) -> io::Result<()> {
    channel.write_all(text.as_bytes()).await?;
    channel.flush().await
}

/// `size` random bytes. The first is one that begins no record of TLS, no frame of HTTP/2 that is
/// short enough to be awaited, and no line of text.
async fn garbage(host: &Host, channel: &mut Channel, size: u64) -> io::Result<()> {
    let mut left = size;
    let mut bytes = [0; 512];
    let mut first = Some(0xff);
    while left > 0 {
        host.fill_random(&mut bytes);
        if let Some(byte) = first.take() {
            bytes[0] = byte;
        }
        let count = usize::try_from(left).map_or(bytes.len(), |l| l.min(bytes.len()));
        channel.write_all(&bytes[..count]).await?;
        left -= count as u64;
    }
    channel.flush().await
}

/// The same line over and over.
async fn endlessly(channel: &mut Channel, line: &str) -> io::Result<()> {
    let lines = line.repeat(64);
    loop {
        say(channel, &lines).await?;
    }
}

/// An answer that announces one size and has another.
async fn announce(channel: &mut Channel, announced: u64, sent: u64) -> io::Result<()> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
    let head = format!("{head}Content-Length: {announced}\r\n\r\n");
    channel.write_all(head.as_bytes()).await?;
    send_all(channel, &Content::filler(sent)).await
}

/// How long to wait for the first words of a client.
const PATIENCE: Span = Span::from_secs(1);
