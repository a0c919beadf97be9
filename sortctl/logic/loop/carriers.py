"""Carriers: which carrier is which, and which is not to be used.

Theory. The PLC tells where carrier 1 is when it passes the home point; from there every place on the ring has a number, until the
PLC starts again. A carrier whose discharges fail so often in a row as the site says is taken out: nothing more is put on
it. What is still on it is tried on; when that is discharged and seen in its chute, the row is broken and the carrier is used
again. A PLC start forgets what was taken out: it is told again once the home point has passed. One that does not know
these orders is not asked again until it starts anew.
"""

from sortctl.logic import orders
from sortctl.logic.known.loop import Loop, LoopPassage
from sortctl.words.ids import CarrierNumber
from sortctl.words.orders import PutCarrierIn, TakeCarrierOut
from sortctl.words.outcomes import CarrierTurned, Disturbed

ORDERS_KEPT = 64
"""Orders about carriers whose refusal may still come."""


def pass_home(loop: Loop, odo: int) -> None:
    """Carrier 1 is at the home point."""
    state, ring = loop.state, loop.ring
    was, state.home = state.home, odo - ring.home
    if was is None:
        for passage in state.passages.values():
            if passage.era != state.era and passage.carrier:
                loop.rebase(passage, ring.origin_of(passage.carrier, state.home))
        align(loop)


def note(loop: Loop, passage: LoopPassage) -> None:
    """Keep the number of the carrier that `passage` is on."""
    if loop.state.home is not None and passage.era == loop.state.era:
        passage.carrier = loop.ring.carrier(passage.origin, loop.state.home)


def fault(loop: Loop, passage: LoopPassage, why: str) -> None:
    """The carrier of `passage` failed to discharge it."""
    note(loop, passage)
    state, limit, carrier = loop.state, loop.site.carrier_faults_max, passage.carrier
    if not carrier:
        return
    state.faults[carrier] = state.faults.get(carrier, 0) + 1
    if limit and state.faults[carrier] >= limit and carrier not in state.out:
        state.out.add(carrier)
        _turn(loop, carrier, out=True, why=f"{state.faults[carrier]} discharges failed in a row, the last one: {why}")


def good(loop: Loop, passage: LoopPassage) -> None:
    """The carrier of `passage` discharged it."""
    state, carrier = loop.state, passage.carrier
    state.faults.pop(carrier, None)
    if carrier in state.out:
        state.out.discard(carrier)
        _turn(loop, carrier, out=False, why="it discharged what was on it")


def _turn(loop: Loop, carrier: int, *, out: bool, why: str) -> None:
    loop.say(CarrierTurned(loop.now_ns, loop.sorter, CarrierNumber(carrier), out, why))
    align(loop)


def align(loop: Loop) -> None:
    """Tell the PLC which carriers are out, as far as it does not know."""
    state = loop.state
    if not state.holds or state.home is None or state.cannot_take_out or state.out == state.out_told:
        return
    for carrier in sorted(state.out ^ state.out_told):
        if len(state.untaken) >= orders.UNTAKEN_MAX:
            return
        kind = TakeCarrierOut if carrier in state.out else PutCarrierIn
        seq, why = orders.number(loop), "its discharges fail" if carrier in state.out else "it discharges again"
        orders.tell(loop, kind(loop.plc, state.epoch, seq, why, CarrierNumber(carrier)))
        state.out_told ^= {carrier}
        state.carrier_orders[seq] = carrier
        if len(state.carrier_orders) > ORDERS_KEPT:
            del state.carrier_orders[next(iter(state.carrier_orders))]


def refuse(loop: Loop, seq: int) -> bool:
    """ORDER_FAILED 7 for this number. True: it was one of ours about a carrier."""
    carrier = loop.state.carrier_orders.pop(seq, None)
    if carrier is None:
        return False
    loop.state.cannot_take_out = True
    why = f"the PLC cannot take carriers out; carrier {carrier} goes on being loaded"
    loop.say(Disturbed(loop.now_ns, loop.sorter, "carriers_cannot_be_taken_out", True, why))
    return True


def forget_told(loop: Loop) -> None:
    """The PLC was started: it uses every carrier."""
    state = loop.state
    state.out_told, state.carrier_orders = set(), {}
    if state.cannot_take_out:
        state.cannot_take_out = False
        why = "the PLC was started anew and will be asked again"
        loop.say(Disturbed(loop.now_ns, loop.sorter, "carriers_cannot_be_taken_out", False, why))
