"""The scenarios: what each simulator is asked to do, what must agree, and the goal.

A scenario file of netsim and a program of ns-3 with the same letter are twins: topology, rates,
delays, queue lengths, traffic and its duration are the same.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scenario:
    """One row of the comparison."""

    key: str
    title: str
    # Program of ns-3 and its arguments; {scratch} is a folder in memory.
    ns3: list[str]
    # Scenario file of netsim, and arguments beside `--summary-only`.
    file: str
    netsim: list[str] = field(default_factory=list)
    # What to reach: packet-hops per CPU second as a multiple of ns-3's.
    goal: float | None = None
    # "run": set-up is taken off on both sides; "total": whole processes are compared.
    basis: str = "run"
    # Which outcome must agree: "delivered" exactly, or "goodput" within this share.
    goodput_within: float | None = None
    # Write captures of every interface.
    captured: bool = False


COMPARED = [
    Scenario("A", "UDP over five links", ["udp_chain", "--seconds=2"], "a_udp_chain.toml", goal=60),
    Scenario(
        "A captured",
        "the same, every interface captured in full",
        ["udp_chain", "--seconds=1", "--pcap={scratch}/a"],
        "a_udp_chain.toml",
        ["--set", "traffic.stream.count=100000"],
        goal=8,
        captured=True,
    ),
    Scenario(
        "B",
        "one bulk TCP flow",
        ["tcp_bulk"],
        "b_tcp_bulk.toml",
        goal=20,
        goodput_within=0.05,
    ),
    Scenario(
        "C",
        "100 bulk TCP flows through one bottleneck",
        ["dumbbell"],
        "c_dumbbell.toml",
        goal=20,
        goodput_within=0.10,
    ),
    Scenario("E k=4", "fat tree, 16 hosts", ["fat_tree", "--k=4"], "e_fat_tree_4.toml", goal=40),
    Scenario("E k=8", "fat tree, 128 hosts", ["fat_tree", "--k=8"], "e_fat_tree_8.toml", goal=40),
] + [
    Scenario(
        f"F {shape} {hosts}",
        f"{shape} of {hosts:,} hosts that send 10 packets each",
        ["scale", f"--shape={shape}", f"--hosts={hosts}"],
        f"f_{shape}.toml",
        ["--set", f"generate.hosts={hosts}"],
        goal=20 if hosts == 10_000 else None,
        basis="total",
    )
    for shape in ["star", "tree"]
    for hosts in [1_000, 10_000]
]

# D, whose goodput alone is compared: the probability that the path loses a packet.
LOSSES = [0.0, 0.01, 0.03, 0.05]


def lossy(loss: float, seed: int) -> Scenario:
    """D with one loss probability and one seed."""
    path = ["--rate=10Mbps", "--access=10us", "--delay=20ms", "--seconds=30"]
    return Scenario(
        f"D {loss:.0%}",
        "one bulk TCP flow over a lossy path",
        ["tcp_bulk", *path, f"--loss={loss}", f"--seed={seed}"],
        "d_lossy_tcp.toml",
        ["--set", f"link.bottleneck.forward.loss={loss}", "--seed", str(seed)],
    )
