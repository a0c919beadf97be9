"""Host: who knows the parcels on the virtual rig: answers late, sometimes not at all, and changes its mind.

Comes in: records, a seed; the controller at every call. Goes out: answers after some milliseconds, changes of records that
are of interest, silence. It has a chance of its own: what it does changes no draw of a machine.
Never here: how a store keeps records.
"""

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from random import Random
from typing import Any, Final

from sim.sheets import Expected
from sortctl.words.parcels import ParcelRecord
from sortctl.words.units import NS_PER_MS

ANSWER_MS: Final = (1, 15)
LATE_ANSWER_MS: Final = (15, 120)
LATE_IN_HUNDRED: Final = 3
TURNED_MS: Final = (1, 100)
"""A daemon looks for changes every 100 ms."""


class Host:
    """One hub's parcel data. `records`: by waybill."""

    def __init__(self, records: Mapping[str, ParcelRecord], seed: int) -> None:
        self.records = dict(records)
        self._owners = {code: record.waybill for record in records.values() for code in record.ids}
        self._chance = Random(f"{seed} host")
        self._coming: list[tuple[int, int, str, bool]] = []
        """(when, serial, code, whether it was asked)"""
        self._serial = 0
        self._silent_until_ns = 0

    def ask(self, codes: Iterable[str], now_ns: int) -> None:
        """The controller wants to know."""
        for code in codes:
            late = self._chance.randrange(100) < LATE_IN_HUNDRED
            self._come(now_ns, self._chance.randint(*(LATE_ANSWER_MS if late else ANSWER_MS)), code, asked=True)

    def deliver(self, controller: Any, now_ns: int) -> None:
        """What has come by now. It is what is known at this moment, not what was when it was asked."""
        if now_ns < self._silent_until_ns:
            return
        while self._coming and self._coming[0][0] <= now_ns:
            _, _, code, asked = heappop(self._coming)
            if asked:
                controller.parcel_told(code, self._find(code), now_ns)
            elif code in controller.watched:
                controller.parcel_turned(code, self._find(code), now_ns)

    def say(self, record: ParcelRecord, now_ns: int) -> None:
        """Another record from now on."""
        self.records[record.waybill] = record
        self._owners |= dict.fromkeys(record.ids, record.waybill)
        for code in (record.waybill, *record.ids):
            self._come(now_ns, self._chance.randint(*TURNED_MS), code, asked=False)

    def fall_silent(self, ms: int, now_ns: int) -> None:
        """No answers for a while; they come afterwards."""
        self._silent_until_ns = max(self._silent_until_ns, now_ns + ms * NS_PER_MS)

    def forsake(self) -> None:
        """The controller is gone, and what it had asked with it."""
        self._coming.clear()

    def meet(self, controller: Any, now_ns: int) -> None:
        """A new controller: whatever changed while there was none is found at once."""
        for code in tuple(controller.watched):
            self._come(now_ns, self._chance.randint(*TURNED_MS), code, asked=False)

    def _find(self, code: str) -> ParcelRecord | None:
        return self.records.get(code) or self.records.get(self._owners.get(code, ""))

    def _come(self, now_ns: int, ms: int, code: str, *, asked: bool) -> None:
        self._serial += 1
        heappush(self._coming, (now_ns + ms * NS_PER_MS, self._serial, code, asked))


def records_of(parcels: Iterable[Expected]) -> dict[str, ParcelRecord]:
    """What the host knows of the parcels of a list."""
    return {
        parcel.waybill: ParcelRecord(
            parcel.waybill,
            country=parcel.country.upper(),
            postcode="".join(char for char in parcel.postcode.upper() if char.isalnum()),
        )
        for parcel in parcels
    }
