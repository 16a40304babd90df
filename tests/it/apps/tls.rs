//! TLS under the applications: versions, failures, resumption, and what it costs in time.

use netsim::{
    osi::{
        application::spec::{
            Amount, App, Body, EchoTransport, Flow, HttpClient, ServerApp, TcpTransfer,
        },
        presentation::tls::{
            CertificateKind, TlsClient, TlsFacts, TlsResumption, TlsServer, TlsVersion,
        },
    },
    units::{ByteSize, Span},
};

use super::{bulk, echo, exchanges, http, probes, request, site, transfers};
use crate::support::{Lab, Outcome};

fn client() -> TlsClient {
    TlsClient {
        version: None,
        alpn: vec!["http/1.1".to_owned()],
        server_name: None,
        trust: true,
        certificate: false,
        resumption: true,
        early_data: false,
    }
}

fn server() -> TlsServer {
    TlsServer {
        version: None,
        alpn: vec!["http/1.1".to_owned()],
        names: vec!["bob".to_owned()],
        certificate: CertificateKind::Valid,
        client_certificate: false,
        early_data: false,
    }
}

/// A web server with this side of TLS.
fn protected(tls: TlsServer) -> ServerApp {
    match site(Vec::new()) {
        ServerApp::Http(mut http) => {
            http.tls = Some(tls);
            ServerApp::Http(http)
        }
        other => other,
    }
}

/// So many requests, each over a connection of its own.
fn asks(count: usize, tls: TlsClient) -> App {
    App::Http(HttpClient {
        keep_alive: false,
        tls: Some(tls),
        ..http(vec![request("GET", "/", Body::Empty); count])
    })
}

fn fetch(count: usize, tls: TlsClient, at: TlsServer) -> Outcome {
    Lab::cable().serve(protected(at)).go(asks(count, tls)).run()
}

fn facts(outcome: &Outcome, number: usize) -> &TlsFacts {
    let exchange = &exchanges(outcome, 0)[number];
    assert_eq!(exchange.error, None);
    let tls = exchange.tls.as_ref().expect("TLS");
    tls.facts.as_ref().expect("a handshake to its end")
}

/// The error of the first request.
fn failure(tls: TlsClient, at: TlsServer) -> String {
    let outcome = fetch(1, tls, at);
    exchanges(&outcome, 0)[0].error.clone().expect("an error")
}

#[test]
fn both_sides_agree_on_the_best_version_and_a_suite() {
    let best = fetch(1, client(), server());
    let agreed = facts(&best, 0);
    assert_eq!(agreed.version, TlsVersion::Tls13);
    assert_eq!(agreed.cipher_suite, "TLS_AES_256_GCM_SHA384");
    assert_eq!(agreed.alpn.as_deref(), Some("http/1.1"));
    assert_eq!(agreed.resumption, TlsResumption::Full);
    let old = TlsClient {
        version: Some(TlsVersion::Tls12),
        ..client()
    };
    let older = fetch(1, old, server());
    let agreed = facts(&older, 0);
    assert_eq!(agreed.version, TlsVersion::Tls12);
    assert_eq!(
        agreed.cipher_suite,
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
    );
}

#[test]
fn a_certificate_that_is_not_good_ends_the_request_with_the_reason() {
    let shows = |certificate| TlsServer {
        certificate,
        ..server()
    };
    let untrusted = "TLS: the certificate is signed by nobody who is trusted here";
    let distrusts = TlsClient {
        trust: false,
        ..client()
    };
    assert_eq!(failure(distrusts, server()), untrusted);
    for (kind, reason) in [
        (CertificateKind::SelfSigned, untrusted),
        (CertificateKind::Expired, "TLS: the certificate has expired"),
        (
            CertificateKind::NotYetValid,
            "TLS: the certificate is not valid yet",
        ),
        (
            CertificateKind::WrongName,
            "TLS: the certificate is for another name",
        ),
    ] {
        assert_eq!(failure(client(), shows(kind)), reason);
    }
    let other_name = TlsClient {
        server_name: Some("alice".to_owned()),
        ..client()
    };
    let wrong = failure(other_name, server());
    assert_eq!(wrong, "TLS: the certificate is for another name");
}

