//! `--set PATH=VALUE`: what it changes, and what is said when it cannot.

use netsim::{
    osi::{application::spec::App, transport::CongestionControl},
    scenario::{Override, ScenarioError, load_str, plan::Plan},
    units::Probability,
};

const FILE: &str = r#"
title = "two links"

[node.alice]
[node.r1]
kind = "router"
[node.bob]

[[link]]
between = ["alice", "r1"]

[[link]]
name = "wan"
between = ["r1", "bob"]
loss = "1%"

[[traffic]]
app = "ping"
from = "alice"
to = "bob"

[[traffic]]
name = "page"
app = "http"
from = "alice"
to = "bob"
requests = [{ path = "/a" }, { path = "/b" }]
"#;

fn load(sets: &[&str]) -> Result<Plan, ScenarioError> {
    let sets: Vec<Override> = sets.iter().map(|s| s.parse().unwrap()).collect();
    load_str("x.toml", FILE, &sets)
}

fn plan(set: &str) -> Plan {
    load(&[set]).unwrap_or_else(|e| panic!("{set}\n{e}"))
}

#[test]
fn a_key_at_the_top_is_set() {
    assert_eq!(plan("seed=42").seed.0, 42);
    assert_eq!(plan("title=something else").title, "something else");
}

#[test]
fn links_answer_to_their_names_and_numbers() {
    let half = "50%".parse::<Probability>().unwrap();
    for path in ["link.wan.loss", "link.1.loss"] {
        let plan = plan(&format!("{path}=50%"));
        assert_eq!(plan.topology.links[1].profiles[0].loss, half, "{path}");
        assert!(plan.topology.links[0].profiles[0].loss.is_zero(), "{path}");
    }
    let plan = plan("link.alice-r1.loss=50%");
    assert_eq!(plan.topology.links[0].profiles[0].loss, half);
}

#[test]
fn a_table_that_the_file_lacks_is_made() {
    let plan = plan("node.alice.tcp.congestion=reno");
    assert_eq!(plan.hosts[0].tcp.congestion, CongestionControl::Reno);
    let plan = self::plan("defaults.link.mtu=9000");
    assert_eq!(plan.topology.links[0].profiles[1].mtu, 9000);
}

#[test]
fn traffic_answers_to_given_and_made_up_names() {
    let count = |plan: &Plan| match &*plan.traffic[0].app {
        App::Ping(ping) => ping.count,
        other => panic!("{other:?}"),
    };
    assert_eq!(count(&plan("traffic.ping-1.count=9")), 9);
    let plan = plan("traffic.page.requests.1.path=\"/c\"");
    match &*plan.traffic[1].app {
        App::Http(http) => assert_eq!(http.requests[1].path, "/c"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_last_of_several_overrides_wins() {
    assert_eq!(load(&["seed=1", "seed=2"]).unwrap().seed.0, 2);
}

#[test]
fn values_may_be_lists_and_tables_of_toml() {
    let plan = plan("capture.vantage=[\"r1\"]");
    assert_eq!(plan.capture.vantage.len(), 2);
}

#[test]
fn an_error_in_the_file_keeps_its_line_and_one_in_an_override_points_there() {
    let text = FILE.replace("loss = \"1%\"", "loss = \"often\"");
    let sets = ["node.r1.ttl=0".parse().unwrap()];
    let error = load_str("x.toml", &text, &sets).unwrap_err();
    let places: Vec<_> = error
        .diagnostics()
        .iter()
        .filter_map(|d| error.position(d))
        .collect();
    // `loss` stands in line 15; the value of the override begins after `node.r1.ttl=`.
    assert_eq!(places, [("x.toml", 15, 8), ("--set", 1, 13)]);
}

#[test]
fn paths_that_lead_nowhere_are_shown() {
    let long = format!("{}=1", ["a"; 50].join("."));
    let cases = [
        "sed=1",
        "seed.deeper=1",
        "seed=many",
        "=1",
        "link.wan=1",
        "link.wann.loss=1%",
        "link.2.loss=1%",
        "link.wan.los=1%",
        "links.wan.loss=1%",
        "node.alcie.ttl=3",
        "node.alice=1",
        "server.bob.port=80",
        "traffic.page.count=3",
        "traffic.page.requests.2.path=/",
        "link.wan.latency=20",
        &long,
    ];
    let mut all = String::new();
    for case in cases {
        let error = load(&[case]).expect_err(case).to_string();
        all.push_str(&format!("=== {case}\n{error}\n\n"));
    }
    insta::assert_snapshot!("overrides", all);
}
