//! How a connection is opened: dial, ask for the upgrade, check the answer.

use bytes::Bytes;
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use super::{Ending, Visit};
use crate::osi::application::{
    live::{dial, explain},
    program::Program,
    secure::{Dialled, Handshake},
    websocket::{handshake, wire::Wire},
};

/// Why there is no connection, and whether another attempt makes sense.
pub(super) struct Refusal {
    pub(super) why: String,
    pub(super) ending: Ending,
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        let ending = Ending::Broken;
        Self { why, ending }
    }
}

impl Visit<'_> {
    /// Connects and asks for the upgrade.
    pub(super) async fn connect(&mut self) -> Result<Wire, Refusal> {
        let dialled = dial(self.program, self.spec.port, &mut self.open);
        let Dialled { channel, tls, .. } = dialled.await?;
        channel.set_nodelay(true);
        let host = &self.program.host;
        let io = TokioIo::new(channel.lingering(host));
        let shaken = http1::Builder::new()
            .title_case_headers(true)
            .handshake::<_, Empty<Bytes>>(io)
            .await;
        let (mut sender, driver) = shaken.map_err(|e| explain(&e))?;
        drop(host.spawn(async move { driver.with_upgrades().await.is_ok() }));
        let key = self.key();
        let authority = authority(self.program, self.spec.port, self.spec.tls.is_some());
        let request = handshake::request(self.spec, &authority, &key)?;
        let asked = self.program.now();
        let response = sender.send_request(request).await;
        let response = response.map_err(|e| explain(&e))?;
        let took = self.program.now() - asked;
        self.open.update(|r| {
            // With early data, only now is it known what was agreed on.
            r.opening.tls = tls.as_ref().map(Handshake::result);
            r.status = Some(response.status().as_u16());
            r.handshake = Some(took);
        });
        let subprotocol = handshake::check(&response, self.spec, &key).map_err(|why| {
            // It would say so again.
            let ending = Ending::Done;
            Refusal { why, ending }
        })?;
        self.program.note(format!("WebSocket open after {took}"));
        self.open.update(|r| r.subprotocol = subprotocol);
        let upgraded = hyper::upgrade::on(response).await;
        Ok(Wire::new(upgraded.map_err(|e| explain(&e))?))
    }

    fn key(&self) -> String {
        let random = || {
            let (round, attempt) = (self.program.round.to_string(), self.attempt.to_string());
            let path = ["websocket", "key", &round, &attempt];
            let mut bytes = [0; 16];
            self.program.stream(&path).fill(&mut bytes);
            handshake::key(bytes)
        };
        self.spec.key.clone().unwrap_or_else(random)
    }
}

/// What stands in the Host header: the port only if it is not the usual one.
pub(in crate::osi::application) fn authority(program: &Program, port: u16, tls: bool) -> String {
    let usual = if tls { 443 } else { 80 };
    match port {
        port if port == usual => program.peer.name.to_string(),
        port => format!("{}:{port}", program.peer.name),
    }
}
