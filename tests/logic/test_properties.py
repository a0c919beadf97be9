"""What holds whatever comes in: the rules, the balance, and that a restored logic goes on exactly where it stood.

The facts are drawn as a hostile machine would send them: in any order, twice, about things that do not exist.
"""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from sortctl.logic import HubRules, Logic
from sortctl.logic.rules import check_all
from sortctl.plan.load import load_plan
from sortctl.words import facts
from sortctl.words.facts import Code, Fact
from sortctl.words.ids import ChuteNumber, EyeNumber, InductNumber, PlcId, ScannerId
from sortctl.words.outcomes import PassageClosed, PassageOpened
from sortctl.words.units import NS_PER_MS, wrap32
from tests.logic.answers import step
from tests.logic.bench import ALL_CHUTES, PARCELS, PLAN, PLC, machine

SCANNER = ScannerId("top")
CODES = st.sampled_from(["BE1", "BE2", "NL1", "NL2", "DE1", "FR1", "LU1", "WHO", "RB123456789CN", ""])


Draw = tuple[str, int, int, str]
Event = tuple[int, PlcId, int, int, int]


class Stream:
    """Numbers facts as they are drawn: time and belt go on, events count up."""

    def __init__(self) -> None:
        self.belt = 0xFFFF_F000
        self.at_ns = 0
        self.seq = 0

    def facts(self, draw: Draw) -> list[Fact]:
        kind, number, amount, code = draw
        self.at_ns += amount * NS_PER_MS
        self.belt = number * 0x1111_1111 if kind == "restart" else self.belt + amount
        self.seq += 1
        event = (self.at_ns, PLC, 7, self.seq, wrap32(self.belt - number * 37))
        if kind in EVENTS:
            return [EVENTS[kind](event, number, amount)]
        return OTHERS[kind](self, number, amount, code)


WORDS = (0x8000, 0x8001, 0x8002, 0x8100, 0, 0xFFFF)

EVENTS: dict[str, Callable[[Event, int, int], Fact]] = {
    "induct": lambda e, n, a: facts.Inducted(*e, InductNumber(n % 2 + (n > 7)), 0, 100 + a * 3),
    "eye": lambda e, n, a: facts.EyeChanged(*e, EyeNumber(n % 3 + 1), bool(a % 2)),
    "entry": lambda e, n, a: facts.ChuteEyeChanged(*e, ChuteNumber(n % 6 + 1), 0, bool(a % 3)),
    "diverted": lambda e, n, a: facts.ItemDiverted(*e, ChuteNumber(a % 6 + 1), n, 0),
    "failed": lambda e, n, a: facts.OrderFailed(*e, ChuteNumber(a % 6 + 1), n, a % 9),
    "chute": lambda e, n, a: facts.ChuteTurned(*e, ChuteNumber(n % 6 + 1), WORDS[a % 6]),
}
OTHERS: dict[str, Callable[[Stream, int, int, str], list[Fact]]] = {
    "belt": lambda s, n, a, c: [facts.BeltMoved(s.at_ns, PLC, wrap32(s.belt))],
    "read": lambda s, n, a, c: [facts.CodesRead(s.at_ns, SCANNER, (Code(c),) if c else ())],
    "read2": lambda s, n, a, c: [facts.CodesRead(s.at_ns - n * NS_PER_MS, SCANNER, (Code(c), Code("NL1")))],
    "taken": lambda s, n, a, c: [facts.OrdersTaken(s.at_ns, PLC, n % 3 + 1, a)],
    "epoch": lambda s, n, a, c: [
        facts.EpochLost(s.at_ns, PLC, "x"),
        facts.EpochTold(s.at_ns, PLC, 7, s.seq, 0, n + 2, 1),
        facts.EpochGranted(s.at_ns, PLC, n + 2, 0),
    ],
    "lost": lambda s, n, a, c: [facts.PlcLost(s.at_ns, PLC, "x")],
    "linked": lambda s, n, a, c: [facts.PlcLinked(s.at_ns, PLC, 7, wrap32(s.belt), 6, 1, 1, 0, s.seq, s.seq)],
    "restart": lambda s, n, a, c: [facts.PlcRestarted(s.at_ns, PLC, 7, wrap32(s.belt))],
    "missed": lambda s, n, a, c: [facts.EventsMissed(s.at_ns, PLC, 7, s.seq, s.seq + n)],
    "again": lambda s, n, a, c: [facts.ControllerStarted(s.at_ns, 0, "s", "1")],
}


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
    logic = Logic([machine()], HubRules(), load_plan(PLAN))
    logic.step(facts.PlcLinked(0, PLC, 7, 0xFFFF_F000, 6, 0, 0, 0, 0, 0))
    logic.step(facts.ChutesRead(0, PLC, 7, 0, ALL_CHUTES))
    logic.step(facts.EpochGranted(0, PLC, 1, 0))
    return logic


@given(DRAWS)
@settings(deadline=None)
def test_no_facts_break_the_rules_and_every_passage_ends_at_most_once(draws: list[Draw]) -> None:
    logic, stream = fresh(), Stream()
    opened: set[int] = set()
    closed: set[int] = set()
    for draw in draws:
        for fact in stream.facts(draw):
            for thing in step(logic, fact, PARCELS):
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
def test_a_restored_logic_goes_on_exactly_where_it_stood(draws: list[Draw], cut: int) -> None:
    whole, stream = fresh(), Stream()
    other: Logic | None = None
    for index, draw in enumerate(draws):
        if index == cut:
            other = fresh()
            other.restore(whole.snapshot())
        for fact in stream.facts(draw):
            said = step(whole, fact, PARCELS)
            if other is not None:
                assert step(other, fact, PARCELS) == said
    if other is not None:
        assert other.snapshot() == whole.snapshot()


@given(DRAWS)
@settings(deadline=None)
def test_a_belt_that_runs_empty_closes_every_passage(draws: list[Draw]) -> None:
    logic, stream = fresh(), Stream()
    for draw in draws:
        for fact in stream.facts(draw):
            step(logic, fact, PARCELS)
    logic.step(facts.PlcLinked(stream.at_ns, PLC, 7, wrap32(stream.belt), 6, 0, 0, 0, 0, 0))
    for _ in range(60):
        stream.at_ns += 500 * NS_PER_MS
        stream.belt += 500
        logic.step(facts.BeltMoved(stream.at_ns, PLC, wrap32(stream.belt)))
    assert logic.lines[0].all_open() == []
