"""What holds on a loop whatever comes in; and that against a PLC that keeps the contract, every load ends where it truly is.

The first half draws facts as a hostile machine would send them. The second half has a tiny PLC with its carriers, and draws what
happens to it: loads come, stick, are taken, slip; orders are late; it starts anew; the controller is killed.
"""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from sortctl.logic import HubRules, Logic
from sortctl.logic.rules import check_all
from sortctl.plan.load import load_plan
from sortctl.words import facts
from sortctl.words.facts import Code, Fact
from sortctl.words.ids import ChuteNumber, InductNumber, PlcId, PointNumber, ScannerId
from sortctl.words.outcomes import PassageClosed, PassageOpened
from sortctl.words.units import NS_PER_MS, wrap32
from tests.logic.answers import step
from tests.logic.loop_bench import ALL_OPEN, PARCELS, PLAN, PLC, loop_machine
from tests.logic.tiny_loop import TinyLoop

SCANNER = ScannerId("tunnel")
CODES = st.sampled_from(["BE1", "BE2", "NL1", "NL2", "DE1", "FR1", "IT1", "LU1", "WHO", "RB123456789CN", ""])

Draw = tuple[str, int, int, str]
Event = tuple[int, PlcId, int, int, int]
WORDS = (0x8000, 0x8001, 0x8002, 0x8100, 0, 0xFFFF)


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


EVENTS: dict[str, Callable[[Event, int, int], Fact]] = {
    "induct": lambda e, n, a: facts.Inducted(*e, InductNumber(n % 2 + (n > 7)), n, 100 + a * 3),
    "found": lambda e, n, a: facts.Inducted(*e, InductNumber(0), n + 5, 0),
    "point": lambda e, n, a: facts.ItemAtPoint(*e, PointNumber(a % 5), n),
    "gone": lambda e, n, a: facts.ItemGone(*e, PointNumber(a % 5), n, a % 2 + 1),
    "lap": lambda e, n, a: facts.LapDone(*e, 1, n, a),
    "entry": lambda e, n, a: facts.ChuteEyeChanged(*e, ChuteNumber(n % 7 + 1), 0, bool(a % 3)),
    "diverted": lambda e, n, a: facts.ItemDiverted(*e, ChuteNumber(a % 7 + 1), n, 0),
    "failed": lambda e, n, a: facts.OrderFailed(*e, ChuteNumber(a % 7), n, a % 9),
    "chute": lambda e, n, a: facts.ChuteTurned(*e, ChuteNumber(n % 7 + 1), WORDS[a % 6]),
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
    "again": lambda s, n, a, c: [facts.ControllerStarted(s.at_ns, 0, "s", "1", "doubt" if n > 10 else "")],
}
KINDS = (
    ["belt"] * 8
    + ["induct"] * 6
    + ["read"] * 5
    + ["point"] * 6
    + ["diverted", "entry", "failed", "lap", "gone"] * 2
    + ["found", "read2", "chute", "taken", "epoch", "lost", "linked", "restart", "missed", "again"]
)
DRAWS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 12), st.integers(0, 900), CODES), min_size=1, max_size=120
)


def fresh() -> Logic:
    logic = Logic([loop_machine(waiting_diverts=3, carrier_faults_max=1)], HubRules(), load_plan(PLAN))
    logic.step(facts.PlcLinked(0, PLC, 7, 0xFFFF_F000, 6, 0, 0, 0, 0, 0))
    logic.step(facts.ChutesRead(0, PLC, 7, 0, ALL_OPEN))
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
            check_all(logic.loops[0])
    assert {p.number for p in logic.loops[0].all_open()} == opened - closed


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
def test_a_loop_of_which_nothing_is_heard_any_more_closes_every_passage(draws: list[Draw]) -> None:
    logic, stream = fresh(), Stream()
    for draw in draws:
        for fact in stream.facts(draw):
            step(logic, fact, PARCELS)
    logic.step(facts.PlcLinked(stream.at_ns, PLC, 7, wrap32(stream.belt), 6, 0, 0, 0, 0, 0))
    for _ in range(60):
        stream.at_ns += 1_000 * NS_PER_MS
        stream.belt += 1_000
        logic.step(facts.BeltMoved(stream.at_ns, PLC, wrap32(stream.belt)))
    assert logic.loops[0].all_open() == []


# ------------------------------------------------------------------------------------------- against a PLC that keeps its word

DEEDS = st.lists(
    st.tuples(
        st.sampled_from(
            ["run"] * 8
            + ["feed"] * 8
            + [
                "stick",
                "take",
                "slip",
                "fail",
                "blind",
                "mute",
                "close",
                "open",
                "restart",
                "kill",
                "change_epoch",
                "slow",
                "hole",
            ]
        ),
        st.integers(0, 19),
        st.integers(1, 40),
    ),
    min_size=5,
    max_size=60,
)


@given(DEEDS)
@settings(deadline=None)
def test_against_a_plc_that_keeps_the_contract_every_load_ends_where_it_is(deeds: list[tuple[str, int, int]]) -> None:
    plant = TinyLoop()
    for kind, number, amount in deeds:
        plant.do(kind, number, amount)
    plant.run_empty()
    plant.judge()
