//! The DNS server: one datagram in, one datagram out.

use super::zone::Zone;
use crate::{
    osi::{application::spec::DnsServer, session::cause},
    task::Host,
    trace::AppEventKind,
};

/// Answers questions as long as the run lasts.
pub(in crate::osi::application) async fn serve(host: Host, spec: DnsServer) {
    let zone = Zone::new(&spec, host.name());
    let socket = match host.udp(spec.port) {
        Ok(socket) => socket,
        Err(error) => {
            let text = format!("DNS server on port {}: {}", spec.port, cause(&error));
            return host.emit(AppEventKind::Failed(text), None);
        }
    };
    let mut buffer = vec![0; 1 << 16];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        if let Some(answer) = zone.answer(&buffer[..length]) {
            // An answer that cannot be sent is an answer lost: the client asks again.
            let _ = socket.send_to(&answer, from).await;
        }
    }
}
