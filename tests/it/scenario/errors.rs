//! Every mistake that a scenario file can have, and what is said about it.
//!
//! One snapshot for each group. A new error needs a case here.

use netsim::scenario::load_str;

/// Two hosts and a link: what most cases start from.
const PAIR: &str = "[node.alice]\n[node.bob]\n[[link]]\nbetween = [\"alice\", \"bob\"]\n";

/// The errors of each case, one below the other.
fn errors(cases: &[(&str, String)]) -> String {
    let mut all = String::new();
    for (claim, text) in cases {
        let said = match load_str("x.toml", text, &[]) {
            Ok(plan) => panic!("{claim}: no error, but warnings {:?}", plan.warnings),
            Err(error) => error.to_string(),
        };
        all.push_str(&format!("=== {claim}\n{said}\n\n"));
    }
    all
}

/// The warnings of each case.
fn warnings(cases: &[(&str, String)]) -> String {
    let mut all = String::new();
    for (claim, text) in cases {
        let plan = load_str("x.toml", text, &[]).unwrap_or_else(|e| panic!("{claim}: {e}"));
        assert!(!plan.warnings.is_empty(), "{claim}: no warning");
        all.push_str(&format!("=== {claim}\n{}\n\n", plan.warnings.join("\n")));
    }
    all
}

fn pair(more: &str) -> String {
    format!("{PAIR}{more}")
}

/// Keys at the top of the file.
fn top(keys: &str) -> String {
    format!("{keys}\n{PAIR}")
}

fn traffic(keys: &str) -> String {
    format!("{PAIR}[[traffic]]\nfrom = \"alice\"\nto = \"bob\"\n{keys}\n")
}

fn link(keys: &str) -> String {
    format!("{PAIR}{keys}\n[[traffic]]\nfrom = \"alice\"\nto = \"bob\"\napp = \"ping\"\n")
}

#[test]
fn mistakes_of_form_are_shown() {
    let cases = [
        ("not TOML", "[node.alice\nkind = \n".to_owned()),
        ("a key twice", "seed = 1\nseed = 2\n".to_owned()),
        ("an unknown key at the top", top("sed = 7")),
        ("a key of the top in a table", link("seed = 7")),
        (
            "a required key misspelt",
            "[node.a]\n[node.b]\n[[link]]\nbetwen = [\"a\", \"b\"]\n".to_owned(),
        ),
        ("a float that fits no float", link("loss = 1e999")),
        ("an unknown key with a near one", link("latancy = \"1ms\"")),
        ("an unknown key with none near", link("colour = \"red\"")),
        (
            "an unknown key deep inside",
            pair("[node.carol]\n[node.carol.tcp]\nnagel = true\n"),
        ),
        (
            "a table where a list belongs",
            "[node.a]\n[node.b]\n[link]\nbetween = [\"a\", \"b\"]\n".to_owned(),
        ),
        (
            "a text where a list belongs",
            "[node.a]\n[[link]]\nbetween = \"a-b\"\n".to_owned(),
        ),
        ("a text where a table belongs", top("dns = \"bob\"")),
        (
            "a list where a value belongs",
            pair("[capture]\nformat = [\"pcap\"]\n"),
        ),
        (
            "wrong types",
            top("title = 7\nseed = \"seven\"\nstop = true\nepoch = 0"),
        ),
        (
            "a number that fits no integer",
            top("seed = 99999999999999999999999999999999999999999999"),
        ),
        ("a negative number", top("seed = -1")),
        ("no nodes", "title = \"nothing\"\n".to_owned()),
        (
            "several mistakes at once",
            link("rate = \"fast\"\nlatency = 20\nloss = \"often\"\nmtu = 9"),
        ),
    ];
    insta::assert_snapshot!("form", errors(&cases));
}

