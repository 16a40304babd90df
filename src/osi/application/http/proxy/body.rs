//! Bodies that pass through a proxy, and those that it makes itself.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::osi::application::http::body::ContentBody;

/// A body on its way through, or one of the proxy's own.
#[derive(Debug)]
pub(super) enum Passing {
    /// From the other connection, piece by piece as it comes.
    From(Incoming),
    /// Of the proxy.
    Own(ContentBody),
}

impl Body for Passing {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut *self {
            Self::From(body) => Pin::new(body).poll_frame(cx),
            Self::Own(body) => {
                let frame = Pin::new(body).poll_frame(cx);
                frame.map_err(|never| match never {})
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::From(body) => body.is_end_stream(),
            Self::Own(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::From(body) => body.size_hint(),
            Self::Own(body) => body.size_hint(),
        }
    }
}
