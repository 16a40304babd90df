//! TCP transfers: handshake, text, bulk and timed, in both directions.

use super::*;

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
        // One second, 10 ms of travelling, and at most a send buffer: 4 MiB are 2897 frames of 1538
        // bytes, 356 ms.
        let took = result.transfer.unwrap().as_nanos();
        assert!((1_000 * MS..1_366 * MS).contains(&took), "took {took}");
    }
}

#[test]
fn a_run_that_is_stopped_reports_what_came_so_far() {
    let mut lab = Lab::cable()
        .serve(ServerApp::Tcp {
            port: 5001,
            tls: None,
        })
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
