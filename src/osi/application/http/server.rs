//! The web server: hyper on a listening socket, answers by routes.
//!
//! Request bodies are read to the end and forgotten, but for one that waits for `100 Continue` and
//! is not wanted. A connection on which nothing comes for a while is closed (hyper's header
//! time-out). Without routes every path answers 200 with a short text.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use http_body_util::BodyExt;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Body, Incoming},
    header::{CONNECTION, HeaderValue},
    http::request::Parts,
    service::service_fn,
};
use hyper_util::rt::TokioIo;

use super::{
    body::ContentBody,
    chosen,
    date::http_date,
    expect::expects_continue,
    h2,
    reply::{lead, measure, text},
    rest::{Kept, Rest},
    routes::{Choice, choose},
    site::{Plan, Site},
};
use crate::{
    osi::{
        application::{
            secure::Door,
            spec::{Http2Server, HttpServer, HttpVersion, KeepAlive},
        },
        presentation::Channel,
        session::cause,
        transport::TcpStream,
    },
    task::{Host, HyperExecutor, HyperTimer, http1_server},
    trace::AppEventKind,
    units::Span,
};

/// Serves as long as the run lasts, each connection in a task of its own.
pub(in crate::osi::application) async fn serve(
    host: Host,
    spec: HttpServer,
    door: Door,
    epoch: u64,
) {
    let listener = match host.listen(spec.port) {
        Ok(listener) => listener,
        Err(error) => {
            let text = format!("web server on port {}: {}", spec.port, cause(&error));
            return host.emit(AppEventKind::Failed(text), None);
        }
    };
    let server = Arc::new(Server::new(host, spec, door, epoch));
    while let Ok((stream, _)) = listener.accept().await {
        let host = server.host.clone();
        drop(host.spawn(serve_one(Arc::clone(&server), stream)));
    }
}

/// One connection, until either side closes it.
async fn serve_one(server: Arc<Server>, stream: TcpStream) {
    // A handshake that fails is the client's to tell of, as is a connection that breaks.
    let Ok(channel) = server.door.admit(stream).await else {
        return;
    };
    let streams = chosen(server.spec.version, &channel) == HttpVersion::Http2;
    if let (true, Some(spec)) = (streams, server.by_h2()) {
        return h2::serve(server, spec, channel).await;
    }
    let (host, spec) = (server.host.clone(), &server.spec);
    let (version, keep_alive) = (spec.version, spec.keep_alive);
    let answer = move |request: Request<Incoming>| {
        let server = Arc::clone(&server);
        async move {
            let bare = streams && request.method() == Method::HEAD;
            let response = server.answer(request).await;
            response.map(|whole| if bare { without_body(whole) } else { whole })
        }
    };
    speak(&host, channel, (version, keep_alive), answer).await;
}

/// The answer to HEAD (RFC 9110, section 9.3.2). hyper leaves the body out of it over HTTP/1.1, but not
/// over HTTP/2.
fn without_body(mut response: Response<ContentBody>) -> Response<ContentBody> {
    measure(&mut response);
    response.map(|_| ContentBody::empty())
}

/// A reason to close the connection instead of answering.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// The scenario wants it so.
    #[error("the connection is to be lost")]
    Lost,
    /// The request broke off.
    #[error(transparent)]
    Broken(#[from] hyper::Error),
}

/// Speaks HTTP on `channel`, in the version that ALPN or else `version` says, and lets `answer` find
/// the answers.
pub(super) async fn speak<B, F, W>(
    host: &Host,
    channel: Channel,
    (version, keep_alive): (HttpVersion, KeepAlive),
    answer: F,
) where
    B: Body<Data: Send, Error: Error + Send + Sync> + Send + 'static,
    F: Fn(Request<Incoming>) -> W + Clone + Send + 'static,
    W: Future<Output = Result<Response<B>, Refusal>> + Send + 'static,
{
    let version = chosen(version, &channel);
    let io = TokioIo::new(channel);
    let _ = match version {
        HttpVersion::Http1 => {
            let answers = Arc::new(AtomicU32::new(0));
            let service = service_fn(move |request| {
                let (work, answers) = (answer(request), Arc::clone(&answers));
                async move {
                    let mut response = work.await?;
                    let so_far = answers.fetch_add(1, Relaxed) + 1;
                    if keep_alive.requests.is_some_and(|most| so_far >= most) {
                        let close = HeaderValue::from_static("close");
                        response.headers_mut().insert(CONNECTION, close);
                    }
                    Ok::<_, Refusal>(response)
                }
            });
            http1_server(host)
                .header_read_timeout(std::time::Duration::from(keep_alive.idle))
                .serve_connection(io, service)
                .await
        }
        // Not of HTTP/3, which has a server of its own: TLS over TCP cannot agree on it.
        HttpVersion::Http2 | HttpVersion::Http3 => {
            hyper::server::conn::http2::Builder::new(HyperExecutor(host.clone()))
                .timer(HyperTimer(host.clone()))
                .auto_date_header(false)
                .serve_connection(io, service_fn(answer))
                .await
        }
    };
}

