//! A host's TCP, made when it is first needed: most hosts of large networks never speak it, and
//! pay neither the memory nor the look at it.

use std::sync::Arc;

use super::Tcp;
use crate::{osi::transport::TcpConfig, rng::Stream};

/// TCP, if somebody has used it, and what it is made from. Who does not use it looks at the last field
/// alone.
#[derive(Debug)]
#[repr(C)]
pub(in super::super) struct LazyTcp {
    seed: Stream,
    config: Arc<TcpConfig>,
    used: Option<Box<Tcp>>,
}

impl LazyTcp {
    pub(in super::super) const fn new(config: Arc<TcpConfig>, seed: Stream) -> Self {
        Self {
            used: None,
            config,
            seed,
        }
    }

    /// TCP for somebody who uses it.
    pub(in super::super) fn get(&mut self) -> &mut Tcp {
        self.used.get_or_insert_with(|| {
            let tcp = Tcp::new(Arc::clone(&self.config), self.seed.clone());
            Box::new(tcp)
        })
    }

    /// TCP if somebody has used it.
    #[inline]
    pub(in super::super) fn used(&self) -> Option<&Tcp> {
        self.used.as_deref()
    }

    /// As [`LazyTcp::used`], to be changed.
    #[inline]
    pub(in super::super) fn used_mut(&mut self) -> Option<&mut Tcp> {
        self.used.as_deref_mut()
    }

    /// The settings of its connections.
    pub(in super::super) fn config(&self) -> &TcpConfig {
        &self.config
    }

    /// New connections tell of their values.
    pub(in super::super) fn trace(&mut self) {
        Arc::make_mut(&mut self.config).trace = true;
        if let Some(tcp) = &mut self.used {
            tcp.trace();
        }
    }
}
