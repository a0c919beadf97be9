"""The truth: positions, pushers, slides, chutes and hands."""

import pytest

from sim.plc.program import Carried
from sim.world.line import Line
from sim.world.parcel import Parcel, Place
from tests.sim.lines import MM, MS, S, body
from tests.sim.plc.bench import machine

SCAN = 10 * MS
PUSHER_MM = 4_000
"""Middle of pusher 2."""


def order(chute: int = 2, seq: int = 1) -> Carried:
    return Carried(1, 1, seq, chute, seq, 0, 1)


def line_with(*parcels: tuple[Parcel, int]) -> Line:
    """Parcels with their middles at these millimetres."""
    line = Line(machine(), 1)
    line.belt._nominal_um_s = 2_000_000
    for parcel, middle_mm in parcels:
        line.put(parcel, middle_mm * MM + parcel.length_um // 2)
    return line


def run(line: Line, ms: int) -> None:
    until = line.belt.now_ns + ms * MS
    while line.belt.now_ns < until:
        line.advance(line.belt.now_ns + SCAN)


def push(line: Line, when_mm: int, parcel: Parcel) -> None:
    """Let the belt run until the parcel's middle is so far, as seen from pusher 2, when the stroke is half way."""
    lead_mm = (60 + 120) * 2
    while parcel.middle(line.belt.um) < (PUSHER_MM + when_mm - lead_mm) * MM:
        line.advance(line.belt.now_ns + SCAN)
    line.fire(order(), line.belt.now_ns)
    run(line, 2_000)


@pytest.mark.parametrize(("off_mm", "hit"), [(0, True), (-130, True), (130, True), (-400, False), (400, False)])
def test_a_pusher_takes_the_parcel_whose_middle_is_before_its_face(off_mm: int, hit: bool) -> None:
    parcel = body(1, 200)
    line = line_with((parcel, 1_000))
    push(line, off_mm, parcel)
    assert (parcel.exit == 2) is hit
    assert line.strokes[0].hit == ((1,) if hit else ())


def test_a_pusher_that_is_late_takes_the_neighbour_along() -> None:
    first, second = body(1, 300), body(2, 300)
    line = line_with((first, 1_500), (second, 1_500 - 300 - 50))
    push(line, 170, first)
    assert (first.exit, second.exit) == (2, 2)
    assert line.strokes[0].hit == (1, 2)


def test_a_neighbour_with_a_legal_gap_stays() -> None:
    first, second = body(1, 150), body(2, 300)
    line = line_with((first, 1_500), (second, 1_500 - 225 - 200))
    push(line, 60, first)
    assert (first.exit, second.exit) == (2, 5)


def test_a_stuck_pusher_moves_nothing_and_reports_nothing() -> None:
    parcel = body(1)
    line = line_with((parcel, 1_000))
    line.stuck.add(2)
    push(line, 0, parcel)
    assert parcel.exit == 5
    assert not any(terminal.kind == "stroke" for terminal, _ in line.eyes.take_changes())


def test_who_is_not_pushed_falls_off_the_end() -> None:
    parcel = body(1)
    line = line_with((parcel, 1_000))
    run(line, 4_000)
    assert (parcel.place, parcel.exit) == (Place.CHUTE, 5)
    assert 5_500 / 2 + 400 - 80 < parcel.exit_ns / MS < 5_500 / 2 + 400 + 80


def test_slip_lags_the_belt_in_proportion_to_the_way() -> None:
    parcel = body(1, slip_ppm=1_000)
    parcel.put(0, 0)
    assert parcel.front(10_000 * MM) == 9_990 * MM
    assert parcel.front(parcel.belt_when_front_at(5_000 * MM)) == pytest.approx(5_000 * MM, abs=2)


def test_an_eye_is_blocked_while_a_body_is_over_it() -> None:
    parcel = body(1, 400)
    line = line_with((parcel, 1_500))
    seen: list[tuple[int, int]] = []
    for _ in range(80):
        line.advance(line.belt.now_ns + SCAN)
        seen += [(line.belt.um // MM, level) for terminal, level in line.eyes.take_changes() if terminal.kind == "eye"]
    assert seen[0][1] is True
    assert seen[-1][1] is False
    assert 280 <= seen[0][0] <= 340
    assert 680 <= seen[-1][0] <= 740


def test_a_hand_over_an_eye_clears_it() -> None:
    parcel = body(1, 400)
    line = line_with((parcel, 2_000))
    run(line, 20)
    assert [terminal.kind for terminal, _ in line.eyes.levels_on()] == ["eye"]
    line.take_off(parcel)
    run(line, 20)
    assert line.eyes.levels_on() == []
    assert parcel.place is Place.HAND
    run(line, 5_000)
    assert parcel.exit == 0


def test_two_that_change_places_cover_the_same_stretch() -> None:
    first, second = body(1, 500), body(2, 200)
    line = line_with((first, 1_500), (second, 900))
    front, tail = first.front(0), second.front(0) - second.length_um
    line.swap(first, second)
    assert second.front(0) == front
    assert first.front(0) - first.length_um == tail
    assert second.middle(0) > first.middle(0)
    run(line, 5_000)
    assert second.exit_ns < first.exit_ns


def test_chutes_fill_call_and_are_emptied() -> None:
    line = Line(machine(), 1)
    line.chutes.comes_after_s = (3, 3)
    for turn in range(10):
        line.chutes.take(1, turn * MS)
    assert [terminal.kind for terminal, _ in line.eyes.take_changes()] == ["half"]
    for turn in range(7):
        line.chutes.take(1, turn * MS)
    assert [terminal.kind for terminal, _ in line.eyes.take_changes()] == ["full"]
    for turn in range(4):
        line.chutes.take(1, turn * MS)
    assert line.chutes.overfilled == 1
    line.chutes.visit(2 * S)
    assert line.chutes.content[1] == 21
    line.chutes.visit(4 * S)
    assert line.chutes.content[1] == 0
    assert {level for _, level in line.eyes.take_changes()} == {False}


def test_nobody_empties_a_deserted_chute() -> None:
    line = Line(machine(), 1)
    line.chutes.absent.add(1)
    line.chutes.fill(1)
    line.chutes.visit(1_000 * S)
    assert line.chutes.content[1] == 20
