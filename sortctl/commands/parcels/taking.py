"""Taking: sortctl parcels import: a list of parcels into the store, and what became of each of its lines.

Comes in: CSV or JSON lines from a file or a pipe. Goes out: counts, the first problems with their lines, on request a file of the
refused lines, to be mended and given again. Never here: what a line means (`parcels/records.py`).
"""

import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, TextIO, cast

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from sortctl.commands.options import VAR, Exit, Stop, json_option
from sortctl.commands.parcels.store import by_option, writing
from sortctl.commands.screen import escaped, print_json
from sortctl.parcels.intake import Intake, ListUnreadable, Reading, take_list

PROBLEMS_SHOWN: Final = 20
JSON_ENDINGS: Final = frozenset({".jsonl", ".ndjson", ".json"})
PIPE: Final = "-"


@click.command("import", short_help="Take a list of parcels in.")
@click.argument("file", metavar="FILE")
@click.option("--refused", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="Write the refused lines there, as they were.")  # fmt: skip
@click.option("--skip-unknown", is_flag=True, help="Leave out columns that sortctl does not know.")
@click.option(
    "--format", "form", type=click.Choice(["csv", "jsonl"]), help="Default: by the file's name, or its beginning."
)
@click.option("--state", metavar="DIR", type=click.Path(path_type=Path), help="State folder; made if it is not there.")
@by_option
@json_option
def import_list(file: str, state: Path | None, as_json: bool, **given: object) -> None:
    """Take in a list of parcels: FILE.csv, FILE.jsonl, or - for standard input.

    \b
    Example:
      sortctl parcels import parcels.csv --refused refused.csv
      zcat night.jsonl.gz | sortctl parcels import - --format jsonl

    What is said of a parcel replaces what was known, what is not said stays. A list ends no hold and no intercept, and takes back no newer
    word of customs. Refused lines stop nothing: the rest is taken.
    Exit codes: 0 all taken, 1 some lines refused or interrupted, 3 no such file, 4 the store cannot be written or the file not be read to its end, 5 the list as a whole cannot be read.
    """  # noqa: D301 - \b keeps the lines apart
    folder = _folder(state)
    refused = Refused(given["refused"] if isinstance(given["refused"], Path) else None)
    with _opened(file) as data, refused:
        form = given["form"] or _form(file, data)
        how = Reading(file if file != PIPE else "standard input", form == "jsonl", bool(given["skip_unknown"]), refused)
        intake = Intake(how.source)
        begun_s = time.monotonic()  # noqa: TID251 - the rate is for a person
        code, why = _take(data, how, intake, (folder, str(given["by"])), quiet=as_json)
        took_s = time.monotonic() - begun_s  # noqa: TID251
    _tell(intake, refused, took_s, as_json)
    if why:
        raise Stop(
            code,
            why,
            f"{intake.taken:,} parcels of the lines before are taken" if intake.taken else "nothing was taken",
        )
    if intake.refused:
        raise click.exceptions.Exit(Exit.NEGATIVE)


