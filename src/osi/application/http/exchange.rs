//! One request and its response, over a new connection or one that is still open.

use std::{error::Error, io};

use http_body_util::BodyExt;
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    client::conn::{http1, http2},
    header::{
        ACCEPT, CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
    },
};
use hyper_util::rt::TokioIo;

use super::{body::ContentBody, chosen, headers::apply};
use crate::{
    osi::{
        application::{
            content::Content,
            program::Program,
            report::HttpExchange,
            reports::Open,
            secure::{Dialled, Handshake},
            spec::{Body, HttpClient, HttpRequest, HttpVersion},
        },
        session::cause,
    },
    task::{FOREVER, HyperExecutor, HyperTimer},
    units::SimTime,
};

/// An open connection to the server.
pub(super) struct Link {
    sender: Sender,
    /// The handshake of TLS, until the first response has come.
    fresh_tls: Option<Handshake>,
}

/// Where requests go in.
enum Sender {
    Http1(http1::SendRequest<ContentBody>),
    Http2(http2::SendRequest<ContentBody>),
}

impl Link {
    /// A second way into the same connection, for a request beside others; HTTP/2 alone has one.
    pub(super) fn beside(&self) -> Option<Self> {
        match &self.sender {
            Sender::Http1(_) => None,
            Sender::Http2(sender) => Some(Self {
                sender: Sender::Http2(sender.clone()),
                fresh_tls: None,
            }),
        }
    }

    fn is_closed(&self) -> bool {
        match &self.sender {
            Sender::Http1(sender) => sender.is_closed(),
            Sender::Http2(sender) => sender.is_closed(),
        }
    }

    async fn ready(&mut self) -> hyper::Result<()> {
        match &mut self.sender {
            Sender::Http1(sender) => sender.ready().await,
            Sender::Http2(sender) => sender.ready().await,
        }
    }

    async fn send(&mut self, request: Request<ContentBody>) -> hyper::Result<Response<Incoming>> {
        match &mut self.sender {
            Sender::Http1(sender) => sender.send_request(request).await,
            Sender::Http2(sender) => sender.send_request(request).await,
        }
    }
}

/// How a response ended.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// Size of the body.
    pub(super) bytes: u64,
}

/// One request on its way.
pub(super) struct Fetch<'a> {
    pub(super) program: &'a Program,
    pub(super) spec: &'a HttpClient,
    pub(super) request: &'a HttpRequest,
    pub(super) started: SimTime,
    pub(super) open: &'a mut Open<HttpExchange>,
}

/// Why there is no response.
enum Failure {
    /// The open connection turned out to be closed; a new one may do.
    Stale(String),
    /// In words.
    Final(String),
}

