"""How old bytes may be that are taken after this process was held up, and what becomes of the reads in them."""

import pytest

from sortctl.app import virtual_controller
from sortctl.journal.row import thing_of
from sortctl.runtime.controller import Controller, Start
from sortctl.runtime.engine import Engine
from sortctl.runtime.process.attention import AWAY_NS, CATCH_UP_NS, Attention
from sortctl.words import facts
from sortctl.words.ids import ScannerId
from sortctl.words.units import NS_PER_MS
from tests.runtime.bench import LOADED, Bench

MS = NS_PER_MS
READ = b"\x02LX000000005CN\x03"


def test_a_loop_that_turns_has_nothing_old() -> None:
    mine = Attention(0)
    for at_ms in range(0, 200, 20):
        assert mine.look(at_ms * MS) == 0
        assert mine.waited_ns(at_ms * MS) == 0


def test_after_a_pause_everything_may_be_as_old_as_the_pause() -> None:
    mine = Attention(0)
    assert mine.look(300 * MS) == 300 * MS
    assert mine.waited_ns(300 * MS) == 300 * MS
    mine.look(310 * MS)
    assert mine.waited_ns(310 * MS) == 310 * MS, "the rest of a full buffer comes a little later"
    for at_ns in range(310 * MS, 300 * MS + CATCH_UP_NS + 2, AWAY_NS // 2):
        mine.look(at_ns)
    mine.look(300 * MS + CATCH_UP_NS + 1)
    assert mine.waited_ns(300 * MS + CATCH_UP_NS + 1) == 0


def test_bytes_come_before_the_timer_that_is_late_as_well() -> None:
    mine = Attention(0)
    assert mine.waited_ns(300 * MS) == 300 * MS
    mine.look(301 * MS)
    assert mine.waited_ns(302 * MS) == 302 * MS


def test_a_second_pause_while_catching_up_adds_to_the_first() -> None:
    mine = Attention(0)
    mine.look(300 * MS)
    mine.look(340 * MS)
    assert mine.waited_ns(340 * MS) == 340 * MS


@pytest.fixture
def controller() -> Controller:
    made = virtual_controller(LOADED, Start(0, 0))
    made.scanner_up("top", 0)
    made.take_rows()
    return made


def told(controller: Controller) -> list[object]:
    return [thing_of(row) for row in controller.take_rows() if row.kind == "fact"]


def test_a_read_that_waited_belongs_to_nobody(controller: Controller) -> None:
    """Tied by the moment at which it is taken, it would sort another parcel."""
    controller.scanner_bytes("top", READ, 900 * MS, 500 * MS)
    [refused] = told(controller)
    assert isinstance(refused, facts.FrameRefused)
    assert "500 ms" in refused.cause
    assert refused.excerpt == "LX000000005CN"


def test_a_read_that_waited_less_than_half_the_way_to_the_next_parcel_is_taken(controller: Controller) -> None:
    controller.scanner_bytes("top", READ, 900 * MS, 80 * MS)
    assert isinstance(told(controller)[0], facts.CodesRead)


def test_only_what_began_in_doubt_is_in_doubt(controller: Controller) -> None:
    controller.scanner_bytes("top", READ[:5], 100 * MS, 0)
    controller.scanner_bytes("top", READ[5:] + READ[:5], 600 * MS, 500 * MS)
    assert isinstance(told(controller)[0], facts.CodesRead), "its first byte came in time"
    controller.scanner_bytes("top", READ[5:] + READ, 680 * MS, 0)
    refused, read = told(controller)
    assert isinstance(refused, facts.FrameRefused), "its first byte had waited"
    assert isinstance(read, facts.CodesRead)


async def test_an_engine_that_was_held_up_refuses_what_lay_in_the_port(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine: Engine = bench.engine
    engine.scanner_up(ScannerId("top"))
    now_ns = bench.clock.now_ns() + 400 * MS
    monkeypatch.setattr(bench.clock, "now_ns", lambda: now_ns)
    engine.scanner_bytes(ScannerId("top"), READ)
    [scanner] = [one for one in engine.status().scanners if one.scanner == "top"]
    assert (scanner.reads, scanner.refused) == (0, 1)
