//! TCP connections: relative numbers, windows, and what is unusual.

use etherparse::TcpOptionElement;

use super::talk::{Client, Head, Server, Talk, line, tcp};

#[test]
fn a_handshake_counts_from_zero_and_scales_windows_after_it() {
    let mut talk = Talk::new();
    let scale = |shift| vec![TcpOptionElement::WindowScale(shift)];
    let mut say = |from, flags, seq, ack, options| {
        let head = Head {
            flags,
            seq,
            ack,
            window: 500,
            options,
        };
        line(&talk.send(from, &head, b"")).to_owned()
    };
    assert_eq!(
        say(Client, "S", 0, 0, scale(7)),
        "49152 → 80 [SYN] Seq=0 Win=500 Len=0 WS=128"
    );
    assert_eq!(
        say(Server, "SA", 0, 1, scale(2)),
        "80 → 49152 [SYN, ACK] Seq=0 Ack=1 Win=500 Len=0 WS=4"
    );
    // 500 * 2^7 and 500 * 2^2.
    assert_eq!(
        say(Client, "A", 1, 1, vec![]),
        "49152 → 80 [ACK] Seq=1 Ack=1 Win=64000 Len=0"
    );
    assert_eq!(
        say(Server, "FA", 1, 1, vec![]),
        "80 → 49152 [FIN, ACK] Seq=1 Ack=1 Win=2000 Len=0"
    );
}

#[test]
fn windows_are_not_scaled_unless_both_sides_offer_it() {
    let mut talk = Talk::new();
    let head = |flags, ack, options| Head {
        flags,
        seq: u32::from(flags == "A"),
        ack,
        window: 500,
        options,
    };
    let scale = vec![TcpOptionElement::WindowScale(7)];
    talk.send(Client, &head("S", 0, scale), b"");
    talk.send(
        Server,
        &Head {
            seq: 0,
            ..head("SA", 1, vec![])
        },
        b"",
    );
    let tree = talk.send(Client, &head("A", 1, vec![]), b"");
    assert_eq!(tcp(&tree, "window_size"), Some("500"));
}

#[test]
fn raw_numbers_may_wrap_and_relative_ones_go_on() {
    // The client starts 256 before 2^32, so byte 300 has wrapped: raw 300 - 256 = 44.
    let mut talk = Talk::established();
    talk.data(Client, 1, 1, &[0; 299]);
    let tree = talk.data(Client, 300, 1, b"x");
    assert_eq!(
        (tcp(&tree, "seq"), tcp(&tree, "seq_raw")),
        (Some("300"), Some("44"))
    );
    assert_eq!(tcp(&tree, "analysis"), None);
}

#[test]
fn without_its_handshake_a_connection_counts_from_one() {
    let mut talk = Talk::new();
    let tree = talk.data(Client, 7000, 9000, b"x");
    assert_eq!(
        (tcp(&tree, "seq"), tcp(&tree, "ack")),
        (Some("1"), Some("1"))
    );
    let tree = talk.data(Server, 9000, 7001, b"y");
    assert_eq!(
        (tcp(&tree, "seq"), tcp(&tree, "ack")),
        (Some("1"), Some("2"))
    );
}

#[test]
fn bytes_sent_again_are_a_retransmission_and_acknowledged_ones_a_spurious_one() {
    let mut talk = Talk::established();
    talk.data(Client, 1, 1, b"abc");
    let tree = talk.data(Client, 1, 1, b"abc");
    assert_eq!(tcp(&tree, "analysis"), Some("retransmission"));
    assert!(line(&tree).starts_with("[TCP Retransmission] 49152 → 80 [ACK] Seq=1"));
    talk.data(Server, 1, 4, b"");
    let tree = talk.data(Client, 1, 1, b"abc");
    assert_eq!(tcp(&tree, "analysis"), Some("spurious retransmission"));
}