/// Answers every request on `stream` with a short text, until either side closes it.
pub(in crate::osi::application) async fn say_hello(host: Host, door: Door, stream: TcpStream) {
    let Ok(channel) = door.admit(stream).await else {
        return;
    };
    let how = (HttpVersion::default(), KeepAlive::default());
    let name = host.name().to_owned();
    let answer = move |_| {
        let hello = text(StatusCode::OK, &format!("Hello from {name}\n"));
        std::future::ready(Ok::<_, Refusal>(hello))
    };
    speak(&host, channel, how, answer).await;
}

/// A server at work.
pub(super) struct Server {
    pub(super) host: Host,
    spec: HttpServer,
    site: Site,
    /// Who answers instead of the routes.
    rest: Option<Rest>,
    door: Door,
    epoch: u64,
}

impl Server {
    pub(super) fn new(host: Host, spec: HttpServer, door: Door, epoch: u64) -> Self {
        Self {
            site: Site::new(&spec),
            rest: spec.users.clone().map(Rest::new),
            host,
            spec,
            door,
            epoch,
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<ContentBody>, Refusal> {
        let (head, mut body) = request.into_parts();
        if let Some(rest) = &self.rest {
            let mut content = Kept::default();
            while let Some(frame) = body.frame().await {
                frame?
                    .data_ref()
                    .into_iter()
                    .for_each(|data| content.add(data));
            }
            return Ok(self.sign(rest.answer(&self.host, &head, content).await));
        }
        let planned = self.plan(&head);
        // Whoever asks first hears a refusal first, and keeps the body.
        let refused = planned
            .as_ref()
            .is_ok_and(|p| p.response.status().as_u16() >= 400);
        if !(refused && expects_continue(&head.headers)) {
            while let Some(frame) = body.frame().await {
                frame?;
            }
        }
        Ok(self.carry_out(planned?).await)
    }

    /// What comes of a request with this head.
    ///
    /// # Errors
    /// The connection is to be lost.
    pub(super) fn plan(&self, head: &Parts) -> Result<Plan, Refusal> {
        if !self.spec.routes.is_empty() {
            return self.site.plan(head, self.host.now());
        }
        let hello = format!("Hello from {}\n", self.host.name());
        Ok(Plan {
            response: text(StatusCode::OK, &hello),
            think: Span::ZERO,
        })
    }

    /// The answer, once it has been thought of.
    pub(super) async fn carry_out(&self, plan: Plan) -> Response<ContentBody> {
        self.host.sleep(plan.think).await;
        self.sign(plan.response)
    }

    /// What it does of HTTP/2 beyond hyper, if it does any of that.
    fn by_h2(&self) -> Option<Http2Server> {
        let pushes = self.spec.routes.iter().any(|route| !route.push.is_empty());
        let usual = pushes.then(Http2Server::default);
        self.spec.http2.or(usual)
    }

    /// The paths that are pushed beside the answer to a request.
    pub(super) fn pushes(&self, head: &Parts) -> Vec<String> {
        let routes = &self.spec.routes;
        match choose(routes.iter(), head.method.as_str(), head.uri.path()) {
            Choice::Route(place) if head.method == Method::GET => routes[place].push.clone(),
            _ => Vec::new(),
        }
    }

    /// The answer to a request that has come whole; `None` if the request is to be lost.
    pub(super) async fn whole(&self, head: &Parts, content: Kept) -> Option<Response<ContentBody>> {
        let mut response = match &self.rest {
            Some(rest) => self.sign(rest.answer(&self.host, head, content).await),
            None => self.carry_out(self.plan(head).ok()?).await,
        };
        measure(&mut response);
        Some(response)
    }

    /// Says who answers, and when.
    fn sign(&self, mut response: Response<ContentBody>) -> Response<ContentBody> {
        let date = http_date(self.epoch, self.host.now());
        lead(response.headers_mut(), &date);
        response
    }
}
