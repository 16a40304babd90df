//! Every application over the whole stack, between simulated hosts.

use netsim::{
    engine::EndReason,
    osi::application::{
        report::{AppResult, DnsExchange, HttpExchange, Probe, TcpResult, TraceHop, UdpResult},
        spec::{
            Amount, App, Body, DnsLookup, DnsServer, EchoClient, EchoTransport, Flow, HttpClient,
            HttpRequest, HttpRoute, HttpServer, Ping, ServerApp, TcpTransfer, Traceroute,
            UdpStream,
        },
    },
    topology::LinkProfile,
    units::{ByteSize, SimTime, Span},
};

use crate::support::{Lab, Outcome};

const MS: u64 = 1_000_000;

// ---- HTTP

fn request(method: &str, path: &str, body: Body) -> HttpRequest {
    HttpRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: Vec::new(),
        body,
    }
}

fn http(requests: Vec<HttpRequest>) -> HttpClient {
    HttpClient {
        port: 80,
        requests,
        keep_alive: true,
        timeout: Span::from_secs(30),
    }
}

fn route(method: &str, path: &str, status: u16, body: Body) -> HttpRoute {
    HttpRoute {
        path: path.to_owned(),
        method: Some(method.to_owned()),
        status,
        headers: Vec::new(),
        body,
        think: Span::ZERO,
    }
}

fn site(routes: Vec<HttpRoute>) -> ServerApp {
    ServerApp::Http(HttpServer { port: 80, routes })
}

fn exchanges(outcome: &Outcome, entry: usize) -> &[HttpExchange] {
    match &outcome.reports[entry].result {
        AppResult::Http(list) => list,
        other => panic!("not HTTP: {other:?}"),
    }
}

