//! The web server: hyper on a listening socket, answers by routes.
//!
//! Request bodies are read to the end and forgotten. A connection on which nothing comes for 30 s
//! is closed (hyper's header time-out). Without routes every path answers 200 with a short text.

use std::sync::Arc;

use http_body_util::BodyExt;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Body as _, Incoming},
    header::{
        ALLOW, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, SERVER,
    },
    service::service_fn,
};
use hyper_util::rt::TokioIo;

use super::{
    body::ContentBody,
    chosen,
    date::http_date,
    h2,
    headers::apply,
    rest::{Kept, Rest},
    routes::{Choice, choose},
};
use crate::{
    osi::{
        application::{
            content::Content,
            secure::Door,
            spec::{Body, Http2Server, HttpRoute, HttpServer, HttpVersion},
        },
        session::cause,
        transport::TcpStream,
    },
    task::{Host, HyperExecutor, HyperTimer},
    trace::AppEventKind,
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
    let site = Arc::new(Site {
        rest: spec.users.clone().map(Rest::new),
        host,
        spec,
        door,
        epoch,
    });
    while let Ok((stream, _)) = listener.accept().await {
        drop(site.host.spawn(serve_one(Arc::clone(&site), stream)));
    }
}

/// One connection, until either side closes it.
async fn serve_one(site: Arc<Site>, stream: TcpStream) {
    // A handshake that fails is the client's to tell of, as is a connection that breaks.
    let Ok(channel) = site.door.admit(stream).await else {
        return;
    };
    let version = chosen(site.spec.version, &channel);
    if let (HttpVersion::Http2, Some(spec)) = (version, site.by_h2()) {
        return h2::serve(site, spec, channel).await;
    }
    let timer = HyperTimer(site.host.clone());
    let executor = HyperExecutor(site.host.clone());
    let service = service_fn(move |request| {
        let site = Arc::clone(&site);
        async move { site.answer(request).await }
    });
    let io = TokioIo::new(channel);
    let _ = match version {
        HttpVersion::Http1 => {
            hyper::server::conn::http1::Builder::new()
                .timer(timer)
                .auto_date_header(false)
                .title_case_headers(true)
                .serve_connection(io, service)
                .await
        }
        HttpVersion::Http2 => {
            hyper::server::conn::http2::Builder::new(executor)
                .timer(timer)
                .auto_date_header(false)
                .serve_connection(io, service)
                .await
        }
    };
}

/// A server and what it needs to answer.
pub(super) struct Site {
    host: Host,
    spec: HttpServer,
    door: Door,
    epoch: u64,
    /// Who answers instead of the routes.
    rest: Option<Rest>,
}

impl Site {
    /// Where it runs.
    pub(super) const fn host(&self) -> &Host {
        &self.host
    }

    /// What it does of HTTP/2 beyond hyper, if it does any of that.
    fn by_h2(&self) -> Option<Http2Server> {
        let pushes = self.spec.routes.iter().any(|route| !route.push.is_empty());
        let usual = pushes.then(Http2Server::default);
        self.spec.http2.or(usual)
    }

    /// The paths that are pushed beside the answer to a request.
    pub(super) fn pushes(&self, method: &Method, path: &str) -> Vec<String> {
        match choose(&self.spec.routes, method.as_str(), path) {
            Choice::Route(route) if *method == Method::GET => route.push.clone(),
            _ => Vec::new(),
        }
    }

    /// The whole answer of the routes.
    pub(super) async fn routed(&self, method: &Method, path: &str) -> Response<ContentBody> {
        let mut response = self.by_route(method, path).await;
        let length = response.body().size_hint().exact().unwrap_or(0);
        add(response.headers_mut(), CONTENT_LENGTH, &length.to_string());
        let date = http_date(self.epoch, self.host.now());
        lead(response.headers_mut(), &date);
        response
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<ContentBody>, hyper::Error> {
        let (head, mut body) = request.into_parts();
        let mut content = Kept::default();
        while let Some(frame) = body.frame().await {
            if let (Some(_), Some(data)) = (&self.rest, frame?.data_ref()) {
                content.add(data);
            }
        }
        let mut response = if let Some(rest) = &self.rest {
            rest.answer(&self.host, &head, content).await
        } else if self.spec.routes.is_empty() {
            text(
                StatusCode::OK,
                &format!("Hello from {}\n", self.host.name()),
            )
        } else {
            self.by_route(&head.method, head.uri.path()).await
        };
        let date = http_date(self.epoch, self.host.now());
        lead(response.headers_mut(), &date);
        Ok(response)
    }

    async fn by_route(&self, method: &Method, path: &str) -> Response<ContentBody> {
        match choose(&self.spec.routes, method.as_str(), path) {
            Choice::Route(route) => {
                self.host.sleep(route.think).await;
                respond(route)
            }
            Choice::OtherMethods(allowed) => {
                // RFC 9110, section 9.3.7: OPTIONS asks which methods there are.
                let mut response = if *method == Method::OPTIONS {
                    empty(StatusCode::NO_CONTENT)
                } else {
                    text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n")
                };
                add(response.headers_mut(), ALLOW, &allowed);
                response
            }
            Choice::NotFound => text(StatusCode::NOT_FOUND, "not found\n"),
        }
    }
}

/// The answer of a route. A status that hyper cannot send (1xx, or none at all) becomes 500.
fn respond(route: &HttpRoute) -> Response<ContentBody> {
    let status = StatusCode::from_u16(route.status)
        .ok()
        .filter(|status| !status.is_informational())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = if matches!(status.as_u16(), 204 | 205 | 304) {
        empty(status)
    } else {
        let mut response = empty(status);
        if let Some(kind) = media_type(&route.body) {
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        *response.body_mut() = Content::from(&route.body).into();
        response
    };
    match apply(response.headers_mut(), &route.headers) {
        Ok(()) => response,
        Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, &format!("{error}\n")),
    }
}

/// What a body looks like, for a route that does not say.
fn media_type(body: &Body) -> Option<&'static str> {
    match body {
        Body::Empty => None,
        Body::Size(_) => Some("text/plain"),
        Body::Text(text) => Some(match text.trim_start().as_bytes().first() {
            Some(b'{' | b'[') => "application/json",
            Some(b'<') => "text/html; charset=utf-8",
            _ => "text/plain; charset=utf-8",
        }),
    }
}

fn text(status: StatusCode, text: &str) -> Response<ContentBody> {
    let mut response = Response::new(Content::text(text).into());
    *response.status_mut() = status;
    add(
        response.headers_mut(),
        CONTENT_TYPE,
        "text/plain; charset=utf-8",
    );
    response
}

fn empty(status: StatusCode) -> Response<ContentBody> {
    let mut response = Response::new(ContentBody::empty());
    *response.status_mut() = status;
    response
}

/// Puts `Date` and `Server` before the other headers, unless the route has its own.
fn lead(headers: &mut HeaderMap, date: &str) {
    let others = std::mem::take(headers);
    add(headers, DATE, date);
    add(headers, SERVER, "netsim");
    headers.extend(others);
}

/// Adds a header unless it is there already.
pub(super) fn add(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.entry(name).or_insert(value);
    }
}