#[test]
fn mistakes_in_quantities_are_shown() {
    let cases = [
        ("a time without unit", link("latency = 20")),
        (
            "a time in an unknown unit",
            link("latency = \"20 parsecs\""),
        ),
        ("a time longer than a year", link("latency = \"9000h\"")),
        ("a time below zero", link("latency = \"-1ms\"")),
        ("a rate of zero", link("rate = \"0 Mbit/s\"")),
        ("a rate without unit", link("rate = 10")),
        ("a rate in bytes", link("rate = \"10 MB\"")),
        ("a probability above one", link("loss = \"120%\"")),
        ("a probability that was meant in per cent", link("loss = 3")),
        ("a probability that is a word", link("loss = true")),
        ("a queue without unit", link("queue = 100")),
        ("a queue of half a packet", link("queue = \"0.5 packets\"")),
        ("a queue in an unknown unit", link("queue = \"3 lorries\"")),
        ("an MTU below the smallest", link("mtu = 40")),
        ("an MTU above the largest", link("mtu = 70000")),
        ("a cost of zero", link("cost = 0")),
        (
            "an unknown distribution",
            link("jitter_distribution = \"norml\""),
        ),
        (
            "a point in time without zone",
            top("epoch = \"2025-01-01T00:00:00\""),
        ),
        (
            "a point in time out of range",
            top("epoch = 1969-01-01T00:00:00Z"),
        ),
        ("not a point in time", top("epoch = \"noon\"")),
        ("a run that stops at once", top("stop = \"0s\"")),
        (
            "a mistake in the defaults",
            pair("[defaults.link]\nrate = \"slow\"\n[defaults.host]\nttl = 0\n"),
        ),
        (
            "a mistake in one direction",
            link("backward = { rate = \"0 bit/s\" }"),
        ),
    ];
    insta::assert_snapshot!("quantities", errors(&cases));
}

#[test]
fn mistakes_in_the_network_are_shown() {
    let cases = [
        ("an unknown node", "[node.alice]\n[node.bob]\n[[link]]\nbetween = [\"alice\", \"bbo\"]\n".to_owned()),
        ("an unknown node, nothing near", "[node.a]\n[[link]]\nbetween = [\"a\", \"zebra\"]\n".to_owned()),
        ("a link with three ends", "[node.a]\n[node.b]\n[[link]]\nbetween = [\"a\", \"b\", \"a\"]\n".to_owned()),
        ("a link without ends", "[node.a]\n[node.b]\n[[link]]\nrate = \"1 Gbit/s\"\n".to_owned()),
        ("a link to itself", "[node.a]\n[[link]]\nbetween = [\"a\", \"a\"]\n".to_owned()),
        ("a node without link", pair("[node.carol]\n")),
        ("two links of one name", pair("name = \"wan\"\n[[link]]\nname = \"wan\"\nbetween = [\"alice\", \"bob\"]\n")),
        ("names that differ in case only", "[node.bob]\n[node.Bob]\n[[link]]\nbetween = [\"bob\", \"Bob\"]\n".to_owned()),
        ("names that cannot be", "[node.all]\n[node.\"a b\"]\n[[link]]\nname = \"-x\"\nbetween = [\"all\", \"a b\"]\n".to_owned()),
        ("an unknown kind of node", "[node.a]\nkind = \"ruter\"\n[node.b]\n[[link]]\nbetween = [\"a\", \"b\"]\n".to_owned()),
        (
            "a loop of switches",
            "[node.s1]\nkind = \"switch\"\n[node.s2]\nkind = \"switch\"\n[node.h]\nkind = \"hub\"\n\
             [[link]]\nbetween = [\"s1\", \"s2\"]\n[[link]]\nname = \"uplink\"\nbetween = [\"s2\", \"h\"]\n\
             [[link]]\nbetween = [\"h\", \"s1\"]\n".to_owned(),
        ),
        (
            "two cables between two switches",
            "[node.s1]\nkind = \"switch\"\n[node.s2]\nkind = \"switch\"\n\
             [[link]]\nbetween = [\"s1\", \"s2\"]\n[[link]]\nbetween = [\"s1\", \"s2\"]\n".to_owned(),
        ),
        ("a switch with addresses", "[node.a]\n[node.s]\nkind = \"switch\"\naddress = \"10.0.0.2/24\"\ngateway = \"10.0.0.1\"\ntcp.nagle = true\n[[link]]\nbetween = [\"a\", \"s\"]\n".to_owned()),
        ("a congestion control that smoltcp has not", "[node.a.tcp]\nstack = \"smoltcp\"\ncongestion = \"bbr\"\n[node.b]\n[[link]]\nbetween = [\"a\", \"b\"]\n".to_owned()),
        ("TCP settings out of range", "[node.a]\nttl = 0\n[node.a.tcp]\nstack = \"smoltcp\"\ncongestion = \"vegas\"\ndelayed_ack = \"1s\"\nsend_buffer = \"4 GiB\"\nreceive_buffer = \"10 B\"\ntimeout = \"0s\"\nkeep_alive = \"never\"\n[node.b]\n[[link]]\nbetween = [\"a\", \"b\"]\n".to_owned()),
    ];
    insta::assert_snapshot!("network", errors(&cases));
}

