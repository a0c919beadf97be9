"""What holds whatever comes in: the rules, the balance, and that a restored logic goes on exactly where it stood.

The facts are drawn as a hostile machine would send them: in any order, twice, about things that do not exist.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from sortctl.logic import Logic
from sortctl.logic.rules import check_all
from sortctl.plan.load import load_plan
from sortctl.site.model import Limits
from sortctl.words import facts
from sortctl.words.facts import Code, Fact
from sortctl.words.ids import ChuteNumber, EyeNumber, InductNumber, ScannerId
from sortctl.words.outcomes import PassageClosed, PassageOpened
from sortctl.words.units import NS_PER_MS, wrap32
from tests.logic.bench import ALL_CHUTES, PLAN, PLC, machine

SCANNER = ScannerId("top")
CODES = st.sampled_from(["BE1", "BE2", "NL1", "NL2", "DE1", "FR1", "LU1", "WHO", "RB123456789CN", ""])


class Stream:
    """Numbers facts as they are drawn: time and belt go on, events count up."""

    def __init__(self) -> None:
        self.belt = 0xFFFF_F000
        self.at_ns = 0
        self.seq = 0

    def facts(self, draw: tuple[str, int, int, str]) -> list[Fact]:
        kind, number, amount, code = draw
        self.at_ns += amount * NS_PER_MS
        self.belt += amount
        self.seq += 1
        at, raw = self.at_ns, wrap32(self.belt - number * 37)
        event = (at, PLC, 7, self.seq, raw)
        match kind:
            case "belt":
                return [facts.BeltMoved(at, PLC, wrap32(self.belt))]
            case "induct":
                return [facts.Inducted(*event, InductNumber(number % 2 + (number > 7)), 0, 100 + amount * 3)]
            case "read":
                return [facts.CodesRead(at, SCANNER, (Code(code),) if code else ())]
            case "read2":
                return [facts.CodesRead(at - number * NS_PER_MS, SCANNER, (Code(code), Code("NL1")))]
            case "eye":
                return [facts.EyeChanged(*event, EyeNumber(number % 3 + 1), bool(amount % 2))]
            case "entry":
                return [facts.ChuteEyeChanged(*event, ChuteNumber(number % 6 + 1), 0, bool(amount % 3))]
            case "diverted":
                return [facts.ItemDiverted(*event, ChuteNumber(amount % 6 + 1), number, 0)]
            case "failed":
                return [facts.OrderFailed(*event, ChuteNumber(amount % 6 + 1), number, amount % 9)]
            case "chute":
                word = [0x8000, 0x8001, 0x8002, 0x8100, 0, 0xFFFF][amount % 6]
                return [facts.ChuteTurned(*event, ChuteNumber(number % 6 + 1), word)]
            case "taken":
                return [facts.OrdersTaken(at, PLC, number % 3 + 1, amount)]
            case "epoch":
                return [
                    facts.EpochLost(at, PLC, "x"),
                    facts.EpochTold(*event, number + 2, 1),
                    facts.EpochGranted(at, PLC, number + 2, 0),
                ]
            case "lost":
                return [facts.PlcLost(at, PLC, "x")]
            case "linked":
                return [facts.PlcLinked(at, PLC, 7, wrap32(self.belt), 6, 1, 1, 0, self.seq, self.seq)]
            case "restart":
                self.belt = number * 0x1111_1111
                return [facts.PlcRestarted(at, PLC, 7, wrap32(self.belt))]
            case "missed":
                return [facts.EventsMissed(at, PLC, 7, self.seq, self.seq + number)]
            case _:
                return [facts.ControllerStarted(at, 0, "s", "1")]


KINDS = (
    ["belt"] * 8
    + ["induct"] * 5
    + ["read"] * 4
    + ["eye"] * 4
    + ["entry"] * 3
    + ["read2", "diverted", "failed", "chute", "taken", "epoch", "lost", "linked", "restart", "missed", "again"]
)
DRAWS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 12), st.integers(0, 400), CODES), min_size=1, max_size=120
)


def fresh() -> Logic:
    logic = Logic([machine()], Limits(), load_plan(PLAN))
    logic.step(facts.PlcLinked(0, PLC, 7, 0xFFFF_F000, 6, 0, 0, 0, 0, 0))
    logic.step(facts.ChutesRead(0, PLC, 7, 0, ALL_CHUTES))
    logic.step(facts.EpochGranted(0, PLC, 1, 0))
    return logic


@given(DRAWS)
@settings(deadline=None)
def test_no_facts_break_the_rules_and_every_passage_ends_at_most_once(draws: list[tuple[str, int, int, str]]) -> None:
    logic, stream = fresh(), Stream()
    opened, closed = set(), set()
    for draw in draws:
        for fact in stream.facts(draw):
            for thing in logic.step(fact):
                if isinstance(thing, PassageOpened):
                    assert thing.passage not in opened
                    opened.add(thing.passage)
                elif isinstance(thing, PassageClosed):
                    assert thing.passage in opened - closed
                    closed.add(thing.passage)
            check_all(logic.lines[0])
    assert {p.number for p in logic.lines[0].all_open()} == opened - closed


@given(DRAWS, st.integers(0, 119))
@settings(deadline=None)
def test_a_restored_logic_goes_on_exactly_where_it_stood(draws: list[tuple[str, int, int, str]], cut: int) -> None:
    whole, stream = fresh(), Stream()
    other: Logic | None = None
    for index, draw in enumerate(draws):
        if index == cut:
            other = fresh()
            other.restore(whole.snapshot())
        for fact in stream.facts(draw):
            said = whole.step(fact)
            if other is not None:
                assert other.step(fact) == said
    if other is not None:
        assert other.snapshot() == whole.snapshot()


@given(DRAWS)
@settings(deadline=None)
def test_a_belt_that_runs_empty_closes_every_passage(draws: list[tuple[str, int, int, str]]) -> None:
    logic, stream = fresh(), Stream()
    for draw in draws:
        for fact in stream.facts(draw):
            logic.step(fact)
    logic.step(facts.PlcLinked(stream.at_ns, PLC, 7, wrap32(stream.belt), 6, 0, 0, 0, 0, 0))
    for _ in range(60):
        stream.at_ns += 500 * NS_PER_MS
        stream.belt += 500
        logic.step(facts.BeltMoved(stream.at_ns, PLC, wrap32(stream.belt)))
    assert logic.lines[0].all_open() == []
