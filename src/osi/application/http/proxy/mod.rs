//! A reverse proxy: a gateway between clients and the servers behind it (RFC 9110, section 3.7).
//!
//! Upstreams are asked in turn. One that refuses, resets, answers nonsense or is too slow is left
//! alone for a while, and the request goes to the next if it may be sent twice. Connections upstream
//! are HTTP/1.1 without TLS, and kept. When nothing helps the proxy answers itself: 502 if an
//! upstream failed, 504 if it was too slow, 503 if all are being left alone.
//!
//! Not here: health checks of its own accord, caching, upgrades, `CONNECT`.

mod balance;
mod body;
mod headers;
mod upstream;

use std::{net::SocketAddr, sync::Arc};

use hyper::{
    Method, Request, Response, StatusCode,
    body::{Body, Incoming},
    header::{DATE, RETRY_AFTER},
    http::request::Parts,
};

use super::{
    body::ContentBody,
    date::http_date,
    reply::{add, lead, measure, text},
    server::{Refusal, speak},
    site::whole_seconds,
};
use crate::{
    osi::{
        application::{secure::Door, spec::ProxyServer},
        session::cause,
        transport::TcpStream,
    },
    task::Host,
    trace::AppEventKind,
};
use balance::Balance;
use body::Passing;
use headers::Hop;
use upstream::{Backend, Trouble};

/// Serves as long as the run lasts, each connection of a client in a task of its own.
pub(in crate::osi::application) async fn serve(
    host: Host,
    spec: ProxyServer,
    door: Door,
    epoch: u64,
) {
    let listener = match host.listen(spec.port) {
        Ok(listener) => listener,
        Err(error) => {
            let text = format!("proxy on port {}: {}", spec.port, cause(&error));
            return host.emit(AppEventKind::Failed(text), None);
        }
    };
    let backends = spec.upstream.iter().cloned();
    let gateway = Arc::new(Gateway {
        balance: Balance::new(spec.upstream.len()),
        backends: backends
            .map(|one| Backend::new(&host, one, &spec))
            .collect(),
        host,
        spec,
        door,
        epoch,
    });
    while let Ok((stream, _)) = listener.accept().await {
        let host = gateway.host.clone();
        drop(host.spawn(serve_one(Arc::clone(&gateway), stream)));
    }
}

/// One connection of a client, until either side closes it.
async fn serve_one(gateway: Arc<Gateway>, stream: TcpStream) {
    let Ok(channel) = gateway.door.admit(stream).await else {
        return;
    };
    let (host, spec) = (gateway.host.clone(), &gateway.spec);
    let how = (spec.version, spec.keep_alive);
    let client = channel.peer_addr();
    // What an upstream sends in pieces is passed on in pieces, at once.
    channel.set_nodelay(true);
    let answer = move |request| {
        let gateway = Arc::clone(&gateway);
        async move { Ok::<_, Refusal>(gateway.answer(client, request).await) }
    };
    speak(&host, channel, how, answer).await;
}

struct Gateway {
    host: Host,
    spec: ProxyServer,
    door: Door,
    epoch: u64,
    backends: Vec<Backend>,
    balance: Balance,
}

impl Gateway {
    async fn answer(&self, client: SocketAddr, request: Request<Incoming>) -> Response<Passing> {
        let hop = Hop {
            proxy: self.host.name(),
            client: client.ip(),
            secure: self.spec.tls.is_some(),
        };
        let (head, body) = request.into_parts();
        match self.forward(&head, body, &hop).await {
            // hyper leaves the body out of an answer to HEAD over HTTP/1.1, but not over HTTP/2.
            Err(own) if head.method == Method::HEAD => {
                own.map(|_| Passing::Own(ContentBody::empty()))
            }
            Ok(response) => {
                let mut response = response.map(|body| Passing::From(body, None));
                hop.mark_response(response.headers_mut());
                let date = http_date(self.epoch, self.host.now());
                add(response.headers_mut(), DATE, &date);
                response
            }
            Err(own) => own,
        }
    }

    /// Lets one upstream after the other try, as long as that is possible.
    async fn forward(
        &self,
        head: &Parts,
        body: Incoming,
        hop: &Hop<'_>,
    ) -> Result<Response<Incoming>, Response<Passing>> {
        if hop.has_passed(&head.headers) {
            let words = "the request goes round in a circle\n";
            return Err(self.own(StatusCode::LOOP_DETECTED, words));
        }
        let order = match self.balance.order(self.host.now()) {
            Ok(order) => order,
            Err(back) => {
                let wait = whole_seconds(back - self.host.now());
                let mut response =
                    self.own(StatusCode::SERVICE_UNAVAILABLE, "no upstream is well\n");
                add(response.headers_mut(), RETRY_AFTER, &wait);
                return Err(response);
            }
        };
        // A body passes once; a request without one can be made again.
        let has_body = !body.is_end_stream();
        let mut body = Some(body);
        let mut answer = self.own(StatusCode::BAD_GATEWAY, "no upstream\n");
        for place in order {
            let request = hop.request(head, body.take().filter(|_| has_body));
            let trouble = match self.backends[place].ask(request).await {
                Ok(response) => {
                    self.balance.is_well(place);
                    return Ok(response);
                }
                Err(trouble) => trouble,
            };
            answer = self.note_trouble(place, &trouble);
            let again = !trouble.was_sent || head.method.is_idempotent();
            if has_body || !again {
                break;
            }
        }
        Err(answer)
    }

    /// Leaves an upstream alone; what to tell the client if no other helps.
    fn note_trouble(&self, place: usize, trouble: &Trouble) -> Response<Passing> {
        let pause = self.spec.fail_timeout;
        self.balance.is_ill(place, self.host.now() + pause);
        let (name, why) = (&self.backends[place].name, &trouble.text);
        let text = format!("upstream {name}: {why}; left alone for {pause}");
        self.host.emit(AppEventKind::Note(text), None);
        match trouble.too_slow {
            true => self.own(StatusCode::GATEWAY_TIMEOUT, "the upstream is too slow\n"),
            false => self.own(StatusCode::BAD_GATEWAY, "the upstream failed\n"),
        }
    }

    /// An answer of the proxy itself.
    fn own(&self, status: StatusCode, words: &str) -> Response<Passing> {
        let mut response = text(status, words);
        measure(&mut response);
        let mut response = response.map(Passing::Own);
        let date = http_date(self.epoch, self.host.now());
        lead(response.headers_mut(), &date);
        response
    }
}
