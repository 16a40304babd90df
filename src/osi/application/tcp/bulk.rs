//! Sending in bulk, by size or by time.

use std::io;

use tokio::io::AsyncWriteExt;

use crate::{
    osi::{
        application::{content::Content, reports::Flow},
        transport::TcpStream,
    },
    task::Host,
    units::{SimTime, Span},
};

/// Sends `content`, but starts nothing after `deadline`. Returns the bytes handed to TCP.
pub(super) async fn send_until(
    host: &Host,
    stream: &mut TcpStream,
    content: &Content,
    deadline: Option<SimTime>,
    flow: &Flow,
) -> io::Result<u64> {
    let mut sent = 0;
    while sent < content.len() {
        let now = host.now();
        let left = deadline.unwrap_or(SimTime::MAX) - now;
        if left == Span::ZERO {
            break;
        }
        flow.sending(now);
        let chunk = content.chunk(sent);
        let Ok(written) = host.timeout(left, stream.write(&chunk)).await else {
            break;
        };
        sent += written? as u64;
    }
    stream.flush().await?;
    Ok(sent)
}
