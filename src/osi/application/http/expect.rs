//! `Expect: 100-continue` (RFC 9110, section 10.1.1): a client that asks before it sends a body.
//!
//! The head goes out, the body waits. It is sent when the server says `100 Continue`, or when that
//! has not come for a second (the server may not know the expectation). If the final answer comes
//! first, the body is not sent at all, and the connection ends, as half a message stands on it.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
};

use bytes::Bytes;
use hyper::{
    Request, StatusCode,
    body::{Body, Frame, SizeHint},
    ext::on_informational,
    header::{EXPECT, HeaderMap},
};

use super::body::ContentBody;
use crate::{
    task::{Host, Sleep},
    units::Span,
};

/// True if a message with these headers waits for `100 Continue`.
pub(super) fn expects_continue(headers: &HeaderMap) -> bool {
    let value = headers.get(EXPECT).and_then(|v| v.to_str().ok());
    value.is_some_and(|v| v.eq_ignore_ascii_case("100-continue"))
}

/// How a body waits: behind a gate, and not for ever.
#[derive(Debug)]
pub(super) struct Patience {
    gate: Gate,
    limit: Pin<Box<Sleep>>,
}

impl Patience {
    /// For the body of `request`, which its sender on `host` begins to send now; and the gate that
    /// its final answer shuts. Informational answers are heard without further doing.
    pub(super) fn for_body_of<B>(request: &mut Request<B>, host: &Host) -> (Self, Gate) {
        let gate = Gate::default();
        let heard = gate.clone();
        on_informational(request, move |answer| heard.hear(answer.status()));
        let limit = Box::pin(host.sleep(PATIENCE));
        let patience = Self {
            gate: gate.clone(),
            limit,
        };
        (patience, gate)
    }

    /// True when the body may be sent, false when it must not.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        match self.gate.poll(cx) {
            Poll::Ready(open) => Poll::Ready(open),
            Poll::Pending => self.limit.as_mut().poll(cx).map(|()| true),
        }
    }
}

/// The body of a request, which may have to wait.
#[derive(Debug)]
pub(super) struct RequestBody {
    content: ContentBody,
    patience: Option<Patience>,
}

impl RequestBody {
    /// A body that waits.
    pub(super) const fn waiting(content: ContentBody, patience: Patience) -> Self {
        Self {
            content,
            patience: Some(patience),
        }
    }
}

impl From<ContentBody> for RequestBody {
    fn from(content: ContentBody) -> Self {
        Self {
            content,
            patience: None,
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = NotWanted;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, NotWanted>>> {
        if let Some(patience) = &mut self.patience {
            if !ready!(patience.poll(cx)) {
                return Poll::Ready(Some(Err(NotWanted)));
            }
            self.patience = None;
        }
        let frame = Pin::new(&mut self.content).poll_frame(cx);
        frame.map_err(|never| match never {})
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.content.size_hint()
    }
}

/// The server has answered without the body.
#[derive(Debug, thiserror::Error)]
#[error("the body was not wanted")]
pub(super) struct NotWanted;

/// What holds a body back. Clones are the same gate.
#[derive(Debug, Clone, Default)]
pub(super) struct Gate(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Open or shut; `None` while nobody has said anything.
    open: Option<bool>,
    waiting: Option<Waker>,
}

impl Gate {
    /// An informational answer came.
    pub(super) fn hear(&self, status: StatusCode) {
        if status == StatusCode::CONTINUE {
            self.decide(true);
        }
    }

    /// The final answer came. True if the body was not sent and will not be.
    pub(super) fn shut(&self) -> bool {
        self.decide(false);
        self.state().open == Some(false)
    }

    /// The first word counts.
    fn decide(&self, open: bool) {
        let mut state = self.state();
        state.open.get_or_insert(open);
        if let Some(waker) = state.waiting.take() {
            waker.wake();
        }
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<bool> {
        let mut state = self.state();
        if let Some(open) = state.open {
            return Poll::Ready(open);
        }
        state.waiting = Some(cx.waker().clone());
        Poll::Pending
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long to wait for `100 Continue`; RFC 9110 leaves it open, curl takes a second.
const PATIENCE: Span = Span::from_secs(1);
