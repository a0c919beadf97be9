"""Shut: chutes that are closed by order, and why, whoever asked for it. The PLC is told when it does not know.

Theory. Several may want a chute closed; it is opened when the last of them has let go. A chute counts as closed from the moment
that somebody asked, not from the PLC's word. A PLC start forgets it, a new epoch may have lost the order: it is told again then.
Comes in: who closes which chute, and why. Goes out: CHUTE_CLOSE, CHUTE_OPEN. Never here: the state that the PLC shows.
"""

from sortctl.logic import orders
from sortctl.logic.known.sorter import Sorter
from sortctl.words.ids import ChuteNumber
from sortctl.words.orders import CloseChute, OpenChute


def close(sorter: Sorter, chute: int, who: str, why: str) -> None:
    """`who` wants `chute` closed."""
    sorter.state.shut.setdefault(chute, {})[who] = why
    sorter.touched.add(chute)
    align(sorter)


def let_go(sorter: Sorter, chute: int, who: str) -> None:
    """`who` wants `chute` closed no longer."""
    wants = sorter.state.shut.get(chute, {})
    wants.pop(who, None)
    if not wants:
        sorter.state.shut.pop(chute, None)
    sorter.touched.add(chute)
    align(sorter)


def refusal(sorter: Sorter, chute: int) -> str:
    """Why `chute` is closed by order; empty: it is not."""
    why = reason(sorter, chute)
    return f"is closed: {why}" if why else ""


def reason(sorter: Sorter, chute: int) -> str:
    """The first reason for which it is closed by order; empty: it is not."""
    wants = sorter.state.shut.get(chute)
    return next(iter(wants.values())) if wants else ""


def open_strange(sorter: Sorter, chute: int) -> None:
    """The PLC says that it is closed by order: open it, if nobody here wants it closed."""
    if chute not in sorter.state.shut and chute not in sorter.state.shut_told:
        sorter.state.shut_told[chute] = True
        align(sorter)


def align(sorter: Sorter) -> None:
    """Tell the PLC what it does not know."""
    state = sorter.state
    if not state.holds:
        return
    for chute in sorted(state.shut.keys() | state.shut_told.keys()):
        closed = chute in state.shut
        if state.shut_told.get(chute, False) == closed or len(state.untaken) >= orders.UNTAKEN_MAX:
            continue
        why = next(iter(state.shut[chute].values())) if closed else "nobody wants it closed any more"
        kind = CloseChute if closed else OpenChute
        orders.tell(sorter, kind(sorter.plc, state.epoch, orders.number(sorter), why, ChuteNumber(chute)))
        state.shut_told[chute] = closed


def granted(sorter: Sorter) -> None:
    """A new epoch: what was told in the one before may not have been taken."""
    state = sorter.state
    # what was opened again may still be closed there
    state.shut_told = dict.fromkeys(state.shut_told.keys() - state.shut.keys(), True)
    align(sorter)


def forget_told(sorter: Sorter) -> None:
    """The PLC was started: by order nothing is closed there."""
    sorter.state.shut_told = {}