impl Fetch<'_> {
    /// Sends the request over `link`, or over a new connection if that one is closed. A request
    /// that met a closing connection is sent once more if its method is idempotent or it never
    /// left (RFC 9110, section 9.2.2).
    pub(super) async fn run(&mut self, link: &mut Option<Link>) -> Result<Answer, String> {
        if let Some(open) = link.as_mut().filter(|open| !open.is_closed()) {
            match self.ask(open).await {
                Err(Failure::Stale(_)) => {}
                Err(Failure::Final(error)) => return Err(error),
                Ok(answer) => return Ok(answer),
            }
        }
        // The old connection ends here, before the new one begins.
        *link = None;
        let fresh = link.insert(self.dial().await?);
        self.ask(fresh).await.map_err(|failure| match failure {
            Failure::Stale(error) | Failure::Final(error) => error,
        })
    }

    /// Opens a connection.
    pub(super) async fn dial(&mut self) -> Result<Link, String> {
        let host = &self.program.host;
        let open = &mut *self.open;
        let dialled = self.program.dial(self.spec.port, |connection| {
            open.update(|e| {
                e.lookup = connection.lookup;
                e.connect = Some(connection.connect);
            });
        });
        let Dialled { channel, tls, .. } = dialled.await?;
        self.open
            .update(|e| e.tls = tls.as_ref().map(Handshake::result));
        let version = chosen(self.spec.version, &channel);
        // HTTP/2 says goodbye on both sides.
        let channel = match version {
            HttpVersion::Http1 => channel,
            HttpVersion::Http2 => channel.lingering(host),
        };
        let io = TokioIo::new(channel);
        // How the connection ends is told by the requests on it.
        let sender = match version {
            HttpVersion::Http1 => {
                let builder = http1::Builder::new().title_case_headers(true).handshake(io);
                let (sender, driver) = builder.await.map_err(|e| explain(&e))?;
                drop(host.spawn(async move { driver.await.is_ok() }));
                Sender::Http1(sender)
            }
            HttpVersion::Http2 => {
                let builder = http2::Builder::new(HyperExecutor(host.clone()))
                    .timer(HyperTimer(host.clone()))
                    .reset_stream_duration(FOREVER)
                    .handshake(io);
                let (sender, driver) = builder.await.map_err(|e| explain(&e))?;
                drop(host.spawn(async move { driver.await.is_ok() }));
                Sender::Http2(sender)
            }
        };
        Ok(Link {
            sender,
            fresh_tls: tls,
        })
    }

    /// Sends the request over `link` and reads the response.
    async fn ask(&mut self, link: &mut Link) -> Result<Answer, Failure> {
        let request = match &link.sender {
            Sender::Http1(_) => self.build(),
            Sender::Http2(_) => self.build_http2(),
        };
        let request = request.map_err(Failure::Final)?;
        if let Err(error) = link.ready().await {
            return Err(Failure::Stale(explain(&error)));
        }
        let idempotent = request.method().is_idempotent();
        let sent = link.send(request).await;
        if let Some(tls) = link.fresh_tls.take() {
            // With early data, only now is it known what was agreed on.
            self.open.update(|e| e.tls = Some(tls.result()));
        }
        let response = sent.map_err(|e| {
            let closed = e.is_canceled() || (idempotent && e.is_incomplete_message());
            if closed {
                Failure::Stale(explain(&e))
            } else {
                Failure::Final(explain(&e))
            }
        })?;
        let read = self.read(response).await;
        read.map_err(|e| Failure::Final(explain(&e)))
    }

    async fn read(&mut self, response: Response<Incoming>) -> Result<Answer, hyper::Error> {
        let status = response.status();
        let first_byte = self.program.now() - self.started;
        self.open.update(|e| {
            e.status = Some(status.as_u16());
            e.first_byte = Some(first_byte);
        });
        let mut body = response.into_body();
        let mut bytes = 0;
        while let Some(frame) = body.frame().await {
            bytes += frame?.data_ref().map_or(0, |data| data.len() as u64);
            self.open.update(|e| e.response_bytes = bytes);
        }
        Ok(Answer { status, bytes })
    }

    /// The request as HTTP/1.1 has it: the path in the first line, the server in a header.
    fn build(&self) -> Result<Request<ContentBody>, String> {
        let mut request = self.begin(self.request.path.clone())?;
        let headers = request.headers_mut();
        set(headers, HOST, &self.authority())?;
        if !self.spec.keep_alive {
            set(headers, CONNECTION, "close")?;
        }
        self.complete(request)
    }

    /// The request as HTTP/2 has it: scheme, server and path are pseudo-header fields (RFC 9113,
    /// section 8.3.1), and there is no `Connection`.
    pub(super) fn build_http2(&self) -> Result<Request<ContentBody>, String> {
        let scheme = if self.spec.tls.is_some() {
            "https"
        } else {
            "http"
        };
        let (authority, path) = (self.authority(), &self.request.path);
        let request = self.begin(format!("{scheme}://{authority}{path}"))?;
        self.complete(request)
    }

    fn begin(&self, uri: String) -> Result<Request<ContentBody>, String> {
        let content = Content::from(&self.request.body);
        Request::builder()
            .method(self.request.method.as_str())
            .uri(uri)
            .body(ContentBody::from(content))
            .map_err(|e| format!("not a request of HTTP: {e}"))
    }

    /// Adds the headers that every request has, and those of the file.
    fn complete(&self, mut request: Request<ContentBody>) -> Result<Request<ContentBody>, String> {
        let headers = request.headers_mut();
        set(headers, USER_AGENT, "netsim")?;
        set(headers, ACCEPT, "*/*")?;
        // RFC 9110, section 8.6: a method that usually has content says so if there is none.
        let usual = matches!(self.request.method.as_str(), "POST" | "PUT" | "PATCH");
        if usual && self.request.body == Body::Empty {
            set(headers, CONTENT_LENGTH, "0")?;
        }
        apply(headers, &self.request.headers)?;
        Ok(request)
    }

    /// What stands in the Host header: the port only if it is not the usual one.
    fn authority(&self) -> String {
        let usual = if self.spec.tls.is_some() { 443 } else { 80 };
        match self.spec.port {
            port if port == usual => self.program.peer.name.to_string(),
            port => format!("{}:{port}", self.program.peer.name),
        }
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), String> {
    let checked = HeaderValue::from_str(value);
    let value = checked.map_err(|_| format!("the value of header `{name}` is not printable"))?;
    headers.insert(name, value);
    Ok(())
}

/// What hyper has to complain of, in words that do not depend on its version.
fn explain(error: &hyper::Error) -> String {
    let source = error.source().and_then(|s| s.downcast_ref::<io::Error>());
    if let Some(error) = source {
        return cause(error);
    }
    if error.is_incomplete_message() {
        return "the server closed the connection before its response was complete".to_owned();
    }
    if error.is_parse() {
        return "what came back is not HTTP/1.1".to_owned();
    }
    // What HTTP/2 complains of stands behind hyper's own words.
    if let Some(source) = error
        .source()
        .filter(|_| error.to_string() == "http2 error")
    {
        return format!("HTTP/2: {source}");
    }
    if error.is_canceled() || error.is_closed() {
        return "the connection is closed".to_owned();
    }
    error.to_string()
}