#[test]
fn mistakes_in_queue_disciplines_are_shown() {
    let aqm = |keys: &str| link(&format!("aqm = {{ {keys} }}"));
    let cases = [
        ("no kind", aqm("target = \"5ms\"")),
        ("an unknown kind", aqm("kind = \"cobalt\"")),
        ("a word instead of a table", link("aqm = \"codel\"")),
        (
            "keys of other kinds",
            aqm("kind = \"codel\", above = \"3 packets\", max_p = \"2%\", flows = 7"),
        ),
        ("drop-tail that marks", aqm("kind = \"none\", ecn = true")),
        ("no threshold", aqm("kind = \"threshold\"")),
        (
            "a threshold without unit",
            aqm("kind = \"threshold\", above = 20"),
        ),
        (
            "thresholds in two units",
            aqm("kind = \"red\", min = \"10 kB\", max = \"30 packets\""),
        ),
        (
            "thresholds the wrong way round",
            aqm("kind = \"red\", min = \"10 packets\", max = \"10 packets\""),
        ),
        (
            "no least threshold",
            aqm("kind = \"red\", min = \"0 packets\""),
        ),
        ("a weight above one", aqm("kind = \"red\", weight = 2.0")),
        (
            "a target beyond the interval",
            aqm("kind = \"codel\", target = \"200ms\""),
        ),
        ("no interval", aqm("kind = \"codel\", interval = \"0s\"")),
        (
            "fair queueing without flows",
            aqm("kind = \"fq-codel\", flows = 0, quantum = 1"),
        ),
    ];
    insta::assert_snapshot!("aqm", errors(&cases));
}

/// `alice - r1 - bob` with extra keys for each.
fn routed(alice: &str, r1: &str, bob: &str) -> String {
    format!(
        "[node.alice]\n{alice}\n[node.r1]\nkind = \"router\"\n{r1}\n[node.bob]\n{bob}\n\
         [[link]]\nbetween = [\"alice\", \"r1\"]\n[[link]]\nbetween = [\"r1\", \"bob\"]\n\
         [[traffic]]\napp = \"ping\"\nfrom = \"alice\"\nto = \"bob\"\n"
    )
}

#[test]
fn mistakes_in_addresses_are_shown() {
    let address = |a: &str| routed(&format!("address = \"{a}\""), "", "");
    let cases = [
        ("an address without prefix length", address("10.0.0.5")),
        ("not an address", address("10.0.0.500/24")),
        ("an IPv6 address", address("fd00::1/64")),
        ("the address of the network", address("10.0.0.0/24")),
        ("the broadcast address", address("10.0.0.255/24")),
        ("a loopback address", address("127.0.0.1/8")),
        ("a multicast address", address("224.0.0.5/24")),
        ("a prefix of one address", address("10.0.0.5/32")),
        ("the same address twice", routed("address = \"10.0.0.5/24\"", "", "address = \"10.0.0.5/24\"")),
        ("the same subnet on two segments", routed("address = \"10.1.0.5/24\"", "", "address = \"10.1.0.6/16\"")),
        ("neighbours in different subnets", routed("address = \"10.1.0.5/24\"", "addresses = { alice = \"10.2.0.1/24\" }", "")),
        ("a subnet that is too small", "[node.a]\naddress = \"10.0.0.1/31\"\n[node.b]\n[node.c]\n[node.s]\nkind = \"switch\"\n[[link]]\nbetween = [\"a\", \"s\"]\n[[link]]\nbetween = [\"b\", \"s\"]\n[[link]]\nbetween = [\"c\", \"s\"]\n".to_owned()),
        ("one address for several cards", routed("", "address = \"10.0.0.1/24\"", "")),
        ("an address for a card that is not there", routed("", "addresses = { alise = \"10.0.0.1/24\" }", "")),
        ("two addresses for one card", routed("", "addresses = { alice = \"10.0.0.1/24\", alice-r1 = \"10.0.0.2/24\" }", "")),
        ("a neighbour with two links", "[node.r1]\nkind = \"router\"\naddresses = { r2 = \"10.0.0.1/24\" }\n[node.r2]\nkind = \"router\"\n[[link]]\nbetween = [\"r1\", \"r2\"]\n[[link]]\nbetween = [\"r1\", \"r2\"]\n".to_owned()),
        ("not a MAC address", routed("mac = \"02:00\"", "", "")),
        ("a group MAC address", routed("mac = \"01:00:5e:00:00:01\"", "", "")),
        ("a MAC address of zeros", routed("mac = \"00:00:00:00:00:00\"", "", "")),
        ("the same MAC address twice", routed("mac = \"02:aa:00:00:00:01\"", "", "mac = \"02:aa:00:00:00:01\"")),
        ("a MAC address that is generated elsewhere", routed("mac = \"02:00:00:02:00:00\"", "", "")),
    ];
    insta::assert_snapshot!("addresses", errors(&cases));
}

