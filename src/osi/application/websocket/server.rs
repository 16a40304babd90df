//! The WebSocket server: upgrades what asks for it, then echoes, relays or ticks.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, header::SEC_WEBSOCKET_ACCEPT, service::service_fn};
use hyper_util::rt::TokioIo;

use super::{
    client::content,
    handshake,
    hub::{Hub, Member},
    talk::{End, Event, Over, Talk},
    wire::Wire,
};
use crate::{
    osi::{
        application::{
            secure::Door,
            spec::{WebSocketFault, WebSocketMode, WebSocketServer},
        },
        session::cause,
        transport::TcpStream,
    },
    task::{Host, http1_server},
    trace::AppEventKind,
    units::SimTime,
};

/// Serves as long as the run lasts, each connection in a task of its own.
pub(in crate::osi::application) async fn serve(host: Host, spec: WebSocketServer, door: Door) {
    let listener = match host.listen(spec.port) {
        Ok(listener) => listener,
        Err(error) => {
            let text = format!("WebSocket server on port {}: {}", spec.port, cause(&error));
            return host.emit(AppEventKind::Failed(text), None);
        }
    };
    let hub = Hub::default();
    let site = Arc::new(Site {
        host,
        spec,
        door,
        hub,
    });
    while let Ok((stream, _)) = listener.accept().await {
        drop(site.host.spawn(serve_one(Arc::clone(&site), stream)));
    }
}

struct Site {
    host: Host,
    spec: WebSocketServer,
    door: Door,
    hub: Hub,
}

/// One connection, as long as it speaks HTTP.
async fn serve_one(site: Arc<Site>, stream: TcpStream) {
    // A handshake that fails is the client's to tell of.
    let Ok(channel) = site.door.admit(stream).await else {
        return;
    };
    channel.set_nodelay(true);
    let io = TokioIo::new(channel.lingering(&site.host));
    let server = http1_server(&site.host);
    let service = service_fn(move |request| {
        let response = upgrade(&site, request);
        async move { Ok::<_, hyper::Error>(response) }
    });
    let talk = server.serve_connection(io, service);
    let _ = talk.with_upgrades().await;
}

/// Answers a request; if it is granted, the talk begins when the answer has left.
fn upgrade(site: &Arc<Site>, mut request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (granted, mut response) = handshake::answer(&request, &site.spec);
    if !granted {
        return response;
    }
    if site.spec.fault == Some(WebSocketFault::WrongAccept) {
        handshake::put(&mut response, SEC_WEBSOCKET_ACCEPT, &handshake::accept(""));
    }
    let (site, path) = (Arc::clone(site), request.uri().path().to_owned());
    let upgraded = hyper::upgrade::on(&mut request);
    let host = site.host.clone();
    drop(host.spawn(async move {
        if let Ok(upgraded) = upgraded.await {
            attend(&site, Wire::new(upgraded), &path).await;
        }
    }));
    response
}

/// One open connection, to its end.
async fn attend(site: &Site, wire: Wire, path: &str) {
    let spec = &site.spec;
    let end = End {
        masks: None,
        frames: spec.frames,
        silent: spec.fault == Some(WebSocketFault::Silent),
    };
    let mut visit = Visit {
        site,
        talk: Talk::begin(&site.host, wire, end),
        member: (spec.mode == WebSocketMode::Chat).then(|| site.hub.join(path)),
        stop: spec.close.after.map(|span| site.host.now() + span),
        tick: (spec.mode == WebSocketMode::Ticker).then(|| site.host.now() + spec.interval),
        ticks: 0,
    };
    let over = match visit.misbehave().await {
        Ok(()) => visit.run().await,
        Err(over) => over,
    };
    let told = match over {
        Over::Faulted(fault) => format!("WebSocket closed with {}: {}", fault.code, fault.why),
        Over::Lost(why) => format!("WebSocket lost: {why}"),
        Over::Closed { .. } => return,
    };
    site.host.emit(AppEventKind::Note(told), None);
}

/// The server's side of an open connection.
struct Visit<'a> {
    site: &'a Site,
    talk: Talk,
    /// Its place in the chat.
    member: Option<Member>,
    /// When to close.
    stop: Option<SimTime>,
    /// When the next tick is due.
    tick: Option<SimTime>,
    ticks: u64,
}

impl Visit<'_> {
    async fn run(&mut self) -> Over {
        let silent = self.site.spec.fault == Some(WebSocketFault::Silent);
        loop {
            let deadline = SimTime::earliest([self.stop, self.tick]);
            let deadline = deadline.filter(|_| !silent);
            let inbox = self.member.as_mut().map(|member| &mut member.inbox);
            let done = match self.talk.next(deadline, inbox).await {
                Event::Over(over) => return over,
                Event::Message(_) if silent => Ok(()),
                Event::Message(message) => match (self.site.spec.mode, &self.member) {
                    (WebSocketMode::Echo, _) => {
                        self.talk.send(message.binary, &message.bytes).await
                    }
                    (WebSocketMode::Chat, Some(member)) => {
                        member.relay(message);
                        Ok(())
                    }
                    _ => Ok(()),
                },
                Event::Relay(Some(message)) => self.talk.send(message.binary, &message.bytes).await,
                Event::Relay(None) => return self.talk.close(1008, "too slow to follow").await,
                Event::Alarm => match self.on_time().await {
                    Ok(Some(over)) => return over,
                    Ok(None) => Ok(()),
                    Err(over) => Err(over),
                },
            };
            if let Err(over) = done {
                return over;
            }
        }
    }

    /// The time has come to close, or for a tick.
    async fn on_time(&mut self) -> Result<Option<Over>, Over> {
        let spec = &self.site.spec;
        let now = self.site.host.now();
        if self.stop.is_some_and(|at| at <= now) {
            return Ok(Some(self.say_goodbye().await));
        }
        let Some(due) = self.tick.filter(|at| *at <= now) else {
            return Ok(None);
        };
        self.ticks += 1;
        self.tick = Some(due + spec.interval);
        let bytes = content(&spec.message, self.ticks, &self.site.host);
        self.talk.send(spec.message.binary, &bytes).await?;
        if self.ticks == u64::from(spec.count) {
            return Ok(Some(self.say_goodbye().await));
        }
        Ok(None)
    }

    async fn say_goodbye(&mut self) -> Over {
        let close = &self.site.spec.close;
        self.talk.close(close.code, &close.reason).await
    }

    /// Breaks the rule that it is there to break.
    async fn misbehave(&mut self) -> Result<(), Over> {
        match self.site.spec.fault {
            Some(WebSocketFault::Masked) => self.talk.send_bad_ping(4, true).await,
            Some(WebSocketFault::OversizedControl) => self.talk.send_bad_ping(126, false).await,
            Some(WebSocketFault::BadUtf8) => self.talk.send_bad_text(b"\xc3\x28", false).await,
            Some(WebSocketFault::Garbage) => self.talk.send_garbage().await,
            _ => Ok(()),
        }
    }
}
