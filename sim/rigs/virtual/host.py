"""Host: who knows the parcels on the virtual rig: answers late, sometimes not at all, and changes its mind.

Comes in: records, a seed; the controller at every call. Goes out: answers after some milliseconds, changes of records that
are of interest, silence. It has a chance of its own: what it does changes no draw of a machine.
Never here: how a store keeps records.
"""

from collections.abc import Iterable
from heapq import heappop, heappush
from random import Random
from typing import Any, Final

from sim.sheets import Expected
from sortctl.words.parcels import CustomsState, Declaration, ParcelRecord
from sortctl.words.units import NS_PER_MS

ANSWER_MS: Final = (1, 15)
LATE_ANSWER_MS: Final = (15, 120)
LATE_IN_HUNDRED: Final = 3
TURNED_MS: Final = (1, 100)
"""A daemon looks for changes every 100 ms."""


GONE: Final = "the parcel store cannot be opened"


class Host:
    """One hub's parcel data, from the parcels that it expects."""

    def __init__(self, parcels: Iterable[Expected], seed: int) -> None:
        self.records: dict[str, ParcelRecord] = {}
        self._owners: dict[str, str] = {}
        self.know(parcels)
        self._chance = Random(f"{seed} host")
        self._coming: list[tuple[int, int, str, bool]] = []
        """(when, serial, code, whether it was asked)"""
        self._serial = 0
        self._silent_until_ns = 0
        self._gone = ""
        """Why the store cannot be asked; the controller was told so, or will be."""
        self._told_gone = ""

    def know(self, parcels: Iterable[Expected]) -> None:
        """These are expected as well."""
        for parcel in parcels:
            record = self.records[parcel.waybill] = record_of(parcel)
            self._owners |= dict.fromkeys(record.ids, record.waybill)

    def ask(self, codes: Iterable[str], now_ns: int) -> None:
        """The controller wants to know."""
        for code in codes:
            late = self._chance.randrange(100) < LATE_IN_HUNDRED
            self._come(now_ns, self._chance.randint(*(LATE_ANSWER_MS if late else ANSWER_MS)), code, asked=True)

    def deliver(self, controller: Any, now_ns: int) -> None:
        """What has come by now. It is what is known at this moment, not what was when it was asked."""
        if now_ns < self._silent_until_ns:
            self._tell_gone(controller, self._gone, now_ns)
            return
        self._tell_gone(controller, "", now_ns)
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

    def fall_silent(self, ms: int, now_ns: int, *, gone: bool = False) -> None:
        """No answers for a while; they come afterwards. `gone`: whoever asks is told at once that there is no store."""
        self._silent_until_ns = max(self._silent_until_ns, now_ns + ms * NS_PER_MS)
        self._gone = GONE if gone else ""

    def _tell_gone(self, controller: Any, why: str, now_ns: int) -> None:
        if why != self._told_gone:
            self._told_gone = why
            controller.host_silent(bool(why), why, now_ns)

    def forsake(self) -> None:
        """The controller is gone, and what it had asked with it."""
        self._coming.clear()
        self._told_gone = ""

    def meet(self, controller: Any, now_ns: int) -> None:
        """A new controller: whatever changed while there was none is found at once."""
        for code in tuple(controller.watched):
            self._come(now_ns, self._chance.randint(*TURNED_MS), code, asked=False)

    def _find(self, code: str) -> ParcelRecord | None:
        return self.records.get(code) or self.records.get(self._owners.get(code, ""))

    def _come(self, now_ns: int, ms: int, code: str, *, asked: bool) -> None:
        self._serial += 1
        heappush(self._coming, (now_ns + ms * NS_PER_MS, self._serial, code, asked))


def record_of(parcel: Expected) -> ParcelRecord:
    """The record of an expected parcel."""
    return ParcelRecord(
        parcel.waybill,
        tenant=parcel.tenant,
        country=parcel.country.upper(),
        postcode="".join(char for char in parcel.postcode.upper() if char.isalnum()),
        service=parcel.service,
        weight_g=parcel.weight_g,
        length_mm=parcel.longest_mm,
        declaration=Declaration(parcel.declaration),
        customs=CustomsState(parcel.customs or "unknown"),
        customs_at_s=parcel.customs_at_s,
        customs_by="customs" if parcel.customs else "",
        hold=parcel.hold,
        intercept=parcel.intercept,
        departure=parcel.departure,
        goods=parcel.goods,
        customs_conflict=bool(parcel.conflict),
    )