class Refused:
    """The file of refused lines; it is made with the first of them."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.lines = 0
        self._header: str | None = None
        self._file: TextIO | None = None

    def __enter__(self) -> None:
        return

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            with suppress(OSError):  # what could not be written was told at its line
                self._file.close()

    def keep_header(self, text: str) -> None:
        """The header of the list stands above its refused lines."""
        self._header = text

    def keep(self, text: str) -> None:
        """A refused line."""
        if self.path is None:
            return
        try:
            if self._file is None:
                # Line by line: a full disk is told here, and not when the file is closed.
                self._file = self.path.open("w", encoding="utf-8", errors="surrogateescape", buffering=1)
                if self._header is not None:
                    self._file.write(f"{self._header}\n")
            self._file.write(f"{text}\n")
        except OSError as error:
            raise Stop(Exit.REFUSED, f"{self.path} cannot be written: {error.strerror}", "name another file") from None
        self.lines += 1


def _take(data: BinaryIO, how: Reading, intake: Intake, place: tuple[Path, str], *, quiet: bool) -> tuple[Exit, str]:
    """Why not the whole list could be read, and what that ends with; empty: it could."""
    folder, by = place
    with writing(folder, by) as writer, _progress(data, quiet) as watch:
        try:
            for line in take_list(data, how, writer, intake):
                watch(line)
        except ListUnreadable as unreadable:
            return Exit.CONFIG, str(unreadable)
        except OSError as error:
            again = "see to its disk, then give the list again: what is there already does no harm"
            return Exit.REFUSED, f"{how.source} cannot be read after line {intake.lines:,}: {error.strerror}; {again}"
        except KeyboardInterrupt:
            again = "give the list again: what is there already does no harm"
            return Exit.NEGATIVE, f"interrupted after line {intake.lines:,}; {again}"
    return Exit.OK, ""


@contextmanager
def _progress(data: BinaryIO, quiet: bool) -> "Iterator[Watch]":
    console = Console(stderr=True)
    total = None
    with suppress(OSError, ValueError):
        total = os.fstat(data.fileno()).st_size or None
    columns = (TextColumn("taking in"), BarColumn(), TextColumn("{task.fields[told]}"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task("", total=total, told="")
        yield Watch(progress, task, data)


class Watch:
    """Moves the bar: by bytes, as nobody knows how many lines will come; and says the rate."""

    def __init__(self, progress: Progress, task: object, data: BinaryIO) -> None:
        self._progress, self._task, self._data = progress, task, data
        self._begun_s = time.monotonic()  # noqa: TID251 - the rate is for a person

    def __call__(self, line: int) -> None:
        rate = line / max(time.monotonic() - self._begun_s, 0.001)  # noqa: TID251
        done = 0
        with suppress(OSError):
            done = self._data.tell()
        self._progress.update(self._task, completed=done, told=f"line {line:,}, {rate:,.0f} a second")  # type: ignore[arg-type]


def _tell(intake: Intake, refused: Refused, took_s: float, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                **{
                    name: getattr(intake, name)
                    for name in ("source", "lines", "taken", "new", "changed", "same", "twice", "refused")
                },
                "seconds": round(took_s, 3),
                "mended": [mending._asdict() for mending in intake.mended],
                "problems": intake.problems,
                "refused_file": str(refused.path) if refused.lines else None,
            }
        )
        return
    rate = intake.lines / max(took_s, 0.001)
    parts = f"{intake.new:,} new, {intake.changed:,} changed, {intake.same:,} known already"
    click.echo(
        f"{intake.taken:,} parcels taken ({parts}), {intake.refused:,} lines refused, in {took_s:.1f} s ({rate:,.0f} a second)"
    )
    if intake.twice:
        click.echo(f"  {intake.twice:,} lines stand there more than once, alike: taken once", err=True)
    for what, lines, first in intake.mended:
        click.echo(f"  {lines:,} lines: {what} (first in line {first})", err=True)
    for problem in intake.problems[:PROBLEMS_SHOWN]:
        click.echo(escaped(f"  {problem}"), err=True)
    more = intake.refused + intake.told - min(len(intake.problems), PROBLEMS_SHOWN)
    if more > 0:
        click.echo(f"  and {more:,} more of that kind", err=True)
    if refused.lines:
        click.echo(
            f"  the refused lines are in {escaped(str(refused.path))}: mend them there and take that file in", err=True
        )


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == PIPE:
        piped = sys.stdin.buffer
        yield piped if isinstance(piped, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, piped))
        return
    try:
        data = Path(file).open("rb")  # noqa: SIM115 - closed below
    except FileNotFoundError:
        raise Stop(
            Exit.NOT_FOUND, f"there is no file {file}", "name a list of parcels, or - for standard input"
        ) from None
    except OSError as error:
        raise Stop(Exit.REFUSED, f"{file} cannot be read: {error.strerror}", "name a list of parcels") from None
    with data:
        yield data


def _form(file: str, data: BinaryIO) -> str:
    if file != PIPE:
        return "jsonl" if Path(file).suffix.lower() in JSON_ENDINGS else "csv"
    begins = data.peek(64) if isinstance(data, io.BufferedReader) else b""
    return "jsonl" if begins.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") else "csv"


def _folder(given: Path | None) -> Path:
    """The state folder; unlike others this command may come before the first start of the controller."""
    told = given or told_state()
    if told is None:
        folders = sorted(path for path in VAR.iterdir() if path.is_dir()) if VAR.is_dir() else []
        if len(folders) != 1:
            what = f"{len(folders)} state folders in ./{VAR}" if folders else f"no state folder in ./{VAR} yet"
            raise Stop(Exit.USAGE if folders else Exit.NOT_FOUND, what, f"name it: --state {VAR}/<name of the hub>")
        return folders[0]
    try:
        told.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise Stop(
            Exit.REFUSED, f"{told} cannot be made: {error.strerror}", "name a state folder: --state DIR"
        ) from None
    return told


def told_state() -> Path | None:
    """What the service supervisor says; a list when a unit has several folders, and ours has one."""
    told = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(told) if told else None
