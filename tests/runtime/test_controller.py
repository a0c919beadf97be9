"""The controller without wires: nothing leaves before it is on disk, nothing is acknowledged before it is on disk.

The machine side is the simulator's PLC program, moved by hand; the disk is this test.
"""

from typing import Any

import msgspec
import pytest

from sim.plant import Plant
from sim.plc.contacts import Terminal
from sortctl.app import virtual_controller
from sortctl.inputs.exchange import decode
from sortctl.journal.row import Row, thing_of
from sortctl.runtime.controller import Controller, Reading, Start
from sortctl.site.load import LoadedSite
from sortctl.words import facts
from sortctl.words.ids import ChuteNumber, PlcId
from sortctl.words.orders import Divert
from sortctl.words.units import NS_PER_MS
from tests.runtime.bench import LOADED

PLC = "main"


@pytest.fixture(scope="module")
def loaded() -> LoadedSite:
    return LOADED


class Bench:
    """A controller, a plant without parcels, and a disk that answers when it is told to."""

    def __init__(self, loaded: LoadedSite, start: Start) -> None:
        self.loaded = loaded
        self.plant = Plant(loaded.machines[0], seed=1)
        self.rows: list[Row] = []
        self.at_ns = start.at_ns
        self.controller = virtual_controller(loaded, start)
        self.controller.plc_opened(PLC, self.at_ns)

    def cycle(self, commit: bool = True) -> list[int] | None:
        """One PLC scan and one exchange; the block that was written."""
        self.at_ns += 10 * NS_PER_MS
        self.plant.advance(self.at_ns)
        block = self.controller.plc_block(PLC, self.at_ns)
        if block is not None:
            self.plant.plc.write_orders(block)
        assert self.controller.plc_inputs(PLC, self.plant.plc.read_inputs(), self.at_ns) is Reading.TAKEN
        if self.controller.wants_chutes(PLC):
            self.controller.plc_chutes(PLC, self.plant.plc.read_chutes(), self.at_ns)
        self.rows += self.controller.take_rows()
        if commit:
            self.commit()
        return block

    def commit(self) -> None:
        self.controller.committed(self.rows[-1].seq, self.at_ns)

    def said(self, kind: type) -> list[Any]:
        return [thing for row in self.rows if isinstance(thing := thing_of(row), kind)]


@pytest.fixture
def bench(loaded: LoadedSite) -> Bench:
    """Linked, an epoch granted."""
    made = Bench(loaded, Start(0, 10**18))
    for _ in range(10):
        made.cycle()
    assert made.said(facts.EpochGranted)
    return made


def order(bench: Bench, seq: int = 1) -> Divert:
    """An order of the logic, as if it had just been given; its row is not on disk."""
    half = bench.controller._plcs[PlcId(PLC)]
    divert = Divert(PlcId(PLC), half.ownership.epoch, seq, "test", ChuteNumber(5), 1, 12345)
    half.block.add(bench.controller._note(divert, bench.at_ns), divert)
    bench.rows += bench.controller.take_rows()
    return divert


def carried(block: list[int] | None) -> int:
    """Orders in a block."""
    assert block is not None
    return block[10]


def test_the_first_request_of_a_connection_only_reads(loaded: LoadedSite) -> None:
    made = Bench(loaded, Start(0, 10**18))
    assert made.cycle() is None


def test_an_order_leaves_only_after_its_row_is_on_disk(bench: Bench) -> None:
    order(bench)
    assert not bench.controller.is_urgent(PLC)
    assert carried(bench.cycle(commit=False)) == 0
    bench.commit()
    assert bench.controller.is_urgent(PLC)
    assert carried(bench.cycle()) == 1
    assert not bench.controller.is_urgent(PLC), "it was written; hurrying again would gain nothing"


def test_a_late_disk_lets_orders_go_marked(bench: Bench) -> None:
    order(bench)
    bench.controller.commit_late(True, bench.at_ns)
    assert carried(bench.cycle(commit=False)) == 1
    assert bench.said(facts.CommitLate)[0].late


