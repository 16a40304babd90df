//! Requests by HTTP/3.

use std::{
    fmt,
    future::poll_fn,
    net::SocketAddr,
    sync::{Arc, OnceLock},
};

use bytes::{Buf, Bytes};
use h3::{
    client::{RequestStream, SendRequest},
    error::StreamError,
};
use h3_quinn::{BidiStream, OpenStreams};
use http_body_util::BodyExt;
use hyper::{
    Request,
    body::Body,
    header::{CONTENT_LENGTH, HeaderValue},
};

use super::NO_ERROR;
use crate::osi::{
    application::{
        http::{
            body::ContentBody,
            exchange::{Answer, Failure, Fetch},
            link::Link,
            origin::Origin,
        },
        program::Program,
        secure::Handshake,
        spec::{App, HttpClient, HttpVersion},
    },
    presentation::quic::{QuicConnection, QuicConnector, words},
};

/// The client's end of QUIC for one traffic entry, made when it is first needed. It stays for all
/// repetitions, as that of TLS does.
#[derive(Debug)]
pub(in crate::osi::application) struct QuicEnd(Option<Box<OnceLock<QuicConnector>>>);

impl QuicEnd {
    /// That of an entry which does `app`.
    pub(in crate::osi::application) fn of(app: &App) -> Self {
        let (App::Http(http) | App::Rest(http)) = app else {
            return Self(None);
        };
        let needed = http.version == HttpVersion::Http3;
        Self(needed.then(Box::default))
    }
}

/// A way into an open connection. The connection ends with the last of them.
#[derive(Clone)]
pub(in super::super) struct Http3Sender {
    requests: SendRequest<OpenStreams, Bytes>,
    open: Arc<Open>,
}

impl fmt::Debug for Http3Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http3Sender")
    }
}

impl Http3Sender {
    /// True if nothing can be sent any more.
    pub(in super::super) fn is_closed(&self) -> bool {
        self.open.0.connection.close_reason().is_some()
    }

    /// What went wrong: the end of the connection, or else of the stream.
    fn failure(&self, error: &StreamError) -> Failure {
        Failure::Lost(match self.open.0.connection.close_reason() {
            None | Some(quinn::ConnectionError::LocallyClosed) => format!("HTTP/3: {error}"),
            Some(reason) => words(&reason),
        })
    }
}

/// A connection that says goodbye.
struct Open(QuicConnection);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.close(NO_ERROR);
    }
}

impl Fetch<'_> {
    /// True if a connection to `origin` is one of QUIC: that to the entry's own server. A redirect
    /// may lead to one that does not speak it.
    pub(in super::super) fn goes_by_quic(&self, origin: &Origin) -> bool {
        let wanted = self.spec.version == HttpVersion::Http3;
        wanted && origin.secure && origin.name == self.program.peer.name
    }

    /// Opens a connection. The handshake of QUIC is that of TLS; there is none of TCP.
    pub(in super::super) async fn dial_http3(&mut self, origin: Origin) -> Result<Link, Failure> {
        let program = self.program;
        let located = program.peer.locate(&program.host).await;
        let located = located.map_err(|e| Failure::NotSent(e.to_string()))?;
        self.open.update(|e| e.lookup = located.lookup);
        let started = program.now();
        let remote = SocketAddr::from((located.address, origin.port));
        let connector = program.quic_connector(self.spec).map_err(Failure::Final)?;
        let connection = connector.connect(remote).await.map_err(Failure::NotSent)?;
        let handshake = Handshake::new(program.now() - started, Arc::clone(&connection.facts));
        self.open.update(|e| e.tls = Some(handshake.result()));
        let transport = h3_quinn::Connection::new(connection.connection.clone());
        let (mut driver, requests) = h3::client::builder()
            .send_grease(false)
            .build::<_, _, Bytes>(transport)
            .await
            .map_err(|e| Failure::Lost(format!("HTTP/3: {e}")))?;
        // How the connection ends is told by the requests on it.
        drop(program.host.spawn(async move {
            poll_fn(|cx| driver.poll_close(cx)).await;
        }));
        let open = Arc::new(Open(connection));
        Ok(Link::by_quic(
            Http3Sender { requests, open },
            origin,
            handshake,
        ))
    }

    /// Sends the request over `link`, whose way in is `sender`, and reads the response.
    pub(in super::super) async fn ask_http3(
        &mut self,
        request: Request<ContentBody>,
        mut sender: Http3Sender,
        link: &mut Link,
    ) -> Result<Answer, Failure> {
        let sent = send(request, &mut sender).await;
        let mut stream = sent.map_err(|error| sender.failure(&error))?;
        let response = stream.recv_response().await;
        if let Some(tls) = link.take_tls() {
            self.open.update(|e| e.tls = Some(tls.result()));
        }
        let (head, ()) = response
            .map_err(|error| sender.failure(&error))?
            .into_parts();
        let mut intake = self.begin(&head)?;
        loop {
            let data = stream.recv_data().await;
            let Some(mut data) = data.map_err(|error| sender.failure(&error))? else {
                return self.complete(&head, intake);
            };
            while data.has_remaining() {
                let length = data.chunk().len();
                self.take(&mut intake, data.chunk())?;
                data.advance(length);
            }
        }
    }
}

/// Sends all of a request.
async fn send(
    request: Request<ContentBody>,
    sender: &mut Http3Sender,
) -> Result<RequestStream<BidiStream<Bytes>, Bytes>, StreamError> {
    let (mut head, mut body) = request.into_parts();
    if let Some(length) = length(&body) {
        head.headers.entry(CONTENT_LENGTH).or_insert(length);
    }
    let request = Request::from_parts(head, ());
    let mut stream = sender.requests.send_request(request).await?;
    while let Some(Ok(frame)) = body.frame().await {
        if let Ok(data) = frame.into_data() {
            stream.send_data(data).await?;
        }
    }
    stream.finish().await?;
    Ok(stream)
}

/// The length of a body that is not empty.
fn length(body: &ContentBody) -> Option<HeaderValue> {
    let length = body.size_hint().exact()?;
    (length > 0).then(|| HeaderValue::from(length))
}

impl Program {
    fn quic_connector(&self, spec: &HttpClient) -> Result<&QuicConnector, String> {
        let (Some(place), Some(tls)) = (&self.quic.0, &spec.tls) else {
            return Err("QUIC needs TLS".to_owned());
        };
        if place.get().is_none() {
            let wanted = (tls, &spec.quic);
            let made = QuicConnector::new(&self.host, &self.peer.name, wanted, self.setting)?;
            let _ = place.set(made);
        }
        place.get().ok_or_else(|| "QUIC has no end here".to_owned())
    }
}
