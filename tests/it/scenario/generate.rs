//! `[generate]`: how large each kind of network is, that everybody reaches everybody, and by which way.

use std::net::IpAddr;

use netsim::{
    ids::{Direction, NodeId, WireId},
    scenario::{load_str, plan::Plan},
    topology::{NodeKind, Route},
};

/// One of each kind, small.
const KINDS: [&str; 11] = [
    "kind = \"star\"\nhosts = 5",
    "kind = \"star\"\nhosts = 5\ncenter = \"switch\"",
    "kind = \"tree\"\nhosts = 7\nfan = 3",
    "kind = \"fat-tree\"\nk = 2",
    "kind = \"fat-tree\"\nk = 6",
    "kind = \"leaf-spine\"\nleaves = 5\nspines = 3\nfan = 2",
    "kind = \"dumbbell\"\nleft = 3\nright = 2",
    "kind = \"ring\"\nrouters = 5",
    "kind = \"grid\"\nrows = 3\ncolumns = 4",
    "kind = \"waxman\"\nrouters = 20\nalpha = 0.1\nbeta = 0.2",
    "kind = \"barabasi-albert\"\nrouters = 20\nm = 2",
];

fn load(text: &str) -> Plan {
    load_str("x.toml", text, &[]).unwrap_or_else(|error| panic!("{error}"))
}

fn generate(keys: &str) -> Plan {
    load(&format!("[generate]\n{keys}\n"))
}

fn hosts(plan: &Plan) -> Vec<NodeId> {
    let all = plan.topology.node_ids();
    all.filter(|id| plan.topology.node(*id).kind == NodeKind::Host)
        .collect()
}

fn named(plan: &Plan, name: &str) -> NodeId {
    plan.topology.find(name).unwrap()
}

/// The wires that a packet passes from `from` to `address`; routing tables alone decide.
fn path(plan: &Plan, from: NodeId, address: IpAddr) -> Vec<WireId> {
    let (mut at, mut wires) = (from, Vec::new());
    while !plan.topology.node(at).addresses().any(|a| a == address) {
        let fits = |route: &Route| route.prefix.contains(&address);
        let best = plan.routes[at.index()].iter().filter(fits);
        let best = best.max_by_key(|route| route.prefix.prefix_len());
        let name = |id: NodeId| &plan.topology.node(id).name;
        let route = best.unwrap_or_else(|| panic!("{} has no route to {address}", name(at)));
        wires.push(plan.topology.port(at, route.port).wire);
        let next = plan.topology.neighbor(at, route.port).node;
        at = match plan.topology.node(next).kind.speaks_ip() {
            true => next,
            false => plan.topology.owner(route.via.unwrap_or(address)).unwrap(),
        };
        assert!(wires.len() < 64, "to {address} from {}", name(from));
    }
    wires
}

/// The names of the nodes on the way.
fn hops(plan: &Plan, from: &str, to: &str) -> Vec<String> {
    let target = plan
        .topology
        .node(named(plan, to))
        .primary_address()
        .unwrap();
    let wires = path(plan, named(plan, from), target);
    let ends = wires.iter().map(|wire| plan.topology.target(*wire).node);
    ends.map(|id| plan.topology.node(id).name.clone()).collect()
}

/// Nodes, links and hosts.
fn size(keys: &str) -> [usize; 3] {
    let plan = generate(keys);
    let topology = &plan.topology;
    [
        topology.nodes.len(),
        topology.links.len(),
        hosts(&plan).len(),
    ]
}

