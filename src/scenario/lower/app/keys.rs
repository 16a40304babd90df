//! Which keys belong to which application.

use crate::scenario::{
    schema::{AppWord, Traffic},
    text::{Findings, Place},
};

/// A key of another application would be without effect: an error.
pub(super) fn refuse_foreign_keys(keys: &Traffic, word: AppWord, findings: &mut Findings) {
    let (app, own) = (word.name(), keys_of(word));
    let foreign = given_keys(keys)
        .into_iter()
        .filter(|(key, _)| !own.contains(key));
    for (key, place) in foreign {
        if let Some(place) = place {
            findings
                .error(
                    place,
                    format!("`{key}` means nothing to the application \"{app}\""),
                )
                .help(format!("its keys: {}", own.join(", ")));
        }
    }
}

/// The keys of each application, beside those that all have.
const fn keys_of(word: AppWord) -> &'static [&'static str] {
    match word {
        AppWord::Http => &[
            "port",
            "request",
            "requests",
            "keep_alive",
            "timeout",
            "tls",
            "version",
            "follow",
            "connections",
            "connect_timeout",
            "retry",
            "credentials",
            "accept_encoding",
            "quic",
            "http2",
        ],
        AppWord::Rest => &[
            "port",
            "call",
            "keep_alive",
            "timeout",
            "tls",
            "version",
            "quic",
        ],
        AppWord::Grpc => &["port", "call", "timeout", "tls"],
        AppWord::Dns => &["port", "query", "type", "timeout", "attempts", "edns"],
        AppWord::Udp => &[
            "port", "size", "rate", "interval", "count", "duration", "sizes", "on_off",
        ],
        AppWord::Tcp => &[
            "port",
            "bytes",
            "duration",
            "sizes",
            "text",
            "handshake_only",
            "direction",
            "tls",
        ],
        AppWord::Echo => &[
            "port", "over", "text", "size", "count", "interval", "timeout", "tls",
        ],
        AppWord::Ping => &["count", "interval", "size", "timeout", "ttl"],
        AppWord::Traceroute => &["max_hops", "probes", "timeout"],
        AppWord::Smtp => &[
            "port",
            "mail",
            "login",
            "starttls",
            "pipelining",
            "say",
            "timeout",
            "tls",
        ],
        AppWord::WebSocket => &[
            "port",
            "text",
            "size",
            "count",
            "interval",
            "timeout",
            "tls",
            "websocket",
        ],
        AppWord::Sse => &["port", "count", "timeout", "tls", "sse"],
    }
}

/// All keys that belong to some application, with their place if they were written.
fn given_keys(keys: &Traffic) -> Vec<(&'static str, Option<Place>)> {
    vec![
        ("port", keys.port.place()),
        ("request", keys.request.place.clone()),
        ("requests", keys.requests.place.clone()),
        ("call", keys.call.place.clone()),
        ("keep_alive", keys.keep_alive.place()),
        ("timeout", keys.timeout.place()),
        ("tls", keys.tls.place.clone()),
        ("version", keys.version.place()),
        ("mail", keys.mail.place.clone()),
        ("login", keys.login.place.clone()),
        ("starttls", keys.starttls.place()),
        ("pipelining", keys.pipelining.place()),
        ("say", keys.say.place.clone()),
        ("follow", keys.follow.place()),
        ("connections", keys.connections.place()),
        ("connect_timeout", keys.connect_timeout.place()),
        ("retry", keys.retry.place.clone()),
        ("credentials", keys.credentials.place()),
        ("accept_encoding", keys.accept_encoding.place.clone()),
        ("http2", keys.http2.place.clone()),
        ("quic", keys.quic.place.clone()),
        ("query", keys.query.place()),
        ("type", keys.record.place()),
        ("edns", keys.edns.place()),
        ("attempts", keys.attempts.place()),
        ("size", keys.size.place()),
        ("rate", keys.rate.place()),
        ("interval", keys.interval.place()),
        ("count", keys.count.place()),
        ("duration", keys.duration.place()),
        ("bytes", keys.bytes.place()),
        ("sizes", keys.sizes.place.clone()),
        ("on_off", keys.on_off.place.clone()),
        ("text", keys.text.place()),
        ("handshake_only", keys.handshake_only.place()),
        ("direction", keys.direction.place()),
        ("over", keys.over.place()),
        ("ttl", keys.ttl.place()),
        ("max_hops", keys.max_hops.place()),
        ("probes", keys.probes.place()),
        ("websocket", keys.websocket.place.clone()),
        ("sse", keys.sse.place.clone()),
    ]
}
