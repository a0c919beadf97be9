"""Referee: the truth against what sortctl said.

Comes in: a plant that ran empty, the outcome rows, the script, and for some stories the same run without faults. Goes out:
a verdict with counts and reasons. The two sides are joined by (boot_id, seq) of the INDUCTED event that the PLC wrote for
a parcel, and by the passage number that an order carries. Never here: the controller's plan or tracking.

missorted        in a chute that is none of its plan, and no reject or end chute
double_diverted  two strokes for one parcel, or an order carried out twice
stale_orders     a stroke that hit another parcel than the one meant, or from an epoch that was not the granted one
misreported      an ending that names another exit than the truth, or another parcel's label
unaccounted      it crossed the induct and has not exactly one true ending; lost only where no sensor can have seen it
"""

from collections import Counter
from hashlib import sha256
from typing import Any, NamedTuple

from sim.claims import Claims
from sim.plant import Plant
from sim.scenario import Script
from sim.sheets import Sheets
from sim.world.parcel import Parcel, Place
from sortctl.words.causes import Cause, Disposition
from sortctl.words.outcomes import PassageClosed
from sortctl.words.units import NS_PER_S

REASONS_SHOWN = 20
UNSAFE_NS = 3 * NS_PER_S
"""An event so short before a restart may have been lost with it: a frozen exchange does not fetch it."""
RULES = ("missorted", "double_diverted", "unaccounted", "stale_orders", "misreported")


class Verdict(NamedTuple):
    """What the referee found. `figures` is ready for JSON."""

    holds: bool
    figures: dict[str, Any]
    exits: dict[int, int]
    """Where each parcel lies."""


