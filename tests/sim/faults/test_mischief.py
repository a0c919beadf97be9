"""Mischief is seeded, wears off, and can be lifted."""

from sim.faults.at_modbus import CRUMBLED, DROPPED, HONEST, TORN, Mischief
from sim.faults.on_line import LineMischief

TURNS = 200


def test_the_same_seed_has_the_same_bad_day() -> None:
    days = []
    for _ in range(2):
        mischief = Mischief(7)
        mischief.lay(DROPPED, chance=0.3)
        days.append([mischief.treat(3) for _ in range(TURNS)])
    assert days[0] == days[1]
    assert {HONEST, DROPPED} == set(days[0])


def test_laid_for_some_functions_and_some_times() -> None:
    mischief = Mischief(1)
    mischief.lay(TORN, times=2, functions=frozenset({23}))
    assert [mischief.treat(function) for function in (3, 23, 23, 23)] == [HONEST, TORN, TORN, HONEST]
    assert mischief.struck == 2


def test_lifted_is_over() -> None:
    mischief = Mischief(1)
    laid = mischief.lay(CRUMBLED)
    mischief.lift(laid)
    mischief.lift(laid)
    assert mischief.treat(3) == HONEST


def test_a_telegram_is_split_but_whole() -> None:
    line = LineMischief(3)
    line.split = 1.0
    for _ in range(TURNS):
        pieces = line.pass_on(b"\x02ABCDEF\r\n")
        assert len(pieces) > 1
        assert b"".join(piece.data for piece in pieces) == b"\x02ABCDEF\r\n"


def test_a_held_telegram_comes_with_the_next() -> None:
    line = LineMischief(3)
    line.merge = 1.0
    assert line.pass_on(b"A\r") == []
    line.merge = 0.0
    assert [piece.data for piece in line.pass_on(b"B\r")] == [b"A\rB\r"]


def test_swallowed_is_gone_and_garbage_stands_before() -> None:
    line = LineMischief(3)
    line.swallow = 1.0
    assert line.pass_on(b"A\r") == []
    line.swallow, line.garbage = 0.0, 1.0
    (piece,) = line.pass_on(b"B\r")
    assert piece.data.endswith(b"B\r")
    assert len(piece.data) > len(b"B\r")
