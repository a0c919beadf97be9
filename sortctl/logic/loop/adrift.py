"""Adrift: what is not proven to be where it is booked, and loads without an owner.

Theory. A passage goes adrift when the PLC has started anew (all numbers are void), when a check-point found its carrier empty,
when no word came of its divert or no eye saw it in its chute, and when events were missed (its number still holds, its
presence must be shown again). A load that the PLC finds on a carrier is a stranger. The loop is rigid: where one passage is
found again after a PLC start, or carrier 1, it is known how far all have moved meanwhile. Who a stranger is: Rule 1: the number of a
passage proves it, wherever it is seen. Rule 2: a fresh read of a passage's waybill proves it, and it is planned as before.
Rule 3: a stranger whose read names nobody who is missed is the one unread passage that was last on its carrier or, if there
is none, on a neighbour and was found gone from there; read by now, it is planned as read. Rule 4: an unread stranger is the one passage, read or not, that was last
there; that is enough to account for it and not to sort it, so it is barred. Rule 5: every other stranger is a parcel
that nobody inducted: it opens a passage of its own, barred. Rule 6: what stays adrift to its deadline is lost.
"""

from sortctl.logic import codes, orders
from sortctl.logic.hub import data
from sortctl.logic.known.loop import Found, Loop, LoopPassage, Where
from sortctl.logic.known.passage import Stage
from sortctl.logic.loop import allocate, carriers, deadlines, divert, ending, identify, induct
from sortctl.words.causes import Cause, ReadClass
from sortctl.words.facts import Code, CodesRead
from sortctl.words.ids import ChuteNumber, EyeNumber, PassageNumber
from sortctl.words.outcomes import ItemUnexpected, PassageFound, PassageMissing, TrackingVoided

LAPS = 2
"""One until a check-point has met every load, one more until the tunnel has read it."""
HOLE_LAPS = 1
"""A load whose number holds needs no read: the next check-point shows it."""


# ------------------------------------------------------------------------------------------- going adrift


def lose_sight(loop: Loop, passage: LoopPassage, cause: Cause, why: str, laps: int = LAPS) -> None:
    """It is no longer proven that `passage` is on the loop; its number, if it still has one, is kept."""
    carriers.note(loop, passage)
    if passage.where is not Where.ADRIFT:
        loop.loosen(passage, Where.ADRIFT)
    passage.missing, passage.missing_cause = why, cause
    pitch = loop.ring.length // loop.ring.carriers
    passage.ends_at = loop.state.belt.odo + laps * loop.ring.length + deadlines.PRESENCE_PITCHES * pitch
    loop.count_recirculating(passage, Cause.NONE)
    loop.say(PassageMissing(loop.now_ns, loop.sorter, PassageNumber(passage.number), passage.item, why))
    passage.due = 0
    deadlines.remind(loop, passage)


def find_empty(loop: Loop, passage: LoopPassage, point: int) -> None:
    """A check-point found the carrier of `passage` empty; the PLC forgot its number and its target."""
    orders.drop(loop, passage)
    loop.head_nowhere(passage)
    loop.rename(passage, 0)
    lose_sight(loop, passage, Cause.NOT_SEEN, f"its carrier was empty at point {point}")


def void_all(loop: Loop, reach: int) -> None:
    """The PLC has started anew: numbers, places and targets are void. The belt has moved on by at most `reach` counts."""
    why = "the PLC was restarted"
    reached = loop.state.belt.odo + reach
    for passage in loop.state.passages.values():
        carriers.note(loop, passage)
    loop.begin_era()
    passages = loop.all_open()
    riding = sum(passage.where is Where.RIDING for passage in passages)
    for passage in passages:
        loop.rename(passage, 0)
        passage.waits_at = 0
        if passage.told is None or (passage.stage is not Stage.DIVERTED and passage.fires_at > reached):
            orders.drop(loop, passage)
            loop.head_nowhere(passage)
        else:
            divert.void(loop, passage)
        if passage.where is Where.RIDING:
            lose_sight(loop, passage, Cause.POSITION_VOID, why)
    loop.say(TrackingVoided(loop.now_ns, loop.sorter, why, riding))


