"""Runs every scenario on ns-3 and on netsim in turn, and prints how they compare.

One pair is a run of ns-3 and, right after it, one of netsim. The ratio is taken within a pair, so
that a machine that is slow for a while is slow for both. Every sample goes into a CSV file.
"""

import argparse
import sys
from pathlib import Path

import figures
import measure
import samples
from measure import HERE, Sample
from scenarios import COMPARED, LOSSES, Scenario, lossy


def main() -> None:
    """Measures what was asked for, writes it down, prints it."""
    options = arguments()
    taken = []
    for scenario in COMPARED:
        if asked(scenario.key, options.scenarios):
            print(f"{scenario.key}: {scenario.title}", file=sys.stderr)
            for number in range(1, options.pairs + 1):
                taken += pair(scenario, number, options.core)
                samples.write(options.out, taken)
    if asked("D", options.scenarios):
        for loss in LOSSES:
            print(f"D: one bulk TCP flow, {loss:.0%} loss", file=sys.stderr)
            for seed in range(1, options.seeds + 1 if loss else 2):
                taken += pair(lossy(loss, seed), seed, options.core)
                samples.write(options.out, taken)
    for table in [figures.comparison, figures.outcomes, figures.memory, figures.goodputs]:
        if shown := figures.text(table(taken)):
            print(shown)
    print(f"samples: {options.out}")
    if wrong := [c for f in figures.figures(taken) for c in figures.complaints(f)]:
        sys.exit("\n".join(["the two simulators did not do the same:", *wrong]))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="run", description=__doc__)
    parser.add_argument("-n", "--pairs", type=int, default=5, help="runs of each scenario on each simulator [5]")
    parser.add_argument("--seeds", type=int, default=10, help="runs of D for each loss probability [10]")
    parser.add_argument("--core", default="0", help="the core to run on [0]")
    parser.add_argument("--out", type=Path, default=HERE / "results.csv", help="where the samples go [%(default)s]")
    parser.add_argument(
        "scenarios",
        nargs="*",
        metavar="SCENARIO",
        help='which, by the beginning of the name: A, "A captured", B, C, D, "E k=4", "F star" ... [all]',
    )
    return parser.parse_args()


def asked(key: str, names: list[str]) -> bool:
    """Is this scenario wanted?"""
    return not names or any(key.startswith(name) for name in names)


def pair(scenario: Scenario, number: int, core: str) -> list[Sample]:
    """One run of each simulator, one after the other."""
    return [simulator(core, scenario, number) for simulator in [measure.ns3, measure.netsim]]


if __name__ == "__main__":
    main()
