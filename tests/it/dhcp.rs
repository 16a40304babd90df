//! Addresses that come over the wire: `topologies/dhcp.toml` as Wireshark sees it, times that are
//! derived first, and what happens when something is missing.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::Path,
    sync::{Arc, Mutex},
};

use netsim::{
    ids::PortId,
    osi::network::Assignment,
    scenario::load_str,
    sim::{RunOptions, Simulation},
    task::Host,
    topology::{Route, RouteOrigin},
};
use serde_json::Value;
use smoltcp::wire::{DhcpMessageType, DhcpPacket, DhcpRepr};

use crate::support::{assert_clean, count, fields, run_file, run_text, scratch, topology};

/// The kinds of messages, by `dhcp.option.dhcp`.
const DISCOVER: &str = "1";
const OFFER: &str = "2";
const REQUEST: &str = "3";
const DECLINE: &str = "4";
const ACK: &str = "5";
const NAK: &str = "6";
const RELEASE: &str = "7";

fn lease<'a>(summary: &'a Value, node: &str) -> &'a Value {
    let leases = summary["leases"].as_array().unwrap();
    leases.iter().find(|lease| lease["node"] == node).unwrap()
}

#[test]
fn wireshark_sees_the_four_messages_and_the_renewals() {
    let run = run_file(&topology("dhcp"), &["--no-diagrams"]).well();
    let laptop = run.file("laptop.pcapng");
    assert_clean(&laptop);
    assert_clean(&run.file("guest.pcapng"));
    let own = "dhcp.hw.mac_addr == 02:00:00:00:00:00";
    let said = fields(
        &laptop,
        own,
        &["dhcp.option.dhcp", "ip.src", "ip.dst", "dhcp.ip.your"],
    );
    let everybody = "255.255.255.255";
    assert_eq!(
        said[..4],
        [
            [DISCOVER, "0.0.0.0", everybody, "0.0.0.0"],
            [OFFER, "10.0.0.1", everybody, "10.0.0.100"],
            [REQUEST, "0.0.0.0", everybody, "0.0.0.0"],
            [ACK, "10.0.0.1", everybody, "10.0.0.100"],
        ]
    );
    // Half of 20 s later, from host to host.
    assert_eq!(said[4], [REQUEST, "10.0.0.100", "10.0.0.1", "0.0.0.0"]);
    assert_eq!(said[5], [ACK, "10.0.0.1", "10.0.0.100", "10.0.0.100"]);
    let renewals = "dhcp.option.dhcp == 3 && ip.dst == 10.0.0.1";
    let times = fields(&laptop, renewals, &["frame.time_relative"]);
    let first: f64 = times[0][0].parse().unwrap();
    assert!((10.0..10.01).contains(&first), "{first}");
    // The options that a client needs.
    let offer = format!("{own} && dhcp.option.dhcp == 2");
    let options = [
        "dhcp.option.subnet_mask",
        "dhcp.option.router",
        "dhcp.option.domain_name_server",
        "dhcp.option.ip_address_lease_time",
        "dhcp.option.renewal_time_value",
        "dhcp.option.rebinding_time_value",
    ];
    assert_eq!(
        fields(&laptop, &offer, &options),
        [["255.255.255.0", "10.0.0.1", "10.0.1.10", "20", "10", "18"]]
    );
}

