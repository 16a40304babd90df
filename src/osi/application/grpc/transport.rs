//! The way of tonic's requests: hyper's HTTP/2 on a connection of the simulated host.

use std::{
    error::Error,
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::http2::{self, SendRequest},
    header::{HeaderValue, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tonic::body::Body;
use tower_service::Service;

use crate::{
    osi::{presentation::Channel, session::cause},
    task::{FOREVER, Host, HyperExecutor, HyperTimer},
};

/// Where calls go in. Clones share the connection.
#[derive(Clone)]
pub(super) struct Transport(SendRequest<Body>);

impl Transport {
    /// Begins HTTP/2 on `channel`.
    pub(super) async fn open(host: &Host, channel: Channel) -> Result<Self, String> {
        // HTTP/2 sends small frames, and says goodbye on both sides.
        channel.set_nodelay(true);
        let builder = http2::Builder::new(HyperExecutor(host.clone()))
            .timer(HyperTimer(host.clone()))
            .reset_stream_duration(FOREVER)
            .handshake(TokioIo::new(channel.lingering(host)));
        let (sender, driver) = builder.await.map_err(|e| explain(&e))?;
        // How the connection ends is told by the calls on it.
        drop(host.spawn(async move { driver.await.is_ok() }));
        Ok(Self(sender))
    }

    /// True if no call can go in any more.
    pub(super) fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

impl Service<Request<Body>> for Transport {
    type Response = Response<Incoming>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, hyper::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), hyper::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let agent = HeaderValue::from_static("grpc-netsim");
        request.headers_mut().entry(USER_AGENT).or_insert(agent);
        Box::pin(self.0.send_request(request))
    }
}

/// What the connection has to complain of.
pub(super) fn explain(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    loop {
        if let Some(error) = innermost.downcast_ref::<io::Error>() {
            return cause(error);
        }
        match innermost.source() {
            Some(source) => innermost = source,
            None => return innermost.to_string(),
        }
    }
}
