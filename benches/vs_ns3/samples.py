"""The file of samples: one line for each run of each simulator."""

import csv
from dataclasses import asdict, fields
from pathlib import Path

from measure import Sample


def write(path: Path, samples: list[Sample]) -> None:
    """Writes them as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(Sample)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, samples))


def read(path: Path) -> list[Sample]:
    """Reads them back."""
    with path.open(newline="") as file:
        rows = csv.DictReader(file)
        return [Sample(**{f.name: f.type(row[f.name]) for f in fields(Sample)}) for row in rows]
