"""Draft: a site as far as it could be read. Checks work on it, so that one wrong key does not hide the next mistake.

Comes in: the parsed TOML and the tables of chutes. Goes out: every part that is sound in itself, with where it stands.
Never here: reading bytes, checks across keys.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from sortctl.site.files import SITE_FILE
from sortctl.site.locate import Lines, Path
from sortctl.site.model import AnyPlc, AnySorter, Chute, Hub, Limits, Machine, Reader, Scanner, Site
from sortctl.site.problem import Problem, Severity
from sortctl.site.wording import findings, key_text

_Part = TypeVar("_Part")
_PLC: Final[TypeAdapter[AnyPlc]] = TypeAdapter(AnyPlc)
_SORTER: Final[TypeAdapter[AnySorter]] = TypeAdapter(AnySorter)


@dataclass(frozen=True)
class Draft:
    """The sound parts, and the names of all. `chutes` holds the sorters whose whole table is sound."""

    lines: Lines
    names: Mapping[str, frozenset[str]]
    hub: Hub | None
    limits: Limits
    plcs: Mapping[str, AnyPlc]
    sorters: Mapping[str, AnySorter]
    scanners: Mapping[str, Scanner]
    readers: Mapping[str, Reader]
    chutes: dict[str, tuple[Chute, ...]] = field(default_factory=dict)
    chute_lines: dict[tuple[str, int], int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def error(self, path: Path, what: str, mend: str) -> None:
        """Something in the site file that forbids to start."""
        self._found(path, what, mend, "error")

    def warn(self, path: Path, what: str, mend: str) -> None:
        """Something in the site file that will hurt some day."""
        self._found(path, what, mend, "warning")

    def chute_error(self, sorter: str, chute: Chute, key: str, what: str, mend: str) -> None:
        """Something in a row of the chutes that forbids to start."""
        self._found_chute((sorter, chute.number), key, what, mend, "error")

    def chute_warn(self, sorter: str, chute: Chute, key: str, what: str, mend: str) -> None:
        """Something in a row of the chutes that will hurt some day."""
        self._found_chute((sorter, chute.number), key, what, mend, "warning")

    def machine(self, sorter_id: str) -> Machine | None:
        """The whole machine, if all that it needs is sound."""
        sorter = self.sorters.get(sorter_id)
        if sorter is None or sorter.plc not in self.plcs or sorter_id not in self.chutes:
            return None
        return machine(sorter_id, sorter, self.plcs[sorter.plc], self.chutes[sorter_id], self.scanners, self.readers)

    def _found(self, path: Path, what: str, mend: str, severity: Severity) -> None:
        self.problems.append(Problem(SITE_FILE, self.lines.line(path), key_text(path), what, mend, severity))

    def _found_chute(self, place: tuple[str, int], key: str, what: str, mend: str, severity: Severity) -> None:
        file, line = self.sorters[place[0]].chutes, self.chute_lines.get(place, 0)
        self.problems.append(Problem(file, line, key, f"chute {place[1]}: {what}", mend, severity))


def draft(parsed: Mapping[str, Any], lines: Lines) -> Draft:
    """What is sound in `parsed`, and what is not, in `problems`."""
    found: list[Problem] = []
    try:
        Site.model_validate(parsed)
    except ValidationError as error:
        for path, what, mend in findings(error, Site):
            found.append(Problem(SITE_FILE, lines.line(path), key_text(path), what, mend))
    return Draft(
        lines=lines,
        names={key: frozenset(_table(parsed, key)) for key in ("plcs", "sorters", "scanners", "readers")},
        hub=_sound(Hub.model_validate, parsed.get("hub")),
        limits=_sound(Limits.model_validate, parsed.get("limits")) or Limits(),
        plcs=_sound_ones(_PLC.validate_python, _table(parsed, "plcs")),
        sorters=_sound_ones(_SORTER.validate_python, _table(parsed, "sorters")),
        scanners=_sound_ones(Scanner.model_validate, _table(parsed, "scanners")),
        readers=_sound_ones(Reader.model_validate, _table(parsed, "readers")),
        problems=found,
    )


def machine(
    sorter_id: str,
    sorter: AnySorter,
    plc: AnyPlc,
    chutes: Iterable[Chute],
    scanners: Mapping[str, Scanner],
    readers: Mapping[str, Reader],
) -> Machine:
    """One sorter with all that belongs to it, chutes in the order of their numbers."""
    return Machine(
        sorter_id=sorter_id,
        sorter=sorter,
        plc_id=sorter.plc,
        plc=plc,
        chutes=tuple(sorted(chutes, key=lambda chute: chute.number)),
        scanners={name: scanner for name, scanner in scanners.items() if scanner.sorter == sorter_id},
        readers={name: reader for name, reader in readers.items() if reader.sorter == sorter_id},
    )


def _table(parsed: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = parsed.get(key)
    return value if isinstance(value, dict) else {}


def _sound(read: Callable[[Any], _Part], value: object) -> _Part | None:
    try:
        return read(value)
    except ValidationError:
        return None


def _sound_ones(read: Callable[[Any], _Part], values: Mapping[str, Any]) -> dict[str, _Part]:
    sound = {name: _sound(read, value) for name, value in values.items()}
    return {name: part for name, part in sound.items() if part is not None}