#[test]
fn every_kind_has_the_nodes_and_links_of_its_formula() {
    // n hosts, 1 centre; n links
    assert_eq!(size("kind = \"star\"\nhosts = 9"), [10, 9, 9]);
    // n hosts, ceil(n / fan) edges, 1 root; each but the root has one link up
    assert_eq!(size("kind = \"tree\"\nhosts = 7\nfan = 3"), [11, 10, 7]);
    // k^3/4 hosts, k^2 routers in the pods, k^2/4 cores; 3 k^3/4 links
    assert_eq!(size("kind = \"fat-tree\"\nk = 4"), [16 + 16 + 4, 48, 16]);
    assert_eq!(size("kind = \"fat-tree\"\nk = 6"), [54 + 36 + 9, 162, 54]);
    // leaves x fan hosts; leaves x (fan + spines) links
    let keys = "kind = \"leaf-spine\"\nleaves = 5\nspines = 3\nfan = 2";
    assert_eq!(size(keys), [10 + 5 + 3, 5 * 5, 10]);
    assert_eq!(size("kind = \"dumbbell\"\nleft = 3\nright = 2"), [7, 6, 5]);
    assert_eq!(size("kind = \"dumbbell\"\nleft = 3"), [8, 7, 6]);
    // n routers, n links round; fan hosts each
    assert_eq!(size("kind = \"ring\"\nrouters = 5\nfan = 2"), [15, 15, 10]);
    // rows (columns - 1) + columns (rows - 1) links between routers
    let keys = "kind = \"grid\"\nrows = 3\ncolumns = 4";
    assert_eq!(size(keys), [24, 12 + 9 + 8, 12]);
    // m (n - m) links between routers
    let keys = "kind = \"barabasi-albert\"\nrouters = 20\nm = 2\nfan = 0";
    assert_eq!(size(keys), [20, 36, 0]);
}

#[test]
fn every_node_reaches_every_address() {
    for keys in KINDS {
        for routing in ["", "\nrouting = \"shortest\""] {
            // Where the two differ, both must do.
            let text = format!("[generate]\n{keys}{routing}\n");
            let Ok(plan) = load_str("x.toml", &text, &[]) else {
                assert!(!routing.is_empty(), "{keys}");
                continue;
            };
            let speaking = |id: &NodeId| plan.topology.node(*id).kind.speaks_ip();
            for from in plan.topology.node_ids().filter(speaking) {
                for to in plan.topology.node_ids() {
                    for address in plan.topology.node(to).addresses() {
                        path(&plan, from, address);
                    }
                }
            }
        }
    }
}

#[test]
fn a_fat_tree_sends_opposite_hosts_over_six_links_without_crowding_any() {
    let plan = generate("kind = \"fat-tree\"\nk = 4");
    // Host 0 is at edge 0 of pod 0, host 8 at edge 0 of pod 2. Edge 0 goes up to aggregation 0 of its
    // pod, and that to its first core.
    let far = ["edge0", "agg0", "core0", "agg4", "edge4", "h8"];
    assert_eq!(hops(&plan, "h0", "h8"), far);
    assert_eq!(hops(&plan, "h0", "h2"), ["edge0", "agg0", "edge1", "h2"]);
    assert_eq!(hops(&plan, "h0", "h1"), ["edge0", "h1"]);

    // k = 8: each edge has 4 hosts and an uplink of its own, so no link carries more than 4 flows.
    let plan = generate("kind = \"fat-tree\"\nk = 8");
    let hosts = hosts(&plan);
    let mut flows = vec![0; 2 * plan.topology.links.len()];
    for (i, from) in hosts.iter().enumerate() {
        let to = hosts[(i + hosts.len() / 2) % hosts.len()];
        let address = plan.topology.node(to).primary_address().unwrap();
        let wires = path(&plan, *from, address);
        assert_eq!(wires.len(), 6);
        for wire in wires {
            flows[wire.index()] += 1;
        }
    }
    assert_eq!(flows.iter().max(), Some(&4));
}

#[test]
fn a_tree_has_one_route_for_each_edge_router() {
    let plan = generate("kind = \"tree\"\nhosts = 1000");
    // 10 edges of 100 hosts: 10 uplinks and 10 subtrees at the root; an edge has 101 subnets and a
    // default route; a host has one of each.
    let table = |name| plan.routes[named(&plan, name).index()].len();
    assert_eq!([table("root"), table("edge3"), table("h7")], [20, 102, 2]);
}

#[test]
fn groups_name_the_generated_nodes_by_role() {
    let text = "[node.server]\n[[link]]\nbetween = [\"server\", \"left\"]\n[generate]\nkind = \"dumbbell\"\nleft = 2\n";
    let plan = load(text);
    let named = |ids: &[NodeId]| -> Vec<String> {
        let names = ids.iter().map(|id| plan.topology.node(*id).name.clone());
        names.collect()
    };
    let groups: Vec<_> = plan.groups.iter().collect();
    assert_eq!(groups.len(), 2);
    assert_eq!(groups[0].name, "hosts");
    assert_eq!(named(&groups[0].members), ["h0", "h1", "h2", "h3"]);
    assert_eq!(groups[1].name, "routers");
    assert_eq!(named(&groups[1].members), ["left", "right"]);
}

