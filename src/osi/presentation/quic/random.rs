//! What quinn draws at random, from the stream of the host: connection IDs, the key of stateless
//! resets, the key of address tokens, and the seed of everything else.

use std::sync::Arc;

use quinn::{ConnectionId, ConnectionIdGenerator, EndpointConfig, crypto::HandshakeTokenKey};
use ring::{hkdf, hmac};

use super::spec::QuicVersion;
use crate::task::Host;

/// The settings of an endpoint on `host` that speaks `versions`.
pub(super) fn endpoint_config(host: &Host, versions: &[QuicVersion]) -> EndpointConfig {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes::<64>(host));
    let mut config = EndpointConfig::new(Arc::new(key));
    let ids = HostIds(host.clone());
    config
        .rng_seed(Some(bytes(host)))
        .cid_generator(move || Box::new(ids.clone()))
        .supported_versions(versions.iter().map(|v| v.number()).collect());
    config
}

/// The key that a server seals its address tokens with (RFC 9000, section 8.1).
pub(super) fn token_key(host: &Host) -> Arc<dyn HandshakeTokenKey> {
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]);
    Arc::new(salt.extract(&bytes::<64>(host)))
}

/// A fresh connection ID.
pub(super) fn connection_id(host: &Host) -> ConnectionId {
    ConnectionId::new(&bytes::<ID_LEN>(host))
}

fn bytes<const N: usize>(host: &Host) -> [u8; N] {
    let mut bytes = [0; N];
    host.fill_random(&mut bytes);
    bytes
}

/// Connection IDs from the stream of a host.
#[derive(Debug, Clone)]
struct HostIds(Host);

impl ConnectionIdGenerator for HostIds {
    fn generate_cid(&mut self) -> ConnectionId {
        connection_id(&self.0)
    }

    fn cid_len(&self) -> usize {
        ID_LEN
    }

    fn cid_lifetime(&self) -> Option<std::time::Duration> {
        None
    }
}

/// Length of the connection IDs that a host gives itself \[bytes\].
const ID_LEN: usize = 8;
