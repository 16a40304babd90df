"""What the samples say: cost and ratio of each scenario, and whether both simulators did the same."""

import statistics
from dataclasses import dataclass

from measure import Sample
from scenarios import COMPARED, LOSSES, Scenario, lossy

NS3, NETSIM = "ns-3", "netsim"


@dataclass(frozen=True)
class Figures:
    """One scenario, all pairs."""

    scenario: Scenario
    ns3: list[Sample]
    netsim: list[Sample]

    def cpu(self, sample: Sample) -> float:
        """The CPU seconds that are compared."""
        return sample.total if self.scenario.basis == "total" else sample.run

    def speed(self, sample: Sample) -> float:
        """Packet-hops per CPU second."""
        return sample.hops / self.cpu(sample)

    def ratios(self) -> list[float]:
        """netsim's speed as a multiple of ns-3's, one for each pair, smallest first."""
        return sorted(self.speed(n) / self.speed(o) for o, n in zip(self.ns3, self.netsim, strict=True))


def figures(samples: list[Sample]) -> list[Figures]:
    """Every scenario that was run, in order."""
    all_of = [Figures(s, of(samples, s, NS3), of(samples, s, NETSIM)) for s in COMPARED]
    return [f for f in all_of if f.ns3]


def of(samples: list[Sample], scenario: Scenario, simulator: str) -> list[Sample]:
    """The samples of one scenario and one simulator."""
    return [s for s in samples if (s.scenario, s.simulator) == (scenario.key, simulator)]


def median(values) -> float:
    """The median."""
    return statistics.median(values)


def comparison(samples: list[Sample]) -> list[list[str]]:
    """The table of A, B, C, E and F: medians, and the ratio with its spread."""
    head = ["scenario", "CPU", "ns-3 s", "netsim s", "hops", "ns-3 hops/s", "netsim hops/s"]
    head += ["ns-3 MiB", "netsim MiB", "ratio", "min..max", "goal"]
    return [head, *map(line, figures(samples))]


def line(f: Figures) -> list[str]:
    """One scenario."""
    ratios = f.ratios()
    return [
        f.scenario.key,
        f.scenario.basis,
        *(f"{median(map(f.cpu, side)):.3f}" for side in [f.ns3, f.netsim]),
        "/".join(dict.fromkeys(count(side[0].hops) for side in [f.ns3, f.netsim])),
        *(count(median(map(f.speed, side))) for side in [f.ns3, f.netsim]),
        *(f"{median(s.peak_kib for s in side) / 1024:.0f}" for side in [f.ns3, f.netsim]),
        f"{median(ratios):.1f}",
        f"{ratios[0]:.1f}..{ratios[-1]:.1f}",
        f"{f.scenario.goal:g}" if f.scenario.goal else "-",
    ]


def count(number: float) -> str:
    """A large number in three digits: 1.23 M."""
    for size, letter in [(1e6, "M"), (1e3, "k")]:
        if number >= size:
            return f"{number / size:.3g} {letter}"
    return f"{number:.3g}"


def outcomes(samples: list[Sample]) -> list[list[str]]:
    """The table of what both did: datagrams delivered, or goodput."""
    head = ["scenario", "ns-3", "netsim", "must agree", "agrees"]
    rows = []
    for f in figures(samples):
        share = f.scenario.goodput_within
        shown = [goodput(side) if share else f"{side[0].delivered:,} delivered" for side in [f.ns3, f.netsim]]
        rule = f"within {share:.0%}" if share else "exactly"
        rows.append([f.scenario.key, *shown, rule, "no" if complaints(f) else "yes"])
    return [head, *rows]


def goodput(side: list[Sample]) -> str:
    """The goodput of the first run: they are all the same."""
    return f"{side[0].goodput_mbps:.2f} Mbit/s"


def complaints(f: Figures) -> list[str]:
    """Where the two simulators did not do the same."""
    share = f.scenario.goodput_within
    found = []
    for o, n in zip(f.ns3, f.netsim, strict=True):
        if share and abs(n.goodput_mbps / o.goodput_mbps - 1) > share:
            found.append(f"{f.scenario.key}: goodput {o.goodput_mbps} and {n.goodput_mbps} Mbit/s")
        if not share and (o.delivered, o.hops) != (n.delivered, n.hops):
            found.append(f"{f.scenario.key}: delivered {o.delivered} and {n.delivered}, hops {o.hops} and {n.hops}")
    return list(dict.fromkeys(found))


def memory(samples: list[Sample]) -> list[list[str]]:
    """What one more host costs: the growth of the peak from 1,000 to 10,000 hosts."""
    peaks = {(s.scenario, s.simulator): s.peak_kib for s in samples}
    rows = []
    for shape in ["star", "tree"]:
        keys = [(f"F {shape} {hosts}", simulator) for simulator in [NS3, NETSIM] for hosts in [1_000, 10_000]]
        if all(key in peaks for key in keys):
            small_ns3, large_ns3, small, large = (peaks[key] for key in keys)
            rows.append([shape, f"{(large_ns3 - small_ns3) / 9000:.1f}", f"{(large - small) / 9000:.1f}"])
    return [["F", "ns-3 KiB per host", "netsim KiB per host"], *rows]


def goodputs(samples: list[Sample]) -> list[list[str]]:
    """The table of D: mean and standard deviation over the seeds."""
    rows = []
    for loss in LOSSES:
        sides = [of(samples, lossy(loss, 1), simulator) for simulator in [NS3, NETSIM]]
        if all(sides):
            rows.append([f"{loss:.0%}", str(len(sides[0])), *map(spread, sides)])
    return [["D: loss", "seeds", "ns-3 Mbit/s", "netsim Mbit/s"], *rows]


def spread(side: list[Sample]) -> str:
    """Mean and standard deviation of the goodput."""
    values = [sample.goodput_mbps for sample in side]
    mean = statistics.mean(values)
    return f"{mean:.2f} ± {statistics.stdev(values):.2f}" if len(values) > 1 else f"{mean:.2f}"


def text(table: list[list[str]]) -> str:
    """A table for the terminal; nothing if it has only its head."""
    if len(table) < 2:
        return ""
    widths = [max(map(len, column)) for column in zip(*table)]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths)).rstrip() for row in table) + "\n"
