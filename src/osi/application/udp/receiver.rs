//! The receiving end of constant-rate streams: it counts and sends nothing back.

use super::payload::Head;
use crate::{
    osi::{application::reports::Reports, session::cause},
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
    let mut buffer = vec![0; 1 << 16];
    loop {
        let Ok((length, _, at)) = socket.recv_from_at(&mut buffer).await else {
            continue;
        };
        if let Some(head) = Head::read(&buffer[..length]) {
            reports.stream(head.stream, |meter| {
                meter.arrived(head.sequence, head.sent, at, length);
            });
        }
    }
}