def doubt_all(loop: Loop, why: str) -> None:
    """Something may have happened that was not told: presence must be shown again; what was ordered is not sure either."""
    riding = [passage for passage in loop.state.passages.values() if passage.where is Where.RIDING]
    for passage in riding:
        passage.doubtful = passage.told is not None
        lose_sight(loop, passage, Cause.POSITION_VOID, why, HOLE_LAPS)
    loop.say(TrackingVoided(loop.now_ns, loop.sorter, why, len(riding)))


# ------------------------------------------------------------------------------------------- being found


def find_again(loop: Loop, passage: LoopPassage, origin: int, odo: int, why: str) -> None:
    """`passage` is proven to be on the carrier with this origin."""
    loop.place(passage, origin)
    passage.proven_at, passage.sighted = odo, False
    passage.missing, passage.missing_cause, passage.ends_at = "", Cause.NONE, 0
    passage.read_end_at = loop.ring.next_read_end(origin, odo)
    loop.say(PassageFound(loop.now_ns, loop.sorter, PassageNumber(passage.number), passage.item, why))
    told, passage.due = passage.told, 0
    if told is not None and (passage.stage is Stage.DIVERTED or not told.seq or odo > passage.fires_at):
        _stayed(loop, passage, told.chute)
    elif told is not None:
        passage.fires_at = loop.ring.next_firing(origin, told.chute, passage.fires_at - loop.ring.window)
    doubtful = passage.doubtful
    allocate.decide(loop, passage)
    if doubtful and passage.told is told:
        divert.renew(loop, passage)
    deadlines.remind(loop, passage)


def _stayed(loop: Loop, passage: LoopPassage, chute: int) -> None:
    """It was to leave at `chute`, perhaps the drive even said that it did; it is on the loop all the same."""
    if passage.stage is not Stage.DIVERTED:
        sure = passage.told is not None and passage.told.seq and passage.taken_at and not passage.doubtful
        divert.withdraw(loop, passage, "what became of it is not known")
        if not sure:
            return  # the PLC may never have had it
    carriers.fault(loop, passage, f"chute {chute}")
    allocate.fail(loop, passage, chute, "it is still on the loop")


def meet(loop: Loop, item: int, origin: int, odo: int, event: tuple[int, int, int]) -> None:
    """A load with a number that belongs to no passage was seen on the carrier with this origin."""
    found = loop.state.found.get(item)
    if found is not None:
        loop.shift(found, origin)
        return
    if loop.state.announced[0] == item:
        event = loop.state.announced[1:]
    count = event[2]
    if len(loop.state.found) >= loop.shared.limits.passages_max:
        loop.lose(next(iter(loop.state.found)))
    why = f"item {item}, which belongs to no passage"
    loop.say(ItemUnexpected(loop.now_ns, loop.sorter, EyeNumber(0), ChuteNumber(0), count, why))
    stranger = Found(item, origin, event, loop.ring.next_read_end(origin, odo))
    loop.find(stranger)
    passage = _sighted(loop, origin)
    if passage is not None:
        adopt(loop, stranger, passage, f"its waybill was read where item {item} was found")


def recognise(loop: Loop, found: Found) -> LoopPassage | None:
    """Rule 2: the passage that is missed and has the waybill that was read on the stranger."""
    for code in found.codes:
        passage = _missed(loop, code)
        if passage is not None:
            _realign(loop, passage, found.origin)
            return adopt(loop, found, passage, f"its waybill {code.text} was read on item {found.item}")
    return None


def _missed(loop: Loop, code: Code) -> LoopPassage | None:
    """The passage with this waybill, if it is missed."""
    for waybill in data.waybills_of(loop.shared, code):
        passage = loop.passage(loop.shared.by_waybill.get(waybill, 0))
        if passage is not None and passage.where is not Where.RIDING:
            return passage
    return None