#[test]
fn a_syn_sent_again_is_a_retransmission() {
    let mut talk = Talk::new();
    let syn = Head {
        flags: "S",
        window: 500,
        ..Head::default()
    };
    assert_eq!(tcp(&talk.send(Client, &syn, b""), "analysis"), None);
    let again = talk.send(Client, &syn, b"");
    assert_eq!(tcp(&again, "analysis"), Some("retransmission"));
    assert_eq!(tcp(&again, "stream"), Some("0"));
}

#[test]
fn another_syn_between_the_same_ends_opens_another_stream() {
    let mut talk = Talk::established();
    let syn = Head {
        flags: "S",
        seq: 100_000,
        window: 500,
        ..Head::default()
    };
    let tree = talk.send(Client, &syn, b"");
    assert_eq!(
        (tcp(&tree, "stream"), tcp(&tree, "seq")),
        (Some("1"), Some("0"))
    );
}

#[test]
fn two_duplicate_acks_make_it_a_fast_retransmission() {
    let mut talk = Talk::established();
    // The second of four segments of 100 bytes is lost before the server, not before us.
    for i in 0..4 {
        talk.data(Client, 1 + i * 100, 1, &[0; 100]);
    }
    assert_eq!(tcp(&talk.data(Server, 1, 101, b""), "analysis"), None);
    for count in 1..=2 {
        let tree = talk.data(Server, 1, 101, b"");
        assert_eq!(tcp(&tree, "analysis"), Some("duplicate ack"));
        assert!(line(&tree).starts_with(&format!("[TCP Dup ACK #{count}]")));
    }
    let tree = talk.data(Client, 101, 1, &[0; 100]);
    assert_eq!(tcp(&tree, "analysis"), Some("fast retransmission"));
}

#[test]
fn a_gap_is_seen_and_what_fills_it_is_out_of_order() {
    let mut talk = Talk::established();
    let tree = talk.data(Client, 101, 1, &[0; 100]);
    assert_eq!(tcp(&tree, "analysis"), Some("previous segment not seen"));
    let tree = talk.data(Client, 1, 1, &[0; 100]);
    assert_eq!(tcp(&tree, "analysis"), Some("out-of-order"));
    // Now it is filled: once more is again.
    let tree = talk.data(Client, 1, 1, &[0; 100]);
    assert_eq!(tcp(&tree, "analysis"), Some("retransmission"));
}

#[test]
fn keep_alives_and_closed_windows_are_told_apart() {
    let mut talk = Talk::established();
    let analysis = |tree| tcp(&tree, "analysis").map(str::to_owned);
    talk.data(Client, 1, 1, b"abc");
    talk.data(Server, 1, 4, b"");
    // One byte before the next one, which is 4.
    let probe = talk.data(Client, 3, 1, b"");
    assert_eq!(analysis(probe).as_deref(), Some("keep-alive"));
    let answer = talk.data(Server, 1, 4, b"");
    assert_eq!(analysis(answer).as_deref(), Some("keep-alive ack"));
    let mut window = |window| {
        let head = Head {
            flags: "A",
            seq: 1,
            ack: 4,
            window,
            ..Head::default()
        };
        analysis(talk.send(Server, &head, b""))
    };
    assert_eq!(window(0).as_deref(), Some("zero window"));
    assert_eq!(window(500).as_deref(), Some("window update"));
}

#[test]
fn selective_acknowledgments_are_relative() {
    let mut talk = Talk::established();
    talk.data(Client, 1, 1, &[0; 100]);
    let head = Head {
        flags: "A",
        seq: 1,
        ack: 1,
        window: 500,
        // Raw numbers: the client's first one is 2^32 - 256, so 201 is at -55 and 301 at 45.
        options: vec![TcpOptionElement::SelectiveAcknowledgement(
            (0_u32.wrapping_sub(55), 45),
            [None; 3],
        )],
    };
    let tree = talk.send(Server, &head, b"");
    assert_eq!(tcp(&tree, "options.sack_le"), Some("201"));
    assert_eq!(tcp(&tree, "options.sack_re"), Some("301"));
    assert!(line(&tree).ends_with(" SLE=201 SRE=301"));
}
