//! The client: requests side by side as streams, pushed responses, streams that are given up.

use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use bytes::Bytes;
use futures_util::future::{Either, select};
use h2::{
    Reason, RecvStream,
    client::{Builder, PushPromise, PushPromises, SendRequest},
};
use hyper::{Request, Response, header::CONTENT_LENGTH};

use super::{FOREVER, MOST_CONNECTIONS, send};
use crate::{
    osi::{
        application::{
            http::{
                chosen,
                client::{Round, all},
                errand::Errand,
                exchange::{Answer, Fetch},
            },
            program::Program,
            report::{HttpCourse, HttpExchange},
            reports::Open,
            secure::{Dialled, Handshake},
            spec::{Http2Client, HttpVersion, PushTaking},
        },
        session::cause,
    },
    units::{ByteSize, SimTime},
};

/// Makes all requests of one repetition.
pub(in crate::osi::application::http) async fn fetch(round: &Round<'_>, http2: &Http2Client) {
    let requests = round.spec.requests.iter();
    let mut errands: Vec<_> = requests.map(|r| Errand::begin(round, r)).collect();
    for _ in 0..MOST_CONNECTIONS {
        if errands.is_empty() {
            return;
        }
        errands = over_a_connection(round, http2, errands).await;
    }
    let error = "the server refused the request on every connection";
    errands
        .into_iter()
        .for_each(|e| e.end(Err(error.to_owned())));
}

/// What is to be done on a connection, and what has to be done again on another.
struct Work<'a> {
    left: VecDeque<Errand<'a>>,
    again: Vec<Errand<'a>>,
}

/// Carries `errands` out on a new connection; those that the server has not looked at come back.
async fn over_a_connection<'a>(
    round: &Round<'_>,
    http2: &Http2Client,
    mut errands: Vec<Errand<'a>>,
) -> Vec<Errand<'a>> {
    let Some(first) = errands.first_mut() else {
        return errands;
    };
    let left = first.left();
    let host = &round.program.host;
    let opened = host.timeout(left, open(first.fetch(), http2)).await;
    let sender = match opened.unwrap_or_else(|_| Err(round.spec.too_late())) {
        Ok(sender) => sender,
        Err(error) => {
            errands.into_iter().for_each(|e| e.end(Err(error.clone())));
            return Vec::new();
        }
    };
    let most = http2.at_once.and_then(|n| usize::try_from(n).ok());
    let workers = most.unwrap_or(errands.len()).min(errands.len());
    let work = Mutex::new(Work {
        left: errands.into(),
        again: Vec::new(),
    });
    all((0..workers).map(|_| do_work(&work, sender.clone(), http2))).await;
    work.into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .again
}

