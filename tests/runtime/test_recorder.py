"""Which rows go to the journal at once, and which wait a moment for company."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from sortctl.journal.row import Row, row_of
from sortctl.runtime.recorder import Recorder
from sortctl.words.facts import ClockStruck
from sortctl.words.ids import ChuteNumber, PlcId
from sortctl.words.orders import CloseChute
from sortctl.words.units import NS_PER_MS

WAIT_NS = 20 * NS_PER_MS


class Written:
    """In the place of the journal: keeps what it is given."""

    def __init__(self) -> None:
        self.appended: list[list[int]] = []
        self.snapshots: list[int] = []
        self.waiting = 0
        self.dropped = 0
        self.wants_snapshot = False

    def append(self, rows: Sequence[Row]) -> None:
        self.appended.append([row.seq for row in rows])

    def append_snapshot(self, seq: int, at_ns: int, body: bytes) -> None:
        self.snapshots.append(seq)


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
async def recorder(written: Written) -> Any:
    made = Recorder(written, 0, WAIT_NS, lambda: 0, lambda _: None)  # type: ignore[arg-type]
    yield made
    made.stop()


def fact(seq: int) -> Row:
    return row_of(seq, 0, 0, ClockStruck(0))


def order(seq: int) -> Row:
    return row_of(seq, 0, 0, CloseChute(PlcId("p"), 1, 1, "", ChuteNumber(1)))


async def test_an_order_goes_at_once_and_takes_everything_before_it_along(recorder: Recorder, written: Written) -> None:
    recorder.keep([fact(1)], 0)
    recorder.keep([fact(2)], 0)
    assert written.appended == []
    assert recorder.figures().waiting == 2
    recorder.keep([fact(3), order(4), fact(5)], 0)
    assert written.appended == [[1, 2, 3, 4, 5]]


async def test_other_rows_are_gathered_for_a_moment_only(recorder: Recorder, written: Written) -> None:
    recorder.keep([fact(1)], 0)
    recorder.keep([fact(2)], 0)
    await asyncio.sleep(WAIT_NS / 1e9)
    assert written.appended == [[1, 2]]
    recorder.keep([fact(3)], 0)
    await asyncio.sleep(WAIT_NS / 1e9)
    assert written.appended == [[1, 2], [3]]


async def test_a_snapshot_comes_behind_the_rows_that_lead_to_it(recorder: Recorder, written: Written) -> None:
    recorder.keep([fact(1)], 0)
    recorder.keep_snapshot(b"", 0)
    assert (written.appended, written.snapshots) == ([[1]], [1])


async def test_the_end_loses_nothing(recorder: Recorder, written: Written) -> None:
    recorder.keep([fact(1)], 0)
    recorder.stop()
    assert written.appended == [[1]]
