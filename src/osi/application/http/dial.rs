//! From the origin of a request to a connection.
//!
//! The entry's own origin is dialled as the entry says, with its TLS. A redirect may lead to another
//! server, or to the same one over TLS; then TLS has its usual settings, and a name is looked up as
//! that of the entry is.

use std::sync::Arc;

use super::origin::Origin;
use crate::osi::{
    application::{
        program::Program,
        secure::{DialFailed, Dialled},
        spec::HttpVersion,
    },
    presentation::tls::{TlsClient, TlsConnector},
    session::{Connection, Peer},
};

impl Program {
    /// Opens a connection to `origin`.
    pub(super) async fn dial_origin(
        &self,
        origin: &Origin,
        connected: impl FnOnce(&Connection),
    ) -> Result<Dialled, DialFailed> {
        let own_tls = self.traffic.app.tls();
        let is_own = origin.name == self.peer.name && origin.secure == own_tls.is_some();
        if is_own {
            let connector = self.connector().map_err(DialFailed::lasting)?;
            let dialled = self.dial_peer(&self.peer, origin.port, connector, connected);
            return dialled.await;
        }
        // In a box: few go elsewhere.
        Box::pin(self.dial_elsewhere(origin, connected)).await
    }

    async fn dial_elsewhere(
        &self,
        origin: &Origin,
        connected: impl FnOnce(&Connection),
    ) -> Result<Dialled, DialFailed> {
        let peer = self.peer_called(&origin.name)?;
        let connector = match origin.secure {
            false => None,
            true => {
                let spec = usual_tls(self.traffic.app.tls());
                let made = TlsConnector::new(&self.host, &origin.name, &spec, self.setting);
                Some(made.map_err(DialFailed::lasting)?)
            }
        };
        self.dial_peer(&peer, origin.port, connector.as_ref(), connected)
            .await
    }

    /// The server called `name`.
    fn peer_called(&self, name: &Arc<str>) -> Result<Peer, DialFailed> {
        let own = (**name == *self.peer.name).then_some(self.peer.address);
        let known = own.or_else(|| name.parse().ok());
        let known = known.or_else(|| self.host.resolve_static(name));
        // Without an address of its own the resolver has to find it.
        let unknown = || format!("nobody knows the server `{name}`");
        let address = match (known, &self.peer.resolver) {
            (Some(address), _) => address,
            (None, Some(_)) => std::net::Ipv4Addr::UNSPECIFIED.into(),
            (None, None) => return Err(DialFailed::lasting(unknown())),
        };
        Ok(Peer {
            name: Arc::clone(name),
            address,
            resolver: self.peer.resolver.clone(),
        })
    }
}

/// TLS towards a server that the file says nothing of, as trusting as towards the one it names.
fn usual_tls(own: Option<&TlsClient>) -> TlsClient {
    TlsClient {
        version: own.and_then(|tls| tls.version),
        alpn: vec![HttpVersion::Http1.alpn().to_owned()],
        server_name: None,
        trust: own.is_none_or(|tls| tls.trust),
        certificate: false,
        resumption: false,
        early_data: false,
    }
}