#[test]
fn traffic_waits_for_the_address_and_uses_what_comes_with_it() {
    let run = run_file(&topology("dhcp"), &["--no-diagrams"]).well();
    let summary = run.summary();
    let laptop = lease(&summary, "laptop");
    assert_eq!(laptop["address"], "10.0.0.100/24");
    assert_eq!(laptop["router"], "10.0.0.1");
    assert_eq!(laptop["dns"], serde_json::json!(["10.0.1.10"]));
    // Two round trips over two links of 1 ms.
    let took = laptop["took_ns"].as_u64().unwrap();
    assert!((8_000_000..9_000_000).contains(&took), "{took}");
    let page = &summary["traffic"][0];
    assert_eq!(page["started_ns"], laptop["bound_ns"]);
    assert_eq!(page["exchanges"][0]["status"], 200);
    assert!(page["exchanges"][0]["lookup_ns"].as_u64().unwrap() > 0);
    // Renewed at 10, 20, 30, 40 and 50 s, and the ping at 15 s has the same address.
    assert_eq!(laptop["renewals"], 5);
    assert_eq!(summary["traffic"][1]["probes"]["answered"], 4);
}

#[test]
fn a_host_without_an_offer_backs_off_and_its_traffic_fails_with_the_cause() {
    let run = run_file(&topology("dhcp"), &["--no-diagrams"]).well();
    let summary = run.summary();
    let guest = lease(&summary, "guest");
    assert_eq!(guest["address"], Value::Null);
    let error = summary["traffic"][3]["probes"]["list"][0]["error"]
        .as_str()
        .unwrap();
    assert!(error.contains("network unreachable"), "{error}");
    // 4, 8, 16 s between messages, each a second more or less.
    let own = "dhcp.option.dhcp == 1 && dhcp.hw.mac_addr == 02:00:00:02:00:00";
    let times = fields(&run.file("guest.pcapng"), own, &["frame.time_relative"]);
    let times: Vec<f64> = times.iter().map(|row| row[0].parse().unwrap()).collect();
    assert_eq!(times.len(), 4);
    for (pair, expected) in times.windows(2).zip([4.0, 8.0, 16.0]) {
        let waited = pair[1] - pair[0];
        assert!((waited - expected).abs() <= 1.0, "{times:?}");
    }
    // Everybody's address is different.
    let phone = lease(&summary, "phone");
    assert_eq!(phone["address"], "10.0.0.101/24");
}

/// A client and a server on one cable; `server` and `client` are more keys.
fn cable(client: &str, link: &str, server: &str) -> String {
    format!(
        "[node.pc]\naddress = \"dhcp\"\n{client}\n[node.srv]\naddress = \"10.0.0.1/24\"\n\
         [[link]]\nbetween = [\"pc\", \"srv\"]\nlatency = \"1ms\"\n{link}\n\
         [[server]]\non = \"srv\"\napp = \"dhcp\"\npool = \"10.0.0.100-10.0.0.110\"\n{server}\n\
         [[traffic]]\napp = \"ping\"\nfrom = \"pc\"\nto = \"srv\"\ncount = 1\n"
    )
}

#[test]
fn lost_messages_are_sent_again() {
    // Half of all frames are lost: about four messages in four attempts of the exchange.
    let text = cable("", "loss = \"50%\"", "lease = \"1h\"") + "timeout = \"5s\"\n";
    let run = run_text(&text, &["--no-diagrams"]).well();
    let summary = run.summary();
    let pc = lease(&summary, "pc");
    assert_eq!(pc["address"], "10.0.0.100/24");
    let messages = pc["discovers"].as_u64().unwrap() + pc["requests"].as_u64().unwrap();
    assert!(messages > 2, "{messages}");
    assert!(pc["took_ns"].as_u64().unwrap() > 3_000_000_000);
    let pcap = run.file("pc.pcapng");
    assert_eq!(count(&pcap, "dhcp.option.dhcp == 5"), 1);
}

