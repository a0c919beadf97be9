"""Parcels: where the plan commands get the parcels that they look at: the store, lists, the moments of a journal.

Comes in: what was typed. Goes out: records, or `Stop`. Never here: plans (`sources.py`), what is done with them.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from rich.console import Console

from sortctl.commands.options import Exit, Stop, journal_path, stop_for
from sortctl.commands.plan.sources import Hub
from sortctl.journal.read import JournalReader
from sortctl.journal.row import thing_of
from sortctl.journal.schema import JournalUnusable
from sortctl.parcels.reader import ParcelReader
from sortctl.parcels.records import Wrong, read_csv, read_header, read_json
from sortctl.parcels.store import FILE_NAME as PARCEL_FILE
from sortctl.parcels.store import StoreMissing, StoreUnusable
from sortctl.site.files import PARCEL_LIST
from sortctl.site.problem import Problem
from sortctl.site.spreadsheet import foreign, says_something, told_separator
from sortctl.words.hub import ParcelTold
from sortctl.words.outcomes import ReadClassed
from sortctl.words.parcels import ParcelRecord
from sortctl.words.units import NS_PER_S

TELL_EVERY: Final = 2_000

T = TypeVar("T")


class Arrival(NamedTuple):
    """A parcel that was read on a sorter."""

    at_s: int
    sorter: str
    record: ParcelRecord


def parcel_of(hub: Hub, code: str) -> ParcelRecord | None:
    """What the hub knows of the parcel with this code: its store, else a list beside the site."""
    try:
        reader = ParcelReader(hub.state / PARCEL_FILE)
    except StoreMissing:
        return next((record for record in site_list(hub) if record.waybill == code), None)
    except StoreUnusable as unusable:
        raise Stop(Exit.INTEGRITY, str(unusable), unusable.mend) from None
    try:
        return reader.find(code)
    except StoreUnusable as unusable:
        raise Stop(Exit.INTEGRITY, str(unusable), unusable.mend) from None
    finally:
        reader.close()


def site_list(hub: Hub) -> Iterator[ParcelRecord]:
    """The parcels of a list beside the site."""
    listed = hub.loaded.files.get(PARCEL_LIST)
    return read_list(PARCEL_LIST, listed, []) if listed is not None else iter(())


def list_of(path: Path, problems: list[Problem]) -> Sequence[ParcelRecord]:
    """The parcels of a file; lines that cannot be taken go to `problems`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Stop(
            Exit.NOT_FOUND, f"{path} cannot be read: {error.strerror}", "name a CSV or JSON-lines file"
        ) from None
    total = data.count(b"\n")
    return list(watched(read_list(path.name, data, problems), "Reading parcels", total))


def read_list(name: str, data: bytes, problems: list[Problem]) -> Iterator[ParcelRecord]:
    """The same from memory, one by one. A header that is none ends the command."""
    other = foreign(data[:64])
    if other is not None:
        raise Stop(Exit.CONFIG, f"{name}:1: {other.what}", other.mend)
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = ((number, line) for number, line in enumerate(text.split("\n"), start=1) if says_something(line))
    layout, separator = None, ""
    for number, line in lines:
        try:
            if line.startswith("{"):
                yield read_json(line, skip_unknown=True).record
            elif layout is None:
                told = "" if separator else told_separator(line)
                separator = separator or told
                layout = None if told else read_header(line, skip_unknown=True, separator=separator)
            else:
                yield read_csv(layout, line).record
        except Wrong as wrong:
            problem = Problem(name, number, wrong.key, str(wrong), wrong.mend)
            if layout is None and not line.startswith("{"):
                raise Stop(Exit.CONFIG, str(problem), "the columns are those of `sortctl parcels import`") from None
            problems.append(problem)


def arrivals(hub: Hub) -> list[Arrival]:
    """The parcels of the journal, each once for every passage, with what was known of them; in order."""
    known: dict[str, ParcelRecord] = {}
    read: dict[tuple[str, int], tuple[int, str, str]] = {}
    try:
        with JournalReader(journal_path(hub.state)) as reader:
            last = reader.last()
            with progress("Reading the journal", last.seq if last else 0) as tell:
                for row in reader.rows():
                    if row.type == "ParcelTold":
                        told = thing_of(row)
                        if isinstance(told, ParcelTold) and told.record is not None:
                            known[told.record.waybill] = told.record
                    elif row.type == "ReadClassed":
                        classed = thing_of(row)
                        if isinstance(classed, ReadClassed) and classed.waybill:
                            at = (row.wall_ns // NS_PER_S, classed.sorter, classed.waybill)
                            read.setdefault((classed.sorter, classed.passage), at)
                    if row.seq % TELL_EVERY == 0:
                        tell(row.seq)
            files = reader.site() or {}
    except JournalUnusable as error:
        raise stop_for(error) from None
    for record in read_list(PARCEL_LIST, files[PARCEL_LIST], []) if PARCEL_LIST in files else ():
        known.setdefault(record.waybill, record)
    found = [Arrival(at_s, sorter, known[code]) for at_s, sorter, code in read.values() if code in known]
    return sorted(found, key=lambda arrival: arrival.at_s)


# ------------------------------------------------------------------------------------------- progress


def watched(things: Iterable[T], what: str, total: int) -> Iterator[T]:
    """The same things, with a bar on standard error where somebody watches."""
    with progress(what, total) as tell:
        for number, thing in enumerate(things, start=1):
            if number % TELL_EVERY == 0:
                tell(number)
            yield thing


@contextmanager
def progress(what: str, total: int) -> Iterator[Any]:
    """Yields what is to be told how far it is."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}"), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=max(total, 1))
        yield lambda done: bar.update(task, completed=done)
