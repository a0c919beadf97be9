"""Fence: who may give orders, and for how long.

Comes in: the head of each new block, the passing of time. Goes out: TAKEN or why not, and the epoch, the one thing that
outlives a start of the PLC. The checks stand in the order of the contract. Never here: slots, acknowledgements, events.
"""

from sim.plc.image import Block
from sortctl.words.exchange import Reject, Request
from sortctl.words.units import COUNT_MASK


class Fence:
    """Epoch, owner and lease."""

    def __init__(self, retained_epoch: int, lease_ms: int) -> None:
        self.epoch = retained_epoch
        self.owner = 0
        self.lease_ms = 0
        self.alone_ms = 0
        """Time without an owner, counted also from a start."""
        self._lease_full_ms = lease_ms

    def judge(self, block: Block) -> Reject:
        """Why a block is refused before its slots are looked at. An acquire that passes is to be granted."""
        if block.torn:
            return Reject.TORN
        if not block.ours:
            return Reject.MAGIC_OR_VERSION
        if asks(block):
            return self._judge_acquire(block)
        if block.epoch != self.epoch:
            return Reject.STALE_EPOCH
        if self.owner == 0 or block.owner != self.owner:
            return Reject.NOT_THE_OWNER
        return Reject.TAKEN

    def _judge_acquire(self, block: Block) -> Reject:
        if block.owner == 0:
            return Reject.NOT_THE_OWNER
        if self.owner == 0:
            return Reject.TAKEN
        return Reject.STALE_EPOCH if block.owner == self.owner else Reject.NOT_THE_OWNER

    def grant(self, owner: int) -> None:
        """The next epoch, never 0, goes to `owner`."""
        self.epoch = ((self.epoch + 1) & COUNT_MASK) or 1
        self.owner = owner
        self.alone_ms = 0
        self.renew()

    def renew(self) -> None:
        """The lease begins again."""
        self.lease_ms = self._lease_full_ms

    def release(self) -> None:
        """Nobody holds it."""
        self.owner = 0
        self.lease_ms = 0

    def pass_time(self, ms: int) -> bool:
        """Count down; True when a lease has just ended."""
        if self.owner == 0:
            self.alone_ms += ms
            return False
        self.lease_ms = max(self.lease_ms - ms, 0)
        if self.lease_ms:
            return False
        self.owner = 0
        return True


def asks(block: Block) -> bool:
    """An acquire; one with an epoch is an ordinary block."""
    return block.request == Request.ACQUIRE and block.epoch == 0