#[test]
fn mistakes_in_routes_are_shown() {
    let route = |r: &str| routed("", &format!("routes = [{r}]"), "");
    let cases = [
        ("a route without next router", route("{ to = \"10.9.0.0/16\" }")),
        ("a route without destination", route("{ via = \"10.0.0.10\" }")),
        ("a route by a distant router", route("{ to = \"10.9.0.0/16\", via = \"10.7.0.1\" }")),
        ("a route by itself", route("{ to = \"10.9.0.0/16\", via = \"10.0.0.1\" }")),
        ("a route to a host within a network", route("{ to = \"10.9.1.0/16\", via = \"10.0.0.10\" }")),
        ("two routes to one network", route("{ to = \"10.9.0.0/16\", via = \"10.0.0.10\" }, { to = \"10.9.0.0/16\", via = \"10.0.1.10\" }")),
        ("not a gateway", routed("gateway = \"r1\"", "", "")),
        ("an unknown way of routing", routed("routing = \"ospf\"", "", "")),
        ("no way there", routed("routing = \"static\"", "", "")),
        ("no way back", routed("", "", "routing = \"static\"")),
        ("a way into a host", routed("gateway = \"10.0.0.20\"", "", "").replace("[[link]]\nbetween = [\"alice\", \"r1\"]", "[node.c]\naddress = \"10.0.0.20/24\"\n[node.s]\nkind = \"switch\"\n[[link]]\nbetween = [\"c\", \"s\"]\n[[link]]\nbetween = [\"alice\", \"s\"]\n[[link]]\nbetween = [\"s\", \"r1\"]")),
        ("two islands", "[node.a]\n[node.b]\n[node.c]\n[node.d]\n[[link]]\nbetween = [\"a\", \"b\"]\n[[link]]\nbetween = [\"c\", \"d\"]\n[[traffic]]\napp = \"ping\"\nfrom = \"a\"\nto = \"d\"\n".to_owned()),
    ];
    insta::assert_snapshot!("routes", errors(&cases));
}

