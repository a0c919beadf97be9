"""Ownership: whether this controller holds the PLC's epoch, and for how long. Pure; time is an argument.

The PLC is the fence: it grants an epoch and refuses everybody else. A controller without an epoch only reads; it asks
while nobody owns the PLC, and knows its grant by its own number and an epoch newer than the one it read before it asked.
The lease is counted from the moment the request was *sent* whose answer showed it, less one PLC scan: never too long.
Comes in: images. Goes out: EpochGranted, EpochLost, and what the next block may be.
"""

from enum import Enum

from sortctl.inputs.exchange import Image
from sortctl.words import facts
from sortctl.words.exchange import ACQUIRE_PAUSE_MS, LEASE_RESERVE_MS
from sortctl.words.ids import PlcId
from sortctl.words.units import NS_PER_MS


class Stance(Enum):
    """What the next block may be."""

    READ = "only read"
    ACQUIRE = "ask for an epoch"
    RENEW = "renew the lease, without orders"
    ORDER = "orders may go"
    RELEASE = "give the epoch back"


class Ownership:
    """Our claim to one PLC. `epoch` is the one the journal says was ours last; 0 for none."""

    def __init__(self, plc: PlcId, owner: int, scan_ms: int, epoch: int) -> None:
        self.plc = plc
        self.epoch = epoch
        """Ours, held or last held."""
        self.holds = False
        self.is_leaving = False
        self._owner = owner
        self._scan_ns = scan_ms * NS_PER_MS
        self._seen_owner = -1
        self._seen_epoch = 0
        self._asked_before: int | None = None
        self._told_other = 0
        """Who was told last to keep us from the PLC; 0: nobody."""
        self._ask_ns = 0
        self._lease_until_ns = 0

    def see(self, image: Image, sent_ns: int, at_ns: int) -> list[facts.Fact]:
        """Take note of who owns the PLC; `sent_ns` is when the request of this answer left."""
        self._seen_owner, self._seen_epoch = image.owner, image.granted_epoch
        is_ours = image.owner == self._owner
        if is_ours and self.epoch and image.granted_epoch == self.epoch:
            self._lease_until_ns = sent_ns + image.lease_ms * NS_PER_MS - self._scan_ns
            return [] if self.holds else self._granted(image, at_ns)
        if is_ours and self._asked_before is not None and image.granted_epoch != self._asked_before:
            self.epoch = image.granted_epoch
            self._lease_until_ns = sent_ns + image.lease_ms * NS_PER_MS - self._scan_ns
            return self._granted(image, at_ns)
        if image.owner not in (0, self._owner):
            self._asked_before = None
        if not self.holds and image.owner in (0, self._told_other):
            return []
        self.holds, self._told_other = False, image.owner
        return [facts.EpochLost(at_ns, self.plc, self._who(image))]

    def _who(self, image: Image) -> str:
        """Who has the PLC instead of us."""
        if image.owner == self._owner:
            return f"controller {self._owner} owns the PLC: that is our number, but not our epoch"
        return f"controller {image.owner} owns the PLC" if image.owner else "the lease ended"

    def _granted(self, image: Image, at_ns: int) -> list[facts.Fact]:
        self.holds, self._asked_before, self._told_other = True, None, 0
        return [facts.EpochGranted(at_ns, self.plc, self.epoch, image.orders_accepted)]

    def stance(self, at_ns: int) -> Stance:
        """What the next block may be, now. Call it once per cycle: asking starts the pause to the next asking."""
        if self.holds:
            if self.is_leaving:
                return Stance.RELEASE
            left_ns = self._lease_until_ns - at_ns
            return Stance.ORDER if left_ns > LEASE_RESERVE_MS * NS_PER_MS else Stance.RENEW
        if self.is_leaving or self._seen_owner != 0 or at_ns < self._ask_ns:
            return Stance.READ
        low, high = ACQUIRE_PAUSE_MS
        # the microseconds of our own clock are as random as two controllers need to be
        self._ask_ns = at_ns + (low + at_ns // 1_000 % (high - low + 1)) * NS_PER_MS
        if self._asked_before is None:
            self._asked_before = self._seen_epoch
        return Stance.ACQUIRE

    def disconnected(self) -> None:
        """The link is down: nobody is known to own the PLC until the next read."""
        self._seen_owner = -1
        self._asked_before = None
