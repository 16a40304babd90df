//! Made-up traffic between the hosts of a network, with servers where it goes.

use super::dice::Dice;

/// Two to seven entries, and a name server in one network of three.
pub(super) fn traffic(dice: &mut Dice, hosts: &[String]) -> String {
    let mut text = String::new();
    let name_server = dice.chance(33).then(|| dice.below(hosts.len()));
    if let Some(server) = name_server {
        text += &format!("[dns]\nserver = \"{}\"\n", hosts[server]);
    }
    for _ in 0..dice.between(2, 7) {
        text += &entry(dice, hosts, name_server);
    }
    text
}

fn entry(dice: &mut Dice, hosts: &[String], name_server: Option<usize>) -> String {
    let from = dice.below(hosts.len());
    let to = (from + dice.between(1, hosts.len() - 1)) % hosts.len();
    let may_ask = name_server.is_some_and(|server| server != from);
    let (from, to) = (&hosts[from], &hosts[to]);
    let start = dice.pick(&["0s", "0s", "1ms", "3333us", "50ms"]);
    let mut text = format!("[[traffic]]\nfrom = \"{from}\"\nstart = \"{start}\"\n");
    if may_ask && dice.chance(15) {
        text += &format!("app = \"dns\"\nquery = \"{to}\"\n");
    } else {
        text += &format!("to = \"{to}\"\n{}", app(dice));
    }
    if dice.chance(20) {
        text += "repeat = 2\nevery = \"40ms\"\n";
    }
    text
}

fn app(dice: &mut Dice) -> String {
    match dice.below(12) {
        0 => format!(
            "app = \"udp\"\nsize = \"{}\"\ninterval = \"{}\"\ncount = {}\n",
            dice.pick(&["20 B", "160 B", "1000 B", "4000 B"]),
            dice.pick(&["100us", "1ms", "7ms"]),
            dice.between(1, 30),
        ),
        1 => format!(
            "app = \"tcp\"\nbytes = \"{} B\"\ndirection = \"{}\"\n",
            dice.between(1, 40_000),
            dice.pick(&["upload", "download"]),
        ),
        2 => format!(
            "app = \"http\"\nkeep_alive = {}\nrequests = [{{ path = \"/\" }}, {{ path = \"/a\" }}]\n",
            dice.chance(50),
        ),
        3 => format!(
            "app = \"ping\"\ncount = {}\ninterval = \"20ms\"\nsize = \"{} B\"\n",
            dice.between(1, 5),
            dice.pick(&["0", "56", "3000"]),
        ),
        4 => format!(
            "app = \"echo\"\nover = \"{}\"\nsize = \"{} B\"\ncount = 3\ninterval = \"10ms\"\n",
            dice.pick(&["tcp", "udp"]),
            dice.between(1, 3000),
        ),
        5 => "app = \"traceroute\"\nprobes = 1\n".to_owned(),
        _ => talk(dice),
    }
}

/// What talks over connections with more floors. Each has a port of its own, as servers of two kinds
/// cannot share one.
fn talk(dice: &mut Dice) -> String {
    match dice.below(6) {
        0 => format!(
            "app = \"http\"\nversion = \"3\"\nrequests = [{{ path = \"/\" }}, {{ path = \"/a\" }}]\n\
             quic = {{ congestion = \"{}\" }}\n",
            dice.pick(&["newreno", "cubic"]),
        ),
        1 => format!(
            "app = \"websocket\"\nport = 8081\ncount = {}\ninterval = \"5ms\"\nsize = \"{} B\"\n",
            dice.between(1, 5),
            dice.between(1, 3000),
        ),
        2 => format!(
            "app = \"sse\"\nport = 8082\ncount = {}\n",
            dice.between(1, 3),
        ),
        3 => format!(
            "app = \"grpc\"\ncall = [\"get\", {{ method = \"{}\", count = {} }}]\n",
            dice.pick(&["list", "update", "import"]),
            dice.between(1, 5),
        ),
        4 => format!(
            "app = \"rest\"\nport = 8083\ncall = [\"get\", {{ method = \"{}\", count = 2 }}]\n",
            dice.pick(&["list", "create", "update", "delete"]),
        ),
        _ => format!(
            "app = \"smtp\"\npipelining = {}\nmail = [{{ size = \"{} B\" }}]\n",
            dice.chance(50),
            dice.between(1, 9000),
        ),
    }
}