#[test]
fn a_server_that_wants_a_certificate_takes_nobody_without() {
    let strict = || TlsServer {
        client_certificate: true,
        ..server()
    };
    let refused = "TLS: the other side sent the alert certificate_required";
    assert_eq!(failure(client(), strict()), refused);
    let old = |certificate| TlsClient {
        version: Some(TlsVersion::Tls12),
        certificate,
        ..client()
    };
    assert!(failure(old(false), strict()).starts_with("TLS: the other side sent the alert "));
    facts(&fetch(1, old(true), strict()), 0);
    let known = TlsClient {
        certificate: true,
        ..client()
    };
    facts(&fetch(1, known, strict()), 0);
}

#[test]
fn two_sides_without_a_common_version_or_protocol_part() {
    let only = |version| TlsClient {
        version: Some(version),
        ..client()
    };
    let modern = TlsServer {
        version: Some(TlsVersion::Tls13),
        ..server()
    };
    let alert = "TLS: the other side sent the alert ";
    let version = failure(only(TlsVersion::Tls12), modern);
    assert_eq!(version, format!("{alert}protocol_version"));
    let speaks = TlsClient {
        alpn: vec!["h2".to_owned()],
        ..client()
    };
    let protocol = failure(speaks, server());
    assert_eq!(protocol, format!("{alert}no_application_protocol"));
}

#[test]
fn a_peer_that_does_not_speak_tls_is_told_from_one_that_does() {
    let plain = Lab::cable().serve(site(Vec::new())).go(asks(1, client()));
    let error = plain.run();
    let error = exchanges(&error, 0)[0].error.clone().unwrap();
    assert_eq!(error, "TLS: what came back is not TLS");
    let protected = Lab::cable()
        .serve(protected(server()))
        .go(App::Http(http(vec![request("GET", "/", Body::Empty)])))
        .run();
    let error = exchanges(&protected, 0)[0].error.clone().unwrap();
    assert_eq!(error, "what came back is not HTTP/1.1");
}

#[test]
fn later_connections_resume_unless_they_must_not() {
    for version in [TlsVersion::Tls12, TlsVersion::Tls13] {
        let only = TlsClient {
            version: Some(version),
            ..client()
        };
        let resumed = fetch(3, only.clone(), server());
        let how: Vec<_> = (0..3).map(|i| facts(&resumed, i).resumption).collect();
        use TlsResumption::{Full, Resumed};
        assert_eq!(how, [Full, Resumed, Resumed], "{version:?}");
        let anew = TlsClient {
            resumption: false,
            ..only
        };
        let fresh = fetch(2, anew, server());
        assert_eq!(facts(&fresh, 1).resumption, Full, "{version:?}");
    }
}

#[test]
fn early_data_is_taken_or_sent_again() {
    let eager = || TlsClient {
        early_data: true,
        ..client()
    };
    let takes = TlsServer {
        early_data: true,
        ..server()
    };
    let early = fetch(3, eager(), takes);
    assert_eq!(facts(&early, 0).resumption, TlsResumption::Full);
    assert_eq!(facts(&early, 1).resumption, TlsResumption::EarlyData);
    assert_eq!(facts(&early, 2).resumption, TlsResumption::EarlyData);
    // A server that takes none says so in its tickets, and nobody tries.
    let without = fetch(2, eager(), server());
    assert_eq!(facts(&without, 1).resumption, TlsResumption::Resumed);
}

/// When the first byte of the second response came, in round trips of 20 ms. The link adds the
/// sending times of a few hundred bytes at 100 Mbit/s: well below a tenth of a round trip.
fn round_trips(outcome: &Outcome, number: usize) -> u64 {
    let first_byte = exchanges(outcome, 0)[number]
        .first_byte
        .expect("a response");
    let tenths = first_byte.as_nanos() / 2_000_000;
    assert_eq!(tenths % 10, 0, "{first_byte} is no number of round trips");
    tenths / 10
}