#[test]
fn mistakes_in_traffic_are_shown() {
    let cases = [
        ("no application, no ends", pair("[[traffic]]\nname = \"x\"\n")),
        ("an unknown application", traffic("app = \"htpp\"")),
        ("an unknown host", pair("[[traffic]]\napp = \"ping\"\nfrom = \"alcie\"\nto = \"bob\"\n")),
        ("traffic to itself", pair("[[traffic]]\napp = \"ping\"\nfrom = \"alice\"\nto = \"alice\"\n")),
        ("traffic from a router", routed("", "", "").replace("from = \"alice\"", "from = \"r1\"")),
        ("a web page from a router", routed("", "", "").replace("to = \"bob\"", "to = \"r1\"").replace("ping", "http")),
        ("traffic to a switch", "[node.a]\n[node.s]\nkind = \"switch\"\n[[link]]\nbetween = [\"a\", \"s\"]\n[[traffic]]\napp = \"ping\"\nfrom = \"a\"\nto = \"s\"\n".to_owned()),
        ("two entries of one name", traffic("name = \"x\"\napp = \"ping\"\n[[traffic]]\nname = \"x\"\napp = \"ping\"\nfrom = \"bob\"\nto = \"alice\"")),
        ("a key of another application", traffic("app = \"ping\"\nquery = \"bob\"\nbytes = \"1 MiB\"")),
        ("TCP without an amount", traffic("app = \"tcp\"")),
        ("TCP with two amounts", traffic("app = \"tcp\"\nbytes = \"1 MiB\"\nduration = \"5s\"")),
        ("a transfer without end", traffic("app = \"tcp\"\nbytes = \"1000000 TB\"")),
        ("a stream with two rates", traffic("app = \"udp\"\nrate = \"1 Mbit/s\"\ninterval = \"1ms\"")),
        ("a stream with two ends", traffic("app = \"udp\"\ncount = 5\nduration = \"1s\"")),
        ("a stream without end", traffic("app = \"udp\"\ninterval = \"1ns\"\nduration = \"1h\"")),
        ("a datagram that is too large", traffic("app = \"udp\"\nsize = \"64 KiB\"")),
        ("a datagram that is too small", traffic("app = \"udp\"\nsize = \"8 B\"")),
        ("no interval", traffic("app = \"udp\"\ninterval = \"0s\"")),
        ("no count", traffic("app = \"ping\"\ncount = 0")),
        ("too often", traffic("app = \"ping\"\nrepeat = 1000000000")),
        ("port zero", traffic("app = \"http\"\nport = 0")),
        ("a port that is too large", traffic("app = \"http\"\nport = 65536")),
        ("one request and several", traffic("app = \"http\"\nrequest = {}\nrequests = [{}]")),
        ("no requests", traffic("app = \"http\"\nrequests = []")),
        ("not a method", traffic("app = \"http\"\nrequest = { method = \"GET /\" }")),
        ("a tunnel", traffic("app = \"http\"\nrequest = { method = \"CONNECT\" }")),
        ("not a path", traffic("app = \"http\"\nrequest = { path = \"users 1\" }")),
        ("headers that cannot be", traffic("app = \"http\"\nrequest = { headers = { \"a b\" = \"x\", content-length = \"3\", x = \"a\\r\\nb\" } }")),
        ("a body twice", traffic("app = \"http\"\nrequest = { body = \"x\", size = \"1 KiB\" }")),
        ("a body that is too large", traffic("app = \"http\"\nrequest = { size = \"1 TiB\" }")),
        ("DNS without a question", traffic("app = \"dns\"")),
        ("DNS with no name", traffic("app = \"dns\"\nquery = \"a..b\"")),
        ("DNS without a server", pair("[[traffic]]\napp = \"dns\"\nfrom = \"alice\"\nquery = \"bob\"\n")),
        ("a name looked up without a server", traffic("app = \"ping\"\nresolve = true")),
        ("an IPv6 target", pair("[[traffic]]\napp = \"ping\"\nfrom = \"alice\"\nto = \"fd00::1\"\n")),
        ("a long echo over UDP", traffic("app = \"echo\"\nover = \"udp\"\nsize = \"1 MiB\"")),
        ("too many probes", traffic("app = \"traceroute\"\nprobes = 11\nmax_hops = 0")),
    ];
    insta::assert_snapshot!("traffic", errors(&cases));
}

