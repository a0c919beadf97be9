import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sortctl.journal import pen as pen_module
from sortctl.journal import writer as writer_module
from sortctl.journal.read import JournalReader
from sortctl.journal.schema import JournalHeld
from sortctl.journal.verify import verify
from sortctl.journal.writer import JournalWriter
from tests.journal.made import DAY_NS, FILES, SITE, Ear, beat

Open = Callable[[], tuple[JournalWriter, Ear]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
async def open_writer(path: Path) -> AsyncIterator[Open]:
    writers: list[JournalWriter] = []

    def open_it() -> tuple[JournalWriter, Ear]:
        ear = Ear()
        writer = JournalWriter.open(path, ear.on_committed, ear.on_trouble, asyncio.get_running_loop())
        writers.append(writer)
        return writer, ear

    yield open_it
    for writer in writers:
        writer.close(0.1)


def sequence(path: Path) -> list[int]:
    with JournalReader(path) as reader:
        return [line.seq for line in reader.rows()]


def is_sound(path: Path) -> bool:
    with JournalReader(path) as reader:
        return verify(reader, lambda _: None, lambda _: None).sound


async def test_what_was_reported_committed_is_there_for_a_reader_beside_the_writer(
    open_writer: Open, path: Path
) -> None:
    writer, ear = open_writer()
    for seq in range(1, 1001):
        writer.append([beat(seq)])
    await ear.hear_commit(1000)
    assert sequence(path) == list(range(1, 1001))
    assert ear.committed == sorted(ear.committed)
    assert ear.troubles == []
    assert writer.waiting == 0


async def test_many_commits_wake_the_loop_once(open_writer: Open) -> None:
    """A loop that is busy finds one word of the newest commit, not a thousand."""
    writer, ear = open_writer()
    for seq in range(1, 3001):
        writer.append([beat(seq)])
    while writer.waiting:
        time.sleep(0.001)  # noqa: ASYNC251 - the loop shall not turn meanwhile
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert ear.committed in ([3000], [ear.committed[0], 3000])


async def test_a_file_that_was_taken_away_is_trouble_and_no_commit(open_writer: Open, path: Path) -> None:
    """The open file takes every commit, and nobody will ever read it: that is not "on disk"."""
    writer, ear = open_writer()
    writer.append([beat(1)])
    await ear.hear_commit(1)
    away = path.with_suffix(".away")
    path.rename(away)  # noqa: ASYNC240 - the loop may wait for this
    writer.append([beat(2)])
    await ear.hear_trouble("removed or replaced")
    assert max(ear.committed) == 1
    away.rename(path)
    await ear.hear_commit(2)
    await ear.hear_trouble(None)
    assert sequence(path) == [1, 2]


async def test_a_second_writer_is_refused_and_the_first_goes_on(open_writer: Open, path: Path) -> None:
    writer, ear = open_writer()
    with pytest.raises(JournalHeld, match=r"another sortctl \(process \d+\)"):
        open_writer()
    writer.append([beat(1)])
    await ear.hear_commit(1)
    assert writer.close()
    open_writer()


async def test_a_restart_goes_on_in_the_same_chain(open_writer: Open, path: Path) -> None:
    for first in (1, 4, 7):
        writer, _ = open_writer()
        writer.append([beat(seq) for seq in range(first, first + 3)])
        assert writer.close()
    assert sequence(path) == list(range(1, 10))
    assert is_sound(path)


async def test_closing_writes_what_waits_and_says_so(open_writer: Open, path: Path) -> None:
    writer, ear = open_writer()
    for seq in range(1, 5001):
        writer.append([beat(seq)])
    assert writer.close()
    assert ear.committed[-1] == 5000
    assert sequence(path) == list(range(1, 5001))


async def test_a_full_disk_is_told_kept_trying_and_forgotten(open_writer: Open, path: Path) -> None:
    """The same rows are written when there is room again; nothing is lost, nothing twice."""
    writer, ear = open_writer()
    writer.append([beat(1)])
    await ear.hear_commit(1)
    limit_pages(writer, 20)
    for seq in range(2, 2002):
        writer.append([beat(seq)])
    await ear.hear_trouble("the disk is full")
    assert ear.committed[-1] < 2001
    limit_pages(writer, 100_000)
    await ear.hear_commit(2001)
    await ear.hear_trouble(None)
    assert sequence(path) == list(range(1, 2002))
    assert is_sound(path)
    assert writer.dropped == 0


def limit_pages(writer: JournalWriter, pages: int) -> None:
    writer._scribe._pen._con.execute(f"PRAGMA max_page_count = {pages}")


async def test_a_locked_file_is_waited_for(open_writer: Open, path: Path) -> None:
    writer, ear = open_writer()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writer.append([beat(1)])
    await ear.hear_trouble("another program")
    other.execute("ROLLBACK")
    await ear.hear_commit(1)
    other.close()


async def test_a_disk_that_is_dead_for_long_costs_rows_but_never_a_wait(
    open_writer: Open, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was dropped is counted, the alarm says so, and the file itself later tells which rows were never written."""
    monkeypatch.setattr(writer_module, "QUEUE_ROWS_MAX", 100)
    writer, ear = open_writer()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for seq in range(1, 151):
        writer.append([beat(seq)])
    assert writer.dropped == 50
    wanted = [writer.wants_snapshot]  # no room for one yet
    await ear.hear_trouble("rows are being dropped")
    other.execute("ROLLBACK")
    other.close()
    await ear.hear_commit(100)
    wanted.append(writer.wants_snapshot)
    writer.append_snapshot(150, 1, b"state")
    wanted.append(writer.wants_snapshot)
    assert wanted == [False, True, False]
    writer.append([beat(151)])
    await ear.hear_commit(151)
    assert ear.troubles[-1] is None
    assert not writer.close(), "rows were lost"
    with JournalReader(path) as reader:
        told = verify(reader, lambda _: None, lambda _: None)
    assert [(finding.kind, finding.text) for finding in told.findings] == [
        ("never_written", "rows 101 to 150: never written, the disk was in trouble")
    ]


async def test_closing_with_a_dead_disk_gives_up_at_the_deadline(open_writer: Open, path: Path) -> None:
    writer, _ = open_writer()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writer.append([beat(1)])
    assert not writer.close(0.2)
    other.close()


async def test_a_commit_that_failed_after_it_was_done_is_not_done_again(
    open_writer: Open, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, ear = open_writer()
    write_down = pen_module.Pen.write
    failures: list[list[pen_module.Entry]] = []

    def write_and_fail(self: pen_module.Pen, entries: list[pen_module.Entry]) -> None:
        before = self.seq, self._chain
        write_down(self, entries)
        if not failures:
            failures.append(entries)
            self.seq, self._chain = before
            raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(pen_module.Pen, "write", write_and_fail)
    writer.append([beat(1), beat(2)])
    await ear.hear_commit(2)
    writer.append([beat(3)])
    await ear.hear_commit(3)
    assert failures
    assert sequence(path) == [1, 2, 3]
    assert is_sound(path)


async def test_pruning_keeps_the_newest_old_snapshot_and_what_follows(open_writer: Open, path: Path) -> None:
    """Rows go in pieces behind the commits, the chain of what stays is whole, and numbers go on."""
    writer, ear = open_writer()
    writer.save_site(SITE, FILES)
    for day in range(10):
        first = day * 700 + 1
        writer.append([beat(seq, day * DAY_NS + seq) for seq in range(first, first + 700)])
        writer.append_snapshot(first + 699, day * DAY_NS, b"state of day %d" % day)
    writer.append([beat(7001, 9 * DAY_NS + 7001)])
    await ear.hear_commit(7001)
    writer.prune(days=7)
    for _ in range(200):
        with JournalReader(path) as reader:
            if reader.snapshots()[0].seq == 2100:
                break
        await asyncio.sleep(0.02)
    assert writer.close()
    assert sequence(path)[0] == 2100
    assert is_sound(path)
    with JournalReader(path) as reader:
        assert reader.base()[0] == 2099
        assert reader.snapshot(2100) == b"state of day 2"
    writer, ear = open_writer()
    writer.append([beat(7002)])
    await ear.hear_commit(7002)
    assert is_sound(path)


async def test_of_old_snapshots_one_an_hour_is_kept(open_writer: Open, path: Path) -> None:
    writer, ear = open_writer()
    writer.save_site(SITE, FILES)
    minute = 60 * 1_000_000_000
    for at in range(1, 181):
        writer.append([beat(at)])
        writer.append_snapshot(at, at * minute, b"state")
    await ear.hear_commit(180)
    assert writer.close()
    with JournalReader(path) as reader:
        assert [mark.seq for mark in reader.snapshots()] == [1, 61, 121, 177, 178, 179, 180]