#[test]
fn mistakes_in_the_file_are_errors_of_check_at_their_place() {
    let cases = [
        ("gateway = \"10.0.0.1\"", "", "", "comes by DHCP"),
        ("arp = \"static\"", "", "", "its ARP is static"),
        ("", "", "lease = \"1.5s\"", "whole seconds"),
        ("", "", "router = \"10.9.0.1\"", "not on the subnet"),
        ("", "", "port = 67", "has its ports"),
        (
            "",
            "",
            "mailboxes = [\"a@b\"]",
            "`mailboxes` means nothing to a server of",
        ),
    ];
    for (client, link, server, words) in cases {
        let run = run_text(&cable(client, link, server), &["--no-diagrams"]);
        assert_eq!(run.code(), 2, "{client} {server}");
        assert!(run.stderr().contains(words), "{words}: {}", run.stderr());
    }
    let changed = [
        ("pool = \"10.0.0.100-10.0.0.110\"", "", "has no `pool`"),
        (
            "10.0.0.100-10.0.0.110",
            "10.0.0.110-10.0.0.100",
            "not a range",
        ),
        (
            "10.0.0.100-10.0.0.110",
            "10.0.0.1-10.0.0.9",
            "belongs to `srv`",
        ),
        (
            "10.0.0.100-10.0.0.110",
            "10.0.0.250-10.0.0.255",
            "end of the subnet",
        ),
        ("10.0.0.100-10.0.0.110", "10.5.0.1-10.5.0.9", "on no subnet"),
        (
            "from = \"pc\"\nto = \"srv\"",
            "from = \"srv\"\nto = \"pc\"",
            "comes by DHCP",
        ),
    ];
    for (good, bad, words) in changed {
        let run = run_text(
            &cable("", "", "").replacen(good, bad, 1),
            &["--no-diagrams"],
        );
        assert_eq!(run.code(), 2, "{bad}");
        assert!(run.stderr().contains(words), "{words}: {}", run.stderr());
    }
}

/// A client, and a host whose server is a program of the test's own.
const OWN_SERVER: &str = r#"
    stop = "3min"
    [node.pc]
    address = "dhcp"
    [node.srv]
    address = "10.0.0.1/24"
    [[link]]
    between = ["pc", "srv"]
    [[traffic]]
    app = "ping"
    from = "pc"
    to = "srv"
    start = "110s"
    count = 1
"#;

/// What the server heard of a request: when (in whole seconds), and whom it was sent to.
type Heard = Arc<Mutex<Vec<(u64, IpAddr)>>>;

