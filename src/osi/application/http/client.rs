//! The web client: requests one after the other, each with its times.

use super::exchange::{Answer, Fetch, Link};
use crate::{
    osi::application::{
        content::Content,
        program::Program,
        report::HttpExchange,
        spec::{HttpClient, HttpRequest},
    },
    units::ByteSize,
};

/// Makes all requests of one repetition.
pub(in crate::osi::application) async fn fetch_all(program: &Program, spec: &HttpClient) {
    let mut link = None;
    for request in &spec.requests {
        fetch_one(program, spec, request, &mut link).await;
        if !spec.keep_alive {
            link = None;
        }
    }
}

async fn fetch_one(
    program: &Program,
    spec: &HttpClient,
    request: &HttpRequest,
    link: &mut Option<Link>,
) {
    let started = program.now();
    let title = format!("{} {}", request.method, request.path);
    let mut open = program.entry.open(HttpExchange {
        method: request.method.clone(),
        path: request.path.clone(),
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
    program.started(title.clone());
    let mut fetch = Fetch {
        program,
        spec,
        request,
        started,
        open: &mut open,
    };
    let work = program.host.timeout(spec.timeout, fetch.run(link)).await;
    let took = program.now() - started;
    match work.unwrap_or_else(|_| Err(format!("no response within {}", spec.timeout))) {
        Ok(Answer { status, bytes }) => {
            open.update(|e| e.total = Some(took));
            let bytes = ByteSize::new(bytes);
            program.finished(format!("{status}, {bytes} in {took}"));
        }
        Err(error) => {
            *link = None;
            program.failed(format!("{title}: {error}"));
            open.update(|e| e.error = Some(error));
        }
    }
}
