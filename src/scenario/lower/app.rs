//! What a traffic entry does: the keys of its application.

mod keys;
mod names;
mod probes;
mod tcp;
mod udp;
mod web;

use super::{live, ranges, smtp, users};
use crate::{
    osi::application::spec::{Amount, App, TcpTransfer, UdpStream},
    scenario::{
        limits::{MAX_COUNT, MAX_DATAGRAM, MAX_DATAGRAMS},
        schema::{AppWord, Field, Table, Traffic},
        text::{Findings, Place},
    },
    units::{ByteSize, Span},
};
use keys::refuse_foreign_keys;
use names::dns_lookup;
use probes::{echo, ping, traceroute};
use tcp::tcp_transfer;
use udp::udp_stream;
use web::http_client;

/// The application of a traffic entry. `ttl` is that of the host, `qlog` a matter of the file.
pub(super) fn read(
    table: &Table<Traffic>,
    word: AppWord,
    (ttl, qlog): (Option<u8>, bool),
    findings: &mut Findings,
) -> Option<App> {
    refuse_foreign_keys(&table.value, word, findings);
    let keys = &table.value;
    match word {
        AppWord::Http => Some(App::Http(http_client(keys, qlog, findings))),
        AppWord::Rest => Some(App::Rest(users::rest_client(keys, qlog, findings))),
        AppWord::Grpc => Some(App::Grpc(users::grpc_client(keys, findings))),
        AppWord::Dns => dns_lookup(table, findings).map(App::Dns),
        AppWord::Udp => udp_stream(keys, findings).map(App::Udp),
        AppWord::Tcp => tcp_transfer(table, findings).map(App::Tcp),
        AppWord::Echo => Some(App::Echo(echo(keys, findings))),
        AppWord::Ping => Some(App::Ping(ping(keys, ttl, findings))),
        AppWord::Traceroute => Some(App::Traceroute(traceroute(keys, findings))),
        AppWord::Smtp => {
            let timeout = timeout(keys, Span::from_secs(30), findings);
            Some(App::Smtp(smtp::client(keys, timeout, findings)))
        }
        AppWord::WebSocket => Some(App::WebSocket(live::websocket_client(keys, findings))),
        AppWord::Sse => Some(App::Sse(live::sse_client(keys, findings))),
    }
}

/// `app` with a size of its own, if it is one that transfers bytes: the bytes of a transfer, or
/// the datagrams that hold them.
pub(super) fn sized(app: &App, bytes: u64) -> App {
    match app {
        App::Tcp(tcp) => App::Tcp(TcpTransfer {
            amount: Amount::Bytes(ByteSize::new(bytes)),
            ..tcp.clone()
        }),
        App::Udp(udp) => App::Udp(UdpStream {
            count: bytes.div_ceil(udp.size.into()).clamp(1, MAX_DATAGRAMS),
            ..udp.clone()
        }),
        other => other.clone(),
    }
}

/// How many bytes of payload it transfers, if that is known beforehand.
pub(super) fn size(app: &App) -> Option<u64> {
    match app {
        App::Udp(udp) => Some(udp.count.saturating_mul(udp.size.into())),
        App::Tcp(tcp) => match &tcp.amount {
            Amount::Bytes(size) => Some(size.bytes()),
            Amount::Text(text) => Some(text.len() as u64),
            Amount::HandshakeOnly | Amount::Duration(_) => None,
        },
        _ => None,
    }
}

pub(super) fn timeout(keys: &Traffic, usual: Span, findings: &mut Findings) -> Span {
    ranges::positive_span(&keys.timeout, "timeout", findings).unwrap_or(usual)
}

fn interval(keys: &Traffic, findings: &mut Findings) -> Span {
    ranges::positive_span(&keys.interval, "interval", findings).unwrap_or(Span::from_secs(1))
}

fn count(keys: &Traffic, usual: u32, findings: &mut Findings) -> u32 {
    let count = ranges::within(&keys.count, "count", 1..=MAX_COUNT, findings);
    count.and_then(|n| u32::try_from(n).ok()).unwrap_or(usual)
}

/// The payload of a datagram or echo request.
fn payload(
    field: &Field<ByteSize>,
    least: ByteSize,
    usual: u16,
    findings: &mut Findings,
) -> Option<u16> {
    if !field.is_given() {
        return Some(usual);
    }
    let size = ranges::size(field, "size", least..=MAX_DATAGRAM, findings)?;
    u16::try_from(size.bytes()).ok()
}

/// Two keys of which only one may be there.
fn exclude(a: (&str, Option<Place>), b: (&str, Option<Place>), findings: &mut Findings) {
    if let (Some(first), Some(second)) = (a.1, b.1) {
        findings
            .error(
                second,
                format!("`{}` and `{}` exclude each other", a.0, b.0),
            )
            .also(Some(first), "here");
    }
}
