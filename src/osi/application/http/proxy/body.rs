//! Bodies that pass through a proxy, and those that it makes itself.
//!
//! One that waits for `100 Continue` is not asked for until the upstream wants it. Asking makes hyper
//! say `100 Continue` to the client in its turn (HTTP/1.1).

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::osi::application::http::{
    body::ContentBody,
    expect::{NotWanted, Patience},
};

/// A body on its way through, or one of the proxy's own.
#[derive(Debug)]
pub(super) enum Passing {
    /// From the other connection, piece by piece as it comes; perhaps not before that is wanted.
    From(Incoming, Option<Patience>),
    /// Of the proxy.
    Own(ContentBody),
}

/// Why a body ends before its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stopped {
    /// It broke off.
    #[error(transparent)]
    Broken(#[from] hyper::Error),
    /// The upstream has answered without it.
    #[error(transparent)]
    NotWanted(#[from] NotWanted),
}

impl Passing {
    /// The body of a request, which waits for the upstream.
    pub(super) fn waiting(self, patience: Patience) -> Self {
        match self {
            Self::From(body, _) => Self::From(body, Some(patience)),
            own @ Self::Own(_) => own,
        }
    }
}

impl Body for Passing {
    type Data = Bytes;
    type Error = Stopped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Stopped>>> {
        match &mut *self {
            Self::From(body, waits) => {
                if let Some(patience) = waits {
                    if !ready!(patience.poll(cx)) {
                        return Poll::Ready(Some(Err(NotWanted.into())));
                    }
                    *waits = None;
                }
                let frame = Pin::new(body).poll_frame(cx);
                frame.map_err(Stopped::from)
            }
            Self::Own(body) => {
                let frame = Pin::new(body).poll_frame(cx);
                frame.map_err(|never| match never {})
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::From(body, _) => body.is_end_stream(),
            Self::Own(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::From(body, _) => body.size_hint(),
            Self::Own(body) => body.size_hint(),
        }
    }
}
