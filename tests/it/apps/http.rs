//! HTTP/1.1 between two hosts: what is said, how long it takes, what can go wrong.

use std::sync::Arc;

use netsim::osi::presentation::tls::TlsClient;

use super::*;

#[test]
fn a_page_comes_over_http_in_two_round_trips_with_textbook_headers() {
    // One way 10 ms. SYN, SYN-ACK: 20 ms. Request there, response back: 20 ms more, and some
    // hundred microseconds of serialisation.
    let page = r#"{"id": 123, "name": "John Doe"}"#.to_owned();
    let outcome = Lab::cable()
        .serve(site(vec![route(
            "GET",
            "/api/users/123",
            200,
            Body::Text(page.clone()),
        )]))
        .go(App::Http(http(vec![request(
            "GET",
            "/api/users/123",
            Body::Empty,
        )])))
        .run();
    let [exchange] = exchanges(&outcome, 0) else {
        panic!("one exchange");
    };
    assert_eq!(exchange.error, None);
    assert_eq!(exchange.status, Some(200));
    assert_eq!(exchange.response_bytes, page.len() as u64);
    let connect = exchange.connect.unwrap().as_nanos();
    let total = exchange.total.unwrap().as_nanos();
    assert!((20 * MS..21 * MS).contains(&connect), "connect {connect}");
    assert!((40 * MS..42 * MS).contains(&total), "total {total}");
    assert!(exchange.first_byte <= exchange.total);
    assert_eq!(outcome.result.reason, EndReason::TrafficDone);
    insta::assert_snapshot!(payloads(&outcome).join("\n----\n"));
}

#[test]
fn methods_and_status_codes_come_back_as_the_routes_say() {
    let outcome = Lab::cable()
        .serve(site(vec![
            route("GET", "/users", 200, Body::Text("[]".to_owned())),
            route("POST", "/users", 201, Body::Text("{}".to_owned())),
            route("DELETE", "/users", 204, Body::Text("ignored".to_owned())),
            route("GET", "/same", 304, Body::Text("ignored".to_owned())),
            route("GET", "/broken", 500, Body::Empty),
        ]))
        .go(App::Http(http(vec![
            request("GET", "/users", Body::Empty),
            request("HEAD", "/users", Body::Empty),
            request(
                "POST",
                "/users",
                Body::Text("{\"name\": \"John\"}".to_owned()),
            ),
            request("POST", "/users", Body::Empty),
            request("PUT", "/users", Body::Empty),
            request("DELETE", "/users", Body::Empty),
            request("OPTIONS", "/users", Body::Empty),
            request("GET", "/same", Body::Empty),
            request("GET", "/missing", Body::Empty),
            request("GET", "/broken", Body::Empty),
        ])))
        .run();
    let seen: Vec<_> = exchanges(&outcome, 0)
        .iter()
        .map(|e| (e.method.as_str(), e.status.unwrap_or(0), e.response_bytes))
        .collect();
    assert_eq!(
        seen,
        [
            ("GET", 200, 2),
            ("HEAD", 200, 0),
            ("POST", 201, 2),
            ("POST", 201, 2),
            ("PUT", 405, 19),
            ("DELETE", 204, 0),
            ("OPTIONS", 204, 0),
            ("GET", 304, 0),
            ("GET", 404, 10),
            ("GET", 500, 0),
        ]
    );
    insta::assert_snapshot!(payloads(&outcome).join("\n----\n"));
}

#[test]
fn only_the_first_request_of_a_kept_connection_pays_for_connecting() {
    let two = || {
        vec![
            request("GET", "/", Body::Empty),
            request("GET", "/", Body::Empty),
        ]
    };
    let kept = Lab::cable()
        .serve(site(vec![]))
        .go(App::Http(http(two())))
        .run();
    let connects = |outcome: &Outcome| -> Vec<bool> {
        let list = exchanges(outcome, 0);
        assert!(list.iter().all(|e| e.status == Some(200)), "{list:?}");
        list.iter().map(|e| e.connect.is_some()).collect()
    };
    assert_eq!(connects(&kept), [true, false]);
    let mut client = http(two());
    client.keep_alive = false;
    let fresh = Lab::cable().serve(site(vec![])).go(App::Http(client)).run();
    assert_eq!(connects(&fresh), [true, true]);
}

#[test]
fn a_client_connects_again_when_the_server_closed() {
    let mut closing = route("GET", "/bye", 200, Body::Text("bye".to_owned()));
    closing.headers = vec![("connection".to_owned(), "close".to_owned())];
    let outcome = Lab::cable()
        .serve(site(vec![closing]))
        .go(App::Http(http(vec![
            request("GET", "/bye", Body::Empty),
            request("GET", "/bye", Body::Empty),
        ])))
        .run();
    let list = exchanges(&outcome, 0);
    assert!(
        list.iter()
            .all(|e| e.status == Some(200) && e.connect.is_some()),
        "{list:?}"
    );
}

