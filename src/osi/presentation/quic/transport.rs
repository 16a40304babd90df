//! The settings of a connection that do not belong to TLS.

use std::sync::Arc;

use quinn::{ConnectionId, TransportConfig};

use super::{congestion::Guides, qlog, spec::QuicCongestion};
use crate::task::Host;

/// The settings of one connection, which `id` names in the qlog if there is to be one.
pub(super) fn transport(
    host: &Host,
    congestion: QuicCongestion,
    log: Option<ConnectionId>,
) -> Arc<TransportConfig> {
    let mut config = TransportConfig::default();
    config
        .congestion_controller_factory(Arc::new(Guides(congestion)))
        .qlog_stream(log.and_then(|id| qlog::stream(host, id)));
    Arc::new(config)
}
