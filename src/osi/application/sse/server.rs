//! The server of event streams: hyper on a listening socket.
//!
//! Every answer but a stream is a short text. A client that has seen the last event gets 204, which
//! tells it not to come again (HTML standard, section 9.2.3).

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{CACHE_CONTROL, CONTENT_TYPE, DATE, HeaderName, HeaderValue, SERVER},
    service::service_fn,
};
use hyper_util::rt::TokioIo;

use super::{body::Events, feed::Feeds};
use crate::{
    osi::{
        application::{http::http_date, secure::Door, spec::SseServer},
        session::cause,
        transport::TcpStream,
    },
    task::{Host, http1_server},
    trace::AppEventKind,
};

type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// Serves as long as the run lasts, each connection in a task of its own.
pub(in crate::osi::application) async fn serve(
    host: Host,
    spec: SseServer,
    door: Door,
    epoch: u64,
) {
    let listener = match host.listen(spec.port) {
        Ok(listener) => listener,
        Err(error) => {
            let text = format!("event server on port {}: {}", spec.port, cause(&error));
            return host.emit(AppEventKind::Failed(text), None);
        }
    };
    let site = Arc::new(Site {
        host,
        spec: Arc::new(spec),
        door,
        epoch,
        feeds: Feeds::default(),
    });
    while let Ok((stream, _)) = listener.accept().await {
        drop(site.host.spawn(serve_one(Arc::clone(&site), stream)));
    }
}

struct Site {
    host: Host,
    spec: Arc<SseServer>,
    door: Door,
    epoch: u64,
    feeds: Feeds,
}

/// One connection, until either side closes it.
async fn serve_one(site: Arc<Site>, stream: TcpStream) {
    // A handshake that fails is the client's to tell of, as is a connection that breaks.
    let Ok(channel) = site.door.admit(stream).await else {
        return;
    };
    // An event does not wait for the acknowledgment of the one before.
    channel.set_nodelay(true);
    let io = TokioIo::new(channel.lingering(&site.host));
    let server = http1_server(&site.host);
    let service = service_fn(move |request| {
        let answer = site.answer(&request);
        async move { Ok::<_, Infallible>(answer) }
    });
    let _ = server.serve_connection(io, service).await;
}

impl Site {
    fn answer(&self, request: &Request<Incoming>) -> Answer {
        let path = request.uri().path();
        if self.spec.path.as_deref().is_some_and(|own| own != path) {
            return self.short(StatusCode::NOT_FOUND, "no events here\n");
        }
        if request.method() != Method::GET {
            return self.short(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
        }
        let now = self.host.now();
        let feed = self.feeds.of(path, &self.spec, now);
        let last = request.headers().get(LAST_EVENT_ID);
        let last = last.and_then(|id| id.to_str().ok()?.parse().ok());
        if feed.is_over(last) {
            return self.short(StatusCode::NO_CONTENT, "");
        }
        let first = feed.first(last, now);
        let events = Events::new(&self.host, feed, first);
        let mut response = Response::new(events.boxed_unsync());
        self.lead(&mut response);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }

    fn short(&self, status: StatusCode, text: &'static str) -> Answer {
        let mut response = Response::new(Full::from(text).boxed_unsync());
        *response.status_mut() = status;
        self.lead(&mut response);
        if !text.is_empty() {
            let plain = HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, plain);
        }
        response
    }

    fn lead(&self, response: &mut Answer) {
        let headers = response.headers_mut();
        if let Ok(date) = HeaderValue::from_str(&http_date(self.epoch, self.host.now())) {
            headers.insert(DATE, date);
        }
        headers.insert(SERVER, HeaderValue::from_static("netsim"));
    }
}

/// What a client that comes again has seen (HTML standard, section 9.2.4).
pub(super) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
