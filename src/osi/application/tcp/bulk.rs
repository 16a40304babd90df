//! Sending in bulk, by size or by time.

use std::io;

use tokio::io::AsyncWriteExt;

use crate::{
    osi::{
        application::{content::Content, reports::FlowMeter},
        presentation::Channel,
    },
    task::Host,
    units::{SimTime, Span},
};

/// Sends `content`, but starts nothing after `deadline`. Returns the bytes handed to TCP.
pub(super) async fn send_until(
    host: &Host,
    stream: &mut Channel,
    content: &Content,
    deadline: Option<SimTime>,
    flow: &FlowMeter,
) -> io::Result<u64> {
    let mut sent = 0;
    while sent < content.len() {
        flow.sending(host.now());
        let chunk = content.chunk(sent);
        let write = stream.write(&chunk);
        let written = match deadline.map(|deadline| deadline - host.now()) {
            None => write.await,
            Some(Span::ZERO) => break,
            Some(left) => match host.timeout(left, write).await {
                Ok(written) => written,
                Err(_) => break,
            },
        };
        sent += written? as u64;
    }
    stream.flush().await?;
    Ok(sent)
}
