"""Runs one simulator once on one core and says what it did and what it cost.

CPU is user and system time of the process (wait4). `total` counts all of it. `run` is what the
simulation itself took:

- ns-3: its own getrusage before and after Simulator::Run;
- netsim: all of the process, less a run of the same file that stops after one nanosecond. That
  takes off reading the file and building the network, but not writing the summary.

A hop is a packet put on one link's wire, on both sides. What a full queue refused is no hop.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scenarios import Scenario

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
METER = HERE / "ns3" / "bin" / "meter"
NETSIM = REPOSITORY / "target" / "release" / "netsim"
# Short runs of netsim are repeated until they have taken this long (CPU seconds): a run of a few
# hundredths of a second is at the mercy of the cache.
ENOUGH = 0.5


@dataclass(frozen=True)
class Usage:
    """What a process cost."""

    cpu: float
    wall: float
    peak_kib: int


@dataclass(frozen=True)
class Sample:
    """One run of one simulator: a line of the file of samples."""

    scenario: str
    pair: int
    simulator: str
    delivered: int
    goodput_mbps: float
    hops: int
    total: float
    run: float
    peak_kib: int


def scratch() -> Path:
    """A new folder, in memory if there is a place for that."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    return Path(tempfile.mkdtemp(prefix="vs_ns3-", dir=memory))


def metered(core: str, command: list) -> tuple[Usage, str]:
    """Runs a command and returns what it cost and what it printed."""
    argv = [str(METER), core, *map(str, command)]
    done = subprocess.run(argv, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"failed: {' '.join(argv)}\n{done.stdout}{done.stderr}")
    text, _, line = done.stdout.rpartition("meter ")
    said = fields(line)
    return Usage(float(said["cpu"]), float(said["wall"]), int(said["peak_kib"])), text


def fields(line: str) -> dict[str, str]:
    """Every key=value of a line."""
    return dict(re.findall(r"(\S+)=(\S+)", line))


def ns3(core: str, scenario: Scenario, pair: int) -> Sample:
    """Runs the program of ns-3."""
    folder = scratch()
    program, *arguments = (word.format(scratch=folder) for word in scenario.ns3)
    usage, text = metered(core, [HERE / "ns3" / "bin" / program, *arguments])
    shutil.rmtree(folder)
    said = fields(text)
    return Sample(
        scenario.key,
        pair,
        "ns-3",
        delivered=int(said["delivered"]),
        goodput_mbps=float(said["goodput_mbps"]),
        hops=int(said["hops"]),
        total=usage.cpu,
        run=float(said["run_cpu"]),
        peak_kib=usage.peak_kib,
    )


def netsim(core: str, scenario: Scenario, pair: int) -> Sample:
    """Runs the scenario file with netsim, as often as it takes to be sure of the time."""
    file = HERE / "netsim" / scenario.file
    files = ["--no-diagrams", "--capture", "all"] if scenario.captured else ["--summary-only"]
    arguments = [*files, *scenario.netsim]
    first, summary = netsim_once(core, file, arguments)
    repeats = 0 if scenario.captured else min(int(ENOUGH / first.cpu), 20)
    more = [netsim_once(core, file, arguments)[0] for _ in range(repeats)]
    total = mean(usage.cpu for usage in [first, *more])
    idle = mean(netsim_once(core, file, [*arguments, "--stop", "1ns"])[0].cpu for _ in range(3))
    return Sample(
        scenario.key,
        pair,
        "netsim",
        delivered=delivered(summary),
        goodput_mbps=round(goodput_mbps(summary), 3),
        hops=hops(summary),
        total=round(total, 6),
        run=round(total - idle, 6),
        peak_kib=first.peak_kib,
    )


def netsim_once(core: str, file: Path, arguments: list, threads: int = 1) -> tuple[Usage, dict]:
    """Runs netsim once and returns what it cost and its summary.json."""
    folder = scratch()
    usage, _ = metered(core, [NETSIM, "run", file, "--quiet", "--out", folder, "--threads", threads, *arguments])
    summary = json.loads((folder / "summary.json").read_text())
    shutil.rmtree(folder)
    return usage, summary


def hops(summary: dict) -> int:
    """Frames that were put on a wire."""
    totals = summary["totals"]
    return totals["sent_frames"] - totals["drops"].get("queue_full", 0)


def delivered(summary: dict) -> int:
    """Datagrams, or segments of the size that ns-3 is told to use."""
    streams = sum((entry.get("stream") or {}).get("received_datagrams", 0) for entry in summary["traffic"])
    return streams or tcp_bytes(summary) // 1448


def goodput_mbps(summary: dict) -> float:
    """TCP payload that arrived, over the whole run."""
    return tcp_bytes(summary) * 8 / (summary["ended_at_ns"] / 1e9) / 1e6


def tcp_bytes(summary: dict) -> int:
    """TCP payload that arrived."""
    connections = (c for entry in summary["traffic"] for c in entry.get("connections", []))
    return sum(connection["received_bytes"] for connection in connections)


def mean(values) -> float:
    """The arithmetic mean."""
    values = list(values)
    return sum(values) / len(values)
