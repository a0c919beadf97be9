"""Points: items at inducts, check-points and scan points: is each where it must be?

Theory. The PLC's number says who it is, the belt says whether that can be true: an item at position P when the odometer is o
must be booked at `o - P`, within the window. Rule 1: within the window it is proven, and its place corrected. Rule 2: outside
it keeps its number, and the place that the PLC says, but is barred: a shift register that slipped has given it the
number of its neighbour. Rule 3: a passage that was adrift and is seen under its number is proven again. Rule 4: a number
that belongs to no passage is a stranger.
"""

from sortctl.logic.known.loop import Loop, LoopPassage, Where
from sortctl.logic.loop import adrift, allocate, carriers, deadlines, ending, induct
from sortctl.words.causes import Band, Cause
from sortctl.words.facts import Inducted, ItemAtPoint, ItemGone
from sortctl.words.ids import ChuteNumber, EyeNumber, PassageNumber
from sortctl.words.outcomes import ItemUnexpected, SeenAtEye
from sortctl.words.units import counts_to_mm

BY_HAND = 2
"""ITEM_GONE: the PLC knows that a hand took it."""


def take_inducted(loop: Loop, fact: Inducted) -> None:
    """A load is on its carrier."""
    event = (fact.boot_id, fact.seq, fact.count)
    if not fact.induct:
        loop.state.announced = (fact.item, *event)
        return
    _free_number(loop, fact.item)
    odo, place = loop.state.belt.at_count(fact.count), loop.ring.inducts.get(fact.induct)
    induct.open_inducted(loop, fact.item, place, odo, fact.length_mm, event, fact.induct)


def _free_number(loop: Loop, item: int) -> None:
    """The PLC uses a number for the second time: whoever had it can no longer be named by it."""
    loop.lose(item)
    passage = loop.by_item.get(item)
    if passage is not None:
        loop.rename(passage, 0)
        if passage.where is not Where.LEAVING:
            adrift.lose_sight(loop, passage, Cause.POSITION_VOID, f"the PLC gave its number {item} to another load")


def take_point(loop: Loop, fact: ItemAtPoint) -> None:
    """An item is at a point; item 0: carrier 1 is at the home point."""
    odo = loop.state.belt.at_count(fact.count)
    if not fact.item:
        if fact.point and fact.point == loop.ring.home_point:
            carriers.pass_home(loop, odo)
        return
    place = loop.ring.points.get(fact.point)
    if place is None:
        why = f"point {fact.point} is not in the site file"
        loop.say(ItemUnexpected(loop.now_ns, loop.sorter, EyeNumber(fact.point), ChuteNumber(0), fact.count, why))
        return
    passage = loop.by_item.get(fact.item)
    if passage is None:
        adrift.meet(loop, fact.item, odo - place, odo, (fact.boot_id, fact.seq, fact.count))
    elif passage.where is not Where.RIDING:
        adrift.find_again(loop, passage, odo - place, odo, f"seen at point {fact.point}")
    else:
        _seen(loop, passage, fact.point, odo, odo - place)


def _seen(loop: Loop, passage: LoopPassage, point: int, odo: int, place: int) -> None:
    """`place` is the odometer less the point's position: the origin, but for whole laps."""
    ring, per_metre = loop.ring, loop.machine.sorter.counts_per_metre
    offset = ring.centre(place - passage.origin)
    band = Band.ON_TIME if abs(offset) <= ring.window else (Band.EARLY if offset < 0 else Band.LATE)
    offset_mm = counts_to_mm(offset, per_metre)
    loop.say(SeenAtEye(loop.now_ns, loop.sorter, PassageNumber(passage.number), EyeNumber(point), band, offset_mm))
    passage.proven_at = max(passage.proven_at, odo)
    if offset:
        loop.place(passage, passage.origin + offset)
        passage.read_end_at += offset
        if passage.told is not None:
            passage.fires_at += offset
    if band is not Band.ON_TIME:
        why = f"{abs(offset_mm)} mm too {band.value} at point {point}"
        allocate.bar(loop, passage, Cause.POSITION_VOID, why)
    deadlines.remind(loop, passage)


def take_gone(loop: Loop, fact: ItemGone) -> None:
    """The PLC no longer has the item."""
    if loop.lose(fact.item) is not None:
        return
    passage = loop.by_item.get(fact.item)
    if passage is None or passage.where is Where.LEAVING:
        return
    if fact.value == BY_HAND:
        ending.close_removed(loop, passage, f"taken off by hand behind point {fact.point}")
    else:
        adrift.find_empty(loop, passage, fact.point)
