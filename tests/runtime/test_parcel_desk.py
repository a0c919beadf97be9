"""The thread that answers: quick, in order, and never the end of anything when the file is not what it should be."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sortctl.parcels import FILE_NAME, ParcelWriter
from sortctl.parcels.search import LOOKED_AT_ONCE, OPEN_AGAIN_NS, POLL_NS, QUESTIONS_MAX, Search
from sortctl.runtime.clock import first_clock
from sortctl.runtime.parcel_desk import ParcelDesk
from sortctl.words.facts import ClockStruck, Fact
from sortctl.words.ids import PassageNumber, SorterId
from sortctl.words.outcomes import ParcelAsked
from sortctl.words.parcels import ParcelRecord
from tests.runtime.bench import Bench, until


class Ear:
    """Whoever is told."""

    def __init__(self) -> None:
        self.watched: dict[str, int] = {}
        self.told: list[tuple[str, ParcelRecord | None]] = []
        self.turned: list[tuple[str, ParcelRecord | None]] = []
        self.silences: list[tuple[bool, str]] = []
        self.now_ns = first_clock().now_ns

    def parcel_told(self, code: str, record: ParcelRecord | None) -> None:
        self.told.append((code, record))

    def parcel_turned(self, code: str, record: ParcelRecord | None) -> None:
        self.turned.append((code, record))

    def host_silent(self, silent: bool, why: str) -> None:
        self.silences.append((silent, why))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / FILE_NAME


def say(path: Path, *records: ParcelRecord) -> None:
    with ParcelWriter(path, "host", lambda: 1_770_000_000) as writer:
        for record in records:
            writer.upsert(record)


def remove(path: Path) -> None:
    path.unlink()


@pytest.fixture
async def ear() -> Ear:
    return Ear()


@pytest.fixture
async def desk(path: Path, ear: Ear) -> AsyncIterator[ParcelDesk]:
    desk = ParcelDesk(path, ear)
    yield desk
    desk.close()


async def test_questions_are_answered(path: Path, ear: Ear, desk: ParcelDesk) -> None:
    record = ParcelRecord("X1", ids=("A",), country="BE")
    say(path, record)
    desk.start()
    desk.ask(["X1", "A", "X9"])
    await until(lambda: len(ear.told) == 3)
    assert ear.told == [("X1", record), ("A", record), ("X9", None)]
    assert ear.silences == [(False, "")]
    figures = desk.figures()
    assert (figures.records, figures.answers, figures.unknown, figures.silent) == (1, 3, 1, "")


async def test_a_change_of_a_watched_parcel_is_told_without_a_message(path: Path, ear: Ear, desk: ParcelDesk) -> None:
    say(path, ParcelRecord("X1"))
    ear.watched["X1"] = 1
    desk.start()
    await until(lambda: ("X1", ParcelRecord("X1")) in ear.turned)
    say(path, ParcelRecord("X1", hold="battery"), ParcelRecord("X2"))
    await until(lambda: ("X1", ParcelRecord("X1", hold="battery")) in ear.turned)
    assert {code for code, _ in ear.turned} == {"X1"}


async def test_a_store_that_comes_later_answers_what_was_asked_before(path: Path, ear: Ear, desk: ParcelDesk) -> None:
    ear.watched["X1"] = 1
    desk.start()
    desk.ask(["X1", "GONE"])
    await until(lambda: bool(ear.silences))
    assert ear.silences[0][0]
    assert "no parcel store" in ear.silences[0][1]
    say(path, ParcelRecord("X1"))
    await until(lambda: bool(ear.told))
    assert ear.told == [("X1", ParcelRecord("X1"))], "nobody wants to know the other any more"
    assert ear.silences[-1] == (False, "")


async def test_what_the_logic_asks_comes_back_as_facts(
    path: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Question, answer, and a hold by somebody else: each is a row of the journal."""

    def step(fact: Fact) -> list[ParcelAsked]:
        asks = isinstance(fact, ClockStruck)
        return [ParcelAsked(fact.at_ns, SorterId("line1"), PassageNumber(1), "X1")] if asks else []

    say(path, ParcelRecord("X1"))
    seen: list[str] = []
    desk = ParcelDesk(path, bench.engine)
    monkeypatch.setattr(vars(bench.controller)["_logic"], "step", step)
    bench.engine.listen(lambda rows: seen.extend(row.type for row in rows))
    bench.engine.ask_by(desk.ask)
    desk.start()
    bench.engine.probe()
    await until(lambda: "ParcelTold" in seen)
    assert seen.index("ParcelAsked") < seen.index("ParcelTold")
    assert "ParcelTurned" not in seen
    with ParcelWriter(path, "A. Lambert", lambda: 1_770_000_000) as writer:
        writer.hold("X1", "battery")
    await until(lambda: "ParcelTurned" in seen)
    remove(path)
    await until(lambda: "HostSilent" in seen)
    bench.engine.stop()
    desk.close()


