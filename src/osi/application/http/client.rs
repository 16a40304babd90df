//! The web client: requests with their times, one after the other, or with HTTP/2 all at once.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};

use super::{
    exchange::{Answer, Fetch, Link},
    h2,
};
use crate::{
    osi::application::{
        content::Content,
        program::Program,
        report::HttpExchange,
        reports::Open,
        spec::{HttpClient, HttpRequest, HttpVersion},
    },
    units::{ByteSize, SimTime, Span},
};

/// Makes all requests of one repetition.
pub(in crate::osi::application) async fn fetch_all(program: &Program, spec: &HttpClient) {
    if let Some(http2) = &spec.http2 {
        return h2::fetch(program, spec, http2).await;
    }
    if spec.version == HttpVersion::Http2 && spec.keep_alive {
        return fetch_at_once(program, spec).await;
    }
    fetch_in_order(program, spec).await;
}

/// Makes all requests of one repetition, each when the one before it is answered.
pub(in crate::osi::application) async fn fetch_in_order(program: &Program, spec: &HttpClient) {
    let mut link = None;
    for request in &spec.requests {
        let errand = Errand::begin(program, spec, request);
        errand.finish(&mut link).await;
        if !spec.keep_alive {
            link = None;
        }
    }
}

/// All requests on one connection, each beside the others. The first one opens it.
async fn fetch_at_once(program: &Program, spec: &HttpClient) {
    let requests = spec.requests.iter();
    let mut errands: Vec<_> = requests.map(|r| Errand::begin(program, spec, r)).collect();
    let Some(first) = errands.first_mut() else {
        return;
    };
    let mut fetch = first.fetch();
    let dialled = program.host.timeout(spec.timeout, fetch.dial()).await;
    let link = match dialled.unwrap_or_else(|_| Err(spec.too_late())) {
        Ok(link) => link,
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

/// A request that has begun, and its place in the report.
pub(super) struct Errand<'a> {
    program: &'a Program,
    spec: &'a HttpClient,
    request: &'a HttpRequest,
    started: SimTime,
    open: Open<HttpExchange>,
}

impl<'a> Errand<'a> {
    pub(super) fn begin(
        program: &'a Program,
        spec: &'a HttpClient,
        request: &'a HttpRequest,
    ) -> Self {
        let started = program.now();
        let open = program.entry.open(HttpExchange {
            method: request.method.clone(),
            path: request.path.clone(),
            pushed: false,
            started,
            lookup: None,
            connect: None,
            tls: None,
            first_byte: None,
            total: None,
            status: None,
            request_bytes: Content::from(&request.body).len(),
            response_bytes: 0,
            error: None,
        });
        program.started(format!("{} {}", request.method, request.path));
        Self {
            program,
            spec,
            request,
            started,
            open,
        }
    }

    pub(super) fn fetch(&mut self) -> Fetch<'_> {
        Fetch {
            program: self.program,
            spec: self.spec,
            request: self.request,
            started: self.started,
            open: &mut self.open,
        }
    }

    /// How much of its time is left.
    pub(super) fn left(&self) -> Span {
        self.started + self.spec.timeout - self.program.now()
    }

    /// Carries it out, over `link` if that is open, and reports. A failure closes the link.
    async fn finish(mut self, link: &mut Option<Link>) {
        let deadline = self.started + self.spec.timeout;
        let left = deadline - self.program.now();
        let host = &self.program.host;
        let work = host.timeout(left, self.fetch().run(link)).await;
        let answer = work.unwrap_or_else(|_| Err(self.spec.too_late()));
        if answer.is_err() {
            *link = None;
        }
        self.end(answer);
    }

    pub(super) fn end(mut self, answer: Result<Answer, String>) {
        let took = self.program.now() - self.started;
        match answer {
            Ok(Answer { status, bytes }) => {
                self.open.update(|e| e.total = Some(took));
                let bytes = ByteSize::new(bytes);
                self.program
                    .finished(format!("{status}, {bytes} in {took}"));
            }
            Err(error) => {
                let HttpRequest { method, path, .. } = self.request;
                self.program.failed(format!("{method} {path}: {error}"));
                self.open.update(|e| e.error = Some(error));
            }
        }
    }
}
