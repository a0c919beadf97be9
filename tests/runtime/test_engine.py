"""Turns of the controller: rows to the journal, timers, a late disk, a broken rule."""

import asyncio
from pathlib import Path

import pytest

from sortctl.journal.read import JournalReader
from sortctl.journal.schema import FILE_NAME
from sortctl.runtime.engine import EngineBroken
from sortctl.words.ids import ScannerId
from tests.runtime.bench import PLC, WAIT_NS, Bench, until

TOP = ScannerId("top")


async def test_every_row_comes_to_the_disk_and_is_told(bench: Bench) -> None:
    bench.engine.scanner_up(TOP)
    row = bench.engine.probe()
    await until(lambda: bench.engine.recorder.committed_row >= row)
    assert bench.engine.recorder.figures().waiting == 0


async def test_a_listener_is_shown_every_row_but_not_before_the_turn_ends(bench: Bench) -> None:
    shown: list[int] = []
    bench.engine.listen(lambda rows: shown.extend(row.seq for row in rows))
    first = bench.engine.probe()
    second = bench.engine.probe()
    assert shown == []
    await asyncio.sleep(0)
    assert shown == [first, second]


async def test_a_frame_that_ends_by_a_pause_is_woken_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine keeps one timer for what the controller wants to be woken for, also when that moves."""
    struck: list[int] = []
    due = [bench.engine.now_ns() + 5_000_000]

    def wake(at_ns: int) -> None:
        struck.append(at_ns)
        due[0] = at_ns + 5_000_000

    monkeypatch.setattr(bench.controller, "wake", wake)
    monkeypatch.setattr(bench.controller, "next_wake_ns", lambda: due[0] if len(struck) < 3 else None)
    bench.engine.scanner_up(TOP)
    await until(lambda: len(struck) == 3)
    assert struck[0] < struck[1] < struck[2]


async def test_a_late_disk_is_told_and_its_end_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """While nothing is committed orders leave unproven; when the disk answers that is over."""
    kept: list[object] = []
    monkeypatch.setattr(bench.writer, "append", kept.append)
    bench.engine.probe()
    began_ns = bench.engine.now_ns()
    await until(lambda: bench.engine.recorder.is_troubled)
    assert bench.engine.now_ns() - began_ns >= WAIT_NS // 2
    assert [alarm.code for alarm in bench.engine.status().watch.alarms if "late" in alarm.code]
    bench.engine.committed(bench.engine.recorder.last_row)
    assert not bench.engine.recorder.is_troubled
    assert not [alarm.code for alarm in bench.engine.status().watch.alarms if "late" in alarm.code]


async def test_a_disk_that_is_quick_is_never_called_late(bench: Bench) -> None:
    for _ in range(20):
        row = bench.engine.probe()
        await until(lambda row=row: bench.engine.recorder.committed_row >= row)  # type: ignore[misc]
    await asyncio.sleep(2 * WAIT_NS / 1e9)
    assert not bench.engine.recorder.is_troubled


async def test_a_broken_rule_ends_all_turns_and_its_fact_is_on_disk(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> object:
        raise ValueError("two parcels in one place")

    monkeypatch.setattr(bench.controller._logic, "step", broken)
    before = bench.controller.last_row
    with pytest.raises(EngineBroken, match="two parcels"):
        bench.engine.probe()
    assert "two parcels in one place" in bench.engine.broken.result()
    with pytest.raises(EngineBroken):
        bench.engine.plc_block(PLC)
    bench.engine.committed(before)
    bench.close()
    with JournalReader(tmp_path / FILE_NAME) as reader:
        last = reader.last()
    assert last is not None
    assert (last.seq, last.type) == (before + 1, "ClockStruck")


async def test_a_snapshot_is_due_when_enough_has_happened(bench: Bench, tmp_path: Path) -> None:
    bench.engine.scanner_up(TOP)
    recorder = bench.engine.recorder
    assert not recorder.wants_snapshot(bench.engine.now_ns())
    assert recorder.wants_snapshot(bench.engine.now_ns() + 61_000_000_000)
    bench.engine.keep_snapshot()
    assert not recorder.wants_snapshot(bench.engine.now_ns() + 61_000_000_000)
    row = recorder.last_row
    bench.close()
    with JournalReader(tmp_path / FILE_NAME) as reader:
        assert reader.snapshot(row) is not None