# ---------------------------------------------------------------------------------------------- the search alone


def test_of_a_damaged_file_what_can_be_read_is_answered(path: Path) -> None:
    with ParcelWriter(path, "host", lambda: 5) as writer:
        writer.take([(n, ParcelRecord(f"X{n:05}", tenant="t" * 40)) for n in range(3_000)], "list")
    data = bytearray(path.read_bytes())
    # Rows were appended in the order of their waybills: the last pages hold the last of them.
    data[-4096 * 8 :] = b"\xa5" * (4096 * 8)
    path.write_bytes(data)
    codes = [f"X{n:05}" for n in range(0, 3_000, 10)]
    search = Search(path, lambda: tuple(codes))
    search.look(0)
    found = search.answer((code, 1) for code in codes)
    assert 0 < len(found) < len(codes)
    assert search.unanswered == len(codes) - len(found)
    for n in range(1, 4):
        assert search.trouble, "it is not taken back each time the file is opened"
        search.look(n * OPEN_AGAIN_NS * 2)
    search.close()


def test_a_file_that_is_replaced_is_opened_anew_and_everything_looked_at(path: Path, tmp_path: Path) -> None:
    say(path, ParcelRecord("X1"))
    say(tmp_path / "new.db", ParcelRecord("X1", hold="battery"))
    search = Search(path, lambda: ("X1",))
    search.look(0)
    assert [found.record for found in search.look(1)] == [ParcelRecord("X1")]
    shutil.move(tmp_path / "new.db", path)
    search.look(POLL_NS + 1)
    assert [found.record for found in search.look(POLL_NS + 2)] == [ParcelRecord("X1", hold="battery")]
    path.unlink()
    search.look(2 * POLL_NS + 3)
    assert "no parcel store" in search.trouble
    assert search.answer([("X1", 7)]) == []
    assert search.unanswered == 1
    search.close()


def test_many_changes_are_looked_up_in_pieces(path: Path) -> None:
    with ParcelWriter(path, "host", lambda: 5) as writer:
        writer.take([(n, ParcelRecord(f"X{n}")) for n in range(200)], "list")
    search = Search(path, lambda: tuple(f"X{n}" for n in range(200)))
    search.look(0)
    pieces = [len(search.look(n)) for n in range(1, 6)]
    assert sum(pieces) == 200
    assert max(pieces) == LOOKED_AT_ONCE
    search.close()


def test_waiting_questions_are_bounded(path: Path) -> None:
    search = Search(path, tuple)
    search.answer((f"X{n}", 1) for n in range(QUESTIONS_MAX + 5))
    assert search.unanswered == QUESTIONS_MAX


async def test_a_full_queue_drops_and_counts(ear: Ear, desk: ParcelDesk) -> None:
    desk.ask(f"X{n}" for n in range(QUESTIONS_MAX + 5))
    assert desk.figures().dropped == 5
    await asyncio.sleep(0)
