"""The load of each chute from the forecasts alone."""

from hypothesis import given
from hypothesis import strategies as st

from sortctl.plan.study.forecast import expect
from tests.plan.small import plan_of

RULES = "rule,country,destination\nA,BE,A\nB,NL,B\nC,DE,C\n"
COLUMNS = "destination,chutes,sorter,balance,forecast\n"


def loads(rows: str, *sorters: str) -> dict[tuple[str, int], int]:
    return {(one.sorter, one.chute): one.parcels for one in expect(plan_of(RULES, COLUMNS + rows), sorters).chutes}


def test_it_is_dealt_out_to_sorters_and_then_by_the_balance() -> None:
    rows = "A,1;2,line1,round_robin,101\nA,7,loop1,,\nB,3;4,line1,,10\nC,5;6,line1,dynamic,\n"
    assert loads(rows, "line1", "loop1") == {("line1", 1): 26, ("line1", 2): 25, ("line1", 3): 10, ("loop1", 7): 50}
    assert loads(rows, "loop1") == {("loop1", 7): 101}


def test_who_says_nothing_and_who_has_no_chute_is_told() -> None:
    found = expect(plan_of(RULES, COLUMNS + "A,1,line1,,5\nB,2,line1,,\nC,3,line1,,0\n"), ("loop1",))
    assert (found.chutes, found.silent, found.nowhere) == ([], ("B",), 5)


@given(st.integers(0, 10**9), st.sampled_from(("fixed", "round_robin", "dynamic", "sequence")), st.integers(2, 9))
def test_nothing_is_lost(forecast: int, balance: str, chutes: int) -> None:
    named = ";".join(str(number) for number in range(1, chutes + 1))
    assert sum(loads(f"A,{named},line1,{balance},{forecast}\nB,20,,,\nC,21,,,\n", "line1").values()) == forecast
