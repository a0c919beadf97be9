"""When cycles begin: on a grid, at once for orders, and never so often that nothing else runs."""

from sortctl.runtime.links.cadence import HURRIES_MAX, Cadence


def test_cycles_stand_on_a_grid_whatever_each_of_them_takes() -> None:
    cadence = Cadence(0.010, now_s=1.0)
    for turn, took in enumerate((0.001, 0.009, 0.004), start=1):
        cadence.ended(cadence.due_s + took)
        assert abs(cadence.due_s - (1.0 + turn * 0.010)) < 1e-9


def test_missed_cycles_are_not_made_up_for() -> None:
    cadence = Cadence(0.010, now_s=1.0)
    cadence.ended(1.055)
    assert cadence.due_s == 1.055
    assert cadence.is_due(1.055)
    cadence.ended(1.060)
    assert not cadence.is_due(1.060)
    assert cadence.missed == 1


def test_an_order_does_not_wait_for_the_grid() -> None:
    cadence = Cadence(0.010, now_s=1.0)
    cadence.ended(1.001)
    assert not cadence.is_due(1.002)
    assert cadence.hurry(1.002)
    assert cadence.is_due(1.002)
    cadence.ended(1.003)
    assert abs(cadence.due_s - 1.012) < 1e-9


def test_what_is_urgent_for_ever_does_not_take_the_line_for_itself() -> None:
    cadence = Cadence(0.010, now_s=1.0)
    now, cycles = 1.0, 0
    while now < 2.0:
        cadence.ended(now)
        if not cadence.hurry(now):
            now = cadence.due_s
        now += 0.0002
        cycles += 1
    assert cycles <= 2 * (100 + HURRIES_MAX)
    assert cadence.hurried <= 100 + HURRIES_MAX
