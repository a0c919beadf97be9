"""Divert: the order that a decision needs, its number, and what becomes of it.

An order is given at once, long before its count; it can be changed until its point of no return, `margin` before the count
at which the output switches, by a CANCEL and a new DIVERT in this order. Exits without an actuator need no order. A DIVERT
that was given is repeated only under a new epoch, and only if it was not known to be taken: same chute and count are one. A
CANCEL that was not known to be taken is repeated before them.
"""

from sortctl.logic.known import deadlines
from sortctl.logic.known.line import Line
from sortctl.logic.known.passage import Passage, Stage, Told
from sortctl.words.causes import Proof
from sortctl.words.ids import ChuteNumber, PassageNumber
from sortctl.words.orders import AnyOrder, Cancel, Divert
from sortctl.words.outcomes import DivertTold
from sortctl.words.units import signed_difference, wrap32

RESYNC_MM = 15
"""An order whose count is off by more, now that an eye has seen the parcel, is given anew; a pusher face is 20 times that."""
UNTAKEN_MAX = 1_000
"""So many orders that the PLC has not taken: one that takes none for so long will take no more of them."""


def is_committed(line: Line, passage: Passage) -> bool:
    """The standing order can no longer be withdrawn in time."""
    told = passage.told
    if told is None:
        return False
    if passage.stage is Stage.DIVERTED or not line.state.holds:
        return True
    return line.state.belt.at_time(line.now_ns) > told.odo - line.geometry.margin


def align(line: Line, passage: Passage) -> None:
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
    if len(line.by_order) < line.machine.plc.waiting_diverts and len(line.state.untaken) < UNTAKEN_MAX:
        give(line, passage, odo, replaces)
    else:
        line.state.is_short = True


def give(line: Line, passage: Passage, odo: int, replaces: int = 0) -> None:
    """DIVERT `passage` to its chute when the belt stands at `odo`; `replaces` is the order that this one corrects."""
    state = line.state
    seq, raw = _number(line), state.belt.to_raw(odo)
    passage.told = Told(state.epoch, seq, passage.chute, odo, raw, replaces)
    passage.turn(Stage.ORDERED)
    line.by_order[state.epoch, seq] = passage
    chute = ChuteNumber(passage.chute)
    _tell(line, Divert(line.plc, state.epoch, seq, passage.why, chute, wrap32(passage.number), raw))
    _say(line, passage, passage.told, Proof.ORDERED)


def withdraw_if_other(line: Line, passage: Passage, chute: int) -> None:
    """The decision moves to another chute: withdraw the order to the old one."""
    if passage.told is not None and passage.told.chute != chute:
        withdraw(line, passage, "decided anew")


def withdraw(line: Line, passage: Passage, reason: str) -> None:
    """CANCEL the standing order; the passage has none from now on."""
    told, state = passage.told, line.state
    if told is None:
        return
    if state.holds and told.seq:
        order = Cancel(
            line.plc, state.epoch, _number(line), reason, ChuteNumber(told.chute), wrap32(passage.number), told.raw
        )
        _tell(line, order)
    drop(line, passage)


def void(line: Line, passage: Passage) -> None:
    """The PLC forgot the order; it may have been carried out just before. Where it sent the parcel is kept."""
    told = passage.told
    if told is not None:
        line.by_order.pop((told.epoch, told.seq), None)
        told.epoch = told.seq = 0


def drop(line: Line, passage: Passage) -> None:
    """No order stands for `passage` any more."""
    if passage.told is not None:
        line.by_order.pop((passage.told.epoch, passage.told.seq), None)
        passage.told = None
        passage.turn(Stage.DECIDED)


def taken(line: Line, epoch: int, upto: int) -> None:
    """The PLC has every order of `epoch` up to this number."""
    state = line.state
    while state.untaken and state.untaken[0].epoch == epoch and signed_difference(state.untaken[0].seq, upto) <= 0:
        order = state.untaken.pop(0)
        passage = line.by_order.get((order.epoch, order.seq))
        if passage is not None and passage.told is not None and passage.stage is Stage.ORDERED:
            passage.turn(Stage.TAKEN)
            _say(line, passage, passage.told, Proof.TAKEN)


def done(line: Line, passage: Passage, chute: int, count: int) -> None:
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
    _say(line, passage, told, Proof.DONE)


def epoch_begins(line: Line, epoch: int, accepted: int) -> None:
    """This controller holds `epoch`: give again what is not known to be taken, where there is still time."""
    state = line.state
    state.holds = True
    if epoch == state.epoch:
        # orders that left before they were on disk, and were lost with it, have used their numbers all the same
        state.next_order = max(state.next_order, accepted + 1)
        taken(line, epoch, accepted)
        return
    withdrawn = [order for order in state.untaken if isinstance(order, Cancel)]
    state.epoch, state.next_order, state.untaken = epoch, 1, []
    for order in withdrawn:
        # what it was to withdraw may have been taken, and would outlive its epoch
        _tell(line, Cancel(line.plc, epoch, _number(line), order.reason, order.chute, order.item, order.at_count))
    for passage in list(state.placed):
        if passage.stage is Stage.ORDERED and passage.told is not None:
            odo = passage.told.odo
            if state.belt.at_time(line.now_ns) > odo - line.geometry.margin:
                continue  # too late to give again; the eyes tell whether it had been taken
            drop(line, passage)
            give(line, passage, odo)


def _number(line: Line) -> int:
    seq = line.state.next_order
    line.state.next_order = seq + 1
    return seq


def _tell(line: Line, order: AnyOrder) -> None:
    line.state.untaken.append(order)
    line.say(order)


def _say(line: Line, passage: Passage, told: Told, proof: Proof) -> None:
    line.say(
        DivertTold(
            line.now_ns,
            line.sorter,
            PassageNumber(passage.number),
            ChuteNumber(told.chute),
            told.epoch,
            told.seq,
            proof,
        )
    )
