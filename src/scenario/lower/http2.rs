//! `http2` of traffic and servers.

use crate::{
    osi::application::spec::{Http2Client, Http2Server, HttpVersion},
    scenario::{
        schema::{ClientHttp2, ServerHttp2, Table},
        text::Findings,
    },
    units::ByteSize,
};

use super::ranges;

/// The most requests or streams that a key may name.
const MOST: u32 = 1_000_000;

/// The client's side, which needs version 2.
pub(super) fn client(
    table: &Table<ClientHttp2>,
    version: HttpVersion,
    keep_alive: bool,
    findings: &mut Findings,
) -> Option<Http2Client> {
    let place = table.place.clone()?;
    if version != HttpVersion::Http2 {
        findings
            .error(place, "`http2` means nothing to HTTP/1.1")
            .help("write `version = \"2\"` beside it");
    } else if !keep_alive {
        findings.error(place, "`http2` and `keep_alive = false` exclude each other");
    }
    let keys = &table.value;
    let windows = ByteSize::new(1 << 10)..=ByteSize::new(1 << 30);
    let window = ranges::size(&keys.window, "window", windows, findings);
    let sizes = ByteSize::new(1)..=ByteSize::new(1 << 30);
    Some(Http2Client {
        push: keys.push.read(findings).unwrap_or_default(),
        at_once: ranges::within(&keys.at_once, "at_once", 1..=1000, findings),
        window: window.and_then(|size| u32::try_from(size.bytes()).ok()),
        cancel_after: ranges::size(&keys.cancel_after, "cancel_after", sizes, findings),
    })
}

/// The server's side, if it is an HTTP server. Its `version` may be 1.1: over TLS, ALPN decides.
pub(super) fn server(
    table: &Table<ServerHttp2>,
    is_http: bool,
    findings: &mut Findings,
) -> Option<Http2Server> {
    let place = table.place.clone()?;
    if !is_http {
        findings.error(place, "only an HTTP server has `http2`");
    }
    let keys = &table.value;
    Some(Http2Server {
        goaway_after: ranges::within(&keys.goaway_after, "goaway_after", 1..=MOST, findings),
        max_streams: ranges::within(&keys.max_streams, "max_streams", 1..=MOST, findings),
    })
}