def _realign(loop: Loop, passage: LoopPassage, origin: int) -> None:
    """The carrier of `passage` has this origin now. All carriers of its era have moved on by the same distance."""
    era, shift = passage.era, origin - passage.origin
    if era == loop.state.era:
        return
    for other in loop.state.passages.values():
        if other.era == era and other.where is Where.ADRIFT:
            loop.rebase(other, other.origin + shift)


def sight(loop: Loop, fact: CodesRead, place: int) -> bool:
    """A read under which no item is booked: the waybill of a passage that is missed. Its carrier has this origin; the next
    check-point will give the load a number. True: it was one.
    """
    for code in fact.codes:
        passage = _missed(loop, code)
        if passage is not None and passage.where is Where.ADRIFT:
            _realign(loop, passage, place)
            loop.rebase(passage, place)
            passage.sighted = True
            return True
    return False


def _sighted(loop: Loop, origin: int) -> LoopPassage | None:
    """The passage whose waybill was read on the carrier with this origin."""
    near = [
        passage
        for _, key in loop.ghosts.near(loop.ring.phase(origin), loop.ring.window)
        if (passage := loop.passage(key)) is not None and passage.sighted
    ]
    return near[0] if len(near) == 1 else None


def adopt(loop: Loop, found: Found, passage: LoopPassage, why: str) -> LoopPassage:
    """The stranger is `passage`."""
    loop.lose(found.item)
    loop.rename(passage, found.item)
    passage.codes, passage.refused_by = found.codes, found.refused_by
    find_again(loop, passage, found.origin, loop.state.belt.odo, why)
    return passage


def conclude(loop: Loop, found: Found) -> None:
    """No further read of the stranger comes on this pass: rules 3 to 5."""
    if not found.waited and _is_any_nowhere(loop):
        found.waited = True  # where they were is not known yet: it is on the next pass of the tunnel
        found.read_end_at = loop.ring.next_read_end(found.origin, loop.state.known + 1)
        loop.remind_of(found)
        return
    settle(loop, found)


def settle(loop: Loop, found: Found) -> LoopPassage:
    """Say who the stranger is, now."""
    is_read = codes.name_a_parcel(loop.shared, found.codes)
    passage = _last_there(loop, found, is_read)
    if passage is not None:
        if not is_read:
            allocate.bar(loop, passage, Cause.POSITION_VOID, "found again by its carrier only")
        adopt(loop, found, passage, f"it was last on the carrier of item {found.item}, or beside it")
        if passage.read_class is ReadClass.NONE_YET or is_read:
            identify.classify(loop, passage)
    else:
        loop.lose(found.item)
        passage = induct.open_passage(loop, found.item, found.origin, 0, found.event, 0)
        passage.codes, passage.refused_by = found.codes, found.refused_by
        identify.classify(loop, passage)
        allocate.bar(loop, passage, Cause.UNKNOWN_ITEM, "found on the loop; nobody inducted it")
    allocate.decide(loop, passage)
    return passage


def _is_any_nowhere(loop: Loop) -> bool:
    """Passages are missed, and how far the belt has moved since they were seen is not known."""
    return any(one.where is Where.ADRIFT and one.era != loop.state.era for one in loop.state.passages.values())


def _last_there(loop: Loop, found: Found, is_read: bool) -> LoopPassage | None:
    """The one passage adrift that was last on its carrier, or if nobody was, on a neighbour."""
    ring = loop.ring
    pitch = ring.length // ring.carriers
    near: list[list[LoopPassage]] = [[], []]
    for distance, key in loop.ghosts.near(ring.phase(found.origin), pitch + pitch // 2):
        passage = loop.passage(key)
        beside = abs(distance) > pitch // 2
        # only one whose own carrier was found empty can have come to lie on the next
        if passage is None or (is_read and passage.waybill) or (beside and passage.missing_cause is not Cause.NOT_SEEN):
            continue
        near[beside].append(passage)
    candidates = near[0] or near[1]
    return candidates[0] if len(candidates) == 1 else None


def give_up(loop: Loop, passage: LoopPassage) -> None:
    """Rule 6."""
    ending.close_lost(loop, passage, passage.missing_cause, f"{passage.missing}, and never found again")
