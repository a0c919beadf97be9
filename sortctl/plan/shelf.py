"""Shelf: the plans of a hub that were put in force, in `<state>/plans/`: documents by checksum, which one counts, what was done.

Comes in: the state folder, documents. Goes out: files that are whole or not there, whatever happens in between.

    plans/<checksum>.plan   a plan in one piece (`document.py`), kept for rollback
    plans/current           the checksum of the one in force; without it the plan of the site folder is
    plans/history           one JSON line for each time that a plan was put in force, oldest first

Never here: whether a plan fits the machines, telling the controller. The moment and the person are given.
"""

import os
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from sortctl.plan.document import DocumentDamaged, document, files
from sortctl.site.files import checksum

FOLDER: Final = "plans"
HISTORY_MAX: Final = 10_000
"""Lines that are read, the newest; a plan a minute for a week."""
SITE: Final = ""
"""In the place of a checksum: the plan of the site folder."""


class Entry(Struct, frozen=True):
    """One line of the history. `before`: the checksum that counted until then."""

    at_s: int
    action: Literal["apply", "rollback"]
    checksum: str
    plan: str
    version: int
    before: str = SITE
    by: str = ""
    keep: bool = False


class ShelfUnusable(Exception):
    """Something in `<state>/plans` is missing, damaged or cannot be written; str() says what."""


def current(state: Path) -> str:
    """The checksum of the plan in force; empty: the one of the site folder."""
    try:
        return (state / FOLDER / "current").read_text("ascii").strip()
    except FileNotFoundError:
        return SITE
    except (OSError, ValueError) as error:
        raise ShelfUnusable(f"{FOLDER}/current cannot be read: {error}") from None


def kept(state: Path, plan: str) -> dict[str, bytes]:
    """The files of the plan with this checksum. Raises ShelfUnusable."""
    name = f"{FOLDER}/{plan}.plan"
    if not (plan.isascii() and plan.isalnum()):
        raise ShelfUnusable(f"{FOLDER}/current does not hold a checksum")
    try:
        return files((state / name).read_bytes(), plan)
    except FileNotFoundError:
        raise ShelfUnusable(f"there is no {name}") from None
    except OSError as error:
        raise ShelfUnusable(f"{name} cannot be read: {error.strerror}") from None
    except DocumentDamaged as damaged:
        raise ShelfUnusable(f"{name} {damaged}") from None


def in_force(state: Path) -> dict[str, bytes] | None:
    """The files of the plan in force; None: the site folder's. Raises ShelfUnusable."""
    plan = current(state)
    return kept(state, plan) if plan else None


def find(state: Path, beginning: str) -> list[str]:
    """Checksums of kept plans that begin so."""
    return sorted(path.stem for path in (state / FOLDER).glob("*.plan") if path.stem.startswith(beginning))


def keep(state: Path, plan: dict[str, bytes]) -> str:
    """Put a plan on the shelf; its checksum. It does not count yet."""
    own = checksum(plan)
    _write(state / FOLDER / f"{own}.plan", document(plan))
    return own


def put_in_force(state: Path, entry: Entry) -> None:
    """From now on this plan counts for a controller that starts; the history says so."""
    folder = state / FOLDER
    line = msgspec.json.encode(entry) + b"\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "history").open("ab") as history:
            history.write(line)
            history.flush()
            os.fsync(history.fileno())
    except OSError as error:
        raise ShelfUnusable(f"{FOLDER}/history cannot be written: {error.strerror}") from None
    if entry.checksum == SITE:
        (folder / "current").unlink(missing_ok=True)
    else:
        _write(folder / "current", entry.checksum.encode("ascii") + b"\n")


def history(state: Path) -> list[Entry]:
    """What was done, oldest first. A line that a crash has torn is left out."""
    try:
        lines = (state / FOLDER / "history").read_bytes().splitlines()[-HISTORY_MAX:]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ShelfUnusable(f"{FOLDER}/history cannot be read: {error.strerror}") from None
    found: list[Entry] = []
    for line in lines:
        try:
            found.append(msgspec.json.decode(line, type=Entry))
        except msgspec.DecodeError:
            continue
    return found


def _write(path: Path, data: bytes) -> None:
    """All of it or nothing, also if the power goes."""
    new = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise ShelfUnusable(f"{FOLDER}/{path.name} cannot be written: {error.strerror}") from None