/// What the server says to request number `n`, from 0; nothing, if that is its answer.
type Habit = fn(n: usize, asked: &DhcpRepr<'_>) -> Option<DhcpMessageType>;

/// Offers 10.0.0.77 for 80 s to everybody, and answers requests as is its `habit`.
async fn serve(host: Host, heard: Heard, habit: Habit) -> std::io::Result<()> {
    let net = "10.0.0.1/24".parse().unwrap();
    let way = |prefix: &str| Route {
        prefix: prefix.parse().unwrap(),
        via: None,
        port: PortId(0),
        origin: RouteOrigin::Static,
    };
    let ways = [way("10.0.0.0/24"), way("255.255.255.255/32")];
    host.assign(Assignment::new(PortId(0), Some(net), &ways), None);
    let socket = host.udp(67)?;
    let mut buffer = [0; 1500];
    loop {
        let datagram = socket.recv_datagram(&mut buffer).await?;
        let packet = DhcpPacket::new_checked(&buffer[..datagram.len]).unwrap();
        let asked = DhcpRepr::parse(&packet).unwrap();
        let kind = if asked.message_type == DhcpMessageType::Discover {
            Some(DhcpMessageType::Offer)
        } else {
            let second = host.now().as_nanos() / 1_000_000_000;
            let mut heard = heard.lock().unwrap();
            heard.push((second, datagram.to.ip()));
            habit(heard.len() - 1, &asked)
        };
        let Some(kind) = kind else { continue };
        let given = kind != DhcpMessageType::Nak;
        let answer = DhcpRepr {
            message_type: kind,
            your_ip: if given { [10, 0, 0, 77] } else { [0; 4] }.into(),
            subnet_mask: given.then_some([255, 255, 255, 0].into()),
            server_identifier: Some([10, 0, 0, 1].into()),
            lease_duration: given.then_some(80),
            client_identifier: None,
            parameter_request_list: None,
            requested_ip: None,
            ..asked
        };
        let mut bytes = vec![0; answer.buffer_len()];
        answer
            .emit(&mut DhcpPacket::new_unchecked(&mut bytes[..]))
            .unwrap();
        socket
            .send_to(&bytes, (Ipv4Addr::BROADCAST, 68).into())
            .await?;
    }
}

/// Runs [`OWN_SERVER`] with a server of this `habit`, and leaves captures in `folder`.
fn run_with(habit: Habit, folder: &Path) -> (Vec<(u64, IpAddr)>, Value) {
    let simulation = Simulation::new(load_str("own", OWN_SERVER, &[]).unwrap());
    let host = simulation.host("srv").unwrap();
    let heard = Heard::default();
    drop(host.spawn(serve(host.clone(), Arc::clone(&heard), habit)));
    let options = RunOptions {
        out: Some(folder.join("out")),
        diagrams: false,
        ..RunOptions::default()
    };
    let outcome = simulation.run(&options, &Default::default()).unwrap();
    let heard = heard.lock().unwrap().clone();
    (heard, serde_json::to_value(&outcome.summary).unwrap())
}

#[test]
fn a_silent_server_is_asked_alone_then_with_all_others_and_then_the_address_is_lost() {
    // A lease of 80 s without times of its own: renewed at 40 s, half of it, with the server; from
    // 70 s on, seven eighths, with everybody. Both wait at least a minute (RFC 2131, section
    // 4.4.5), so each asks once. At 80 s the address is lost, and a new search gives it back.
    let folder = scratch();
    let deaf_to_renewals: Habit = |_, asked| {
        let renews = !asked.client_ip.is_unspecified();
        (!renews).then_some(DhcpMessageType::Ack)
    };
    let (heard, summary) = run_with(deaf_to_renewals, folder.path());
    let (alone, everybody) = ([10, 0, 0, 1].into(), Ipv4Addr::BROADCAST.into());
    assert_eq!(
        heard[..4],
        [
            (0, everybody),
            (40, alone),
            (70, everybody),
            (80, everybody)
        ]
    );
    let pc = lease(&summary, "pc");
    assert_eq!((&pc["lost"], &pc["renewals"]), (&1.into(), &0.into()));
    assert_eq!(pc["address"], "10.0.0.77/24");
    assert_eq!(summary["traffic"][0]["probes"]["answered"], 1);
}

#[test]
fn a_refused_request_begins_the_search_anew() {
    // The first request is refused (RFC 2131, section 3.1, point 5): the client asks everybody again,
    // and takes the next offer, all in the first second.
    let folder = scratch();
    let habit: Habit = |n, _| match n {
        0 => Some(DhcpMessageType::Nak),
        _ => Some(DhcpMessageType::Ack),
    };
    let (heard, summary) = run_with(habit, folder.path());
    let everybody = Ipv4Addr::BROADCAST.into();
    assert_eq!(heard[..2], [(0, everybody), (0, everybody)]);
    let pc = lease(&summary, "pc");
    let told = ["naks", "lost", "discovers"].map(|key| pc[key].as_u64().unwrap());
    assert_eq!(told, [1, 0, 2]);
    assert_eq!(pc["address"], "10.0.0.77/24");
    assert_eq!(summary["traffic"][0]["probes"]["answered"], 1);
    let capture = folder.path().join("out/pc.pcapng");
    assert_clean(&capture);
    let kinds = fields(&capture, "dhcp", &["dhcp.option.dhcp"]);
    let kinds: Vec<&str> = kinds.iter().map(|row| row[0].as_str()).collect();
    let wanted = [DISCOVER, OFFER, REQUEST, NAK, DISCOVER, OFFER, REQUEST, ACK];
    assert_eq!(kinds[..8], wanted);
}

#[test]
fn a_client_that_is_refused_again_and_again_waits_longer_and_longer() {
    // RFC 2131, section 4.1: after the second refusal 4 s, then 8, 16 and 32 s, each a second more or
    // less. The run ends after 3 min: 0, 0, 4, 12, 28, 60, 124 s.
    let folder = scratch();
    let (heard, summary) = run_with(|_, _| Some(DhcpMessageType::Nak), folder.path());
    assert_eq!(heard.len(), 7, "{heard:?}");
    let times: Vec<u64> = heard.iter().map(|(second, _)| *second).collect();
    assert_eq!(times[..2], [0, 0]);
    for (pair, expected) in times[1..].windows(2).zip([4, 8, 16, 32, 64]) {
        let waited = pair[1] - pair[0];
        assert!(waited.abs_diff(expected) <= 2, "{times:?}");
    }
    assert_eq!(lease(&summary, "pc")["naks"], 7);
}

#[test]
fn a_refused_renewal_takes_the_address_away() {
    // Renewed at 40 s, half of 80 s; the server refuses, so the address is gone at once, and the
    // search that follows gives another lease in the same second.
    let folder = scratch();
    let habit: Habit = |n, _| match n {
        1 => Some(DhcpMessageType::Nak),
        _ => Some(DhcpMessageType::Ack),
    };
    let (heard, summary) = run_with(habit, folder.path());
    let (alone, everybody) = ([10, 0, 0, 1].into(), Ipv4Addr::BROADCAST.into());
    assert_eq!(heard[..3], [(0, everybody), (40, alone), (40, everybody)]);
    let pc = lease(&summary, "pc");
    let told = ["naks", "lost", "discovers"].map(|key| pc[key].as_u64().unwrap());
    assert_eq!(told, [1, 1, 2]);
    assert_eq!(summary["traffic"][0]["probes"]["answered"], 1);
}

/// The kinds of messages and the times of `capture` that pass `filter`.
fn talk(capture: &Path, filter: &str) -> Vec<(String, f64)> {
    let rows = fields(
        capture,
        filter,
        &["dhcp.option.dhcp", "frame.time_relative"],
    );
    let rows = rows.into_iter().map(|mut row| (row.remove(0), row));
    rows.map(|(kind, rest)| (kind, rest[0].parse().unwrap()))
        .collect()
}

#[test]
fn an_address_that_somebody_has_is_declined_and_another_one_is_used() {
    let run = run_file(&topology("dhcp_conflict"), &["--no-diagrams"]).well();
    let laptop = run.file("laptop.pcapng");
    let own = "dhcp.hw.mac_addr == 02:00:00:00:00:00";
    let said = talk(&laptop, own);
    let kinds: Vec<&str> = said.iter().map(|(kind, _)| kind.as_str()).collect();
    let first = [DISCOVER, OFFER, REQUEST, ACK, DECLINE];
    assert_eq!(kinds[..5], first);
    assert_eq!(kinds[5..9], first[..4]);
    // The first probe comes within a second of the ACK, and is answered after a round trip of 4 ms.
    let asked = said[4].1 - said[3].1;
    assert!((0.004..1.01).contains(&asked), "{asked}");
    // At least 10 s later it begins anew (RFC 2131, section 3.1, point 5).
    let waited = said[5].1 - said[4].1;
    assert!((10.0..10.01).contains(&waited), "{waited}");
    // What a DECLINE has to say, and what not (RFC 2131, table 5).
    let decline = format!("{own} && dhcp.option.dhcp == {DECLINE}");
    let columns = [
        "ip.src",
        "ip.dst",
        "dhcp.option.requested_ip_address",
        "dhcp.option.dhcp_server_id",
        "dhcp.flags.bc",
        "dhcp.option.request_list_item",
    ];
    let everybody = "255.255.255.255";
    assert_eq!(
        fields(&laptop, &decline, &columns),
        [["0.0.0.0", everybody, "10.0.0.100", "10.0.0.1", "0", ""]]
    );
    // One probe of the first address, three of the second, and two announcements.
    let probes = fields(
        &laptop,
        "arp.isprobe == 1",
        &["arp.dst.proto_ipv4", "frame.time_relative"],
    );
    let asked: Vec<&str> = probes.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(
        asked,
        ["10.0.0.100", "10.0.0.101", "10.0.0.101", "10.0.0.101"]
    );
    let at: Vec<f64> = probes.iter().map(|row| row[1].parse().unwrap()).collect();
    for pair in at[1..].windows(2) {
        assert!((1.0..2.0).contains(&(pair[1] - pair[0])), "{at:?}");
    }
    let announced = fields(&laptop, "arp.isannouncement == 1", &["frame.time_relative"]);
    let announced: Vec<f64> = announced
        .iter()
        .map(|row| row[0].parse().unwrap())
        .collect();
    let [one, two] = announced[..] else {
        panic!("{announced:?}")
    };
    assert!((2.0..2.01).contains(&(one - at[3])), "{one} {at:?}");
    assert!((2.0..2.01).contains(&(two - one)), "{announced:?}");
    let summary = run.summary();
    let told = lease(&summary, "laptop");
    assert_eq!((&told["declines"], &told["lost"]), (&1.into(), &0.into()));
    assert_eq!(summary["traffic"][0]["probes"]["answered"], 4);
    assert_clean(&laptop);
}

#[test]
fn an_address_that_is_given_back_goes_to_the_next_who_asks() {
    let run = run_file(&topology("dhcp_conflict"), &["--no-diagrams"]).well();
    let summary = run.summary();
    let laptop = lease(&summary, "laptop");
    assert_eq!(laptop["address"], "10.0.0.101/24");
    let phone = lease(&summary, "phone");
    assert_eq!(phone["released_ns"], 5_000_000_000_u64);
    assert_eq!(
        (&phone["address"], &phone["lost"]),
        (&Value::Null, &0.into())
    );
    // From host to host, with both addresses (RFC 2131, table 5).
    let release = format!("dhcp.option.dhcp == {RELEASE}");
    let columns = [
        "ip.src",
        "ip.dst",
        "dhcp.ip.client",
        "dhcp.option.dhcp_server_id",
        "dhcp.option.requested_ip_address",
    ];
    let rows = fields(&run.file("phone.pcapng"), &release, &columns);
    assert_eq!(
        rows,
        [["10.0.0.101", "10.0.0.1", "10.0.0.101", "10.0.0.1", ""]]
    );
    assert_eq!(summary["traffic"][1]["probes"]["answered"], 2);
    assert_clean(&run.file("phone.pcapng"));
    // The table on the terminal says so too, and how often an address was declined.
    let table = run.stdout();
    let row = |host: &str| table.lines().find(|line| line.starts_with(host)).unwrap();
    assert!(row("  laptop  10.0.0.101/24").ends_with("  1"), "{table}");
    assert!(
        row("  phone   given back at").contains(" 5.00 s  10.0.0.1 "),
        "{table}"
    );
}

#[test]
fn keys_of_dhcp_are_for_hosts_that_use_it_and_a_pool_may_hold_what_a_stranger_has() {
    let text = "[node.a]\ndhcp = { probe = true }\n[node.b]\n[[link]]\nbetween = [\"a\", \"b\"]\n";
    let run = run_text(text, &["--no-diagrams"]);
    assert_eq!(run.code(), 2);
    assert!(
        run.stderr()
            .contains("`dhcp` is for hosts that get their address by DHCP")
    );
    let run = run_file(&topology("dhcp_conflict"), &["--no-diagrams"]).well();
    let warned = "the pool holds 10.0.0.100, which belongs to `squatter`";
    assert!(run.stderr().contains(warned), "{}", run.stderr());
}
