//! The web server of HTTP/3: h3 on a UDP port, answers by routes.
//!
//! Request bodies are read to the end and forgotten. A connection on which nothing comes for 30 s is
//! given up (the idle time-out of QUIC).

use std::sync::Arc;

use bytes::{Buf, Bytes};
use h3::{error::Code, server::RequestResolver};
use http_body_util::BodyExt;
use hyper::{Method, Response};

use crate::{
    osi::{
        application::{
            AppEnv,
            http::{rest::Kept, server::Server},
            secure::Door,
            spec::HttpServer,
        },
        presentation::quic::{QuicAcceptor, QuicHandshake},
    },
    task::Host,
    trace::AppEventKind,
};

/// Serves as long as the run lasts, each connection in a task of its own.
pub(in crate::osi::application) async fn serve(host: Host, spec: HttpServer, env: AppEnv) {
    let acceptor = match bind(&host, &spec, env) {
        Ok(acceptor) => acceptor,
        Err(why) => {
            let text = format!("web server on UDP port {}: {why}", spec.port);
            return host.emit(AppEventKind::Failed(text), None);
        }
    };
    let server = Arc::new(Server::new(host, spec, Door::NONE, env.epoch));
    while let Some(handshake) = acceptor.accept().await {
        let host = server.host.clone();
        drop(host.spawn(serve_one(Arc::clone(&server), handshake)));
    }
}

fn bind(host: &Host, spec: &HttpServer, env: AppEnv) -> Result<QuicAcceptor, String> {
    let tls = spec.tls.as_ref().ok_or("QUIC needs TLS")?;
    QuicAcceptor::bind(host, spec.port, (tls, &spec.quic), env.tls())
}

/// One connection, until either side closes it. A handshake that fails is the client's to tell of, as
/// is a connection that breaks.
async fn serve_one(server: Arc<Server>, handshake: QuicHandshake) {
    let Ok(connection) = handshake.complete().await else {
        return;
    };
    let built = h3::server::builder()
        .send_grease(false)
        .build::<_, Bytes>(h3_quinn::Connection::new(connection))
        .await;
    let Ok(mut requests) = built else {
        return;
    };
    while let Ok(Some(resolver)) = requests.accept().await {
        let own = Arc::clone(&server);
        let work = async move { answer(&own, resolver).await.is_ok() };
        drop(server.host.spawn(work));
    }
}

async fn answer(
    server: &Server,
    resolver: RequestResolver<h3_quinn::Connection, Bytes>,
) -> Result<(), h3::error::StreamError> {
    let (request, mut stream) = resolver.resolve_request().await?;
    let mut content = Kept::default();
    while let Some(mut data) = stream.recv_data().await? {
        while data.has_remaining() {
            content.add(data.chunk());
            data.advance(data.chunk().len());
        }
    }
    let (asked, ()) = request.into_parts();
    let Some(response) = server.whole(&asked, content).await else {
        // Here a lost request is a stream that ends without an answer.
        stream.stop_stream(Code::H3_INTERNAL_ERROR);
        return Ok(());
    };
    let (head, mut body) = response.into_parts();
    stream.send_response(Response::from_parts(head, ())).await?;
    if asked.method == Method::HEAD {
        return stream.finish().await;
    }
    while let Some(Ok(frame)) = body.frame().await {
        if let Ok(data) = frame.into_data() {
            stream.send_data(data).await?;
        }
    }
    stream.finish().await
}
