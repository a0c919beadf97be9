"""Divert: the order for an item, its replacement, its withdrawal.

Theory. An order names an item and a chute, no count: it is a target that stays in force at the PLC until it is carried out,
fails, is replaced or withdrawn, over laps and over epochs. The newest replaces the older, so a change of mind is one new
DIVERT, and only "ride on" is a CANCEL. On each lap a target can be changed until its carrier is `margin` before the firing
place; from there until the result must be known it is committed. A target that the PLC took too late for this lap stands
for the next. Where more loads want a target than the PLC holds, those that come to their chutes first get one first.
"""

from heapq import heappop, heappush

from sortctl.logic import orders, rules
from sortctl.logic.known.loop import Loop, LoopPassage
from sortctl.logic.known.passage import Stage, Told
from sortctl.logic.loop import deadlines
from sortctl.words.causes import Proof
from sortctl.words.ids import ChuteNumber
from sortctl.words.orders import Cancel, Divert

EPOCHS_MAX = 16
"""A target outlives its epoch by two laps at most; a PLC that grants more of them meanwhile is asked by item, not by number."""


def now(loop: Loop) -> int:
    """Odometer at the moment of the fact that is being taken."""
    return loop.state.belt.at_time(loop.now_ns)


def is_committed(loop: Loop, passage: LoopPassage) -> bool:
    """The standing order can no longer be changed in time."""
    if passage.told is None:
        return False
    if passage.stage is Stage.DIVERTED or not loop.state.holds:
        return True
    return now(loop) > passage.fires_at - loop.ring.margin


def align(loop: Loop, passage: LoopPassage) -> None:
    """Make the standing order be the one that the decision needs."""
    if not loop.state.holds:
        return
    told = passage.told
    if not passage.chute:
        withdraw(loop, passage, passage.why)
        return
    if told is not None and told.chute == passage.chute:
        return
    takes = len(loop.state.untaken) < orders.UNTAKEN_MAX
    if (told is not None and takes) or orders.has_room(loop):
        give(loop, passage)
    else:
        _wait(loop, passage)


def give(loop: Loop, passage: LoopPassage) -> None:
    """DIVERT `passage` to its chute; an older order is replaced."""
    rules.check_zone(loop, passage)
    state, ring = loop.state, loop.ring
    if passage.stage in (Stage.ORDERED, Stage.TAKEN):
        passage.turn(Stage.DECIDED)
    seq, odo = orders.number(loop), now(loop)
    told = Told(state.epoch, seq, passage.chute, odo)
    loop.book(passage, told)
    passage.turn(Stage.ORDERED)
    passage.taken_at = passage.waits_at = 0
    passage.doubtful = False
    passage.fires_at = ring.next_firing(passage.origin, passage.chute, odo - ring.window)
    if state.epoch not in state.epochs:
        state.epochs = [*state.epochs, state.epoch][-EPOCHS_MAX:]
    orders.tell(loop, Divert(loop.plc, state.epoch, seq, passage.why, ChuteNumber(passage.chute), passage.item, 0))
    orders.say(loop, passage, told, Proof.ORDERED)
    deadlines.remind(loop, passage)


def renew(loop: Loop, passage: LoopPassage) -> None:
    """The PLC may have the order or not: give the same one again."""
    told = passage.told
    if told is not None and told.chute == passage.chute and not is_committed(loop, passage):
        give(loop, passage)


def withdraw(loop: Loop, passage: LoopPassage, reason: str) -> None:
    """CANCEL the standing order; the passage has none from now on."""
    told, state = passage.told, loop.state
    if told is None:
        return
    if state.holds and told.seq and passage.item:
        seq = orders.number(loop)
        orders.tell(loop, Cancel(loop.plc, state.epoch, seq, reason, ChuteNumber(told.chute), passage.item, 0))
    orders.drop(loop, passage)


def void(loop: Loop, passage: LoopPassage) -> None:
    """The PLC forgot the order; it may have been carried out just before. Where it sent the load is kept."""
    told = passage.told
    if told is not None:
        loop.book(passage, Told(0, 0, told.chute, told.odo))


def taken(loop: Loop, epoch: int, upto: int) -> None:
    """The PLC has every order of `epoch` up to this number."""
    for passage in orders.taken(loop, epoch, upto):
        if isinstance(passage, LoopPassage):
            passage.taken_at = loop.state.belt.odo


def _wait(loop: Loop, passage: LoopPassage) -> None:
    passage.waits_at = loop.ring.next_firing(passage.origin, passage.chute, now(loop))
    heappush(loop.waiting, (passage.waits_at, passage.number))


def next_waiting(loop: Loop) -> LoopPassage | None:
    """Whose order is to be given next, if there is room for it: the one that comes to its chute first."""
    while loop.waiting and orders.has_room(loop):
        at, number = heappop(loop.waiting)
        passage = loop.passage(number)
        if passage is None or passage.waits_at != at:
            continue
        passage.waits_at = 0
        if not passage.chute or passage.told is not None:
            continue
        if at >= now(loop) - loop.ring.margin:
            return passage
        _wait(loop, passage)  # it went past; on its next lap then
    return None
