"""Measures what more threads gain: netsim alone, E with k = 8, real time from start to end.

Runs with one thread and with more alternate. The cores must be free, or the figures say nothing.
All runs must give the same summary.
"""

import argparse
import csv
import os
import statistics
import sys
from pathlib import Path

from measure import HERE, REPOSITORY, netsim_once


def main() -> None:
    """Measures, writes it down, prints it."""
    options = arguments()
    file = HERE / "netsim" / "e_fat_tree_8.toml"
    rows, summaries = [], []
    for repeat in range(1, options.repeats + 1):
        for threads in options.threads:
            usage, summary = netsim_once("any", file, ["--summary-only"], threads)
            rows.append({"threads": threads, "repeat": repeat, "wall": usage.wall, "cpu": usage.cpu})
            summaries.append(summary)
    with options.out.open("w", newline="") as out:
        writer = csv.DictWriter(out, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    for threads in options.threads:
        wall = [row["wall"] for row in rows if row["threads"] == threads]
        print(f"{threads} threads: {statistics.median(wall):.3f} s, {min(wall):.3f}..{max(wall):.3f}")
    if any(summary != summaries[0] for summary in summaries):
        sys.exit("the summaries differ")


def arguments() -> argparse.Namespace:
    """The command line."""
    cores = os.cpu_count() or 1
    parser = argparse.ArgumentParser(prog="threads", description=__doc__)
    parser.add_argument("-n", "--repeats", type=int, default=5, help="runs with each number of threads [5]")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs/performance/threads.csv", help="[%(default)s]")
    default = sorted({1, 2, cores})
    parser.add_argument("threads", nargs="*", type=int, default=default, help="numbers of threads [1, 2, all cores]")
    return parser.parse_args()


if __name__ == "__main__":
    main()
