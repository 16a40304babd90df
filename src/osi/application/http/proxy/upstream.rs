//! One server behind a proxy, and the connections to it that are kept.

use hyper::{Request, Response, body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;

use super::body::Passing;
use crate::{
    osi::{
        application::{
            http::{
                expect::{Gate, Patience, expects_continue},
                words::explain,
            },
            spec::{ProxyServer, Upstream},
        },
        session::{Peer, Pool},
    },
    task::Host,
    units::Span,
};

type Sender = http1::SendRequest<Passing>;

/// A server behind the proxy.
pub(super) struct Backend {
    host: Host,
    /// Name and port.
    pub(super) name: String,
    peer: Peer,
    port: u16,
    connect_timeout: Span,
    timeout: Span,
    pool: Pool<Sender>,
}

/// Why an upstream has no answer.
#[derive(Debug)]
pub(super) struct Trouble {
    /// In words.
    pub(super) text: String,
    /// It took too long.
    pub(super) too_slow: bool,
    /// The upstream may have begun to work on the request.
    pub(super) was_sent: bool,
}

impl Backend {
    pub(super) fn new(host: &Host, upstream: Upstream, spec: &ProxyServer) -> Self {
        Self {
            host: host.clone(),
            name: format!("{}:{}", upstream.name, upstream.port),
            peer: Peer {
                name: upstream.name.into(),
                address: upstream.address,
                resolver: None,
            },
            port: upstream.port,
            connect_timeout: spec.connect_timeout,
            timeout: spec.timeout,
            pool: Pool::new(IDLE),
        }
    }

    /// Sends a request over a kept connection, or a new one, and waits for the head of its answer.
    pub(super) async fn ask(
        &self,
        request: Request<Passing>,
    ) -> Result<Response<Incoming>, Trouble> {
        let (mut request, gate) = self.held_back(request);
        while let Some(kept) = self.pool.take(|s| !s.is_closed(), Sender::is_ready) {
            match self.ask_over(kept, request, gate.as_ref()).await {
                // It was closed meanwhile, and the request has come back whole.
                Err((_, Some(unsent))) => request = unsent,
                Err((trouble, None)) => return Err(trouble),
                Ok(response) => return Ok(response),
            }
        }
        let fresh = self.dial().await?;
        let asked = self.ask_over(fresh, request, gate.as_ref()).await;
        asked.map_err(|(trouble, _)| trouble)
    }

    /// The request, whose body waits if the client's does (RFC 9110, section 10.1.1); and what the final
    /// answer shuts.
    fn held_back(&self, mut request: Request<Passing>) -> (Request<Passing>, Option<Gate>) {
        if !expects_continue(request.headers()) {
            return (request, None);
        }
        let (patience, gate) = Patience::for_body_of(&mut request, &self.host);
        (request.map(|body| body.waiting(patience)), Some(gate))
    }

    async fn ask_over(
        &self,
        mut sender: Sender,
        request: Request<Passing>,
        gate: Option<&Gate>,
    ) -> Result<Response<Incoming>, (Trouble, Option<Request<Passing>>)> {
        let sent = sender.try_send_request(request);
        let Ok(answer) = self.host.timeout(self.timeout, sent).await else {
            let text = format!("no response within {}", self.timeout);
            return Err((trouble(text, true, true), None));
        };
        match answer {
            Ok(response) => {
                // Half a request stands on a connection whose body was not wanted. Any other is free
                // again when the body of the answer has passed.
                if !gate.is_some_and(Gate::shut) {
                    self.pool.put(sender);
                }
                Ok(response)
            }
            Err(mut failed) => {
                let unsent = failed.take_message();
                let text = explain(failed.error());
                Err((trouble(text, false, unsent.is_none()), unsent))
            }
        }
    }

    async fn dial(&self) -> Result<Sender, Trouble> {
        let dialled = self.peer.connect(&self.host, self.port);
        let Ok(dialled) = self.host.timeout(self.connect_timeout, dialled).await else {
            let text = format!("no connection within {}", self.connect_timeout);
            return Err(trouble(text, true, false));
        };
        let connection = dialled.map_err(|e| trouble(e.to_string(), false, false))?;
        connection.stream.set_nodelay(true);
        let mut builder = http1::Builder::new();
        builder.title_case_headers(true);
        let io = TokioIo::new(connection.stream);
        let opened = builder.handshake(io).await;
        let (sender, driver) = opened.map_err(|e| trouble(explain(&e), false, false))?;
        drop(self.host.spawn(async move { driver.await.is_ok() }));
        Ok(sender)
    }
}

const fn trouble(text: String, too_slow: bool, was_sent: bool) -> Trouble {
    Trouble {
        text,
        too_slow,
        was_sent,
    }
}

/// The most idle connections to one upstream.
const IDLE: usize = 32;
