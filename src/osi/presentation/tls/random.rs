//! Random bytes and key shares of the host that is being served.
//!
//! rustls wants them from a `'static` object that knows no host. So whoever calls rustls says for
//! which host, with [`on_behalf_of`], and the objects here ask that one. Without a host there is
//! no randomness, and rustls reports it.

use std::{cell::RefCell, sync::Arc};

use rustls::{
    Error, NamedGroup, PeerMisbehaved,
    crypto::{
        ActiveKeyExchange, CryptoProvider, GetRandomFailed, SecureRandom, SharedSecret,
        SupportedKxGroup, ring,
    },
};
use x25519_dalek::{PublicKey, StaticSecret};

use crate::task::Host;

thread_local! {
    static SERVED: RefCell<Option<Host>> = const { RefCell::new(None) };
}

/// Does `work`; what it draws at random comes from the stream of `host`.
pub(in crate::osi::presentation) fn on_behalf_of<R>(host: &Host, work: impl FnOnce() -> R) -> R {
    let before = SERVED.replace(Some(host.clone()));
    let result = work();
    SERVED.set(before);
    result
}

/// Everything rustls computes with: ring, but for what ring would draw from the machine.
pub(in crate::osi::presentation) fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        secure_random: &HostRandom,
        kx_groups: vec![&X25519],
        ..ring::default_provider()
    })
}

fn fill(bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
    SERVED
        .with_borrow(|host| host.as_ref().map(|host| host.fill_random(bytes)))
        .ok_or(GetRandomFailed)
}

#[derive(Debug)]
struct HostRandom;

impl SecureRandom for HostRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        fill(bytes)
    }
}

/// RFC 7748, section 5.
#[derive(Debug)]
struct X25519;

impl SupportedKxGroup for X25519 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let mut bytes = [0; 32];
        fill(&mut bytes)?;
        let secret = StaticSecret::from(bytes);
        let share = PublicKey::from(&secret).to_bytes();
        Ok(Box::new(Exchange { secret, share }))
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

struct Exchange {
    secret: StaticSecret,
    share: [u8; 32],
}

impl ActiveKeyExchange for Exchange {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let peer: [u8; 32] = peer
            .try_into()
            .map_err(|_| PeerMisbehaved::InvalidKeyShare)?;
        let shared = self.secret.diffie_hellman(&peer.into());
        // RFC 8446, section 7.4.2: an all-zero result means a share of small order.
        if !shared.was_contributory() {
            return Err(PeerMisbehaved::InvalidKeyShare.into());
        }
        Ok(SharedSecret::from(shared.as_bytes().as_slice()))
    }

    fn pub_key(&self) -> &[u8] {
        &self.share
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}
