//! A message body for hyper, made chunk by chunk.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::osi::application::content::Content;

/// Content on its way out. hyper sends `Content-Length`, or if it is to be chunked, the size of
/// each chunk.
#[derive(Debug)]
pub(super) struct ContentBody {
    content: Content,
    at: u64,
    chunked: bool,
}

impl ContentBody {
    /// A body with nothing in it.
    pub(super) const fn empty() -> Self {
        Self {
            content: Content::filler(0),
            at: 0,
            chunked: false,
        }
    }

    /// The same, in chunks if `chunked`.
    pub(super) const fn in_chunks(mut self, chunked: bool) -> Self {
        self.chunked = chunked;
        self
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
        Self {
            content,
            at: 0,
            chunked: false,
        }
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
        match self.chunked {
            true => SizeHint::default(),
            false => SizeHint::with_exact(self.content.len() - self.at),
        }
    }
}
