//! Echo, ping and traceroute.

use super::*;

#[test]
fn echoes_come_back_over_tcp_and_udp() {
    let hello = || Body::Text("hello".to_owned());
    let outcome = Lab::cable()
        .serve(ServerApp::Echo { port: 7, tls: None })
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
}

#[test]
fn the_first_echo_over_tcp_pays_for_the_handshake() {
    // Two round trips, then one.
    let hello = Body::Text("hello".to_owned());
    let outcome = Lab::cable()
        .serve(ServerApp::Echo { port: 7, tls: None })
        .go(echo(EchoTransport::Tcp, hello))
        .run();
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

#[test]
fn a_ping_whose_ttl_runs_out_names_the_router() {
    let outcome = fast_row(2).go(ping(1, 2)).run();
    let probe = &probes(&outcome, 0)[0];
    assert_eq!(probe.error.as_deref(), Some("TTL exceeded at 10.0.1.2"));
    assert_eq!(probe.from, "10.0.1.2".parse().ok());
    assert_eq!(probe.rtt, None);
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