#[test]
fn mistakes_in_tls_are_shown() {
    let http = |tls: &str| traffic(&format!("app = \"http\"\n{tls}"));
    let server =
        |tls: &str| format!("[[server]]\non = \"bob\"\napp = \"http\"\nport = 443\n{tls}\n");
    let beside = |client: &str, at: &str| http(client) + &server(at);
    let two = |one: &str, other: &str| {
        let second =
            format!("[[traffic]]\nfrom = \"alice\"\nto = \"bob\"\napp = \"http\"\n{other}");
        http(one) + &second
    };
    let cases = [
        ("neither a truth value nor a table", http("tls = \"yes\"")),
        ("a list", http("tls = [1]")),
        ("a key misspelt", http("tls = { verson = \"1.3\" }")),
        (
            "a version that nobody speaks",
            http("tls = { version = \"1.1\" }"),
        ),
        ("a version without quotes", http("tls = { version = 1.3 }")),
        (
            "a certificate that is not known",
            http("tls = { certificate = \"old\" }"),
        ),
        (
            "no name for a certificate",
            http("tls = { server_name = \"a b\" }"),
        ),
        ("an empty protocol", http("tls = { alpn = [\"\"] }")),
        (
            "early data before TLS 1.3",
            http("tls = { version = \"1.2\", early_data = true }"),
        ),
        (
            "early data without resumption",
            http("tls = { resumption = false, early_data = true }"),
        ),
        (
            "TLS over datagrams",
            traffic("app = \"echo\"\nover = \"udp\"\ntls = true"),
        ),
        (
            "TLS of another application",
            traffic("app = \"ping\"\ntls = true"),
        ),
        (
            "TLS of a server without connections",
            pair("[[server]]\non = \"bob\"\napp = \"dns\"\ntls = true\n"),
        ),
        (
            "a client alone speaks it",
            beside("tls = true", "tls = false"),
        ),
        (
            "a server alone speaks it",
            beside("port = 443", "tls = true"),
        ),
        (
            "two versions of HTTP",
            two("port = 80", "port = 80\nversion = \"2\""),
        ),
        (
            "a version of HTTP at another server",
            pair("[[server]]\non = \"bob\"\napp = \"tcp\"\nversion = \"2\"\n"),
        ),
        (
            "a certificate at the wrong side",
            beside("tls = { certificate = \"expired\" }", "tls = true"),
        ),
        (
            "two kinds of one server",
            two("tls = true", "tls = { certificate = \"expired\" }"),
        ),
    ];
    insta::assert_snapshot!("tls", errors(&cases));
}

#[test]
fn mistakes_in_servers_and_captures_are_shown() {
    let server = |keys: &str| pair(&format!("[[server]]\n{keys}\n"));
    let cases = [
        ("a server nowhere", server("app = \"http\"")),
        ("a server of nothing", server("on = \"bob\"")),
        (
            "an application without server",
            server("on = \"bob\"\napp = \"ping\""),
        ),
        (
            "two servers on one port",
            server(
                "on = \"bob\"\napp = \"http\"\n[[server]]\non = \"bob\"\napp = \"tcp\"\nport = 80",
            ),
        ),
        (
            "a server implied on a taken port",
            traffic(
                "app = \"tcp\"\nport = 80\nbytes = \"1 B\"\n[[server]]\non = \"bob\"\napp = \"http\"",
            ),
        ),
        (
            "routes of no web server",
            server("on = \"bob\"\napp = \"echo\"\n[[server.route]]\npath = \"/\""),
        ),
        (
            "a route without path",
            server("on = \"bob\"\napp = \"http\"\n[[server.route]]\nstatus = 404"),
        ),
        (
            "a status that is none",
            server("on = \"bob\"\napp = \"http\"\n[[server.route]]\npath = \"/\"\nstatus = 102"),
        ),
        (
            "a status that comes before the answer",
            server("on = \"bob\"\napp = \"http\"\n[[server.route]]\npath = \"/\"\nstatus = 100"),
        ),
        (
            "a status that belongs to WebSocket",
            server("on = \"bob\"\napp = \"http\"\n[[server.route]]\npath = \"/\"\nstatus = 101"),
        ),
        (
            "a body where none may be",
            server(
                "on = \"bob\"\napp = \"http\"\n[[server.route]]\npath = \"/\"\nstatus = 204\nbody = \"x\"",
            ),
        ),
        ("a name server nowhere", pair("[dns]\n")),
        (
            "a name server on a router",
            routed("", "", "") + "[dns]\nserver = \"r1\"\n",
        ),
        (
            "names that cannot be",
            pair(
                "[dns]\nserver = \"bob\"\nttl = \"1.5s\"\n[dns.records]\n\"a b\" = \"alice\"\nALICE = \"bob\"\nx = \"carol\"\ny = \"fd00::1\"\n",
            ),
        ),
        (
            "a name that is nearly a record",
            pair(
                "[dns]\nserver = \"bob\"\nrecords = { \"www.example.com\" = \"bob\" }\n[[traffic]]\napp = \"ping\"\nfrom = \"alice\"\nto = \"ww.example.com\"\n",
            ),
        ),
        (
            "an unknown vantage point",
            pair("[capture]\nvantage = [\"alice\", \"bob:wan\"]\n"),
        ),
        (
            "a vantage point at no node",
            pair("[capture]\nvantage = [\"all host\"]\n"),
        ),
        (
            "a snap length below a header",
            pair("[capture]\nsnap_length = \"4 B\"\n"),
        ),
        (
            "an unknown format",
            pair("[capture]\nformat = \"pcap-ng\"\n"),
        ),
    ];
    insta::assert_snapshot!("servers", errors(&cases));
}

