//! An open connection to a web server, as hyper's or h3's client end, and how it is opened.

use std::sync::{Arc, OnceLock};

use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::rt::TokioIo;

use super::{chosen, expect::RequestBody, http3::Http3Sender, origin::Origin, words::explain};
use crate::{
    osi::{
        application::{
            secure::{Dialled, Handshake},
            spec::HttpVersion,
        },
        presentation::Channel,
    },
    task::{FOREVER, Host, HyperExecutor, HyperTimer},
};

/// An open connection to the server.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) sender: Sender,
    pub(super) origin: Origin,
    /// The handshake of TLS, until the first response has come.
    fresh_tls: Option<Handshake>,
    /// What hyper found wrong with the connection as a whole.
    fault: Arc<OnceLock<String>>,
}

/// Where requests go in.
#[derive(Debug)]
pub(super) enum Sender {
    Hyper(HyperSender),
    Http3(Http3Sender),
}

/// hyper's way in; only one of HTTP/2 can be shared.
#[derive(Debug)]
pub(super) enum HyperSender {
    Http1(http1::SendRequest<RequestBody>),
    Http2(http2::SendRequest<RequestBody>),
}

impl Link {
    /// Makes a connection that was dialled one of HTTP.
    pub(super) async fn open(
        host: &Host,
        dialled: Dialled,
        origin: Origin,
        version: HttpVersion,
    ) -> Result<Self, String> {
        let Dialled { channel, tls, .. } = dialled;
        let version = chosen(version, &channel);
        let fault = Arc::default();
        let sender = match version {
            HttpVersion::Http1 => speak_http1(host, channel, &fault).await,
            // HTTP/2 says goodbye on both sides.
            HttpVersion::Http2 | HttpVersion::Http3 => {
                speak_http2(host, channel.lingering(host)).await
            }
        };
        Ok(Self {
            sender: Sender::Hyper(sender.map_err(|e| explain(&e))?),
            origin,
            fresh_tls: tls,
            fault,
        })
    }

    /// A connection of HTTP/3.
    pub(super) fn by_quic(sender: Http3Sender, origin: Origin, tls: Handshake) -> Self {
        Self {
            sender: Sender::Http3(sender),
            origin,
            fresh_tls: Some(tls),
            fault: Arc::default(),
        }
    }

    /// A second way into the same connection, for a request beside others; HTTP/1.1 has none.
    pub(super) fn beside(&self) -> Option<Self> {
        let sender = match &self.sender {
            Sender::Hyper(HyperSender::Http1(_)) => return None,
            Sender::Hyper(HyperSender::Http2(sender)) => {
                Sender::Hyper(HyperSender::Http2(sender.clone()))
            }
            Sender::Http3(sender) => Sender::Http3(sender.clone()),
        };
        Some(Self {
            sender,
            origin: self.origin.clone(),
            fresh_tls: None,
            fault: Arc::clone(&self.fault),
        })
    }

    pub(super) const fn is_http1(&self) -> bool {
        matches!(self.sender, Sender::Hyper(HyperSender::Http1(_)))
    }

    pub(super) fn is_closed(&self) -> bool {
        match &self.sender {
            Sender::Hyper(HyperSender::Http1(sender)) => sender.is_closed(),
            Sender::Hyper(HyperSender::Http2(sender)) => sender.is_closed(),
            Sender::Http3(sender) => sender.is_closed(),
        }
    }

    /// The handshake of TLS, if it has not been told yet. With early data, only after the first
    /// response it is known what was agreed on.
    pub(super) const fn take_tls(&mut self) -> Option<Handshake> {
        self.fresh_tls.take()
    }

    /// What is wrong with the connection as a whole, so far.
    pub(super) fn fault(&self) -> Option<String> {
        self.fault.get().cloned()
    }
}

impl HyperSender {
    pub(super) async fn ready(&mut self) -> hyper::Result<()> {
        match self {
            Self::Http1(sender) => sender.ready().await,
            Self::Http2(sender) => sender.ready().await,
        }
    }

    pub(super) async fn send(
        &mut self,
        request: Request<RequestBody>,
    ) -> hyper::Result<Response<Incoming>> {
        match self {
            Self::Http1(sender) => sender.send_request(request).await,
            Self::Http2(sender) => sender.send_request(request).await,
        }
    }
}

/// hyper's two halves of a connection: one takes requests, the other does the work in a task. How
/// the connection ends is told by the requests on it, but for what comes when there is none.
async fn speak_http1(
    host: &Host,
    channel: Channel,
    fault: &Arc<OnceLock<String>>,
) -> hyper::Result<HyperSender> {
    let mut builder = http1::Builder::new();
    builder.title_case_headers(true);
    let (sender, driver) = builder.handshake(TokioIo::new(channel)).await?;
    let fault = Arc::clone(fault);
    drop(host.spawn(async move {
        if let Err(error) = driver.await {
            let _ = fault.set(explain(&error));
        }
    }));
    Ok(HyperSender::Http1(sender))
}

async fn speak_http2(host: &Host, channel: Channel) -> hyper::Result<HyperSender> {
    let builder = http2::Builder::new(HyperExecutor(host.clone()))
        .timer(HyperTimer(host.clone()))
        .reset_stream_duration(FOREVER)
        .handshake(TokioIo::new(channel));
    let (sender, driver) = builder.await?;
    drop(host.spawn(async move { driver.await.is_ok() }));
    Ok(HyperSender::Http2(sender))
}
