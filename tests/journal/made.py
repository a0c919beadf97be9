"""Rows and journals made up for the tests: a short day on a line called "line"."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from sortctl.journal.pen import Entry, Pen, SiteFiles
from sortctl.journal.row import Row, row_of
from sortctl.words.causes import Cause, Disposition, Family, Proof, ReadClass
from sortctl.words.facts import BeltMoved, Code, CodesRead, ControllerStarted, Fact
from sortctl.words.ids import ChuteNumber, InductNumber, PassageNumber, PlcId, ScannerId, SorterId
from sortctl.words.orders import Divert, Order
from sortctl.words.outcomes import (
    Candidate,
    Decided,
    DivertTold,
    Outcome,
    PassageClosed,
    PassageOpened,
    ReadClassed,
    ReadTied,
)

LINE = SorterId("line")
MS = 1_000_000
WALL_NS = 1_700_000_000_000_000_000
DAY_NS = 24 * 3600 * 1_000_000_000
SITE = "a" * 64
FILES = {"site.toml": b"[hub]\n", "chutes.csv": b"number\n1\n"}


def row(seq: int, thing: Fact | Order | Outcome, wall_ns: int | None = None) -> Row:
    return row_of(seq, seq * MS, WALL_NS + seq * MS if wall_ns is None else wall_ns, thing)


def beat(seq: int, wall_ns: int | None = None) -> Row:
    return row(seq, BeltMoved(seq * MS, PlcId("main"), seq), wall_ns)


def started(seq: int, site: str = SITE) -> Row:
    return row(seq, ControllerStarted(seq * MS, WALL_NS, site, "1"))


def opened(at: int, number: int) -> PassageOpened:
    return PassageOpened(at * MS, LINE, PassageNumber(number), 7, number, 1000 * number, InductNumber(1), 400)


def closed(at: int, number: int, waybill: str, disposition: Disposition = Disposition.SORTED) -> PassageClosed:
    sorted_ = disposition is Disposition.SORTED
    return PassageClosed(
        at * MS,
        LINE,
        PassageNumber(number),
        disposition,
        Cause.NONE if sorted_ else Cause.NO_READ,
        Family.NONE if sorted_ else Family.LABEL,
        waybill,
        "LGG",
        ChuteNumber(5),
        ChuteNumber(6),
        Proof.SEEN,
        "its eye saw it",
    )


def ride(seq: int, number: int, waybill: str) -> list[Row]:
    """Nine rows: one parcel from the induct to its chute."""
    passage, chute = PassageNumber(number), ChuteNumber(6)
    things: list[Fact | Order | Outcome] = [
        CodesRead(seq * MS, ScannerId("top"), (Code(waybill), Code("BOX-1"))),
        opened(seq, number),
        ReadTied(seq * MS, LINE, passage, ScannerId("top"), (waybill, "BOX-1"), -3),
        ReadClassed(seq * MS, LINE, passage, ReadClass.GOOD, waybill),
        Decided(
            seq * MS,
            LINE,
            passage,
            waybill,
            "LGG",
            "be-eco",
            ChuteNumber(5),
            chute,
            Cause.NONE,
            "chute 5 is full",
            (Candidate(ChuteNumber(5), "full"), Candidate(chute, "taken")),
        ),
        Divert(PlcId("main"), 3, number, "rule be-eco", chute, number, 9000),
        DivertTold(seq * MS, LINE, passage, chute, 3, number, Proof.TAKEN),
        DivertTold(seq * MS, LINE, passage, chute, 3, number, Proof.DONE),
        closed(seq + 8, number, waybill),
    ]
    return [row(seq + at, thing) for at, thing in enumerate(things)]


def write(path: Path, *batches: Sequence[Entry]) -> Path:
    """A closed journal with these batches."""
    pen = Pen(path)
    for batch in batches:
        pen.write(batch)
    pen.close()
    return path


def short_day(path: Path) -> Path:
    """Two parcels: rows 1 (start), 2-10, 11-19."""
    return write(path, [SiteFiles(SITE, FILES), started(1)], ride(2, 1, "RR1NL"), ride(11, 2, "RR2NL"))


class Ear:
    """Hears what the writer says, on the loop."""

    def __init__(self) -> None:
        self.committed: list[int] = []
        self.troubles: list[str | None] = []
        self._heard = asyncio.Event()

    def on_committed(self, seq: int) -> None:
        self.committed.append(seq)
        self._heard.set()

    def on_trouble(self, text: str | None) -> None:
        self.troubles.append(text)
        self._heard.set()

    async def hear_commit(self, seq: int) -> None:
        while not self.committed or self.committed[-1] < seq:
            await self._wait()

    async def hear_trouble(self, words: str | None) -> None:
        """Until the newest word is of this trouble, or of none."""
        while not self.troubles or not self._fits(words):
            await self._wait()

    def _fits(self, words: str | None) -> bool:
        newest = self.troubles[-1]
        return newest is None if words is None else newest is not None and words in newest

    async def _wait(self) -> None:
        self._heard.clear()
        await asyncio.wait_for(self._heard.wait(), 10)