#[test]
fn what_is_strange_but_allowed_is_a_warning() {
    let cases = [
        ("no traffic", PAIR.to_owned()),
        ("total loss", link("loss = \"100%\"")),
        ("every bit wrong", link("bit_error = 1.0")),
        ("everything held back", link("reorder = \"100%\"")),
        ("jitter larger than latency", link("latency = \"1ms\"\njitter = \"2ms\"")),
        ("a queue smaller than a frame", link("queue = \"1 KiB\"")),
        ("a threshold beyond the queue", link("queue = \"20 packets\"\naqm = { kind = \"threshold\", above = \"20 packets\" }")),
        ("an address that nobody has", pair("[[traffic]]\napp = \"ping\"\nfrom = \"alice\"\nto = \"10.0.0.99\"\n")),
        ("a route to nowhere", routed("", "routes = [{ to = \"10.9.0.0/16\", via = \"10.0.0.77\" }]", "")),
        ("a route into a host", routed("", "routes = [{ to = \"10.9.0.0/16\", via = \"10.0.0.10\" }]", "")),
        (
            "packets that go round in a circle",
            "[node.a]\n[node.r1]\nkind = \"router\"\nrouting = \"static\"\ngateway = \"10.0.1.2\"\n[node.r2]\nkind = \"router\"\nrouting = \"static\"\ngateway = \"10.0.1.1\"\n[node.r3]\nkind = \"router\"\n[node.b]\n\
             [[link]]\nbetween = [\"a\", \"r1\"]\n[[link]]\nbetween = [\"r1\", \"r2\"]\n[[link]]\nbetween = [\"r2\", \"r3\"]\n[[link]]\nbetween = [\"r3\", \"b\"]\n\
             [[traffic]]\napp = \"ping\"\nfrom = \"a\"\nto = \"b\"\n".to_owned(),
        ),
        ("a stream that cannot be answered", routed("", "", "routing = \"static\"").replace("ping", "udp")),
    ];
    insta::assert_snapshot!("warnings", warnings(&cases));
}

#[test]
fn mistakes_of_generated_networks_are_shown() {
    let of = |keys: &str| format!("[generate]\n{keys}\n");
    let beside = |more: &str| of("kind = \"star\"\nhosts = 3\n") + more;
    let cases = [
        ("no kind", of("k = 4")),
        ("an unknown kind", of("kind = \"fattree\"")),
        (
            "a key of another kind",
            of("kind = \"star\"\nhosts = 3\nk = 4"),
        ),
        (
            "links that a kind does not have",
            of("kind = \"star\"\nhosts = 3\nbottleneck = { rate = \"1 Mbit/s\" }"),
        ),
        (
            "routing where there is only one way of it",
            of("kind = \"ring\"\nrouters = 5\nrouting = \"compact\""),
        ),
        ("a number left out", of("kind = \"fat-tree\"")),
        ("an odd k", of("kind = \"fat-tree\"\nk = 5")),
        ("too small a number", of("kind = \"ring\"\nrouters = 2")),
        (
            "more links than one box takes",
            of("kind = \"star\"\nhosts = 70000"),
        ),
        (
            "a large grid",
            of("kind = \"grid\"\nrows = 1000\ncolumns = 1000"),
        ),
        (
            "a leaf-spine network without room for its addresses",
            of("kind = \"leaf-spine\"\nleaves = 10000\nspines = 100"),
        ),
        (
            "a chance that is none",
            of("kind = \"waxman\"\nrouters = 5\nalpha = 0"),
        ),
        (
            "too much to compute routes for",
            of("kind = \"grid\"\nrows = 50\ncolumns = 50"),
        ),
        (
            "too much to compute routes for, but not necessary",
            of("kind = \"tree\"\nhosts = 3000\nfan = 1\nrouting = \"shortest\""),
        ),
        (
            "a name that is taken",
            beside("[node.h1]\n[[link]]\nbetween = [\"h1\", \"h2\"]\n"),
        ),
        (
            "a name that is taken in another case",
            beside("[node.Center]\n"),
        ),
        (
            "a link name that is taken",
            beside("[[link]]\nname = \"h0-center\"\nbetween = [\"h0\", \"h1\"]\n"),
        ),
        (
            "a node that is not made",
            beside("[node.alice]\n[[link]]\nbetween = [\"alice\", \"h3\"]\n"),
        ),
        (
            "a wrong number, and nodes that it would have made",
            of("kind = \"ring\"\nrouters = 0\n[[link]]\nbetween = [\"h0\", \"h2\"]"),
        ),
        (
            "an address out of a generated block",
            beside(
                "[node.alice]\naddress = \"10.0.0.77/30\"\n[[link]]\nbetween = [\"alice\", \"center\"]\n",
            ),
        ),
        (
            "a value of a link",
            of("kind = \"star\"\nhosts = 3\nhost_link = { rate = 10, latency = \"soon\" }"),
        ),
    ];
    insta::assert_snapshot!("generate", errors(&cases));
}