def test_events_are_acknowledged_only_after_their_rows_are_on_disk(bench: Bench) -> None:
    acked = bench.plant.plc.events.acked
    bench.plant.line.eyes.turn(Terminal("eye", 1), True)
    for _ in range(8):
        bench.cycle(commit=False)
    assert bench.said(facts.EyeChanged), "the event was read and taken"
    assert bench.plant.plc.events.acked == acked
    bench.commit()
    for _ in range(3):
        bench.cycle()
    assert bench.plant.plc.events.acked > acked


def test_a_dead_disk_does_not_keep_the_plc_from_telling_more_than_one_window(bench: Bench) -> None:
    """The PLC shows its oldest unacknowledged events only: without any acknowledgement the line would stand still to us."""
    bench.controller.commit_late(True, bench.at_ns)
    edges = 3 * bench.loaded.machines[0].plc.event_slots
    for number in range(edges):
        bench.plant.line.eyes.turn(Terminal("eye", 1), number % 2 == 0)
        for _ in range(4):
            bench.cycle(commit=False)
    for _ in range(10):
        bench.cycle(commit=False)
    assert len(bench.said(facts.EyeChanged)) == edges


def test_a_dead_disk_leaves_what_fits_the_window_unacknowledged(bench: Bench) -> None:
    acked = bench.plant.plc.events.acked
    bench.controller.commit_late(True, bench.at_ns)
    bench.plant.line.eyes.turn(Terminal("eye", 1), True)
    for _ in range(8):
        bench.cycle(commit=False)
    assert bench.said(facts.EyeChanged)
    assert bench.plant.plc.events.acked == acked, "the PLC is the safest place left"


def test_a_torn_read_is_read_again_and_a_foreign_program_drops_the_link(bench: Bench) -> None:
    words = bench.plant.plc.read_inputs()
    torn = [*words[:-1], words[-1] ^ 1]
    assert bench.controller.plc_inputs(PLC, torn, bench.at_ns) is Reading.TORN
    foreign = [words[0], 0, *words[2:]]
    assert bench.controller.plc_inputs(PLC, foreign, bench.at_ns) is Reading.DEAD
    assert "magic" in bench.controller.plc_cause(PLC)


def test_a_link_that_cannot_be_made_is_told_once_for_each_cause(loaded: LoadedSite) -> None:
    made = Bench(loaded, Start(0, 10**18))
    for _ in range(3):
        made.controller.plc_down(PLC, "connection refused", 5)
    made.controller.plc_down(PLC, "no route", 5)
    made.rows = made.controller.take_rows()
    assert [lost.cause for lost in made.said(facts.PlcLost)] == ["connection refused", "no route"]


def test_a_standing_program_behind_a_live_server_drops_the_link(bench: Bench) -> None:
    words = bench.plant.plc.read_inputs()
    assert bench.controller.plc_inputs(PLC, words, bench.at_ns + 1) is Reading.TAKEN
    assert bench.controller.plc_inputs(PLC, words, bench.at_ns + 400 * NS_PER_MS) is Reading.DEAD


def test_a_restarted_controller_goes_on_in_its_epoch_with_the_orders_that_were_not_taken(bench: Bench) -> None:
    epoch = bench.said(facts.EpochGranted)[0].epoch
    told = [thing for row in bench.rows if isinstance(thing := thing_of(row), facts.Fact)]
    again = virtual_controller(
        bench.loaded,
        Start(bench.at_ns + 1, 10**18, last_row=bench.rows[-1].seq, facts=tuple(told)),
    )
    again.plc_opened(PLC, bench.at_ns)
    again.plc_inputs(PLC, bench.plant.plc.read_inputs(), bench.at_ns)
    granted = [thing for row in again.take_rows() if isinstance(thing := thing_of(row), facts.EpochGranted)]
    assert [fact.epoch for fact in granted] == [epoch]


def test_a_snapshot_is_a_whole_state(bench: Bench) -> None:
    snapshot = bench.controller.snapshot()
    again = virtual_controller(bench.loaded, Start(bench.at_ns, 10**18, last_row=bench.rows[-1].seq, snapshot=snapshot))
    assert msgspec.json.decode(again.snapshot())["watch"] == msgspec.json.decode(snapshot)["watch"]


