//! Small steps on a byte stream that several applications need.

use std::{
    future::{Future, poll_fn},
    io,
    pin::pin,
    task::Poll,
};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::content::Content;

/// Size of a receive buffer \[bytes\].
pub(super) const BUFFER: usize = 16 << 10;

/// Lets the other tasks of the host that are ready go first.
pub(super) async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Writes all of `content`, chunk by chunk.
pub(super) async fn send_all(
    stream: &mut (impl AsyncWrite + Unpin),
    content: &Content,
) -> io::Result<()> {
    let mut at = 0;
    while at < content.len() {
        let chunk = content.chunk(at);
        stream.write_all(&chunk).await?;
        at += chunk.len() as u64;
    }
    stream.flush().await
}

/// Reads to the end of the stream and tells `seen` of every piece.
pub(super) async fn read_to_end(
    stream: &mut (impl AsyncRead + Unpin),
    mut seen: impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        match stream.read(&mut buffer).await? {
            0 => return Ok(()),
            n => seen(&buffer[..n]),
        }
    }
}

/// Does both at once; ends early, with the error, when one of them fails.
pub(super) async fn both(
    a: impl Future<Output = io::Result<()>>,
    b: impl Future<Output = io::Result<()>>,
) -> io::Result<()> {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let mut done = (false, false);
    poll_fn(|cx| {
        if !done.0
            && let Poll::Ready(result) = a.as_mut().poll(cx)
        {
            result?;
            done.0 = true;
        }
        if !done.1
            && let Poll::Ready(result) = b.as_mut().poll(cx)
        {
            result?;
            done.1 = true;
        }
        match done {
            (true, true) => Poll::Ready(Ok(())),
            _ => Poll::Pending,
        }
    })
    .await
}
