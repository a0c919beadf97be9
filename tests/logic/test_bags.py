"""Which parcel is in which bag: by sensor time, on a line, with changes at any moment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortctl.logic import HubRules, Logic
from sortctl.plan.load import load_plan
from sortctl.site.model import Limits
from sortctl.words.causes import ChuteState
from sortctl.words.hub import BagBound, WallSet
from sortctl.words.ids import ChuteNumber, SorterId
from sortctl.words.orders import CloseChute, OpenChute, ShowLamp
from sortctl.words.outcomes import BagClosed, Bagged, BagOpened, ChuteStateChanged, Decided, Recalled
from tests.logic.bench import PLAN
from tests.logic.chutes import BagDesk, with_chute
from tests.logic.loop_bench import LoopDesk, loop_machine

LOOP = SorterId("loop1")


@pytest.fixture
def desk() -> BagDesk:
    return BagDesk(with_chute(2, needs_bag=True))


def state(desk: BagDesk, chute: int = 2) -> tuple[ChuteState, str]:
    book = desk.logic.lines[0].books[chute]
    return book.state, book.why


def test_a_chute_that_needs_a_bag_takes_nothing_without_one(desk: BagDesk) -> None:
    assert state(desk) == (ChuteState.BAG_CHANGE, "has no bag")
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "NL1")
    assert "chute 2 has no bag" in desk.said(Decided)[-1].why
    desk.bind(2, "B1")
    assert state(desk)[0] is ChuteState.OPEN
    assert desk.said(Decided)[-1].chute == 2
    desk.rest()
    assert [(one.chute, one.bag) for one in desk.said(BagOpened)] == [(2, "B1")]


def test_a_bag_holds_what_was_seen_between_its_tag_and_the_next(desk: BagDesk) -> None:
    desk.bind(2, "B1")
    desk.sort("NL1", 2)
    desk.rest()
    desk.sort("NL2", 2)
    desk.rest()
    desk.bind(2, "B2")
    assert desk.said(BagClosed) == [], "an event from before may still be on its way"
    desk.rest()
    [closed] = desk.said(BagClosed)
    assert (closed.bag, closed.passages, closed.waybills, closed.unsure) == ("B1", (1, 2), ("NL1", "NL2"), ())
    assert [one.bag for one in desk.said(BagOpened)] == ["B1", "B2"]
    assert [(one.passage, one.bag) for one in desk.said(Bagged)] == [(1, "B1"), (2, "B1")]


def test_a_parcel_that_was_seen_before_the_scan_but_told_after_it_is_in_the_old_bag(desk: BagDesk) -> None:
    desk.bind(2, "B1")
    parcel = desk.under_way("NL1")
    desk.pass_eye(1, parcel)
    contact = parcel.at + 150 + 4000
    desk.run_belt_to(contact + 400 + 200)
    desk.bind(2, "B2")
    desk.tell(desk.entry(2, contact + 400))
    desk.rest()
    [closed] = desk.said(BagClosed)
    assert (closed.bag, closed.passages, closed.unsure) == ("B1", (1,), ())


@pytest.mark.parametrize(
    ("after_mm", "bag", "unsure"), [(-300, "B1", False), (-40, "B1", True), (60, "B2", True), (300, "B2", False)]
)
def test_whoever_comes_about_when_the_bag_is_changed_is_called_unsure(
    desk: BagDesk, after_mm: int, bag: str, unsure: bool
) -> None:
    desk.bind(2, "B1")
    parcel = desk.under_way("NL1")
    desk.pass_eye(1, parcel)
    seen = parcel.at + 150 + 4000 + 400
    changed = seen - after_mm
    for belt, what in sorted([(changed, "change"), (seen, "entry")]):
        desk.run_belt_to(belt)
        if what == "change":
            desk.bind(2, "B2")
        else:
            desk.tell(desk.entry(2, belt))
    desk.rest(400)
    desk.press(2, 1)
    desk.rest()
    [bagged] = desk.said(Bagged)
    first, second = desk.said(BagClosed)
    assert (bagged.bag, bagged.unsure) == (bag, after_mm == 60), "it was told at once of whoever came before"
    assert (1 in first.passages, 1 in second.passages) == (bag == "B1", bag == "B2")
    assert (first.unsure == (1,)) == unsure


def test_button_1_closes_the_bag_and_the_chute_waits_for_the_next(desk: BagDesk) -> None:
    desk.bind(2, "B1")
    desk.sort("NL1", 2)
    desk.rest()
    desk.press(2, 1)
    assert state(desk) == (ChuteState.BAG_CHANGE, "has no bag")
    desk.rest()
    assert [(one.bag, one.why, one.passages) for one in desk.said(BagClosed)] == [
        ("B1", "by the button at the chute", (1,))
    ]


def test_a_bag_is_closed_for_its_count_when_who_is_under_way_has_come() -> None:
    desk = BagDesk(with_chute(2, needs_bag=True, bag_count_max=1))
    desk.bind(2, "B1")
    desk.under_way("NL1")
    desk.rest(600)
    desk.under_way("NL2")
    desk.arrive(2)
    desk.rest(100)
    assert state(desk) == (ChuteState.BAG_CHANGE, "has no bag")
    assert desk.said(Decided)[-1].passage == 2, "who can still be kept out is decided anew"
    desk.rest()
    [closed] = desk.said(BagClosed)
    assert (closed.bag, closed.why, closed.passages) == ("B1", "1 parcels", (1,))


def test_a_bag_is_closed_for_its_weight_and_for_its_age() -> None:
    desk = BagDesk(with_chute(2, needs_bag=True, bag_weight_max_g=900, bag_age_max_min=1))
    for bag in ("B1", "B2"):
        desk.bind(2, bag)
        parcel = desk.feed_parcel()
        desk.read_code(parcel, "NL1")
        desk.turned("NL1", weight_g=900 if bag == "B1" else 10)
        desk.arrive(2)
        desk.rest()
    assert [(one.bag, one.why, one.weight_g) for one in desk.said(BagClosed)] == [("B1", "900 g", 900)]
    desk.rest(61_000)
    assert [(one.bag, one.why) for one in desk.said(BagClosed)[1:]] == [("B2", "it has hung for 1 min")]


def test_a_bag_that_is_asked_for_waits_for_whoever_cannot_be_kept_out(desk: BagDesk) -> None:
    desk.bind(2, "B1")
    parcel = desk.under_way("NL1")
    desk.pass_eye(1, parcel)
    desk.run_belt_to(parcel.at + 150 + 4000 - 150)
    desk.ask(2)
    assert state(desk)[1] == "bag B1 is to be changed: asked for by ann"
    assert desk.said(BagClosed) == []
    desk.divert(parcel, 2, item=1)
    desk.rest()
    assert [(one.why, one.passages) for one in desk.said(BagClosed)] == [("asked for by ann", (1,))]


def test_a_tag_hangs_at_one_chute_only(desk: BagDesk) -> None:
    desk.bind(2, "B1")
    desk.sort("NL1", 2)
    desk.bind(3, "B1")
    desk.rest()
    [closed] = desk.said(BagClosed)
    assert (closed.chute, closed.why) == (2, "its tag was scanned at chute 3 of line1")
    desk.bind(3, "B1")
    desk.rest()
    assert len(desk.said(BagOpened)) == 2, "scanned twice is bound once"


def test_without_a_bag_where_none_is_needed_parcels_lie_loose(desk: BagDesk) -> None:
    desk.sort("BE1", 1)
    desk.rest()
    assert desk.closed()[-1].actual == 1
    assert desk.said(Bagged) == []


def test_a_hold_for_a_parcel_in_a_bag_names_it_and_ends_with_it() -> None:
    desk = BagDesk(with_chute(2, needs_bag=True))
    desk.tell(WallSet(desk.at_ns, 1_700_000_000 * 10**9))
    desk.bind(2, "B1")
    desk.sort("NL1", 2)
    desk.rest()
    desk.turned("NL1", hold="police")
    desk.rest()
    [recalled] = desk.said(Recalled)
    assert (recalled.chute, recalled.bag, recalled.waybill) == (2, "B1", "NL1")
    assert [one.chute for one in desk.said(CloseChute)] == [2]
    assert [one.colour for one in desk.said(ShowLamp)] == [19]
    assert "is to be taken out of bag B1" in state(desk)[1]
    desk.press(2, 1)
    desk.rest()
    assert [one.chute for one in desk.said(OpenChute)] == [2]
    assert desk.said(ShowLamp)[-1].colour == 0
    assert state(desk)[1] == "has no bag"
    desk.turned("NL1", hold="police, again")
    assert len(desk.said(Recalled)) == 1, "the bag has left"


def test_what_is_known_of_bags_outlives_a_restart(desk: BagDesk) -> None:
    desk.bind(2, "B1")
    desk.sort("NL1", 2)
    desk.bind(2, "B2")
    other = Logic([desk.machine], HubRules(Limits()), load_plan(PLAN))
    other.restore(desk.logic.snapshot())
    desk.logic = other
    desk.rest()
    assert [(one.bag, one.passages) for one in desk.said(BagClosed)] == [("B1", (1,))]


def test_the_same_on_a_loop() -> None:
    made = loop_machine()
    chutes = tuple(one.model_copy(update={"needs_bag": one.number == 2}) for one in made.chutes)
    desk = LoopDesk(made.model_copy(update={"chutes": chutes}))
    desk.start()
    load = desk.feed_load()
    desk.pass_tunnel(load, "NL1")
    assert desk.said(Decided)[-1].cause.value == "chutes_unavailable"
    desk.tell(BagBound(desk.at_ns, LOOP, ChuteNumber(2), "B1", "ann"))
    assert desk.said(Decided)[-1].chute == 2
    desk.take_orders()
    desk.divert(load, 2)
    desk.run_belt(300)
    desk.tell(BagBound(desk.at_ns, LOOP, ChuteNumber(2), "B2", "ann"))
    desk.run_belt(300)
    assert [(one.bag, one.passages) for one in desk.said(BagClosed)] == [("B1", (1,))]
    assert [one.why for one in desk.said(ChuteStateChanged)][-1] == "open"


DEEDS = st.lists(
    st.tuples(st.sampled_from(["sort", "bind", "press", "ask", "rest", "kill"]), st.integers(0, 5)), max_size=25
)


@given(DEEDS)
def test_every_parcel_that_was_seen_in_a_chute_is_in_one_bag_or_loose(deeds: list[tuple[str, int]]) -> None:
    desk = BagDesk(with_chute(2, bag_count_max=2))
    bound = 0
    for deed, amount in deeds:
        if deed == "sort":
            desk.sort("NL1", 2)
        elif deed == "bind":
            bound += 1
            desk.bind(2, f"B{bound}")
        elif deed == "press":
            desk.press(2, 1)
        elif deed == "ask":
            desk.ask(2)
        elif deed == "kill":
            other = Logic([desk.machine], HubRules(Limits()), load_plan(PLAN))
            other.restore(desk.logic.snapshot())
            desk.logic = other
        else:
            desk.rest(50 * amount)
    desk.press(2, 1)
    desk.rest(400)
    closed = desk.said(BagClosed)
    assert len(closed) == bound
    assert (
        [one.bag for one in closed]
        == [one.bag for one in desk.said(BagOpened)]
        == [f"B{n}" for n in range(1, bound + 1)]
    )
    listed = [number for one in closed for number in one.passages]
    assert len(set(listed)) == len(listed)
    assert sorted((one.passage, one.bag) for one in desk.said(Bagged)) == sorted(
        (number, one.bag) for one in closed for number in one.passages
    )
    assert set(listed) <= {one.passage for one in desk.closed() if one.actual == 2}
    assert not desk.logic.lines[0].changing