#[test]
fn links_take_the_settings_of_their_role() {
    let plan = load(
        "[defaults.link]\nmtu = 9000\nrate = \"1 Mbit/s\"\n[generate]\nkind = \"dumbbell\"\nleft = 1\nlink = { rate = \"2 Mbit/s\", latency = \"3ms\" }\nbottleneck = { rate = \"4 Mbit/s\", backward = { rate = \"5 Mbit/s\" } }\n",
    );
    let said = |name: &str, direction| {
        let link = plan
            .topology
            .links
            .iter()
            .position(|l| l.name == name)
            .unwrap();
        let wire = WireId::from_index(2 * link);
        let profile = plan.topology.profile(WireId { direction, ..wire });
        format!("{} {} {}", profile.rate, profile.latency, profile.mtu)
    };
    assert_eq!(said("h0-left", Direction::Forward), "2 Mbit/s 3ms 9000");
    assert_eq!(said("bottleneck", Direction::Forward), "4 Mbit/s 3ms 9000");
    assert_eq!(said("bottleneck", Direction::Backward), "5 Mbit/s 3ms 9000");
}

#[test]
fn random_graphs_follow_the_seed_alone() {
    for kind in [
        "kind = \"waxman\"\nrouters = 30",
        "kind = \"barabasi-albert\"\nrouters = 30\nm = 2",
    ] {
        let links = |seed: u32| -> Vec<String> {
            let plan = load(&format!("seed = {seed}\n[generate]\n{kind}\n"));
            plan.topology.links.iter().map(|l| l.name.clone()).collect()
        };
        assert_eq!(links(1), links(1));
        assert_ne!(links(1), links(2));
    }
}

#[test]
fn a_number_can_be_set_from_outside() {
    let text = "[generate]\nkind = \"fat-tree\"\nk = 4\n";
    let set = "generate.k=8".parse().unwrap();
    let plan = load_str("x.toml", text, &[set]).unwrap();
    assert_eq!(hosts(&plan).len(), 128);
}

#[test]
fn what_is_written_by_hand_hangs_on_generated_nodes() {
    let plan = load(
        "[node.server]\n[node.gate]\nkind = \"router\"\n[[link]]\nbetween = [\"gate\", \"edge0\"]\n[[link]]\nbetween = [\"gate\", \"server\"]\n[[link]]\nbetween = [\"h0\", \"h5\"]\n[generate]\nkind = \"tree\"\nhosts = 6\nfan = 2\n",
    );
    assert_eq!(
        hops(&plan, "server", "h3"),
        ["gate", "edge0", "root", "edge1", "h3"]
    );
    assert_eq!(
        hops(&plan, "h3", "server"),
        ["edge1", "root", "edge0", "gate", "server"]
    );
    // A fat tree keeps its own paths, whatever hangs on it; shortest paths would change those of h2,
    // whose edge router goes up to agg1, not to agg0.
    let plan = load(
        "[node.server]\n[[link]]\nbetween = [\"server\", \"edge4\"]\n[generate]\nkind = \"fat-tree\"\nk = 4\n",
    );
    let up = ["edge1", "agg1", "core2", "agg5", "edge4"];
    assert_eq!(hops(&plan, "h2", "h8"), [&up[..], &["h8"]].concat());
    assert_eq!(hops(&plan, "h8", "server"), ["edge4", "server"]);
    assert_eq!(hops(&plan, "server", "h0").len(), 6);
    assert_eq!(hops(&plan, "h0", "server").len(), 6);
}

#[test]
fn a_generated_node_keeps_its_first_address() {
    let plan = load(
        "[[link]]\nbetween = [\"h0\", \"h5\"]\n[generate]\nkind = \"tree\"\nhosts = 6\nfan = 2\n",
    );
    // The address of h0 is still that of its first, generated link.
    let h0 = plan.topology.node(named(&plan, "h0"));
    assert_eq!(h0.primary_address().unwrap().to_string(), "10.0.0.1");
}
