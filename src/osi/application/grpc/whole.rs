//! The body of a request, which is read to its end even if nobody wants it any more.
//!
//! A server may answer before a stream of messages has ended. h2 would reset the stream then, and note
//! by the machine's clock for how long it remembers that. Here the rest is read and forgotten instead.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::task::Host;

/// A body that outlives its reader.
pub(super) struct Whole {
    host: Host,
    /// Gone only while it is being dropped.
    body: Option<Incoming>,
}

impl Whole {
    /// `body`, whose rest will be read on `host`.
    pub(super) const fn new(host: Host, body: Incoming) -> Self {
        Self {
            host,
            body: Some(body),
        }
    }
}

impl Body for Whole {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        let Some(mut body) = self.body.take().filter(|body| !body.is_end_stream()) else {
            return;
        };
        drop(
            self.host
                .spawn(async move { while let Some(Ok(_)) = body.frame().await {} }),
        );
    }
}
