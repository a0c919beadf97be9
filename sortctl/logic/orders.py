"""Orders: their numbers, which of them the PLC is not known to have taken, and what a new epoch does to them.

Comes in: orders that the rooms of a sorter give, `OrdersTaken`, `EpochGranted`. Goes out: the orders, numbered, and how far each
DIVERT has come. An order has its number for ever; a number is used once in an epoch. Never here: which order is needed.
"""

from sortctl.logic.known.passage import Passage, Stage, Told
from sortctl.logic.known.sorter import Sorter
from sortctl.words.causes import Proof
from sortctl.words.ids import ChuteNumber, PassageNumber
from sortctl.words.orders import AnyOrder
from sortctl.words.outcomes import DivertTold
from sortctl.words.units import signed_difference

UNTAKEN_MAX = 1_000
"""So many orders that the PLC has not taken: one that takes none for so long will take no more of them."""


def number(sorter: Sorter) -> int:
    """The number of the next order of this epoch."""
    seq = sorter.state.next_order
    sorter.state.next_order = seq + 1
    return seq


def tell(sorter: Sorter, order: AnyOrder) -> None:
    """Give an order."""
    sorter.state.untaken.append(order)
    sorter.say(order)


def has_room(sorter: Sorter) -> bool:
    """The PLC can hold one more DIVERT, and takes orders at all."""
    return len(sorter.by_order) < sorter.machine.plc.waiting_diverts and len(sorter.state.untaken) < UNTAKEN_MAX


def drop(sorter: Sorter, passage: Passage) -> None:
    """No order stands for `passage` any more."""
    if passage.told is not None:
        sorter.book(passage, None)
        passage.turn(Stage.DECIDED)


def taken(sorter: Sorter, epoch: int, upto: int) -> list[Passage]:
    """The PLC has every order of `epoch` up to this number; the passages whose order that was."""
    state, found = sorter.state, []
    while state.untaken and state.untaken[0].epoch == epoch and signed_difference(state.untaken[0].seq, upto) <= 0:
        order = state.untaken.pop(0)
        passage = sorter.by_order.get((order.epoch, order.seq))
        if passage is not None and passage.told is not None and passage.stage is Stage.ORDERED:
            passage.turn(Stage.TAKEN)
            say(sorter, passage, passage.told, Proof.TAKEN)
            found.append(passage)
    return found


def begin(sorter: Sorter, epoch: int, accepted: int) -> list[AnyOrder] | None:
    """This controller holds `epoch`. None: it goes on in it; else the orders of before that are not known to be taken."""
    state = sorter.state
    state.holds = True
    if epoch == state.epoch:
        # orders that left before they were on disk, and were lost with it, have used their numbers all the same
        state.next_order = max(state.next_order, accepted + 1)
        taken(sorter, epoch, accepted)
        return None
    untaken = state.untaken
    state.epoch, state.next_order, state.untaken = epoch, 1, []
    return untaken


def say(sorter: Sorter, passage: Passage, told: Told, proof: Proof) -> None:
    """How far the order of `passage` has come."""
    sorter.say(
        DivertTold(
            sorter.now_ns,
            sorter.sorter,
            PassageNumber(passage.number),
            ChuteNumber(told.chute),
            told.epoch,
            told.seq,
            proof,
        )
    )
