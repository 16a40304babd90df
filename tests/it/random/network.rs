//! A made-up network: routers in a connected graph, switches and hubs that hang on them, hosts
//! anywhere; or a generated one.

use super::dice::Dice;

/// A network as text, and the names of its hosts.
pub(super) struct Network {
    pub(super) text: String,
    pub(super) hosts: Vec<String>,
}

pub(super) fn network(dice: &mut Dice) -> Network {
    let mut network = Network {
        text: format!("[defaults.link]\n{}", profile(dice)),
        hosts: Vec::new(),
    };
    network.text += &format!(
        "[defaults.host]\narp = \"{}\"\n",
        dice.pick(&["static", "dynamic"])
    );
    if dice.chance(25) {
        network.generated(dice);
    } else {
        network.by_hand(dice);
    }
    network
}

impl Network {
    fn generated(&mut self, dice: &mut Dice) {
        let (rule, hosts) = dice.pick(&[
            ("kind = \"star\"\nhosts = 9", 9),
            ("kind = \"star\"\nhosts = 5\ncenter = \"switch\"", 5),
            ("kind = \"tree\"\nhosts = 8\nfan = 3", 8),
            ("kind = \"fat-tree\"\nk = 2", 2),
            ("kind = \"fat-tree\"\nk = 4", 16),
        ]);
        self.text += &format!("[generate]\n{rule}\n");
        if dice.chance(50) {
            self.text += &format!("[generate.host_link]\n{}", profile(dice));
        }
        self.hosts = (0..hosts).map(|k| format!("h{k}")).collect();
    }

    fn by_hand(&mut self, dice: &mut Dice) {
        let routers = dice.between(0, 6);
        for k in 0..routers {
            self.node(&format!("r{k}"), "router");
            if k > 0 {
                let before = dice.below(k);
                self.link(dice, &format!("r{before}"), &format!("r{k}"));
            }
        }
        for _ in 0..routers / 2 {
            let (a, b) = (dice.below(routers), dice.below(routers));
            if a != b {
                self.link(dice, &format!("r{a}"), &format!("r{b}"));
            }
        }
        let mut places: Vec<String> = (0..routers).map(|k| format!("r{k}")).collect();
        // Without a router, one switch joins everybody.
        for k in 0..dice.between(usize::from(routers == 0), 3) {
            let name = format!("s{k}");
            self.node(&name, dice.pick(&["switch", "switch", "hub"]));
            if !places.is_empty() {
                let above = places[dice.below(places.len())].clone();
                self.link(dice, &above, &name);
            }
            places.push(name);
        }
        for k in 0..dice.between(2, 8) {
            let name = format!("h{k}");
            self.node(&name, "host");
            let place = places[dice.below(places.len())].clone();
            self.link(dice, &place, &name);
            self.hosts.push(name);
        }
    }

    fn node(&mut self, name: &str, kind: &str) {
        self.text += &format!("[node.{name}]\nkind = \"{kind}\"\n");
    }

    fn link(&mut self, dice: &mut Dice, a: &str, b: &str) {
        self.text += &format!("[[link]]\nbetween = [\"{a}\", \"{b}\"]\n");
        // Two links between the same nodes need names of their own.
        let number = self.text.matches("[[link]]").count();
        self.text += &format!("name = \"l{number}\"\n");
        if dice.chance(40) {
            self.text += &profile(dice);
        }
        if dice.chance(15) {
            self.text += &format!("forward = {{ latency = \"{}\" }}\n", latency(dice));
        }
    }
}

/// Among them none at all, and one nanosecond: no look-ahead, and next to none.
fn latency(dice: &mut Dice) -> &'static str {
    dice.pick(&["0s", "1ns", "500ns", "10us", "10us", "1ms", "5ms", "20ms"])
}

/// How links treat frames: each fault on one network in five or so.
fn profile(dice: &mut Dice) -> String {
    let rate = dice.pick(&[
        "2 Mbit/s",
        "10 Mbit/s",
        "100 Mbit/s",
        "1 Gbit/s",
        "100 Gbit/s",
    ]);
    let mut text = format!("rate = \"{rate}\"\nlatency = \"{}\"\n", latency(dice));
    let faults: [(&str, &[&str]); 9] = [
        ("jitter", &["100ns", "1ms", "30ms"]),
        ("jitter_distribution", &["normal"]),
        ("loss", &["1%", "10%"]),
        ("duplicate", &["2%", "20%"]),
        ("reorder", &["5%"]),
        ("reorder_delay", &["100us", "7ms"]),
        ("bit_error", &["1e-6", "1e-4"]),
        ("queue", &["3 packets", "20 packets", "8 KiB"]),
        ("mtu", &["576", "1400", "9000"]),
    ];
    for (key, values) in faults {
        if dice.chance(18) {
            let value = dice.pick(values);
            let quote = if key == "mtu" { "" } else { "\"" };
            text += &format!("{key} = {quote}{value}{quote}\n");
        }
    }
    if dice.chance(10) {
        text += "jitter_reorders = true\n";
    }
    text
}
