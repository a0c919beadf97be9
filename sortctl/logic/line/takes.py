"""Takes: which room of a line takes which fact, and what voided positions, a grant and a moving belt mean on a line.

Comes in: every fact about this line's PLC and scanners. Goes out: a table, and what `logic/logic.py` asks of every kind of sorter.
"""

from collections.abc import Callable
from typing import Any

from sortctl.logic import links, orders, reads
from sortctl.logic.exits import takes as exits_takes
from sortctl.logic.hub import shut
from sortctl.logic.known.line import Line
from sortctl.logic.known.passage import Stage
from sortctl.logic.line import allocate, confirm, divert, identify, induct, overdue, realign, track
from sortctl.words import facts, hub
from sortctl.words.units import NS_PER_MS

REACH_PERCENT = 120
"""A belt may run so much faster than its nominal speed."""


def is_busy(line: Line) -> bool:
    """Something is on the line: where its belt stands is wanted."""
    state = line.state
    return state.is_linked and bool(state.placed or state.adrift or state.reads or track.has_items(line))


def before(line: Line, fact: facts.PlcEvent) -> None:
    """In a backlog of events an item at an eye must be told before what happened to it further down."""
    if type(fact) is not facts.Inducted:  # its count is that of the front edge, long before
        track.settle_items(line, line.state.belt.at_count(fact.count) - line.geometry.debounce)


def _started(line: Line, fact: facts.ControllerStarted) -> None:
    why = links.started(line, fact)
    if why:
        _void_here(line, why)


def _restarted(line: Line, fact: facts.PlcRestarted) -> None:
    """Positions and waiting orders are void; only what had left the belt by then may still be seen in its chute."""
    state = line.state
    blind_ms = max(0, fact.at_ns - state.known_ns) // NS_PER_MS
    reach = line.machine.counts_in(blind_ms) * REACH_PERCENT // 100 + line.geometry.late
    reached = state.belt.odo + reach
    links.restarted(line, fact)
    shut.forget_told(line)
    for passage in list(state.placed):
        if passage.told is not None and passage.told.odo > reached:
            orders.drop(line, passage)
        elif passage.told is not None:
            divert.void(line, passage)
    state.voided_at = state.belt.odo
    realign.void(line, "the PLC was restarted", reach)
    reads.drop_waiting(line, "the PLC was restarted")


def _missed(line: Line, fact: facts.EventsMissed) -> None:
    line.state.events_taken = fact.last
    _void_here(line, f"events {fact.first} to {fact.last} of the PLC are lost")


def _void_here(line: Line, why: str) -> None:
    """The encoder counted on: positions are where they were, but what happened since was not told."""
    line.state.voided_at = line.state.belt.odo
    realign.void(line, why, 0)


def _granted(line: Line, fact: facts.EpochGranted) -> None:
    divert.epoch_begins(line, fact.epoch, fact.orders_accepted)
    for passage in list(line.state.placed):
        allocate.decide(line, passage)
    for passage in line.all_open():
        allocate.hold_back(line, passage)
    shut.granted(line)
    links.granted(line, fact)


def _taken(line: Line, fact: facts.OrdersTaken) -> None:
    orders.taken(line, fact.epoch, fact.upto)


def _moved(line: Line, fact: facts.BeltMoved) -> None:
    """Everything up to here has been told: tie what waited, tell items that have passed, conclude what is absent."""
    state = line.state
    state.belt.move(fact.count, fact.at_ns)
    if not fact.all_told:
        return
    state.known, state.known_ns = state.belt.odo, fact.at_ns
    identify.tie_waiting(line, fact.at_ns)
    track.settle_items(line, state.known)
    for stranger in realign.settle(line):
        if stranger.eye is None:
            confirm.meet(line, stranger)
        else:
            track.meet(line, stranger)
    for number in line.overdue(state.known):
        overdue.conclude(line, number)
    _give_waiting(line)


def _give_waiting(line: Line) -> None:
    """Orders had to wait for room in the PLC: give them now, the furthest down the line first, or decide anew."""
    state = line.state
    if not state.is_short:
        return
    state.is_short = False
    for passage in list(state.placed):
        if passage.told is None and passage.stage is Stage.DECIDED:
            allocate.decide(line, passage)
        if state.is_short:
            return


def _chutes(line: Line, fact: facts.ChutesRead) -> None:
    for number in links.chutes(line, fact):
        allocate.reconsider(line, number)


def _chute(line: Line, fact: facts.ChuteTurned) -> None:
    if links.chute(line, fact):
        allocate.reconsider(line, fact.chute)


TAKE: dict[type[facts.Fact], Callable[[Line, Any], object]] = {
    **links.TAKE,
    **exits_takes.TAKE,
    facts.ControllerStarted: _started,
    facts.PlcRestarted: _restarted,
    facts.EventsMissed: _missed,
    facts.EpochGranted: _granted,
    facts.OrdersTaken: _taken,
    facts.BeltMoved: _moved,
    facts.ChutesRead: _chutes,
    facts.ChuteTurned: _chute,
    facts.Inducted: induct.open_inducted,
    facts.EyeChanged: track.take_edge,
    facts.ItemDiverted: confirm.take_diverted,
    facts.ChuteEyeChanged: confirm.take_entry,
    facts.OrderFailed: confirm.take_failure,
    facts.CodesRead: identify.take_read,
    hub.ParcelTold: identify.take_told,
    hub.ParcelTurned: identify.take_turned,
}
"""A fact that is not here changes nothing on a line (laps, items of a tracking PLC, epochs that the stream announces)."""
