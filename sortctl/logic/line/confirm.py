"""Confirm: what actuators and chute eyes say about the parcels that were told to leave the sorter.

Theory. An exit's eye sees a parcel some time after it left the belt. The item is the passage that was told to go there (or,
at the end chute, that was still on the belt) and whose expected arrival is nearest, within the time allowed. Comes in:
DIVERTED, ORDER_FAILED, CHUTE_EYE. Goes out: closed passages, or a decision anew.
"""

from sortctl.logic import orders
from sortctl.logic.exits import bags, fills
from sortctl.logic.known import deadlines
from sortctl.logic.known.geometry import Exit
from sortctl.logic.known.line import Line, LinePassage, Stranger
from sortctl.logic.known.passage import Stage
from sortctl.logic.line import allocate, divert, ending, induct, realign
from sortctl.words.causes import Cause
from sortctl.words.exchange import OrderFailure
from sortctl.words.facts import ChuteEyeChanged, ItemDiverted, OrderFailed
from sortctl.words.ids import ChuteNumber, EyeNumber
from sortctl.words.outcomes import ItemUnexpected
from sortctl.words.units import wrap32


def take_entry(line: Line, fact: ChuteEyeChanged) -> None:
    """The eye of an exit changed; an item goes in at the blocked edge."""
    place = line.geometry.exits.get(fact.chute)
    if not fact.blocked or place is None:
        return
    odo, book = line.state.belt.at_count(fact.count), line.books[fact.chute]
    passage = _who(line, place, odo)
    if passage is None and book.last_entry is not None and odo - book.last_entry <= line.geometry.blink:
        return
    book.enter(odo)
    fills.enter(line, book)
    if passage is not None:
        bags.enter(line, passage, fact.chute, odo)
        ending.close_in(line, passage, fact.chute)
        return
    event = (fact.boot_id, fact.seq, fact.count)
    stranger = Stranger(None, place.number, odo - place.fire - place.arrive, 0, line.state.known, event)
    if not realign.defer(line, stranger):
        _unexpected(line, stranger)


def meet(line: Line, stranger: Stranger) -> None:
    """An item that had to wait for passages to be placed again: who is it now?"""
    place = line.geometry.exits[stranger.chute]
    odo = stranger.origin + place.fire + place.arrive
    passage = _who(line, place, odo)
    if passage is None:
        _unexpected(line, stranger)
    else:
        bags.enter(line, passage, place.number, odo)
        ending.close_in(line, passage, place.number)


def _who(line: Line, place: Exit, odo: int) -> LinePassage | None:
    """The passage that should arrive here about now: the nearest, at most half of the confirm time early."""
    geometry = line.geometry
    early, late = geometry.confirm // 2, geometry.confirm
    base = odo - place.fire - place.arrive
    best: tuple[int, LinePassage] | None = None
    for passage in line.near(base - geometry.longest - late, base + early):
        told = passage.told
        if place.has_actuator and (told is None or told.chute != place.number):
            continue
        if not place.has_actuator and passage.stage is Stage.DIVERTED:
            continue
        off = odo - deadlines.arrival(line, passage, place.number)
        if -early <= off <= late and (best is None or abs(off) < best[0]):
            best = abs(off), passage
    return best[1] if best else None


def _unexpected(line: Line, stranger: Stranger) -> None:
    place, (_, _, count) = line.geometry.exits[stranger.chute], stranger.event
    why = f"an item that is not booked went into chute {place.number}"
    line.say(ItemUnexpected(line.now_ns, line.sorter, EyeNumber(0), ChuteNumber(place.number), count, why))
    if place.has_actuator:
        return
    # what comes to the end of the sorter was on the sorter: it is booked in and out
    passage = induct.open_passage(line, stranger.origin, 0, stranger.event, 0)
    allocate.bar(line, passage, Cause.UNKNOWN_ITEM, f"found at the end, chute {place.number}")
    bags.enter(line, passage, place.number, stranger.origin + place.fire + place.arrive)
    ending.close_in(line, passage, place.number)


def take_diverted(line: Line, fact: ItemDiverted) -> None:
    """The actuator of a chute reported its end position."""
    newest = line.shared.last_passage
    passage, place = line.passage(newest - wrap32(newest - fact.item)), line.geometry.exits.get(fact.chute)
    if passage is None or place is None or not passage.is_placed or passage.stage is Stage.DIVERTED:
        return
    if not _is_at(line, passage, place, line.state.belt.at_count(fact.count)):
        return  # an order of another controller, under a number that is ours by chance
    divert.done(line, passage, fact.chute, fact.count)
    allocate.hold_back(line, passage)
    deadlines.remind(line, passage)


def _is_at(line: Line, passage: LinePassage, place: Exit, odo: int) -> bool:
    """The actuator of `place` may have met this passage when the belt stood at `odo`."""
    slack = 2 * line.geometry.late
    behind = odo - (deadlines.arrival(line, passage, place.number) - place.arrive)
    return -slack <= behind <= place.arrive + slack


def take_failure(line: Line, fact: OrderFailed) -> None:
    """A DIVERT ended without a divert."""
    _forget_replaced(line, fact)
    if fact.cause == OrderFailure.CANCELLED:
        return  # we withdrew it ourselves, or an eye will tell
    passage = _whose(line, fact)
    if passage is None or passage.told is None or passage.stage is Stage.DIVERTED:
        return
    if fact.cause == OrderFailure.TOO_LATE and passage.told.replaces:
        return  # it only corrected another one, which was carried out; if it was not, an eye will tell
    if not passage.is_placed:
        orders.drop(line, passage)
        return
    allocate.fail(line, passage, passage.told.chute, _FAILURES.get(fact.cause, f"PLC cause {fact.cause}"))


def _forget_replaced(line: Line, fact: OrderFailed) -> None:
    """This order did nothing: the one that corrects it, if there is one, is the only one."""
    for passage in line.all_open():
        told = passage.told
        if told is not None and (told.replaces, told.chute) == (fact.order_seq, fact.chute):
            told.replaces = 0


def _whose(line: Line, fact: OrderFailed) -> LinePassage | None:
    """The passage of the order. A DIVERT outlives its epoch, and the number may stand for two: chute and count decide."""
    odo = line.state.belt.at_count(fact.count)
    same = [
        (abs(passage.told.odo - odo), passage.number, passage)
        for passage in line.all_open()
        if passage.told is not None and (passage.told.seq, passage.told.chute) == (fact.order_seq, fact.chute)
    ]
    return min(same)[2] if same else None


_FAILURES = {
    1: "the PLC found the chute full",
    2: "the PLC found the chute closed",
    3: "actuator fault",
    4: "the order came too late",
    5: "the PLC found too small a gap",
    7: "the PLC does not know the item, the order or the chute",
}
