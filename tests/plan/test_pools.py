"""Pools, sequences and forecasts in a plan: what they mean, and what of them is refused."""

import pytest

from sortctl.plan.load import PlanInvalid, load_plan
from tests.logic.bench import machine
from tests.plan.small import files, plan_of, said

RULES = "rule,country,destination\nA,BE,A\nB,NL,B\n"
COLUMNS = "destination,chutes,balance,overflow,forecast,text\n"


@pytest.mark.parametrize(
    ("rows", "column", "what"),
    [
        ("A,1;2,dynamic,,,\nB,2,,,,\n", "chutes", "chute 2 is in the pool of A: B would be mixed with whoever has it"),
        ("A,1;2,dynamic,,,\nB,3,,2,,\n", "chutes", "chute 2 is in the pool of A"),
        ("A,1;2,dynamic,,,\nB,3,,,,\n!no_rule,2,,,,\n", "chutes", "chute 2 is in the pool of A"),
        ("A,1;2,dynamic,,,\nB,3,,,,\n!no_rule,4;3,sequence,,,\n", "balance", "sequence is for destinations"),
        ("A,1;2,dynamic,,many,\nB,3,,,,\n", "forecast", '"many" is no number of parcels'),
        ("A,1;2,dynamic,,-5,\nB,3,,,,\n", "forecast", '"-5" is no number of parcels'),
    ],
)
def test_it_is_refused(rows: str, column: str, what: str) -> None:
    told = said(RULES, COLUMNS + rows)
    assert [(key, severity) for _, _, key, severity, _ in told] == [(column, "error")]
    assert told[0][4].startswith(what)


def test_ends_and_rejects_of_a_sorter_are_in_no_pool() -> None:
    with pytest.raises(PlanInvalid) as refused:
        load_plan(files(RULES, COLUMNS + "A,1;4;5,dynamic,,,\nB,3,,,,\n"), [machine()])
    whats = [problem.what for problem in refused.value.problems if problem.severity == "error"]
    assert whats == [f"chute {n} of line1 takes what goes nowhere else: it cannot be in a pool" for n in (4, 5)]


def test_a_sequence_of_more_parcels_than_its_chutes_hold_is_told() -> None:
    plan = load_plan(files(RULES, COLUMNS + "A,1;2,sequence,,21,\nB,3,,,,\n"), [machine()])
    assert [problem.what for problem in plan.warnings] == ["21 parcels are expected, and the 2 chutes hold 20"]


def test_limits_are_shares_by_forecast_of_those_that_share_a_chute() -> None:
    plan = plan_of(RULES, COLUMNS + "A,1;2;3,dynamic,,200,\nB,3;4,dynamic,,100,\n")
    assert [plan.group("", name).limit for name in ("A", "B")] == [2, 1]
    plan = plan_of(RULES, COLUMNS + "A,1;2;3,dynamic,,,\nB,3;4,dynamic,,0,\n")
    assert [plan.group("", name).limit for name in ("A", "B")] == [1, 1]


def test_the_text_of_a_chute_is_that_of_its_destinations_and_a_pool_has_none() -> None:
    plan = plan_of(RULES, COLUMNS + "A,1,,,,Brussels\nB,1;2,,,,\n")
    assert [plan.texts("line1", number) for number in (1, 2, 3)] == ["Brussels, B", "B", ""]
    assert plan_of(RULES, COLUMNS + "A,1;2,dynamic,,,Brussels\nB,3,,,,\n").texts("line1", 1) == ""


@pytest.mark.parametrize("text", ["0", "3", "true", '"1"', "1.0"])
def test_there_are_two_passes(text: str) -> None:
    told = said(RULES, COLUMNS + "A,1,,,,\nB,2,,,,\n", f'id = "p"\nversion = 1\npass = {text}\n')
    assert [(file, line, key) for file, line, key, _, _ in told] == [("plan.toml", 3, "pass")]
    assert told[0][4].endswith("must be 1 or 2: the pass of sorting in sequence")
