//! The receiving end of constant-rate streams: it counts and sends nothing back.

use std::future::pending;

use super::payload::Head;
use crate::{
    osi::{application::reports::Reports, session::cause, transport::Datagram},
    task::Host,
    trace::AppEventKind,
};

/// Counts what arrives on `port` as long as the run lasts. Datagrams of no known stream are
/// taken and forgotten.
pub(in crate::osi::application) async fn receive(host: Host, port: u16, reports: Reports) {
    let socket = match host.udp(port) {
        Ok(socket) => socket,
        Err(error) => {
            let text = format!("UDP receiver on port {port}: {}", cause(&error));
            return host.emit(AppEventKind::Failed(text), None);
        }
    };
    socket.set_sink(move |datagram: Datagram, payload: &[u8]| {
        if let Some(head) = Head::read(payload) {
            reports.received(head.stream, |meter| {
                meter.arrived(head.sequence, head.sent, datagram.at, payload.len());
            });
        }
    });
    // The socket stays open as long as the task lives.
    pending().await
}