/// All TCP payload that crossed the first link, in the order it was sent.
fn payloads(outcome: &Outcome) -> Vec<String> {
    outcome
        .story
        .hops
        .iter()
        .filter(|hop| hop.bytes.len() > 54 && hop.bytes[23] == 6)
        .map(|hop| {
            // Ethernet 14, IPv4 20, TCP by its data offset; the IPv4 length leaves padding out.
            let total = usize::from(u16::from_be_bytes([hop.bytes[16], hop.bytes[17]]));
            let start = 34 + usize::from(hop.bytes[46] >> 4) * 4;
            String::from_utf8_lossy(&hop.bytes[start..14 + total]).into_owned()
        })
        .filter(|text| !text.is_empty())
        .collect()
}

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
        .serve(ServerApp::Tcp { port: 5001 })
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
fn a_dead_link_times_out_and_a_peer_that_speaks_no_http_is_found_out() {
    // TCP gives up after 120 s without an answer, well before the client's 300 s.
    let mut client = http(vec![request("GET", "/", Body::Empty)]);
    client.timeout = Span::from_secs(300);
    let mut lab = Lab::cable().go(App::Http(client.clone()));
    lab.topology.links[0].profiles[0].loss = "100%".parse().unwrap();
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
        .serve(ServerApp::Echo { port: 80 })
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

// ---- TCP

fn bulk(amount: Amount, flow: Flow) -> TcpTransfer {
    TcpTransfer {
        port: 5001,
        amount,
        flow,
    }
}

fn transfers(outcome: &Outcome, entry: usize) -> &[TcpResult] {
    match &outcome.reports[entry].result {
        AppResult::Tcp(list) => list,
        other => panic!("not TCP: {other:?}"),
    }
}

fn carry(amount: Amount, flow: Flow) -> Outcome {
    Lab::cable()
        .serve(ServerApp::Tcp { port: 5001 })
        .go(App::Tcp(bulk(amount, flow)))
        .run()
}

#[test]
fn a_handshake_is_three_segments_and_a_close_in_order() {
    // SYN, SYN-ACK, ACK; FIN, ACK, FIN, ACK, of which the server may put ACK and FIN together.
    let outcome = carry(Amount::HandshakeOnly, Flow::Upload);
    let result = &transfers(&outcome, 0)[0];
    assert_eq!((result.bytes, result.error.as_deref()), (0, None));
    assert!(payloads(&outcome).is_empty());
    let flags: Vec<u8> = outcome
        .story
        .hops
        .iter()
        .filter(|hop| hop.bytes[12..14] == [8, 0] && hop.bytes[23] == 6)
        .map(|hop| hop.bytes[47])
        .collect();
    assert_eq!(flags[..3], [0x02, 0x12, 0x10]);
    assert_eq!(flags.iter().filter(|f| **f & 0x01 != 0).count(), 2);
    assert!(flags.iter().all(|f| f & 0x04 == 0), "{flags:x?}");
    assert!((6..=7).contains(&flags.len()), "{flags:x?}");
}

#[test]
fn a_text_crosses_as_it_is() {
    let outcome = carry(Amount::Text("hello, bob".to_owned()), Flow::Upload);
    assert_eq!(payloads(&outcome), ["hello, bob"]);
    assert_eq!(transfers(&outcome, 0)[0].bytes, 10);
    let back = carry(Amount::Text("hello, bob".to_owned()), Flow::Download);
    assert_eq!(
        payloads(&back),
        ["NETSIM SEND TEXT 10\nhello, bob", "hello, bob"]
    );
    assert_eq!(transfers(&back, 0)[0].bytes, 10);
}

#[test]
fn bulk_arrives_whole_and_below_the_rate_of_the_link() {
    for flow in [Flow::Upload, Flow::Download] {
        let outcome = carry(Amount::Bytes(ByteSize::new(5_000_000)), flow);
        let result = &transfers(&outcome, 0)[0];
        assert_eq!((result.bytes, result.error.as_deref()), (5_000_000, None));
        // 100 Mbit/s x 1460 / 1538 bytes is 94.9 Mbit/s; the window of 256 KiB over 20 ms caps it
        // at 104 Mbit/s.
        let goodput = result.goodput().unwrap();
        assert!((10e6..94.9e6).contains(&goodput), "goodput {goodput}");
    }
}

#[test]
fn a_timed_transfer_lasts_as_long_as_asked() {
    for flow in [Flow::Upload, Flow::Download] {
        let outcome = carry(Amount::Duration(Span::from_secs(1)), flow);
        let result = &transfers(&outcome, 0)[0];
        assert_eq!(result.error, None);
        assert!(result.bytes > 1_000_000, "{} bytes", result.bytes);
        // One second, 10 ms of travelling, and at most the send buffer's 21 ms.
        let took = result.transfer.unwrap().as_nanos();
        assert!((1_000 * MS..1_060 * MS).contains(&took), "took {took}");
    }
}

#[test]
fn a_run_that_is_stopped_reports_what_came_so_far() {
    let mut lab = Lab::cable()
        .serve(ServerApp::Tcp { port: 5001 })
        .go(App::Tcp(bulk(
            Amount::Bytes(ByteSize::new(1 << 40)),
            Flow::Upload,
        )));
    lab.stop = Some(SimTime::from_nanos(500 * MS));
    let outcome = lab.run();
    let report = &outcome.reports[0];
    assert_eq!(report.ended, None);
    let result = &transfers(&outcome, 0)[0];
    assert!(
        (100_000..6_250_000).contains(&result.bytes),
        "{} bytes",
        result.bytes
    );
}

// ---- UDP

fn stream(count: u64) -> App {
    App::Udp(UdpStream {
        port: 5004,
        size: 160,
        interval: Span::from_millis(20),
        count,
    })
}

fn measured(outcome: &Outcome) -> &UdpResult {
    match &outcome.reports[0].result {
        AppResult::Udp(result) => result,
        other => panic!("not UDP: {other:?}"),
    }
}

#[test]
fn a_stream_over_a_clean_cable_arrives_whole_and_even() {
    // 160 + 8 + 20 + 14 bytes of frame and 24 of overhead: 226 x 8 / 100 Mbit/s = 18.08 us.
    let outcome = Lab::cable()
        .serve(ServerApp::Udp { port: 5004 })
        .go(stream(100))
        .run();
    let result = measured(&outcome);
    assert_eq!((result.sent, result.received, result.lost), (100, 100, 0));
    assert_eq!((result.reordered, result.duplicates), (0, 0));
    assert_eq!(result.bytes, 16_000);
    let delay = result.delay.unwrap();
    assert_eq!(delay.min, Span::from_nanos(10 * MS + 18_080));
    assert!(
        result.jitter.unwrap() < Span::from_millis(2),
        "{:?}",
        result.jitter
    );
}

#[test]
fn loss_duplication_and_reordering_are_seen_by_the_receiver() {
    let mut lab = Lab::cable()
        .serve(ServerApp::Udp { port: 5004 })
        .go(stream(2_000));
    let profile = &mut lab.topology.links[0].profiles[0];
    profile.loss = "10%".parse().unwrap();
    profile.duplicate = "5%".parse().unwrap();
    profile.reorder = "5%".parse().unwrap();
    profile.reorder_delay = Span::from_millis(30);
    let outcome = lab.run();
    let result = measured(&outcome);
    assert_eq!(result.sent, 2_000);
    assert_eq!(result.received + result.lost, 2_000);
    // 200 lost with deviation 13.4; five deviations to either side.
    assert!((133..=267).contains(&result.lost), "{} lost", result.lost);
    assert!(result.duplicates > 0 && result.reordered > 0, "{result:?}");
}

#[test]
fn repetitions_continue_the_sequence_numbers() {
    let mut lab = Lab::cable()
        .serve(ServerApp::Udp { port: 5004 })
        .go(stream(10));
    lab.traffic[0].repeat = 3;
    lab.traffic[0].every = Span::from_secs(1);
    lab.traffic[0].start = SimTime::from_nanos(500 * MS);
    let outcome = lab.run();
    let result = measured(&outcome);
    assert_eq!(
        (result.sent, result.received, result.duplicates),
        (30, 30, 0)
    );
    let report = &outcome.reports[0];
    assert_eq!(report.started, Some(SimTime::from_nanos(500 * MS)));
    // The third stream starts at 2.5 s; its last datagram goes 9 x 20 ms later.
    assert_eq!(report.ended, Some(SimTime::from_nanos(2_680 * MS)));
}

// ---- DNS

fn zone(lab: &Lab) -> ServerApp {
    ServerApp::Dns(DnsServer {
        port: 53,
        zone: vec![("bob".to_owned(), lab.bob_address())],
        ttl: Span::from_secs(300),
    })
}

fn question(query: &str) -> App {
    App::Dns(DnsLookup {
        query: query.to_owned(),
        port: 53,
        timeout: Span::from_secs(5),
        attempts: 3,
    })
}

fn questions(outcome: &Outcome, entry: usize) -> &[DnsExchange] {
    match &outcome.reports[entry].result {
        AppResult::Dns(list) => list,
        other => panic!("not DNS: {other:?}"),
    }
}

#[test]
fn names_are_found_or_not() {
    let lab = Lab::cable();
    let server = zone(&lab);
    let outcome = lab
        .serve(server)
        .go(question("BOB"))
        .go(question("nobody.example"))
        .run();
    let found = &questions(&outcome, 0)[0];
    assert_eq!(
        found.answers,
        ["10.0.0.2".parse::<std::net::IpAddr>().unwrap()]
    );
    assert_eq!((found.attempts, found.error.as_deref()), (1, None));
    let missing = &questions(&outcome, 1)[0];
    assert_eq!(
        missing.error.as_deref(),
        Some("the DNS server answered NXDOMAIN")
    );
}

#[test]
fn a_silent_server_is_asked_as_often_as_told() {
    // Nobody reads what is lost on the wire: three questions, 5 s apart, given up after 15 s.
    let mut lab = Lab::cable();
    let server = zone(&lab);
    lab.topology.links[0].profiles[1].loss = "100%".parse().unwrap();
    let mut lab = lab.serve(server).go(question("bob"));
    lab.stop = Some(SimTime::from_nanos(60_000 * MS));
    let outcome = lab.run();
    let exchange = &questions(&outcome, 0)[0];
    assert_eq!(exchange.attempts, 3);
    assert!(
        exchange.error.as_deref().unwrap().contains("no answer"),
        "{exchange:?}"
    );
    assert_eq!(
        outcome.reports[0].ended,
        Some(SimTime::from_nanos(15_000 * MS))
    );
}

#[test]
fn traffic_by_name_asks_the_dns_server_first() {
    let lab = Lab::cable();
    let server = zone(&lab);
    let mut lab = lab
        .serve(server)
        .serve(site(vec![]))
        .go(App::Http(http(vec![request("GET", "/", Body::Empty)])));
    lab.dns_server = Some(lab.bob_address());
    lab.traffic[0].resolve_by_dns = true;
    let outcome = lab.run();
    let exchange = &exchanges(&outcome, 0)[0];
    assert_eq!(exchange.error, None);
    // A question and its answer take a round trip of 20 ms.
    let lookup = exchange.lookup.unwrap().as_nanos();
    assert!((20 * MS..21 * MS).contains(&lookup), "lookup {lookup}");
    let total = exchange.total.unwrap().as_nanos();
    assert!((60 * MS..63 * MS).contains(&total), "total {total}");
}

// ---- echo, ping, traceroute

fn probes(outcome: &Outcome, entry: usize) -> &[Probe] {
    match &outcome.reports[entry].result {
        AppResult::Echo(list) | AppResult::Ping(list) => list,
        other => panic!("not probes: {other:?}"),
    }
}

fn echo(over: EchoTransport, message: Body) -> App {
    App::Echo(EchoClient {
        port: 7,
        over,
        message,
        count: 3,
        interval: Span::from_secs(1),
        timeout: Span::from_secs(5),
    })
}

#[test]
fn echoes_come_back_over_tcp_and_udp() {
    let hello = || Body::Text("hello".to_owned());
    let outcome = Lab::cable()
        .serve(ServerApp::Echo { port: 7 })
        .go(echo(EchoTransport::Tcp, hello()))
        .go(echo(EchoTransport::Udp, hello()))
        .go(echo(
            EchoTransport::Tcp,
            Body::Size(ByteSize::new(2_000_000)),
        ))
        .go(echo(EchoTransport::Udp, Body::Size(ByteSize::new(4_000))))
        .run();
    for entry in 0..4 {
        let list = probes(&outcome, entry);
        assert_eq!(list.len(), 3);
        assert!(list.iter().all(|p| p.error.is_none()), "{list:?}");
        let numbers: Vec<u32> = list.iter().map(|p| p.number).collect();
        assert_eq!(numbers, [1, 2, 3]);
    }
    // The first echo over TCP pays for the handshake: two round trips, then one.
    let rtts: Vec<u64> = probes(&outcome, 0)
        .iter()
        .map(|p| p.rtt.unwrap().as_nanos() / MS)
        .collect();
    assert_eq!(rtts[1..], [20, 20]);
    assert_eq!(rtts[0] / 10, 4);
}

#[test]
fn an_echo_from_nobody_fails_message_by_message() {
    let outcome = Lab::cable()
        .go(echo(EchoTransport::Tcp, Body::Text("hi".to_owned())))
        .go(echo(EchoTransport::Udp, Body::Text("hi".to_owned())))
        .run();
    for entry in 0..2 {
        let list = probes(&outcome, entry);
        assert_eq!(list.len(), 3);
        let refused = |p: &Probe| p.error.as_deref().unwrap().contains("connection refused");
        assert!(list.iter().all(refused), "{list:?}");
    }
}

fn ping(count: u32, ttl: u8) -> App {
    App::Ping(Ping {
        count,
        interval: Span::from_millis(5),
        size: 56,
        timeout: Span::from_secs(1),
        ttl,
    })
}

#[test]
fn pings_overlap_and_each_has_its_round_trip() {
    // 56 + 8 + 20 + 14 + 24 bytes are 122 x 8 / 100 Mbit/s = 9.76 us each way. The first waits for
    // ARP: a round trip more; those right behind it wait as well.
    let outcome = Lab::cable().go(ping(20, 64)).run();
    let list = probes(&outcome, 0);
    assert_eq!(list.len(), 20);
    let last = list.last().unwrap().rtt.unwrap();
    assert_eq!(last, Span::from_nanos(20 * MS + 2 * 9_760));
    assert!(list.iter().all(|p| p.error.is_none()), "{list:?}");
}

fn fast_row(routers: u32) -> Lab {
    let profile = LinkProfile {
        latency: Span::from_millis(1),
        ..LinkProfile::default()
    };
    Lab::row(routers, profile)
}

#[test]
fn a_ping_whose_ttl_runs_out_names_the_router() {
    let outcome = fast_row(2).go(ping(1, 2)).run();
    let probe = &probes(&outcome, 0)[0];
    assert_eq!(probe.error.as_deref(), Some("TTL exceeded at 10.0.1.2"));
    assert_eq!(probe.from, "10.0.1.2".parse().ok());
    assert_eq!(probe.rtt, None);
}

fn trace() -> App {
    App::Traceroute(Traceroute {
        max_hops: 30,
        probes: 3,
        timeout: Span::from_secs(1),
    })
}

fn hops(outcome: &Outcome) -> &[TraceHop] {
    match &outcome.reports[0].result {
        AppResult::Traceroute(list) => list,
        other => panic!("not traceroute: {other:?}"),
    }
}

#[test]
fn traceroute_finds_the_routers_in_order() {
    let outcome = fast_row(3).go(trace()).run();
    let way: Vec<String> = hops(&outcome)
        .iter()
        .map(|hop| {
            hop.address
                .map_or_else(|| "*".to_owned(), |a| a.to_string())
        })
        .collect();
    // Each router answers from the address of the side the probe came in by; bob as himself.
    assert_eq!(way, ["10.0.0.2", "10.0.1.2", "10.0.2.2", "10.0.3.2"]);
    let reached: Vec<bool> = hops(&outcome).iter().map(|hop| hop.reached).collect();
    assert_eq!(reached, [false, false, false, true]);
    assert!(
        hops(&outcome)
            .iter()
            .all(|hop| hop.rtts.iter().flatten().count() == 3)
    );
}

#[test]
fn traceroute_tells_of_a_destination_that_is_not_there() {
    // 10.0.1.9 is on the last subnet, but nobody has it: the router asks by ARP in vain.
    let mut lab = fast_row(1).go(trace());
    lab.traffic[0].to.address = "10.0.1.9".parse().unwrap();
    let outcome = lab.run();
    let last = hops(&outcome).last().unwrap();
    assert_eq!(hops(&outcome)[0].address, "10.0.0.2".parse().ok());
    let told = last.error.as_deref();
    assert_eq!(
        told,
        Some("10.0.0.2 says: host unreachable"),
        "{:?}",
        hops(&outcome)
    );
}

// ---- all together

#[test]
fn the_same_seed_gives_the_same_story_and_another_seed_does_not() {
    let run = |seed| {
        let lab = Lab::cable();
        let server = zone(&lab);
        let mut lab = lab
            .serve(server)
            .serve(site(vec![]))
            .serve(ServerApp::Udp { port: 5004 })
            .go(stream(50))
            .go(App::Http(http(vec![request("GET", "/", Body::Empty)])))
            .go(question("bob"))
            .go(ping(5, 64));
        lab.topology.links[0].profiles[0].loss = "5%".parse().unwrap();
        lab.seed = seed;
        lab.run().fingerprint()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}
