"""Takes: which room of a loop takes which fact, and what a PLC start, a hole, a grant and a moving belt mean on a loop.

Comes in: every fact about this loop's PLC and scanners. Goes out: a table, and what `logic/logic.py` asks of every kind of sorter.
"""

from collections.abc import Callable
from typing import Any

from sortctl.logic import links, orders, reads
from sortctl.logic.exits import takes as exits_takes
from sortctl.logic.hub import shut
from sortctl.logic.known.loop import Loop, LoopPassage, Where
from sortctl.logic.loop import adrift, allocate, carriers, confirm, divert, laps, overdue, points, tunnel
from sortctl.words import facts, hub
from sortctl.words.orders import AnyOrder, Cancel, PutCarrierIn, RunInduct, StopInduct, TakeCarrierOut
from sortctl.words.units import NS_PER_MS

REACH_PERCENT = 120
"""A belt may run so much faster than its nominal speed."""


def is_busy(loop: Loop) -> bool:
    """Something is on the loop: where its belt stands is wanted."""
    state = loop.state
    return state.is_linked and bool(state.passages or state.found or state.reads)


def _started(loop: Loop, fact: facts.ControllerStarted) -> None:
    why = links.started(loop, fact)
    if why:
        loop.state.stop_told = None
        adrift.doubt_all(loop, why)


def _restarted(loop: Loop, fact: facts.PlcRestarted) -> None:
    """Numbers, targets and settings are void; only what had left the belt by then may still be seen in its chute."""
    state = loop.state
    blind_ms = max(0, fact.at_ns - state.known_ns) // NS_PER_MS
    reach = loop.machine.counts_in(blind_ms) * REACH_PERCENT // 100 + loop.ring.window
    adrift.void_all(loop, reach)
    links.restarted(loop, fact)
    shut.forget_told(loop)
    state.epochs = []
    state.stop_told = False
    carriers.forget_told(loop)
    reads.drop_waiting(loop, "the PLC was restarted")


def _missed(loop: Loop, fact: facts.EventsMissed) -> None:
    loop.state.events_taken = fact.last
    adrift.doubt_all(loop, f"events {fact.first} to {fact.last} of the PLC are lost")


def _granted(loop: Loop, fact: facts.EpochGranted) -> None:
    """Give again what is not known to be taken, and whatever the decisions of now need."""
    state = loop.state
    untaken = orders.begin(loop, fact.epoch, fact.orders_accepted) or []
    if untaken:
        state.carrier_orders = {}
    for order in untaken:
        _repeat(loop, order)
    for passage in loop.all_open():
        allocate.decide(loop, passage)
    for order in untaken:
        told = loop.by_order.get((order.epoch, order.seq))
        if isinstance(told, LoopPassage) and told.where is Where.RIDING:
            divert.renew(loop, told)
    for passage in loop.all_open():
        allocate.hold_back(loop, passage)
    shut.granted(loop)
    carriers.align(loop)
    laps.align(loop)
    links.granted(loop, fact)


def _repeat(loop: Loop, order: AnyOrder) -> None:
    """An order of the epoch before that may have been taken or not."""
    state = loop.state
    match order:
        case Cancel():
            # what it was to withdraw may have been taken, and would outlive its epoch
            passage = loop.by_item.get(order.item)
            if passage is None or passage.told is None:
                seq = orders.number(loop)
                orders.tell(loop, Cancel(loop.plc, state.epoch, seq, order.reason, order.chute, order.item, 0))
        case StopInduct() | RunInduct():
            state.stop_told = None
        case TakeCarrierOut():
            state.out_told.discard(order.carrier)
        case PutCarrierIn():
            state.out_told.add(order.carrier)


def _epoch_told(loop: Loop, fact: facts.EpochTold) -> None:
    loop.state.told_epoch = fact.epoch


def _taken(loop: Loop, fact: facts.OrdersTaken) -> None:
    divert.taken(loop, fact.epoch, fact.upto)


def _moved(loop: Loop, fact: facts.BeltMoved) -> None:
    """Everything up to here has been told: tie what waited, conclude what is absent."""
    state = loop.state
    state.belt.move(fact.count, fact.at_ns)
    if not fact.all_told:
        return
    state.known, state.known_ns = state.belt.odo, fact.at_ns
    tunnel.tie_waiting(loop, fact.at_ns)
    for number in loop.overdue(state.known):
        overdue.conclude(loop, number)
    allocate.give_waiting(loop)


def _chutes(loop: Loop, fact: facts.ChutesRead) -> None:
    for number in links.chutes(loop, fact):
        allocate.reconsider(loop, number)


def _chute(loop: Loop, fact: facts.ChuteTurned) -> None:
    if links.chute(loop, fact):
        allocate.reconsider(loop, fact.chute)


TAKE: dict[type[facts.Fact], Callable[[Loop, Any], object]] = {
    **links.TAKE,
    **exits_takes.TAKE,
    facts.ControllerStarted: _started,
    facts.PlcRestarted: _restarted,
    facts.EventsMissed: _missed,
    facts.EpochGranted: _granted,
    facts.EpochTold: _epoch_told,
    facts.OrdersTaken: _taken,
    facts.BeltMoved: _moved,
    facts.ChutesRead: _chutes,
    facts.ChuteTurned: _chute,
    facts.Inducted: points.take_inducted,
    facts.ItemAtPoint: points.take_point,
    facts.ItemGone: points.take_gone,
    facts.LapDone: laps.take_lap,
    facts.ItemDiverted: confirm.take_diverted,
    facts.ChuteEyeChanged: confirm.take_entry,
    facts.OrderFailed: confirm.take_failure,
    facts.CodesRead: tunnel.take_read,
    hub.ParcelTold: tunnel.take_told,
    hub.ParcelTurned: tunnel.take_turned,
}
"""A fact that is not here changes nothing on a loop (eyes)."""