/// HTTP traffic with these keys.
fn web(keys: &str) -> String {
    traffic(&format!("app = \"http\"\n{keys}"))
}

/// A server on bob with these keys.
fn server(app: &str, keys: &str) -> String {
    pair(&format!(
        "[[server]]\non = \"bob\"\napp = \"{app}\"\n{keys}\n"
    ))
}

#[test]
fn mistakes_around_http_are_shown() {
    let route = |keys: &str| server("http", &format!("[[server.route]]\npath = \"/\"\n{keys}"));
    let cases = [
        ("too many redirects", web("follow = 21")),
        ("no connection at all", web("connections = 0")),
        (
            "several connections of HTTP/2",
            web("version = \"2\"\nconnections = 2"),
        ),
        ("no time to connect", web("connect_timeout = \"0s\"")),
        (
            "waits that shrink",
            web("retry = { attempts = 0, factor = 0.5, jitter = \"120%\" }"),
        ),
        ("a retry that is a number", web("retry = 3")),
        (
            "credentials without a password",
            web("credentials = \"ann\""),
        ),
        (
            "a coding that nobody speaks",
            web("accept_encoding = [\"gzip\", \"lzma;q=0.5\"]"),
        ),
        (
            "a route in a coding that nobody speaks",
            route("body = \"x\"\ncompress = \"deflate\""),
        ),
        (
            "nothing to compress",
            route("status = 204\ncompress = \"gzip\""),
        ),
        ("nothing to cut into chunks", route("chunked = true")),
        ("half a limit", route("limit = { requests = 0 }")),
        ("a proxy before nobody", server("proxy", "")),
        (
            "upstreams that cannot be",
            server(
                "proxy",
                "upstream = [\"bobo\", \"alice:0\", \"alice:http\"]",
            ),
        ),
        (
            "a proxy that asks itself",
            server("proxy", "upstream = \"bob\""),
        ),
        (
            "an unknown behaviour",
            server("hostile", "behaviour = \"garbag\""),
        ),
        (
            "a hostile server without size",
            server("hostile", "size = \"1 B\""),
        ),
        (
            "keys of other servers",
            server(
                "http",
                "upstream = \"alice\"\nbehaviour = \"silent\"\ntimeout = \"1s\"\nbegin = \"1s\"",
            ),
        ),
        (
            "a proxy with an idle time of none",
            server(
                "proxy",
                "upstream = \"alice\"\nidle_timeout = \"0s\"\nmax_requests = 0",
            ),
        ),
    ];
    insta::assert_snapshot!("web", errors(&cases));
}

#[test]
fn an_upstream_without_a_server_is_a_warning() {
    let text = server("proxy", "upstream = [\"alice\", \"10.9.9.9:81\"]");
    let said = warnings(&[("a proxy before a host that serves nothing", text)]);
    assert!(
        said.contains("nothing listens on port 80 of `alice`"),
        "{said}"
    );
    assert!(
        said.contains("nothing listens on port 81 of `10.9.9.9`"),
        "{said}"
    );
}
