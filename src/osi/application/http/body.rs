//! A message body for hyper, made chunk by chunk.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::osi::application::content::Content;

/// Content on its way out. Its size is known, so hyper sends `Content-Length`.
#[derive(Debug)]
pub(super) struct ContentBody {
    content: Content,
    at: u64,
}

impl ContentBody {
    /// A body with nothing in it.
    pub(super) const fn empty() -> Self {
        Self {
            content: Content::filler(0),
            at: 0,
        }
    }
}

impl ContentBody {
    /// Its size \[bytes\].
    pub(super) const fn len(&self) -> u64 {
        self.content.len()
    }

    /// True if nothing is in it.
    pub(super) const fn is_empty(&self) -> bool {
        self.content.len() == 0
    }

    /// Its bytes, chunk by chunk.
    pub(super) fn chunks(self) -> impl Iterator<Item = Bytes> {
        let mut at = self.at;
        std::iter::from_fn(move || {
            let chunk = self.content.chunk(at);
            at += chunk.len() as u64;
            (!chunk.is_empty()).then_some(chunk)
        })
    }
}

impl From<Content> for ContentBody {
    fn from(content: Content) -> Self {
        Self { content, at: 0 }
    }
}

impl Body for ContentBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.is_end_stream() {
            return Poll::Ready(None);
        }
        let chunk = self.content.chunk(self.at);
        self.at += chunk.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.at >= self.content.len()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.content.len() - self.at)
    }
}
