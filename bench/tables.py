"""Tables: what a measurement shows, as Markdown for people and as JSON for machines.

Comes in: rows of named numbers. Goes out: text. Also the one way here to take a percentile (nearest rank), and the line
that says on what was measured. Never here: measuring.
"""

import math
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    """One measurement. `rows` are in the order of `columns`; None: not measured."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""

    def markdown(self) -> str:
        """For a person, or a page of the manual."""
        head = "| " + " | ".join(self.columns) + " |"
        rule = "| --- |" + " ---: |" * (len(self.columns) - 1)
        body = ["| " + " | ".join(written(cell) for cell in row) + " |" for row in self.rows]
        text = "\n".join((f"### {self.title}", "", head, rule, *body))
        return f"{text}\n\n{self.note}\n" if self.note else f"{text}\n"

    def plain(self) -> dict[str, object]:
        """For a machine."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {"title": self.title, "rows": rows, "note": self.note}


def written(cell: Cell) -> str:
    """Three digits that count; thousands with commas."""
    if cell is None:
        return "-"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int) or abs(cell) >= 100 or cell == 0:
        return f"{cell:,.0f}"
    return f"{cell:.{max(0, 2 - math.floor(math.log10(abs(cell))))}f}"


def percentile(values: Iterable[float], share: float) -> float:
    """The value that `share` percent do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share / 100 * len(ordered)) - 1)]


def tail(values: Sequence[float], share: float) -> float | None:
    """A percentile of which at least one measured value lies beyond, else nothing: a maximum is no percentile."""
    return percentile(values, share) if len(values) * (100 - share) >= 100 else None


def environment(disk: Path) -> Mapping[str, str]:
    """On what was measured."""
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.release()}",
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "journal on": _file_system(disk),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _file_system(path: Path) -> str:
    """The file system that holds `path`: the longest mount point above it."""
    found = ("", "unknown")
    here = str(path.resolve())
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, point, kind, *_ = line.split()
        inside = here == point or here.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(found[0]):
            found = (point, kind)
    return found[1]
