"""Divert: the order that a decision needs, its number, and what becomes of it.

An order is given at once, long before its count; it can be changed until its point of no return, `margin` before the count
at which the output switches, by a CANCEL and a new DIVERT in this order. Exits without an actuator need no order. A DIVERT
that was given is repeated only under a new epoch, and only if it was not known to be taken: same chute and count are one. A
CANCEL that was not known to be taken is repeated before them.
"""

from sortctl.logic import orders, rules
from sortctl.logic.hub import recall
from sortctl.logic.known import deadlines
from sortctl.logic.known.line import Line, LinePassage
from sortctl.logic.known.passage import Stage, Told
from sortctl.words.causes import Proof
from sortctl.words.ids import ChuteNumber
from sortctl.words.orders import Cancel, Divert
from sortctl.words.units import wrap32

RESYNC_MM = 15
"""An order whose count is off by more, now that an eye has seen the parcel, is given anew; a pusher face is 20 times that."""


def is_committed(line: Line, passage: LinePassage) -> bool:
    """The standing order can no longer be withdrawn in time."""
    told = passage.told
    if told is None:
        return False
    if passage.stage is Stage.DIVERTED or not line.state.holds:
        return True
    return line.state.belt.at_time(line.now_ns) > told.odo - line.geometry.margin


def align(line: Line, passage: LinePassage) -> None:
    """Make the standing order be the one that the decision and the position of `passage` need."""
    place = line.geometry.exits.get(passage.chute)
    if place is None or not place.has_actuator or not line.state.holds:
        return
    odo = deadlines.firing(line, passage, place)
    told, replaces = passage.told, 0
    if told is not None:
        is_late = line.state.belt.at_time(line.now_ns) > odo - line.geometry.margin
        if is_late or abs(told.odo - odo) <= line.geometry.counts(RESYNC_MM):
            return
        replaces = told.seq
        withdraw(line, passage, "its position was corrected")
    if orders.has_room(line):
        give(line, passage, odo, replaces)
    else:
        line.state.is_short = True


def give(line: Line, passage: LinePassage, odo: int, replaces: int = 0) -> None:
    """DIVERT `passage` to its chute when the belt stands at `odo`; `replaces` is the order that this one corrects."""
    rules.check_zone(line, passage)
    state = line.state
    seq, raw = orders.number(line), state.belt.to_raw(odo)
    told = Told(state.epoch, seq, passage.chute, odo, raw, replaces)
    line.book(passage, told)
    passage.turn(Stage.ORDERED)
    chute = ChuteNumber(passage.chute)
    orders.tell(line, Divert(line.plc, state.epoch, seq, passage.why, chute, wrap32(passage.number), raw))
    orders.say(line, passage, told, Proof.ORDERED)


def withdraw_if_other(line: Line, passage: LinePassage, chute: int) -> None:
    """The decision moves to another chute: withdraw the order to the old one."""
    if passage.told is not None and passage.told.chute != chute:
        withdraw(line, passage, "decided anew")


def withdraw(line: Line, passage: LinePassage, reason: str) -> None:
    """CANCEL the standing order; the passage has none from now on."""
    told, state = passage.told, line.state
    if told is None:
        return
    if state.holds and told.seq:
        seq, chute = orders.number(line), ChuteNumber(told.chute)
        orders.tell(line, Cancel(line.plc, state.epoch, seq, reason, chute, wrap32(passage.number), told.raw))
    orders.drop(line, passage)


def void(line: Line, passage: LinePassage) -> None:
    """The PLC forgot the order; it may have been carried out just before. Where it sent the parcel is kept."""
    told = passage.told
    if told is not None:
        line.by_order.pop((told.epoch, told.seq), None)
        told.epoch = told.seq = 0


def done(line: Line, passage: LinePassage, chute: int, count: int) -> None:
    """The actuator of `chute` reported its end position for `passage`."""
    told = passage.told
    if told is None or told.chute != chute:
        # fired in spite of its withdrawal: the parcel is in that chute now, whatever was decided since
        withdraw(line, passage, "it was diverted by an earlier order")
        fired = line.state.belt.at_count(count) - line.geometry.exits[chute].stroke
        told = Told(0, 0, chute, fired, line.state.belt.to_raw(fired))
        passage.told = told
        if passage.stage is Stage.TRAVELLING:
            passage.turn(Stage.DECIDED)
        passage.turn(Stage.ORDERED)
    passage.turn(Stage.DIVERTED)
    orders.say(line, passage, told, Proof.DONE)


def epoch_begins(line: Line, epoch: int, accepted: int) -> None:
    """This controller holds `epoch`: give again what is not known to be taken, where there is still time."""
    state = line.state
    untaken = orders.begin(line, epoch, accepted)
    if untaken is None:
        return
    for order in untaken:
        if isinstance(order, Cancel):
            # what it was to withdraw may have been taken, and would outlive its epoch
            seq = orders.number(line)
            orders.tell(line, Cancel(line.plc, epoch, seq, order.reason, order.chute, order.item, order.at_count))
    for passage in list(state.placed):
        if passage.stage is Stage.ORDERED and passage.told is not None:
            odo = passage.told.odo
            if state.belt.at_time(line.now_ns) > odo - line.geometry.margin:
                continue  # too late to give again; the eyes tell whether it had been taken
            if recall.forbids(line, passage, passage.told.chute):
                continue  # what may have been taken is withdrawn by the decision that follows
            orders.drop(line, passage)
            give(line, passage, odo)
