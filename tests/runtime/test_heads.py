"""Scanners and readers side by side: what they have in common is one and the same."""

from sortctl.drivers import ScannedCode
from sortctl.runtime.halves.reader_half import ReaderHalf
from sortctl.runtime.halves.scanner_half import ScannerHalf
from sortctl.runtime.halves.unit_half import UnitHalf
from sortctl.site.model import Framing, Limits, Reader, Scanner
from sortctl.site.wires import Security
from sortctl.words import facts
from sortctl.words.facts import Code, CodesRead, FrameRefused
from sortctl.words.ids import PlcId, ScannerId
from sortctl.words.units import NS_PER_MS

MS = NS_PER_MS
STALE_MS = 100
TUNNEL = ScannerId("tunnel")


def reader(silent_ms: int = 0) -> ReaderHalf:
    settings = Reader(
        sorter="loop1",
        scan_point=1,
        address="127.0.0.1:4841",
        device="s=Reader",
        namespace="urn:x",
        security=Security(policy="none", why="in a test"),
        window_mm=300,
        delay_ms=50,
        silent_ms=silent_ms,
    )
    return ReaderHalf(TUNNEL, settings, Limits(), STALE_MS * MS)


def code(text: str) -> ScannedCode:
    return ScannedCode(text, "RAW:STRING", "]C0")


def test_an_event_is_a_read() -> None:
    half = reader()
    assert half.opened(0) == [facts.ScannerLinked(0, TUNNEL)]
    assert half.take([code("RR1NL")], 5, 0) == [CodesRead(5, TUNNEL, (Code("RR1NL", "]C0"),))]
    assert half.take([], 6, 0) == [CodesRead(6, TUNNEL, ())]
    assert (half.reads, half.no_reads, half.refused) == (2, 1, 0)


def test_an_event_that_waited_belongs_to_nobody() -> None:
    half = reader()
    half.opened(0)
    (told,) = half.take([code("RR1NL")], 900 * MS, (STALE_MS + 1) * MS)
    assert isinstance(told, FrameRefused)
    assert half.take([code("RR2NL")], 901 * MS, STALE_MS * MS) == [CodesRead(901 * MS, TUNNEL, (Code("RR2NL", "]C0"),))]


def test_an_event_that_came_late_belongs_to_nobody() -> None:
    half = reader()
    half.opened(0)
    for at_ms, made_ms in ((1_000, 990), (2_000, 1_990)):
        (told,) = half.take([code("RR1NL")._replace(made_ns=made_ms * MS)], at_ms * MS, 0)
        assert isinstance(told, CodesRead)
    (told,) = half.take([code("RR2NL")._replace(made_ns=2_990 * MS)], (3_000 + STALE_MS + 2) * MS, 0)
    assert isinstance(told, FrameRefused)
    assert "later than usual" in told.cause
    assert told.excerpt == "RR2NL"
    assert half.refused == 1


def test_a_reader_without_any_event_is_silent_until_the_next_one() -> None:
    half = reader(silent_ms=1_000)
    half.opened(0)
    assert half.next_wake_ns() == 1_000 * MS
    assert half.wake(1_000 * MS) == [facts.ScannerSilent(1_000 * MS, TUNNEL, True)]
    assert half.next_wake_ns() is None
    told = half.take([], 2_000 * MS, 0)
    assert told == [facts.ScannerSilent(2_000 * MS, TUNNEL, False), CodesRead(2_000 * MS, TUNNEL, ())]


def test_a_reader_that_sends_without_end_is_not_believed_until_it_is_quiet() -> None:
    half = reader()
    half.opened(0)
    told = [fact for at_ms in range(500) for fact in half.take([code("X")], at_ms * MS, 0)]
    assert facts.ScannerBabbles in {type(fact) for fact in told}
    assert sum(isinstance(fact, CodesRead) for fact in told) < 300
    quiet_ns = half.next_wake_ns()
    assert quiet_ns is not None
    assert half.wake(quiet_ns) == [facts.ScannerBabbles(quiet_ns, TUNNEL, False)]
    assert [type(fact) for fact in half.take([code("X")], quiet_ns + 1, 0)] == [CodesRead]


def test_a_lost_reader_is_told_once_for_each_cause() -> None:
    half = reader()
    half.opened(0)
    assert half.closed("cut", 1) == [facts.ScannerLost(1, TUNNEL, "cut")]
    assert half.closed("cut", 2) == []
    assert half.closed("off", 3) == [facts.ScannerLost(3, TUNNEL, "off")]


# ------------------------------------------------------------------------------------------- units

PRESS = PlcId("press")


def test_a_unit_is_told_when_state_or_mode_change_and_after_each_loss() -> None:
    half = UnitHalf(PRESS, is_only_observed=True)
    assert half.seen(6, 1, 1) == [facts.UnitSeen(1, PRESS, 6, 1)]
    assert half.seen(6, 1, 2) == []
    assert half.seen(6, 2, 3) == [facts.UnitSeen(3, PRESS, 6, 2)]
    assert half.lost("off", 4) == [facts.PlcLost(4, PRESS, "off")]
    assert half.lost("off", 5) == []
    assert half.seen(6, 2, 6) == [facts.UnitSeen(6, PRESS, 6, 2)]


def test_a_unit_beside_an_exchange_leaves_the_link_to_the_exchange() -> None:
    half = UnitHalf(PRESS, is_only_observed=False)
    assert half.lost("no such node", 1) == []
    assert half.cause == "no such node"


def scanner() -> ScannerHalf:
    settings = Scanner(
        sorter="line1",
        scan_point=1,
        url="tcp://127.0.0.1:4001",
        framing=Framing(terminator="CR"),
        window_mm=250,
        delay_ms=60,
    )
    return ScannerHalf(TUNNEL, settings, Limits(), STALE_MS * MS)


def test_what_came_over_too_long_a_time_is_more_than_one_telegram() -> None:
    half = scanner()
    half.opened(0)
    assert half.take(b"RR1", 0, 0) == []
    assert half.take(b"NL\r", STALE_MS * MS, 0) == [CodesRead(0, TUNNEL, (Code("RR1NL"),))]
    assert half.take(b"garbage", 500 * MS, 0) == []
    (told,) = half.take(b"RR2NL\r", 900 * MS, 0)
    assert isinstance(told, FrameRefused)
    assert "400 ms" in told.cause
    assert half.take(b"RR3NL\r", 1_000 * MS, 0) == [CodesRead(1_000 * MS, TUNNEL, (Code("RR3NL"),))]