#[test]
fn the_round_trips_before_the_first_byte_are_those_of_the_protocols() {
    // TCP: SYN and SYN-ACK take one round trip, request and response the second.
    let plain = App::Http(HttpClient {
        keep_alive: false,
        ..http(vec![request("GET", "/", Body::Empty)])
    });
    let plain = Lab::cable().serve(site(Vec::new())).go(plain).run();
    assert_eq!(round_trips(&plain, 0), 2);
    // TLS 1.3 adds one: ClientHello and ServerHello to Finished; the request goes with the
    // client's Finished (RFC 8446, section 2). A resumed session saves no round trip.
    let modern = fetch(2, client(), server());
    assert_eq!(round_trips(&modern, 0), 3);
    assert_eq!(round_trips(&modern, 1), 3);
    // TLS 1.2 adds two: hellos and certificate, then key exchange and Finished both ways (RFC
    // 5246, section 7.3). A resumed session saves one: the server's Finished comes with its hello.
    let only = TlsClient {
        version: Some(TlsVersion::Tls12),
        ..client()
    };
    let old = fetch(2, only, server());
    assert_eq!(round_trips(&old, 0), 4);
    assert_eq!(round_trips(&old, 1), 3);
    // Early data: the request goes with the ClientHello, so TLS adds nothing (RFC 8446, section
    // 2.3).
    let eager = TlsClient {
        early_data: true,
        ..client()
    };
    let takes = TlsServer {
        early_data: true,
        ..server()
    };
    let early = fetch(2, eager, takes);
    assert_eq!(round_trips(&early, 0), 3);
    assert_eq!(round_trips(&early, 1), 2);
}

/// TLS for a transfer or an echo, which speak no ALPN.
fn bare() -> (Option<TlsClient>, Option<TlsServer>) {
    let client = TlsClient {
        alpn: Vec::new(),
        ..client()
    };
    let server = TlsServer {
        alpn: Vec::new(),
        ..server()
    };
    (Some(client), Some(server))
}

#[test]
fn a_transfer_over_tls_arrives_whole_both_ways() {
    for flow in [Flow::Upload, Flow::Download] {
        let (tls, at) = bare();
        let size = ByteSize::new(300_000);
        let transfer = TcpTransfer {
            tls,
            ..bulk(Amount::Bytes(size), flow)
        };
        let outcome = Lab::cable()
            .serve(ServerApp::Tcp {
                port: 5001,
                tls: at,
            })
            .go(App::Tcp(transfer))
            .run();
        let result = &transfers(&outcome, 0)[0];
        assert_eq!((result.bytes, &result.error), (300_000, &None), "{flow:?}");
        let tls = result.tls.as_ref().unwrap();
        assert!(tls.handshake > Span::from_millis(20) && tls.facts.is_some());
    }
}

#[test]
fn an_echo_over_tls_comes_back_and_nothing_of_it_can_be_read_on_the_wire() {
    let (tls, at) = bare();
    let App::Echo(spec) = echo(EchoTransport::Tcp, Body::Text("a secret".to_owned())) else {
        panic!("no echo");
    };
    let outcome = Lab::cable()
        .serve(ServerApp::Echo { port: 7, tls: at })
        .go(App::Echo(netsim::osi::application::spec::EchoClient {
            tls,
            ..spec
        }))
        .run();
    let probes = probes(&outcome, 0);
    assert!(probes.iter().all(|p| p.error.is_none() && p.rtt.is_some()));
    let shown = super::payloads(&outcome).concat();
    assert!(!shown.contains("a secret"));
    // Names stand in the open: the ClientHello has the server's (RFC 6066, section 3).
    assert!(shown.contains("bob"));
}

#[test]
fn the_same_seed_gives_the_same_handshake_and_another_one_another() {
    let run = |seed| {
        let mut lab = Lab::cable()
            .serve(protected(server()))
            .go(asks(2, client()));
        lab.seed = seed;
        lab.run()
    };
    let (a, b, c) = (run(1), run(1), run(2));
    assert_eq!(a.fingerprint(), b.fingerprint());
    assert_ne!(a.fingerprint(), c.fingerprint());
    // Five secrets of each connection (two of the handshake, two of the data, one to export), told by
    // both sides; and the server's, for early data that the client of the second did not send.
    assert_eq!(a.story.secrets.len(), 21);
}

#[test]
fn a_lossy_link_costs_time_and_nothing_else() {
    let mut lab = Lab::cable()
        .serve(protected(server()))
        .go(asks(20, client()));
    for link in &mut lab.topology.links {
        for profile in &mut link.profiles {
            let mut lossy = (**profile).clone();
            lossy.loss = "5%".parse().unwrap();
            *profile = lossy.into();
        }
    }
    let outcome = lab.run();
    let all = exchanges(&outcome, 0);
    assert_eq!(all.len(), 20);
    assert!(
        all.iter()
            .all(|e| e.error.is_none() && e.status == Some(200))
    );
}