#[test]
fn large_bodies_cross_whole_in_both_directions() {
    let size = ByteSize::new(3_000_000);
    let outcome = Lab::cable()
        .serve(site(vec![route("PUT", "/blob", 200, Body::Size(size))]))
        .go(App::Http(http(vec![request(
            "PUT",
            "/blob",
            Body::Size(size),
        )])))
        .run();
    let [exchange] = exchanges(&outcome, 0) else {
        panic!("one exchange");
    };
    assert_eq!(exchange.error, None);
    assert_eq!(
        (exchange.request_bytes, exchange.response_bytes),
        (3_000_000, 3_000_000)
    );
}

#[test]
fn a_slow_server_is_waited_for_and_a_slower_one_given_up() {
    // The answer comes 3 s of thinking and 40 ms of travelling after the request is wanted.
    let mut slow = route("GET", "/", 200, Body::Empty);
    slow.think = Span::from_secs(3);
    let run = |timeout| {
        let mut client = http(vec![request("GET", "/", Body::Empty)]);
        client.timeout = timeout;
        Lab::cable()
            .serve(site(vec![slow.clone()]))
            .go(App::Http(client))
            .run()
    };
    let patient = run(Span::from_secs(4));
    let total = exchanges(&patient, 0)[0].total.unwrap().as_nanos();
    assert!((3_040 * MS..3_042 * MS).contains(&total), "total {total}");
    let hasty = run(Span::from_secs(2));
    let exchange = &exchanges(&hasty, 0)[0];
    assert_eq!(exchange.error.as_deref(), Some("no response within 2s"));
    assert_eq!(
        hasty.reports[0].ended.map(SimTime::as_nanos),
        Some(2_000 * MS)
    );
}

#[test]
fn a_closed_port_refuses_and_the_next_traffic_goes_on() {
    let outcome = Lab::cable()
        .go(App::Http(http(vec![request("GET", "/", Body::Empty)])))
        .serve(ServerApp::Tcp {
            port: 5001,
            tls: None,
        })
        .go(App::Tcp(bulk(Amount::HandshakeOnly, Flow::Upload)))
        .run();
    let error = exchanges(&outcome, 0)[0].error.as_deref();
    assert_eq!(
        error,
        Some("cannot connect to 10.0.0.2:80: connection refused")
    );
    assert_eq!(transfers(&outcome, 1)[0].error, None);
}

#[test]
fn a_closed_port_ends_a_dial_of_quic_as_soon_as_icmp_says_so() {
    // ICMP's port unreachable comes back after a round trip of 20 ms; the client would have waited 30 s.
    let client = HttpClient {
        version: HttpVersion::Http3,
        tls: Some(TlsClient::for_http3()),
        ..http(vec![request("GET", "/", Body::Empty)])
    };
    let outcome = Lab::cable().go(App::Http(client)).run();
    let exchange = &exchanges(&outcome, 0)[0];
    assert_eq!(
        exchange.error.as_deref(),
        Some("cannot connect to 10.0.0.2:80: connection refused")
    );
    let after = exchange.course.failed_after.unwrap();
    assert_eq!(after.as_nanos() / MS, 20);
}

#[test]
fn a_dead_link_times_out_and_a_peer_that_speaks_no_http_is_found_out() {
    // TCP gives up after 120 s without an answer, well before the client's 300 s.
    let mut client = http(vec![request("GET", "/", Body::Empty)]);
    client.timeout = Span::from_secs(300);
    let mut lab = Lab::cable().go(App::Http(client.clone()));
    Arc::make_mut(&mut lab.topology.links[0].profiles[0]).loss = "100%".parse().unwrap();
    let dead = lab.run();
    assert_eq!(
        exchanges(&dead, 0)[0].error.as_deref(),
        Some("cannot connect to 10.0.0.2:80: timed out")
    );
    assert_eq!(
        dead.reports[0].ended.map(SimTime::as_nanos),
        Some(120_000 * MS)
    );
    let echoed = Lab::cable()
        .serve(ServerApp::Echo {
            port: 80,
            tls: None,
        })
        .go(App::Http(client))
        .run();
    assert_eq!(
        exchanges(&echoed, 0)[0].error.as_deref(),
        Some("what came back is not HTTP/1.1")
    );
}

#[test]
fn headers_of_the_file_replace_the_usual_ones() {
    let mut ask = request("GET", "/", Body::Empty);
    ask.headers = vec![
        ("accept".to_owned(), "application/json".to_owned()),
        ("authorization".to_owned(), "Bearer eyJhbG".to_owned()),
        ("content-length".to_owned(), "99".to_owned()),
    ];
    let mut answer = route("GET", "/", 200, Body::Text("{}".to_owned()));
    answer.headers = vec![
        ("server".to_owned(), "teapot".to_owned()),
        ("cache-control".to_owned(), "max-age=3600".to_owned()),
    ];
    let outcome = Lab::cable()
        .serve(site(vec![answer]))
        .go(App::Http(http(vec![ask])))
        .run();
    let text = payloads(&outcome).join("").replace('\r', "");
    assert_eq!(
        text,
        "GET / HTTP/1.1\nHost: bob\nUser-Agent: netsim\nAccept: application/json\n\
         Authorization: Bearer eyJhbG\n\n\
         HTTP/1.1 200 OK\nDate: Wed, 01 Jan 2025 00:00:00 GMT\nServer: teapot\n\
         Content-Type: application/json\nCache-Control: max-age=3600\nContent-Length: 2\n\n{}"
    );
}