class Referee:
    """Judges one run."""

    def __init__(self, plant: Plant, claims: Claims, script: Script, sheets: Sheets) -> None:
        self._plant = plant
        self._claims = claims
        self._script = script
        self._sheets = sheets
        self._count: Counter[str] = Counter(dict.fromkeys(RULES, 0))
        self._reasons: list[str] = []
        self._parcel_of = {parcel.inducted: parcel for parcel in plant.parcels.values() if parcel.inducted}
        sorter = plant.machine.line
        self._always_allowed = {sorter.end_chute, *sorter.rejects.values()}

    def judge(self, without_faults: dict[int, int] | None = None) -> Verdict:
        """Look at every parcel, every stroke, every claim. `without_faults`: exits of the same feed left alone."""
        for parcel in self._plant.parcels.values():
            self._look_at_place(parcel)
            if parcel.inducted:
                self._look_at_claims(parcel, parcel.inducted)
        self._look_at_strokes()
        if self._claims.reopened:
            self._blame("unaccounted", f"{self._claims.reopened} passage numbers were used twice")
        self._look_at_expectation(without_faults)
        exits = {number: parcel.exit for number, parcel in self._plant.parcels.items()}
        return Verdict(not self._reasons, self._figures(), exits)

    # ------------------------------------------------------------------------------------------- parcels

    def _look_at_place(self, parcel: Parcel) -> None:
        if parcel.place in (Place.BELT, Place.SLIDE):
            self._blame("unaccounted", f"parcel {parcel.number} is still on its way: the line did not run empty")
        allowed = self._always_allowed | set(self._sheets.chutes(parcel.waybill))
        if parcel.place is Place.CHUTE and parcel.exit not in allowed:
            self._blame("missorted", f"parcel {parcel.number} ({parcel.waybill}) lies in chute {parcel.exit}")

    def _look_at_claims(self, parcel: Parcel, event: tuple[int, int]) -> None:
        self._count["inducted"] += 1
        passages = self._claims.by_event.get(event, [])
        endings = [ending for passage in passages for ending in self._claims.closed.get(passage, [])]
        if not passages and self._wiped_out(event):
            self._count["unheard"] += 1
            return
        if len(passages) != 1 or len(endings) != 1:
            what = f"parcel {parcel.number} {event}: {len(passages)} passages, {len(endings)} endings"
            self._blame("unaccounted", what)
            return
        ending = endings[0]
        self._count[ending.disposition.value] += 1
        if ending.disposition is Disposition.LOST:
            if parcel.place is not Place.HAND and not self._is_void(parcel, ending.cause):
                self._blame(
                    "unaccounted", f"parcel {parcel.number} lies in chute {parcel.exit} but was lost: {ending.why}"
                )
        elif ending.actual != parcel.exit:
            what = f"parcel {parcel.number} is {parcel.place.value} {parcel.exit}, said: {ending.actual} ({ending.why})"
            self._blame("unaccounted", what)
            self._blame("misreported", what)
        elif self._is_anothers(ending, parcel):
            self._blame("misreported", f"parcel {parcel.number} has {parcel.waybill}, said: {ending.waybill}")
        elif ending.disposition is Disposition.SORTED and parcel.exit not in self._sheets.chutes(parcel.waybill):
            self._blame("misreported", f"parcel {parcel.number} was called sorted in chute {parcel.exit}")

    def _is_anothers(self, ending: PassageClosed, parcel: Parcel) -> bool:
        """It was told under another label. A fragment of a garbled telegram is no label, and sorts nothing."""
        if parcel.touched or ending.waybill in ("", parcel.waybill):
            return False
        return ending.disposition is Disposition.SORTED or self._sheets.knows(ending.waybill)

    def _wiped_out(self, event: tuple[int, int]) -> bool:
        """A restart lost this event before it was acknowledged: the controller may never have heard of it."""
        return any(boot == event[0] and first <= event[1] <= last for boot, first, last in self._plant.lost_events)

    def _is_void(self, parcel: Parcel, cause: Cause) -> bool:
        """A restart made its place void before a sensor's word of its exit was safe."""
        assert parcel.inducted is not None
        off_ns = self._plant.off_ns.get(parcel.inducted[0])
        if off_ns is None or parcel.exit_ns < off_ns - UNSAFE_NS:
            return False
        return cause in (Cause.POSITION_VOID, Cause.NOT_SEEN)

    # ------------------------------------------------------------------------------------------- strokes

    def _look_at_strokes(self) -> None:
        orders = Counter((stroke.carried.epoch, stroke.carried.order_seq) for stroke in self._plant.line.strokes)
        for order, times in orders.items():
            if times > 1:
                self._blame("double_diverted", f"order {order} was carried out {times} times")
        moved = [stroke for stroke in self._plant.line.strokes if not stroke.stuck]
        for item, times in Counter(stroke.carried.item for stroke in moved).items():
            if times > 1:
                self._blame("double_diverted", f"passage {item} was pushed at {times} times")
        for stroke in moved:
            carried = stroke.carried
            meant = self._meant(carried.item)
            others = [number for number in stroke.hit if meant is None or number != meant.number]
            if others:
                what = f"order {carried.epoch}/{carried.order_seq} for passage {carried.item} hit {others}"
                self._blame("stale_orders", what)
            if carried.epoch_when_taken != carried.epoch:
                self._blame("stale_orders", f"order {carried.epoch}/{carried.order_seq} was of another epoch")
            if not stroke.hit:
                self._count["empty_strokes"] += 1

    def _meant(self, passage: int) -> Parcel | None:
        opened = self._claims.opened.get(passage)
        return self._parcel_of.get((opened.boot_id, opened.seq)) if opened and opened.induct else None

    # ------------------------------------------------------------------------------------------- expectation

    def _look_at_expectation(self, without_faults: dict[int, int] | None) -> None:
        expect, inducted = self._script.expect, self._count["inducted"]
        if self._count["sorted"] * 1_000 < expect.sorted_least * inducted:
            self._reasons.append(f"only {self._count['sorted']} of {inducted} sorted, expected {expect.sorted_least} ‰")
        if self._count["lost"] > expect.lost_most:
            self._reasons.append(f"{self._count['lost']} lost, expected {expect.lost_most} at most")
        if len(self._script.setup.deeds) != len(self._plant.hands.done):
            self._count["deeds_missed"] += len(self._script.setup.deeds) - len(self._plant.hands.done)
        unheard = [
            parcel.number
            for parcel in self._plant.parcels.values()
            if parcel.front_at_induct_um is not None and parcel.inducted is None
        ]
        self._count["unheard"] += len(unheard)
        if self._script.clean and unheard:
            self._reasons.append(f"the PLC made no INDUCTED for {unheard}")
        for number, exit_before in (without_faults or {}).items():
            exit_now = self._plant.parcels[number].exit
            if number not in self._script.concerned and exit_now != exit_before:
                self._reasons.append(f"parcel {number} left by {exit_now}; without the faults by {exit_before}")

    def _blame(self, rule: str, why: str) -> None:
        self._count[rule] += 1
        self._reasons.append(f"{rule}: {why}")

    def _figures(self) -> dict[str, Any]:
        digest = sha256()
        for parcel in self._plant.parcels.values():
            digest.update(f"{parcel.number} {parcel.waybill} {parcel.exit} {parcel.exit_ns} {parcel.pushed}\n".encode())
        digest.update(self._claims.digest.digest())
        names = ("inducted", "sorted", "rejected", "lost", *RULES, "unheard", "empty_strokes", "deeds_missed")
        return {
            **{name: self._count[name] for name in names},
            "orphan_reads": self._claims.orphan_reads,
            "unexpected_items": self._claims.unexpected_items,
            "overfilled": self._plant.line.chutes.overfilled,
            "deeds": len(self._plant.hands.done),
            "duration_s": self._plant.now_ns // 1_000_000_000,
            "verdict": "fails" if self._reasons else "holds",
            "reasons": self._reasons[:REASONS_SHOWN],
            "digest": digest.hexdigest(),
        }
