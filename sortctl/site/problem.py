"""Problem: one thing that is wrong in a file of the site, said so that the person who wrote the file can mend it.

Comes in: what the readers and checks of `site` and `plan` found. Goes out: a sorted list, printed by `sortctl check`.
Never here: finding problems.
"""

from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct

PROBLEMS_SHOWN_MAX: Final = 200
"""Per file. A file exported with the wrong separator has one problem, not fifty thousand."""

Severity = Literal["error", "warning"]


class Problem(Struct, frozen=True, order=True):
    """`line` counts from 1; 0: the file as a whole. `key` is a key path in TOML, a column in CSV."""

    file: str
    line: int
    key: str
    what: str
    mend: str
    severity: Severity = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        mark = "warning: " if self.severity == "warning" else ""
        key = f" {self.key}" if self.key else ""
        return f"{where}{key}: {mark}{self.what}; {self.mend}"


class Invalid(ValueError):
    """Files that cannot be used, with everything that is wrong in them (and the warnings beside it)."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = bounded(problems)
        super().__init__("\n".join(map(str, self.problems)))


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Those that forbid to start."""
    return [problem for problem in problems if problem.severity == "error"]


def warnings(problems: Iterable[Problem]) -> list[Problem]:
    """Those with which one may start."""
    return [problem for problem in problems if problem.severity == "warning"]


def bounded(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """In the order of files and lines, each once, errors before warnings where a file has too many."""
    kept: list[Problem] = []
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        by_file.setdefault(problem.file, []).append(problem)
    for file, found in sorted(by_file.items()):
        ranked = sorted(set(found), key=lambda problem: (problem.severity, problem))
        kept += sorted(ranked[:PROBLEMS_SHOWN_MAX])
        left = ranked[PROBLEMS_SHOWN_MAX:]
        if left:
            severity: Severity = "error" if errors(left) else "warning"
            kept.append(Problem(file, 0, "", f"{len(left):,} more problems", "mend the first ones", severity))
    return tuple(kept)
