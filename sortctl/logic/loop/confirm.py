"""Confirm: what drives and chute eyes say about the loads that were told to leave the loop.

Theory. DIVERTED names the item, so it needs no guess; the load then slides down, and the chute's eye, which knows no item, should
see it at a known place of the belt. An entry is the load whose arrival at this chute was expected nearest to it, within the
time allowed: of those whose drive has reported, and of those that are being discharged. A failed order is found by number and
chute in whatever epoch it was given. ORDER_FAILED 7 means that the PLC has no such item. Comes in: DIVERTED, ORDER_FAILED,
CHUTE_EYE. Goes out: closed passages, a decision anew, or a passage adrift.
"""

from sortctl.logic import orders
from sortctl.logic.exits import bags, fills
from sortctl.logic.known.loop import Loop, LoopPassage, Where
from sortctl.logic.known.passage import Stage, Told
from sortctl.logic.loop import adrift, allocate, carriers, deadlines, ending
from sortctl.words.causes import Cause, Proof
from sortctl.words.exchange import OrderFailure
from sortctl.words.facts import ChuteEyeChanged, ItemDiverted, OrderFailed
from sortctl.words.ids import ChuteNumber, EyeNumber
from sortctl.words.outcomes import ItemUnexpected


def take_diverted(loop: Loop, fact: ItemDiverted) -> None:
    """The drive of a carrier reported its end position."""
    place = loop.ring.exits.get(fact.chute)
    found = loop.state.found.get(fact.item)
    passage = adrift.settle(loop, found) if found is not None else loop.by_item.get(fact.item)
    if passage is None or place is None or passage.where is Where.LEAVING:
        return
    odo = loop.state.belt.at_count(fact.count)
    carriers.note(loop, passage)
    told = passage.told
    if told is None or told.chute != fact.chute or passage.stage is Stage.DIVERTED:
        # an older order was carried out; the newer one finds no item any more
        orders.drop(loop, passage)
        told = Told(0, 0, fact.chute, odo)
        if passage.stage is Stage.TRAVELLING:
            passage.turn(Stage.DECIDED)
        loop.book(passage, told)
        passage.turn(Stage.ORDERED)
    passage.fires_at = odo - place.stroke
    passage.turn(Stage.DIVERTED)
    loop.loosen(passage, Where.LEAVING)
    passage.ends_at = odo - place.stroke + place.arrive + loop.ring.confirm
    orders.say(loop, passage, told, Proof.DONE)
    allocate.hold_back(loop, passage)
    passage.due = 0
    deadlines.remind(loop, passage)


def take_entry(loop: Loop, fact: ChuteEyeChanged) -> None:
    """The eye of a chute changed; a load goes in at the blocked edge."""
    book = loop.books.get(fact.chute)
    if not fact.blocked or book is None:
        return
    odo = loop.state.belt.at_count(fact.count)
    passage = _who(loop, fact.chute, odo)
    if passage is None and book.last_entry is not None and odo - book.last_entry <= loop.ring.blink:
        return
    book.enter(odo)
    fills.enter(loop, book)
    if passage is not None:
        bags.enter(loop, passage, fact.chute, odo)
        if passage.where is Where.RIDING:
            carriers.note(loop, passage)
        carriers.good(loop, passage)
        ending.close_in(loop, passage, fact.chute)
        return
    why = f"an item that is not booked went into chute {fact.chute}"
    loop.say(ItemUnexpected(loop.now_ns, loop.sorter, EyeNumber(0), ChuteNumber(fact.chute), fact.count, why))


def _who(loop: Loop, chute: int, odo: int) -> LoopPassage | None:
    """Who should arrive here about now: the nearest, at most half of the confirm time early."""
    arrive, confirm = loop.ring.exits[chute].arrive, loop.ring.confirm
    for group in (loop.leaving[chute], loop.heading[chute]):  # a drive that has reported goes before one that has not
        near = [
            (abs(off), passage.number, passage)
            for passage in group.values()
            if passage.told is not None and passage.told.chute == chute
            if -confirm // 2 <= (off := odo - passage.fires_at - arrive) <= confirm
        ]
        if near:
            return min(near)[2]
    return None


def take_failure(loop: Loop, fact: OrderFailed) -> None:
    """A DIVERT ended without a divert, or an order about a carrier was not understood."""
    if fact.cause == OrderFailure.UNKNOWN and not fact.chute and carriers.refuse(loop, fact.order_seq):
        return
    passage = _whose(loop, fact)
    if passage is None or passage.told is None or passage.stage is Stage.DIVERTED:
        return  # replaced or withdrawn: whatever became of that order, it concludes nothing
    chute = passage.told.chute
    if fact.cause == OrderFailure.UNKNOWN:
        orders.drop(loop, passage)
        loop.head_nowhere(passage)
        if passage.where is Where.RIDING:
            adrift.lose_sight(loop, passage, Cause.POSITION_VOID, f"the PLC knows no item {passage.item}")
        return
    if fact.cause == OrderFailure.ACTUATOR_FAULT:
        carriers.fault(loop, passage, f"chute {chute}")
    if passage.where is Where.RIDING:
        allocate.fail(loop, passage, chute, _FAILURES.get(fact.cause, f"PLC cause {fact.cause}"))
        allocate.give_waiting(loop)
    else:
        orders.drop(loop, passage)


def _whose(loop: Loop, fact: OrderFailed) -> LoopPassage | None:
    """The passage of the order. A DIVERT outlives its epoch, and the number may stand for several: the place decides."""
    state, odo = loop.state, loop.state.belt.at_count(fact.count)
    epochs = state.epochs
    if fact.cause == OrderFailure.UNKNOWN and state.told_epoch in epochs:
        epochs = [state.told_epoch, *epochs]
    same: list[LoopPassage] = []
    for epoch in epochs:
        passage = loop.by_order.get((epoch, fact.order_seq))
        if isinstance(passage, LoopPassage) and passage.told is not None and passage.told.chute == fact.chute:
            same.append(passage)
    if fact.cause == OrderFailure.UNKNOWN:
        return same[0] if same else None
    return min(same, key=lambda one: (abs(loop.ring.centre(odo - one.fires_at)), one.number)) if same else None


_FAILURES = {
    1: "the PLC found the chute full",
    2: "the PLC found the chute closed",
    3: "the drive of the carrier or of the chute failed",
    4: "the order came too late",
    5: "the PLC found too small a gap",
    6: "it was cancelled",
}