def test_a_stop_gives_the_epoch_back(bench: Bench) -> None:
    bench.controller.begin_stop(bench.at_ns)
    block = bench.cycle()
    assert block is not None
    assert block[9] == 2
    bench.cycle()
    image = decode(bench.plant.plc.read_inputs(), 10, low_first=False)
    assert getattr(image, "owner", None) == 0


def test_a_scanner_that_stays_silent_is_told_and_told_back(loaded: LoadedSite) -> None:
    controller: Controller = virtual_controller(loaded, Start(0, 10**18))
    controller.scanner_up("top", 0)
    wake_ns = controller.next_wake_ns()
    assert wake_ns == loaded.site.scanners["top"].silent_ms * NS_PER_MS
    controller.wake(wake_ns)
    heartbeat = loaded.site.scanners["top"].telegram.heartbeat.encode()
    controller.scanner_bytes("top", b"\x02" + heartbeat + b"\x03", wake_ns + 1)
    silent = [thing.silent for row in controller.take_rows() if isinstance(thing := thing_of(row), facts.ScannerSilent)]
    assert silent == [True, False]


def test_a_scanner_that_babbles_fills_neither_the_journal_nor_a_parcel(loaded: LoadedSite) -> None:
    controller: Controller = virtual_controller(loaded, Start(0, 10**18))
    controller.scanner_up("top", 0)
    for at_ms in range(2_000):
        controller.scanner_bytes("top", b"\x02LX000000005CN\x03" * 5, at_ms * NS_PER_MS)
    rows = controller.take_rows()
    assert len(rows) < 1_000
    told = [thing_of(row) for row in rows]
    assert [thing.babbles for thing in told if isinstance(thing, facts.ScannerBabbles)] == [True]
    assert [alarm.code for alarm in controller.status(0).watch.alarms if "babbles" in alarm.code]
    quiet_ns = controller.next_wake_ns()
    assert quiet_ns is not None
    controller.wake(quiet_ns)
    controller.scanner_bytes("top", b"\x02LX000000005CN\x03", quiet_ns + 1)
    told = [thing_of(row) for row in controller.take_rows()]
    assert [thing.babbles for thing in told if isinstance(thing, facts.ScannerBabbles)] == [False]
    assert [thing for thing in told if isinstance(thing, facts.CodesRead)], "it is believed again"


# ------------------------------------------------------------------------------------------- units and certificates


def test_a_unit_is_a_fact_when_it_turns(bench: Bench) -> None:
    bench.controller.unit_seen("loop", 6, 1, bench.at_ns)
    bench.controller.unit_seen("loop", 6, 1, bench.at_ns)
    bench.controller.unit_lost("loop", "no such node", bench.at_ns)
    bench.rows += bench.controller.take_rows()
    assert len(bench.said(facts.UnitSeen)) == 1
    (unit,) = bench.controller.status(bench.at_ns).units
    assert (unit.read, unit.why, unit.state) == (False, "no such node", 6)


def test_an_alarm_over_a_certificate_outlives_a_restart_and_ends_with_its_renewal(bench: Bench) -> None:
    aged = [("own certificate", "AB" * 20, 12)]
    bench.controller.certificates(aged, bench.at_ns)
    status = bench.controller.status(bench.at_ns)
    assert [alarm.code for alarm in status.watch.alarms] == ["certificate_abababab"]
    assert [(one.name, one.days_left) for one in status.certificates] == [("own certificate", 12)]
    bench.rows += bench.controller.take_rows()
    begin = Start(bench.at_ns, 10**18, "again", bench.controller.last_row, bench.controller.snapshot())
    again = virtual_controller(bench.loaded, begin)
    assert [alarm.code for alarm in again.status(bench.at_ns).watch.alarms] == ["certificate_abababab"]
    again.certificates([], bench.at_ns)
    assert not again.status(bench.at_ns).watch.alarms
    assert not again.status(bench.at_ns).certificates
    told = tuple(thing for row in bench.rows if isinstance(thing := thing_of(row), facts.Fact))
    replayed = virtual_controller(bench.loaded, Start(bench.at_ns, 10**18, "replayed", bench.rows[-1].seq, None, told))
    replayed.certificates([], bench.at_ns)
    assert not replayed.status(bench.at_ns).watch.alarms