fn lock<'m, 'a>(work: &'m Mutex<Work<'a>>) -> MutexGuard<'m, Work<'a>> {
    work.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One errand after the other, until none is left.
async fn do_work(work: &Mutex<Work<'_>>, sender: SendRequest<Bytes>, http2: &Http2Client) {
    loop {
        // A statement of its own: the lock must not be held while the errand runs.
        let next = lock(work).left.pop_front();
        let Some(mut errand) = next else {
            return;
        };
        let (left, fetch) = (errand.left(), errand.fetch());
        let (host, late) = (fetch.program.host.clone(), fetch.spec.too_late());
        let done = host
            .timeout(left, exchange(fetch, sender.clone(), http2))
            .await;
        match done.unwrap_or(Err(Failure::Final(late))) {
            Ok(answer) => errand.end(Ok(answer)),
            Err(Failure::Final(error)) => errand.end(Err(error)),
            Err(Failure::Unseen) => lock(work).again.push(errand),
        }
    }
}

/// Opens a connection and begins HTTP/2 on it.
async fn open(fetch: Fetch<'_>, http2: &Http2Client) -> Result<SendRequest<Bytes>, String> {
    let Fetch {
        program,
        spec,
        open,
        ..
    } = fetch;
    let dialled = program.dial(spec.port, |connection| {
        open.update(|e| {
            e.lookup = connection.lookup;
            e.connect = Some(connection.connect);
        });
    });
    let Dialled { channel, tls, .. } = dialled.await?;
    open.update(|e| e.tls = tls.as_ref().map(Handshake::result));
    if chosen(spec.version, &channel) != HttpVersion::Http2 {
        return Err("the server does not speak HTTP/2".to_owned());
    }
    let mut builder = Builder::new();
    builder
        .enable_push(http2.push != PushTaking::Off)
        .reset_stream_duration(FOREVER);
    if let Some(window) = http2.window {
        builder.initial_window_size(window);
    }
    let channel = channel.lingering(&program.host);
    let (sender, driver) = builder.handshake(channel).await.map_err(|e| explain(&e))?;
    drop(program.host.spawn(async move { driver.await.is_ok() }));
    Ok(sender)
}

/// Why there is no response.
enum Failure {
    /// The server has not looked at the request.
    Unseen,
    /// In words.
    Final(String),
}

impl From<h2::Error> for Failure {
    fn from(error: h2::Error) -> Self {
        let refused = error.is_reset() && error.reason() == Some(Reason::REFUSED_STREAM);
        // A server that ends with an error would do so again.
        let goodbye = error.is_go_away() && error.reason() == Some(Reason::NO_ERROR);
        if error.is_remote() && (refused || goodbye) {
            Self::Unseen
        } else {
            Self::Final(explain(&error))
        }
    }
}

fn explain(error: &h2::Error) -> String {
    match error.get_io() {
        Some(io) => cause(io),
        None => format!("HTTP/2: {error}"),
    }
}

/// Sends a request, and reads the response and what the server pushes along.
async fn exchange(
    fetch: Fetch<'_>,
    sender: SendRequest<Bytes>,
    http2: &Http2Client,
) -> Result<Answer, Failure> {
    let (head, body) = fetch.draft.http2().map_err(Failure::Final)?.into_parts();
    let mut request = Request::from_parts(head, ());
    if !body.is_empty() {
        let length = body.len().into();
        request.headers_mut().insert(CONTENT_LENGTH, length);
    }
    let mut sender = sender.ready().await?;
    let (mut response, stream) = sender.send_request(request, body.is_empty())?;
    let promises = response.push_promises();
    let program = fetch.program;
    let asked = async {
        if !body.is_empty() {
            send(stream, body).await?;
        }
        let response = response.await?;
        read(
            program,
            fetch.open,
            fetch.started,
            response,
            http2.cancel_after,
        )
        .await
    };
    let pushed = take_pushed(program, promises, http2.push);
    match select(Box::pin(asked), Box::pin(pushed)).await {
        Either::Left((Ok(answer), pushed)) => {
            pushed.await;
            Ok(answer)
        }
        // Promises keep their stream open: it is given up only when nobody waits for them either.
        Either::Left((failed, _)) => failed,
        Either::Right(((), asked)) => asked.await,
    }
}

/// Reads a response to its end, or as much of it as is wanted.
async fn read(
    program: &Program,
    open: &mut Open<HttpExchange>,
    started: SimTime,
    response: Response<RecvStream>,
    most: Option<ByteSize>,
) -> Result<Answer, Failure> {
    let status = response.status();
    let first_byte = program.now() - started;
    open.update(|e| {
        e.status = Some(status.as_u16());
        e.first_byte = Some(first_byte);
    });
    let mut body = response.into_body();
    let mut bytes = 0;
    while let Some(data) = body.data().await {
        let size = data?.len();
        bytes += size as u64;
        open.update(|e| e.response_bytes = bytes);
        if let Some(most) = most.filter(|most| bytes >= most.bytes()) {
            return Err(Failure::Final(format!(
                "cancelled by the client after {most}"
            )));
        }
        body.flow_control().release_capacity(size)?;
    }
    Ok(Answer::plain(status, bytes))
}

/// Takes what is promised while the response that it belongs to is on its way.
async fn take_pushed(program: &Program, mut promises: PushPromises, taking: PushTaking) {
    let mut reading: Vec<Pin<Box<dyn Future<Output = ()> + Send + '_>>> = Vec::new();
    let mut more = true;
    poll_fn(|cx| {
        while more && let Poll::Ready(next) = promises.poll_push_promise(cx) {
            match next {
                Some(Ok(promise)) => reading.push(Box::pin(take(program, promise, taking))),
                _ => more = false,
            }
        }
        reading.retain_mut(|one| one.as_mut().poll(cx).is_pending());
        if more || !reading.is_empty() {
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}

/// Reads one pushed response, or resets it.
async fn take(program: &Program, promise: PushPromise, taking: PushTaking) {
    let (request, response) = promise.into_parts();
    let started = program.now();
    let path = request.uri().path().to_owned();
    program.started(format!("promise of {path}"));
    let mut open = program.entry.open(HttpExchange {
        method: request.method().to_string(),
        path: path.clone(),
        pushed: true,
        started,
        lookup: None,
        connect: None,
        tls: None,
        first_byte: None,
        total: None,
        status: None,
        request_bytes: 0,
        response_bytes: 0,
        error: None,
        course: HttpCourse::default(),
    });
    if taking != PushTaking::Accept {
        drop(response);
        open.update(|e| e.error = Some("refused by the client".to_owned()));
        return program.failed(format!("{path}: refused by the client"));
    }
    let read = match response.await {
        Ok(response) => read(program, &mut open, started, response, None).await,
        Err(error) => Err(error.into()),
    };
    let took = program.now() - started;
    match read {
        Ok(Answer { status, bytes, .. }) => {
            open.update(|e| e.total = Some(took));
            let bytes = ByteSize::new(bytes);
            program.finished(format!("{path}, pushed: {status}, {bytes} in {took}"));
        }
        Err(failure) => {
            let error = match failure {
                Failure::Unseen => "the server went away".to_owned(),
                Failure::Final(error) => error,
            };
            program.failed(format!("{path}: {error}"));
            open.update(|e| e.error = Some(error));
        }
    }
}
