//! The web client: requests with their times, one after the other, over some connections side by
//! side, or with HTTP/2 and HTTP/3 all at once.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::Poll,
};

use super::{errand::Errand, h2};
use crate::{
    osi::application::{
        program::Program,
        spec::{HttpClient, HttpVersion},
    },
    rng::Stream,
    units::Span,
};

/// Makes all requests of one repetition.
pub(in crate::osi::application) async fn fetch_all(program: &Program, spec: &HttpClient) {
    let round = Round::new(program, spec);
    if let Some(http2) = &spec.http2 {
        return h2::fetch(&round, http2).await;
    }
    if spec.version != HttpVersion::Http1 && spec.keep_alive {
        return fetch_at_once(&round).await;
    }
    let lanes = spec.requests.len().min(spec.habits.connections.into());
    match lanes {
        0 | 1 => round.lane().await,
        lanes => all((0..lanes).map(|_| round.lane())).await,
    }
}

/// Makes all requests of one repetition, each when the one before it is answered.
pub(in crate::osi::application) async fn fetch_in_order(program: &Program, spec: &HttpClient) {
    Round::new(program, spec).lane().await;
}

/// One repetition: what its requests share.
pub(super) struct Round<'a> {
    pub(super) program: &'a Program,
    pub(super) spec: &'a HttpClient,
    /// The next request that nobody has taken.
    next: AtomicUsize,
    /// What the jitter of waits is drawn from.
    stream: Mutex<Stream>,
}

impl<'a> Round<'a> {
    fn new(program: &'a Program, spec: &'a HttpClient) -> Self {
        let round = program.round.to_string();
        Self {
            program,
            spec,
            next: AtomicUsize::new(0),
            stream: Mutex::new(program.stream(&["retry", &round])),
        }
    }

    /// Takes one request after the other and carries them out on a connection of its own, or on a
    /// new one each time.
    async fn lane(&self) {
        let mut link = None;
        while let Some(request) = self.spec.requests.get(self.next.fetch_add(1, Relaxed)) {
            Errand::begin(self, request).finish(&mut link).await;
            if !self.spec.keep_alive {
                link = None;
            }
        }
    }

    /// How long to wait after attempt number `made`.
    pub(super) fn wait(&self, made: u32) -> Span {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let retry = self.spec.habits.retry;
        retry.map_or(Span::ZERO, |backoff| backoff.delay(made, &mut stream))
    }
}

/// All requests on one connection, each beside the others. The first one opens it.
async fn fetch_at_once(round: &Round<'_>) {
    let requests = round.spec.requests.iter();
    let mut errands: Vec<_> = requests.map(|r| Errand::begin(round, r)).collect();
    let Some(first) = errands.first_mut() else {
        return;
    };
    let link = match first.dial().await {
        Ok(link) => link,
        // With another attempt to come, each looks after itself.
        Err(_) if round.spec.habits.retry.is_some() => {
            return all(errands.into_iter().map(alone)).await;
        }
        Err(error) => return errands.into_iter().for_each(|e| e.end(Err(error.clone()))),
    };
    // If ALPN chose HTTP/1.1 there is no way beside the first, and everybody dials for himself.
    let others: Vec<_> = errands.iter().skip(1).map(|_| link.beside()).collect();
    let links = std::iter::once(Some(link)).chain(others);
    let work = errands.into_iter().zip(links);
    all(work.map(|(errand, link)| async move {
        let mut link = link;
        errand.finish(&mut link).await;
    }))
    .await;
}

async fn alone(errand: Errand<'_>) {
    errand.finish(&mut None).await;
}

/// Does all of them, side by side.
pub(super) async fn all<F: Future<Output = ()>>(work: impl Iterator<Item = F>) {
    let mut left: Vec<Pin<Box<F>>> = work.map(Box::pin).collect();
    poll_fn(|cx| {
        left.retain_mut(|one| one.as_mut().poll(cx).is_pending());
        match left.as_slice() {
            [] => Poll::Ready(()),
            _ => Poll::Pending,
        }
    })
    .await;
}

impl HttpClient {
    pub(super) fn too_late(&self) -> String {
        format!("no response within {}", self.timeout)
    }
}
