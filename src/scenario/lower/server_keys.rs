//! Which keys of `[[server]]` belong to which kind of server.

use crate::scenario::{
    schema::{Server, ServerWord},
    text::{Findings, Place},
};

/// A key that means nothing to a server of this kind is an error.
pub(super) fn refuse_foreign(keys: &Server, word: ServerWord, findings: &mut Findings) {
    for (key, place, owners) in given(keys) {
        if place.is_some() && !owners.contains(&word) {
            let owners: Vec<String> = owners.iter().map(|o| format!("\"{}\"", o.name())).collect();
            let message = format!(
                "`{key}` means nothing to a server of \"{}\", only to one of {}",
                word.name(),
                owners.join(" or ")
            );
            findings.error(place, message);
        }
    }
}

/// All keys that not every server has: their place if they were written, and whose they are.
fn given(keys: &Server) -> [(&'static str, Option<Place>, &'static [ServerWord]); 32] {
    use ServerWord::{Dhcp, Dns, Grpc, Hostile, Http, Proxy, Rest, Smtp, Sse, WebSocket};
    const WEB: &[ServerWord] = &[Http, Rest, Proxy];
    const USERS: &[ServerWord] = &[Rest, Grpc];
    let users = keys.users.0.first().map(|(name, _)| name.place.clone());
    [
        ("version", keys.version.place(), WEB),
        ("quic", keys.quic.place.clone(), &[Http, Rest]),
        ("route", keys.route.place.clone(), &[Http]),
        ("idle_timeout", keys.idle_timeout.place(), WEB),
        ("max_requests", keys.max_requests.place(), WEB),
        ("upstream", keys.upstream.place.clone(), &[Proxy]),
        ("connect_timeout", keys.connect_timeout.place(), &[Proxy]),
        ("timeout", keys.timeout.place(), &[Proxy]),
        ("fail_timeout", keys.fail_timeout.place(), &[Proxy]),
        ("begin", keys.begin.place(), &[Hostile]),
        ("behaviour", keys.behaviour.place(), &[Hostile]),
        ("size", keys.size.place(), &[Hostile]),
        ("websocket", keys.websocket.place.clone(), &[WebSocket]),
        ("sse", keys.sse.place.clone(), &[Sse]),
        ("http2", keys.http2.place.clone(), &[Http]),
        ("records", keys.records.place(), USERS),
        ("think", keys.think.place(), USERS),
        ("require", keys.require.place(), USERS),
        ("zone", keys.zone.place.clone(), &[Dns]),
        ("recursive", keys.recursive.place(), &[Dns]),
        ("root", keys.root.place.clone(), &[Dns]),
        ("pool", keys.pool.place(), &[Dhcp]),
        ("lease", keys.lease.place(), &[Dhcp]),
        ("router", keys.router.place(), &[Dhcp]),
        ("dns", keys.dns.place.clone(), &[Dhcp]),
        ("mailboxes", keys.mailboxes.place.clone(), &[Smtp]),
        ("users", users, &[Smtp]),
        ("starttls", keys.starttls.place(), &[Smtp]),
        ("max_message", keys.max_message.place(), &[Smtp]),
        ("max_recipients", keys.max_recipients.place(), &[Smtp]),
        ("max_connections", keys.max_connections.place(), &[Smtp]),
        ("idle", keys.idle.place(), &[Smtp]),
    ]
}
