"""Measures how netsim's cost grows: with hops, hosts, flows and TCP connections.

Each point is a scenario of its own, made here, with about as many packets as the others of its
series. It is run several times on one core; every run is a line of the CSV file, which
`cargo run --example performance_plots` turns into pictures.
"""

import argparse
import csv
import shutil
import sys
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import measure
from measure import REPOSITORY

HOSTS = """
[generate]
kind = "{shape}"
hosts = {hosts}

[[traffic]]
app = "udp"
{whom}
size = "1000 B"
interval = "{hosts}us"
start_spread = "{hosts}us"
count = {count}
"""

PAIR = """
[node.left]
[node.router]
kind = "router"
[node.right]

[defaults.link]
rate = "100 Gbit/s"
latency = "1ms"
queue = "1000000 packets"

[[link]]
between = ["left", "router"]
[[link]]
between = ["router", "right"]
"""

STATIC = """
[defaults.host]
arp = "static"
{tcp}
"""


@dataclass(frozen=True)
class Point:
    """One run."""

    series: str
    curve: str
    x: int
    repeat: int
    hops: int
    # CPU seconds: the whole process, and that without set-up.
    total: float
    run: float
    peak_kib: int


def hops(links: int) -> str:
    """A stream over a chain of so many links: 1.6 million hops in all."""
    names = ["source", *(f"r{i}" for i in range(1, links)), "sink"]
    nodes = "".join(f'[node.{n}]\nkind = "router"\n' for n in names[1:-1])
    cables = "".join(f'[[link]]\nbetween = ["{a}", "{b}"]\n' for a, b in zip(names, names[1:]))
    stream = udp("source", "sink", 5004, "10us", 1_600_000 // links)
    return STATIC.format(tcp="") + "[node.source]\n[node.sink]\n" + nodes + cables + stream


def hosts(shape: str, count: int) -> str:
    """A million datagrams in all, in one second, each from a host to the hub or the next host."""
    whom = 'pattern = "incast"\nto = "center"' if shape == "star" else 'pattern = "permutation"\nshift = 1'
    return STATIC.format(tcp="") + HOSTS.format(shape=shape, hosts=count, whom=whom, count=1_000_000 // count)


def flows(count: int) -> str:
    """A million datagrams in all between two hosts, in so many flows."""
    streams = (udp("left", "right", 10_000 + i, f"{count}us", 1_000_000 // count, i) for i in range(count))
    return STATIC.format(tcp="") + PAIR + "".join(streams)


def connections(count: int) -> str:
    """1.6 GB in all from one host to another, over so many connections, each begun 20 us after the one before."""
    tcp = 'tcp = { stack = "smoltcp", send_buffer = "16 KiB", receive_buffer = "16 KiB" }'
    entry = '[[traffic]]\napp = "tcp"\nfrom = "left"\nto = "right"\nbytes = "{} B"\nstart = "{}us"\n'
    entries = (entry.format(1_600_000_000 // count, 20 * n) for n in range(count))
    return STATIC.format(tcp=tcp) + PAIR + "".join(entries)


def udp(source: str, sink: str, port: int, interval: str, count: int, start_us: int = 0) -> str:
    """One stream of 1000-byte datagrams."""
    return (
        f'[[traffic]]\napp = "udp"\nfrom = "{source}"\nto = "{sink}"\nport = {port}\nsize = "1000 B"\n'
        f'interval = "{interval}"\ncount = {count}\nstart = "{start_us}us"\n'
    )


# Series, curve, x, scenario.
POINTS = [
    *(("hops", "chain", n, lambda n=n: hops(n)) for n in [1, 2, 3, 4, 6, 8, 12, 16]),
    *(
        ("hosts", shape, n, lambda shape=shape, n=n: hosts(shape, n))
        for shape, most in [("star", 50_000), ("tree", 100_000)]
        for n in [100, 1_000, 10_000, most]
    ),
    *(("flows", "UDP", n, lambda n=n: flows(n)) for n in [1, 10, 100, 1_000, 10_000]),
    *(("connections", "TCP", n, lambda n=n: connections(n)) for n in [1, 10, 100, 1_000, 10_000]),
]


def main() -> None:
    """Measures what was asked for and writes it down."""
    options = arguments()
    points = []
    for series, curve, x, scenario in POINTS:
        if not options.series or series in options.series:
            points += measured(options, series, curve, x, scenario())
            write(options.out, points)


def write(path: Path, points: list[Point]) -> None:
    """Writes what there is so far."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(Point)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, points))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="growth", description=__doc__)
    parser.add_argument("-n", "--repeats", type=int, default=3, help="runs of each point [3]")
    parser.add_argument("--core", default="0", help="the core to run on [0]")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs/performance/growth.csv", help="[%(default)s]")
    parser.add_argument("series", nargs="*", help="hops, hosts, flows, connections [all]")
    return parser.parse_args()


def measured(options: argparse.Namespace, series: str, curve: str, x: int, scenario: str) -> list[Point]:
    """All runs of one point."""
    folder = measure.scratch()
    file = folder / "scenario.toml"
    file.write_text(scenario)
    points = []
    for repeat in range(1, options.repeats + 1):
        usage, summary = measure.netsim_once(options.core, file, ["--summary-only"])
        idle, _ = measure.netsim_once(options.core, file, ["--summary-only", "--stop", "1ns"])
        hops = measure.hops(summary)
        run = round(usage.cpu - idle.cpu, 6)
        points.append(Point(series, curve, x, repeat, hops, usage.cpu, run, usage.peak_kib))
        print(f"{series} {curve} {x}: {run / hops * 1e9:.0f} ns a hop, {usage.peak_kib / 1024:.0f} MiB", file=sys.stderr)
    shutil.rmtree(folder)
    return points


if __name__ == "__main__":
    main()
