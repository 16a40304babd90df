"""Writes the measured figures into docs/performance.md and README.md.

What stands between `<!-- figures: NAME -->` and `<!-- end -->` is made here, from the CSV files in
docs/performance and from what this machine says of itself; the rest is written by hand.
"""

import csv
import os
import platform
import re
import statistics
import subprocess
from pathlib import Path

import figures
import samples
from measure import REPOSITORY

FOLDER = REPOSITORY / "docs" / "performance"
TABLE = list[list[str]]


def main() -> None:
    """Fills both documents in."""
    comparison = samples.read(FOLDER / "comparison.csv")
    parts = {
        "machine": machine(),
        "comparison": markdown(figures.comparison(comparison)),
        "outcomes": markdown(figures.outcomes(comparison)),
        "memory": markdown(figures.memory(comparison)),
        "goodput": markdown(figures.goodputs(comparison)),
        "growth": markdown(growth()),
        "threads": markdown(threads()),
        "headline": markdown(headline(comparison)),
    }
    for name in ["docs/performance.md", "README.md"]:
        fill(REPOSITORY / name, parts)


def fill(path: Path, parts: dict[str, str]) -> None:
    """Puts every part where the document wants it."""
    marked = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
    text = path.read_text()
    path.write_text(marked.sub(lambda m: f"{m[1]}{parts[m[2]]}{m[3]}", text))


def markdown(table: TABLE) -> str:
    """A table; numbers stand at the right."""
    head, *rows = table
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "".join(f"| {' | '.join(row)} |\n" for row in [head, rule, *rows])


def machine() -> str:
    """What measured."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    system = re.search(r'PRETTY_NAME="(.*)"', Path("/etc/os-release").read_text())
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    facts = {
        "Processor": f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB",
        "System": f"{system[1] if system else '?'}, Linux {platform.release().split('-')[0]}",
        "netsim": f"commit {(FOLDER / 'commit.txt').read_text().strip()}, release build, {said('rustc', '--version')}",
        "ns-3": f"{said('dpkg-query', '-W', '-f', '${Version}', 'libns3-dev')} of Debian, "
        f"g++ {said('g++', '-dumpfullversion')} -O3 -DNDEBUG",
    }
    return "".join(f"- {name}: {fact}\n" for name, fact in facts.items())


def said(*command: str) -> str:
    """The first line that a program prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    return done.stdout.splitlines()[0]


def headline(comparison: list[samples.Sample]) -> TABLE:
    """The few figures of the README: what there is a goal for."""
    rows = []
    for f in figures.figures(comparison):
        if not f.scenario.goal:
            continue
        speeds = [figures.count(figures.median(map(f.speed, side))) for side in [f.ns3, f.netsim]]
        rows.append([f"{f.scenario.key}: {f.scenario.title}", *speeds, f"{figures.median(f.ratios()):.0f}x"])
    return [["scenario", "ns-3 hops/s", "netsim hops/s", "ratio"], *rows]


def growth() -> TABLE:
    """The points of the curves: medians."""
    runs: dict[tuple[str, str, int], list[dict]] = {}
    for row in read("growth.csv"):
        runs.setdefault((row["series"], row["curve"], int(row["x"])), []).append(row)
    rows = []
    for (series, curve, x), repeats in runs.items():
        rows.append(
            [
                f"{series}, {curve}",
                f"{x:,}",
                figures.count(int(repeats[0]["hops"])),
                f"{median(repeats, lambda r: float(r['run']) / int(r['hops']) * 1e9):.0f}",
                f"{median(repeats, lambda r: float(r['total']) - float(r['run'])):.2f}",
                f"{median(repeats, lambda r: int(r['peak_kib']) / 1024):.0f}",
            ]
        )
    return [["series", "how many", "hops", "ns a hop", "set-up s", "peak MiB"], *rows]


def threads() -> TABLE:
    """Real time with one thread and with more."""
    walls: dict[str, list[float]] = {}
    for row in read("threads.csv"):
        walls.setdefault(row["threads"], []).append(float(row["wall"]))
    one = statistics.median(walls.get("1", [0]))
    rows = [
        [n, f"{statistics.median(wall):.2f}", f"{min(wall):.2f}..{max(wall):.2f}", f"{one / statistics.median(wall):.2f}x"]
        for n, wall in walls.items()
    ]
    return [["threads", "seconds", "min..max", "speed-up"], *rows]


def read(name: str) -> list[dict]:
    """The rows of a file; none if it was not measured yet."""
    if not (FOLDER / name).exists():
        return []
    with (FOLDER / name).open(newline="") as file:
        return list(csv.DictReader(file))


def median(rows: list[dict], value) -> float:
    """The median of something over repeated runs."""
    return statistics.median(map(value, rows))


if __name__ == "__main__":
    main()
