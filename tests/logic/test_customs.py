"""Promise 3: a parcel that customs has not released never reaches a domestic chute. Whatever comes in, in whatever order.

Drawn on a line and on a loop: parcels, duplicates, parcels with codes of others, labels that say where to, records of every kind and their
changes, holds, a silent host, a changed store while the controller was down, a lost journal, plan swaps, clocks that are set, set back, never told or
of 1970, bags, unlocked chutes, PLC starts, lost links and epochs, holes, killed controllers. After each step the judge (`hub_bench.py`) looks at every
order and at every order that stands.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sortctl.logic.known.passage import Stage
from sortctl.site.hub import Customs, Selection
from sortctl.words import hub
from sortctl.words.ids import ChuteNumber
from sortctl.words.outcomes import Recalled
from sortctl.words.parcels import CustomsState, Declaration, ParcelRecord
from tests.logic.hub_bench import DAY_S, DOMESTIC, FIRST, SECOND, WALL_S, CustomsLine, CustomsLoop
from tests.logic.loop_bench import Load

LANDS = ("BE", "BE", "NL", "DE", "BE", "FR", "LU")
NEWEST = 4
"""Of so many parcels the host changes its mind: they are on the sorter, or just left it."""
DAYS = (0, 0, 0, 0, 0, 0, 0, 40, 1, -1, 31, -WALL_S // DAY_S)
"""By how much the clock on the wall is off when it is set; the last is 1970."""
LABEL = "]C14210561000"
"""Postcode 1000 in Belgium."""
RULES = Customs(seed="s", selections=(Selection(name="tenth", per_mille=100),))


CLEAN = ParcelRecord("", declaration=Declaration.H7, customs=CustomsState.RELEASED, customs_at_s=WALL_S - 60)
SPOILT = (
    *(replace(CLEAN, customs=state) for state in CustomsState),
    *(replace(CLEAN, declaration=kind, customs=CustomsState.UNKNOWN) for kind in Declaration),
    *(replace(CLEAN, declaration=Declaration.DOMESTIC, customs=state) for state in CustomsState),
    *(replace(CLEAN, customs_at_s=WALL_S - days * DAY_S) for days in (-1, 1, 29, 31)),
    *[replace(CLEAN, hold="police"), replace(CLEAN, customs_conflict=True), replace(CLEAN, customs_at_s=0)] * 4,
    replace(CLEAN, declaration=Declaration.TRANSIT, customs=CustomsState.ASSESSED),
    replace(CLEAN, tenant="acme"),
    replace(CLEAN, intercept="cancelled"),
)
"""One thing is wrong with each, or is not: so nothing else hides it."""


def records() -> st.SearchStrategy[ParcelRecord]:
    """What a host may say of a parcel; every other one is released."""
    return st.sampled_from([*[CLEAN] * len(SPOILT), *SPOILT])


def of(waybill: str, record: ParcelRecord) -> ParcelRecord:
    """The record as that of this parcel."""
    return replace(record, waybill=waybill, country=waybill[:2], postcode="1000")


KINDS = (
    ["feed"] * 14 + ["run"] * 8 + ["turn"] * 8 + ["divert"] * 6 + ["take"] * 2
    + ["silence", "swap", "wall", "restart", "epoch", "link", "hole", "kill", "down", "amnesia", "chute", "bag", "unlock"]
)  # fmt: skip
DEEDS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 6), st.integers(1, 60), records()), min_size=12, max_size=50
)
Deed = tuple[str, int, int, ParcelRecord]
Desk = CustomsLine | CustomsLoop


def common(desk: Desk, deed: Deed, fed: list[str]) -> None:
    """What can befall either machine. `fed`: the waybills on it, the newest last."""
    kind, number, amount, record = deed
    code = fed[-1 - number % min(NEWEST, len(fed))] if fed else "BE0"
    befalls: dict[str, Callable[[], Any]] = {
        "turn": lambda: desk.turn(code, of(code, record) if amount % 8 else None),
        "take": desk.take_orders,
        "swap": lambda: desk.swap_plan((FIRST, SECOND)[number % 2], keep=bool(amount % 2)),
        "wall": lambda: desk.set_wall(max(1, WALL_S + DAYS[amount % len(DAYS)] * DAY_S)),
        "silence": desk.hush_host,
        "amnesia": lambda: _lose_journal(desk, amount),
        "down": lambda: _go_down(desk, code, of(code, record)),
        "bag": lambda: desk.tell(hub.BagBound(desk.at_ns, desk.sorter.sorter, ChuteNumber(1), f"B{amount}", "A")),
        "unlock": lambda: desk.tell(
            hub.ChuteLocked(
                desk.at_ns, desk.sorter.sorter, ChuteNumber(number % 4 + 1), hub.Lock.OPERATOR, False, "A", ""
            )
        ),
        "restart": desk.restart_plc,
        "link": desk.lose_link,
        "hole": desk.miss_events,
        "kill": desk.kill,
        "chute": lambda: desk.turn_chute(number % 4 + 1, (0x8000, 0x8000, 0x8001)[amount % 3]),
    }
    if kind == "epoch":
        desk.lose_epoch()
        befalls["turn"]()
        desk.renew_epoch()
    else:
        befalls[kind]()


def _lose_journal(desk: Desk, amount: int) -> None:
    desk.lose_journal()
    if amount % 3:
        desk.set_wall(WALL_S)


def _go_down(desk: Desk, code: str, record: ParcelRecord) -> None:
    """The host changes its mind while the controller is down."""
    desk.judge.known[code] = record
    desk.kill()


def feed(desk: Desk, deed: Deed, fed: list[str]) -> tuple[str, ...]:
    """The codes of the next parcel; the host knows it, or (LU) not; some carry those of another one too, or only those."""
    _, number, amount, record = deed
    code = f"{LANDS[number]}{len(fed) + 1}"
    if fed and amount % 10 == 0:
        return (fed[-1],)
    codes = (code, fed[-1 - number % min(NEWEST, len(fed))]) if fed and amount % 10 == 1 else (code,)
    fed.append(code)
    if number != 6:
        desk.judge.known[code] = of(code, record)
    return (*codes, LABEL) if amount % 4 == 0 else codes


@given(DEEDS)
@settings(deadline=None)
def test_on_a_line_nothing_that_is_not_released_is_sent_to_a_domestic_chute(deeds: list[Deed]) -> None:
    desk, fed = CustomsLine(customs=RULES), list[str]()
    desk.open_up()
    for deed in deeds:
        kind, _, amount, _ = deed
        if kind == "feed":
            desk.advance(desk.belt + 700)
            desk.feed(*feed(desk, deed, fed))
        elif kind == "run":
            desk.advance(desk.belt + 30 * amount)
        elif kind == "divert":
            _divert(desk)
        else:
            common(desk, deed, fed)
    desk.advance(desk.belt + 9_000)


def _divert(desk: CustomsLine) -> None:
    """The next pusher does what it was told, and the chute's eye sees it: who is held by then is called back."""
    line = desk.logic.lines[0]
    ahead = [one for one in line.state.placed if one.told is not None and one.told.odo > line.state.belt.odo]
    for passage in ahead[:1]:
        assert passage.told is not None
        chute, fires = passage.told.chute, passage.told.odo - line.state.belt.odo
        desk.advance(desk.belt + fires + 250)
        if passage.chute != chute:
            return
        desk.enter_chute(chute, desk.belt + 300)
        record = desk.judge.told.get(passage.waybill)
        if passage.stage is Stage.CLOSED and chute in DOMESTIC and record is not None and record.hold:
            assert (passage.number, chute) in {(one.passage, one.chute) for one in desk.said(Recalled)}


@given(DEEDS)
@settings(deadline=None)
def test_on_a_loop_nothing_that_is_not_released_is_sent_to_a_domestic_chute(deeds: list[Deed]) -> None:
    desk, fed = CustomsLoop(customs=RULES), list[str]()
    desk.open_up()
    loads: list[Load] = []
    for deed in deeds:
        kind, number, amount, _ = deed
        if kind == "feed":
            desk.run_belt(500)
            loads.append(desk.feed_load())
            desk.pass_tunnel(loads[-1], *feed(desk, deed, fed))
        elif kind == "run":
            desk.run_belt(30 * amount)
            if loads:
                load = loads[-1 - number % min(NEWEST, len(loads))]
                desk.pass_point(load, 3)
                if amount % 6 == 0:  # another lap, and what lies on the carrier now is another one
                    desk.lap(load)
                    desk.pass_tunnel(load, *fed[-1 - amount % min(NEWEST, len(fed)) :][:1])
        elif kind == "divert":
            ordered = [(load, one) for load in loads if (one := desk.loop.by_item.get(load.item)) and one.told]
            for load, passage in ordered[:1]:
                desk.divert(load, passage.chute)
        else:
            common(desk, deed, fed)
    desk.run_belt(3_000)
