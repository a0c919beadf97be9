"""Orders block, the writing half of the exchange: orders -> words of the `orders` area. Pure.

Comes in: orders of the logic in their numbering, how far the journal has them, how far the PLC took them. Goes out: the
next whole block. An order stays in the block, unchanged, until the PLC has taken it; it enters only when its row is on disk
(or the wait for the disk was given up, marked). Never here: whether we may write at all (`inputs/ownership.py`).
"""

from collections import deque
from collections.abc import Iterable

from sortctl.words import exchange, orders
from sortctl.words.exchange import ORDER_SLOT_WORDS, ORDERS_HEAD, ORDERS_HEAD_WORDS, Op, Request
from sortctl.words.units import WORD_MASK, signed_difference

_AT = exchange.offsets(ORDERS_HEAD)
_SLOT = exchange.offsets(exchange.ORDER_SLOT)


_OPS = {
    orders.Divert: Op.DIVERT,
    orders.Cancel: Op.CANCEL,
    orders.CloseChute: Op.CHUTE_CLOSE,
    orders.OpenChute: Op.CHUTE_OPEN,
    orders.ShowLamp: Op.CHUTE_LAMP,
    orders.StopInduct: Op.INDUCT_STOP,
    orders.RunInduct: Op.INDUCT_RUN,
    orders.TakeCarrierOut: Op.CARRIER_OUT,
    orders.PutCarrierIn: Op.CARRIER_IN,
}


def _fields(order: orders.Order) -> tuple[Op, int, int, int]:
    """(op, chute, item, at_count) of an order. KeyError, TypeError: there is no such order."""
    op = _OPS[type(order)]
    match order:
        case orders.Divert() | orders.Cancel():
            return op, order.chute, order.item, order.at_count
        case orders.CloseChute() | orders.OpenChute():
            return op, order.chute, 0, 0
        case orders.ShowLamp():
            return op, order.chute, order.colour, 0
        case orders.StopInduct() | orders.RunInduct():
            return op, order.induct, 0, 0
        case orders.TakeCarrierOut() | orders.PutCarrierIn():
            return op, 0, order.carrier, 0
    raise TypeError(order)


class OrdersBlock:
    """The orders of one PLC that it has not taken yet, and the blocks that carry them."""

    def __init__(self, owner: int, order_slots: int, low_first: bool) -> None:
        self.owner = owner
        self.order_slots = order_slots
        self._low_first = low_first
        self._stamp = 0
        self._waiting: deque[tuple[int, orders.Order]] = deque()
        """(journal row, order) in order of their numbers, all of one epoch."""
        self._upto_row = 0
        self._written = 0
        """So many of the waiting orders stood in the block built last."""

    def begin(self, epoch: int, accepted: int, untaken: Iterable[orders.Order]) -> None:
        """An epoch begins or goes on: only these orders of it wait, all of them safe on disk already."""
        self._waiting = deque(
            (0, order) for order in untaken if order.epoch == epoch and signed_difference(order.seq, accepted) > 0
        )
        self._written = 0

    def drop(self) -> None:
        """The epoch is gone, and all its orders with it."""
        self._waiting.clear()
        self._written = 0

    def add(self, row: int, order: orders.Order) -> None:
        """`order` waits for its row to be on disk, then for the PLC to take it."""
        self._waiting.append((row, order))

    def release(self, upto_row: int) -> None:
        """Rows up to here are on disk (or are no longer waited for)."""
        self._upto_row = max(self._upto_row, upto_row)

    def taken(self, upto: int) -> None:
        """The PLC has every order up to this number."""
        while self._waiting and signed_difference(self._waiting[0][1].seq, upto) <= 0:
            self._waiting.popleft()
            self._written = max(0, self._written - 1)

    @property
    def is_ready(self) -> bool:
        """An order that no block has carried yet may leave now."""
        at = self._written
        return at < self.order_slots and at < len(self._waiting) and self._waiting[at][0] <= self._upto_row

    @property
    def depth(self) -> int:
        """Orders that the PLC has not taken."""
        return len(self._waiting)

    def restart_stamp(self, seen: int) -> None:
        """A connection begins: go on one above the stamp that the PLC has evaluated; nothing was written yet."""
        self._stamp = seen
        self._written = 0

    @property
    def stamp(self) -> int:
        """Stamp of the block built last."""
        return self._stamp

    def build(self, epoch: int, boot_id: int, ack: int, request: Request, with_orders: bool) -> list[int]:
        """The next block: whole `orders` area, new stamp."""
        self._stamp = (self._stamp + 1) & WORD_MASK
        words = [0] * exchange.orders_words(self.order_slots)
        words[0] = words[-1] = self._stamp
        words[_AT["magic"]] = exchange.MAGIC
        words[_AT["version"]] = exchange.VERSION
        self._put(words, _AT["epoch"], epoch)
        words[_AT["owner"]] = self.owner
        words[_AT["boot_low"]] = boot_id & WORD_MASK
        self._put(words, _AT["events_ack"], ack)
        words[_AT["request"]] = request
        if with_orders:
            words[_AT["order_count"]] = self._fill(words)
        return words

    def _fill(self, words: list[int]) -> int:
        used = 0
        for row, order in self._waiting:
            if used == self.order_slots or row > self._upto_row:
                break
            at = ORDERS_HEAD_WORDS + used * ORDER_SLOT_WORDS
            op, chute, item, at_count = _fields(order)
            self._put(words, at + _SLOT["order_seq"], order.seq)
            words[at + _SLOT["op"]] = op
            words[at + _SLOT["chute"]] = chute
            self._put(words, at + _SLOT["item"], item)
            self._put(words, at + _SLOT["at_count"], at_count)
            used += 1
        self._written = used
        return used

    def _put(self, words: list[int], at: int, value: int) -> None:
        high, low = (value >> 16) & WORD_MASK, value & WORD_MASK
        words[at], words[at + 1] = (low, high) if self._low_first else (high, low)
