//! HTTP/2: streams side by side on one connection, by prior knowledge and by ALPN.

use netsim::{
    osi::{
        application::{
            report::HttpExchange,
            spec::{
                App, Body, HttpClient, HttpRoute, HttpServer, HttpVersion, KeepAlive, ServerApp,
            },
        },
        presentation::tls::{CertificateKind, TlsClient, TlsServer},
    },
    units::{ByteSize, Span},
};

use super::{MS, exchanges, http, request, route};
use crate::support::{Lab, Outcome};

fn client(count: usize, tls: Option<TlsClient>) -> HttpClient {
    HttpClient {
        version: HttpVersion::Http2,
        tls,
        ..http(vec![request("GET", "/", Body::Empty); count])
    }
}

fn server(routes: Vec<HttpRoute>, tls: Option<TlsServer>) -> ServerApp {
    ServerApp::Http(HttpServer {
        http2: None,
        users: None,
        version: HttpVersion::Http2,
        port: 80,
        routes,
        tls,
        keep_alive: KeepAlive::default(),
        quic: Default::default(),
    })
}

fn offers(alpn: &[&str]) -> Option<TlsClient> {
    Some(TlsClient {
        version: None,
        alpn: alpn.iter().map(|&a| a.to_owned()).collect(),
        server_name: None,
        trust: true,
        certificate: false,
        resumption: true,
        early_data: false,
    })
}

fn speaks(alpn: &[&str]) -> Option<TlsServer> {
    Some(TlsServer {
        version: None,
        alpn: alpn.iter().map(|&a| a.to_owned()).collect(),
        names: vec!["bob".to_owned()],
        certificate: CertificateKind::Valid,
        client_certificate: false,
        early_data: false,
    })
}

fn fetch(at: ServerApp, client: HttpClient) -> Outcome {
    Lab::cable().serve(at).go(App::Http(client)).run()
}

/// Round trips of 20 ms until the first byte, and what is left over in tenths of one.
fn first_byte(exchange: &HttpExchange) -> (u64, u64) {
    let tenths = exchange.first_byte.expect("a response").as_nanos() / (2 * MS);
    (tenths / 10, tenths % 10)
}

#[test]
fn all_requests_share_a_connection_and_wait_for_nobody() {
    // The first response takes 100 ms of thinking; the others, begun at the same time, take the two
    // round trips of TCP and the request.
    let mut slow = route("GET", "/slow", 200, Body::Text("late".to_owned()));
    slow.think = Span::from_millis(100);
    let fast = route("GET", "/", 200, Body::Text("early".to_owned()));
    let mut three = client(2, None);
    three
        .requests
        .insert(0, request("GET", "/slow", Body::Empty));
    let outcome = fetch(server(vec![slow, fast], None), three);
    let all = exchanges(&outcome, 0);
    assert!(
        all.iter()
            .all(|e| e.error.is_none() && e.status == Some(200))
    );
    let times: Vec<_> = all.iter().map(first_byte).collect();
    assert_eq!(times, [(7, 0), (2, 0), (2, 0)]);
    // One connection: only the first exchange has its handshake.
    let connected: Vec<_> = all.iter().map(|e| e.connect.is_some()).collect();
    assert_eq!(connected, [true, false, false]);
}

#[test]
fn bodies_go_both_ways() {
    let size = ByteSize::new(200_000);
    let mut one = client(0, None);
    one.requests = vec![request("POST", "/", Body::Size(size)); 3];
    let routes = vec![route("POST", "/", 201, Body::Size(size))];
    let outcome = fetch(server(routes, None), one);
    for exchange in exchanges(&outcome, 0) {
        assert_eq!(exchange.error, None);
        assert_eq!(exchange.status, Some(201));
        assert_eq!(
            (exchange.request_bytes, exchange.response_bytes),
            (200_000, 200_000)
        );
    }
}

#[test]
fn tls_agrees_on_the_version_by_alpn() {
    for (ours, theirs, agreed) in [
        (&["h2"][..], &["h2", "http/1.1"][..], "h2"),
        (&["h2", "http/1.1"], &["http/1.1"], "http/1.1"),
        (&["h2", "http/1.1"], &["h2"], "h2"),
    ] {
        let outcome = fetch(server(Vec::new(), speaks(theirs)), client(2, offers(ours)));
        let all = exchanges(&outcome, 0);
        assert!(
            all.iter()
                .all(|e| e.error.is_none() && e.status == Some(200))
        );
        let facts = all[0].tls.as_ref().and_then(|tls| tls.facts.as_ref());
        assert_eq!(facts.unwrap().alpn.as_deref(), Some(agreed));
        // TLS 1.3 adds a round trip to the two of TCP and the request.
        assert_eq!(first_byte(&all[0]), (3, 0), "{agreed}");
    }
}

#[test]
fn a_peer_that_speaks_another_version_ends_the_requests_with_a_reason() {
    let other = ServerApp::Http(HttpServer {
        http2: None,
        users: None,
        version: HttpVersion::Http1,
        port: 80,
        routes: Vec::new(),
        tls: None,
        keep_alive: KeepAlive::default(),
        quic: Default::default(),
    });
    let outcome = fetch(other, client(2, None));
    for exchange in exchanges(&outcome, 0) {
        // The server closes when it sees the magic; hyper says no more.
        assert_eq!(exchange.error.as_deref(), Some("the connection is closed"));
    }
}

#[test]
fn without_keep_alive_every_request_has_a_connection_of_its_own() {
    let lonely = HttpClient {
        keep_alive: false,
        ..client(3, None)
    };
    let outcome = fetch(server(Vec::new(), None), lonely);
    let all = exchanges(&outcome, 0);
    assert!(all.iter().all(|e| e.error.is_none() && e.connect.is_some()));
}

#[test]
fn a_server_that_never_answers_costs_each_request_its_time() {
    let mut never = route("GET", "/", 200, Body::Empty);
    never.think = Span::from_secs(100);
    let impatient = HttpClient {
        timeout: Span::from_secs(2),
        ..client(2, None)
    };
    let outcome = fetch(server(vec![never], None), impatient);
    for exchange in exchanges(&outcome, 0) {
        assert_eq!(exchange.error.as_deref(), Some("no response within 2s"));
    }
}

#[test]
fn the_same_seed_gives_the_same_streams() {
    let run = || {
        fetch(
            server(Vec::new(), speaks(&["h2"])),
            client(5, offers(&["h2"])),
        )
    };
    assert_eq!(run().fingerprint(), run().fingerprint());
}
