"""Referee: the truth of one machine against what sortctl said.

Comes in: a plant that ran empty, the hub's claims, its script, and for some stories the exits of the same run without faults.
Goes out: a verdict with counts and reasons. The two sides are joined by (boot_id, seq) of the INDUCTED event that the PLC
wrote for a parcel; by the passage number that an order carries on a line; by the item number that the PLC gave on a loop.
Never here: the controller's plan or tracking.

missorted        in a chute that is none of its plan, and no reject, end or overflow chute
double_diverted  two strokes for one parcel, or an order carried out twice
stale_orders     a stroke that hit another parcel than the one meant, or from an epoch that was not the granted one
misreported      an ending with another exit, label, cause or planned chute than the truth
unreleased_domestic  it lies in a domestic chute without a release in force (`sim/hub/judges/cleared.py`)
unaccounted      it came onto the sorter and has not exactly one true ending; lost only where no sensor can have seen it

On a loop a parcel may be found again as a load without an owner: then it has further passages, and each must end as it did;
the first may be lost if a later one is not. What goes into a reject or overflow chute together with another is not stale.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from sim.claims import Claims
from sim.grounds import untruths
from sim.hub import happened, pools
from sim.hub.judges import bag_lists, bag_room, cleared, lots, purges, spread, timely, waves
from sim.hub.truth import HubTruth
from sim.plant import Plant
from sim.scenario import Script
from sim.sheets import Sheets
from sim.world.parcel import Parcel, Place
from sim.world.strokes import Stroke
from sortctl.site.model import LoopSorter, Machine
from sortctl.words.causes import Balance, Cause, Disposition
from sortctl.words.outcomes import PassageClosed
from sortctl.words.units import NS_PER_S

REASONS_SHOWN = 20
UNSAFE_NS = 3 * NS_PER_S
"""An event so short before a restart may have been lost with it: a frozen exchange does not fetch it."""
RULES = ("missorted", "double_diverted", "unaccounted", "stale_orders", "misreported", "unreleased_domestic")
GONE = frozenset({Place.HAND, Place.FLOOR})
"""Nowhere on the machine: no sensor can see it."""


class Verdict(NamedTuple):
    """What the referee found. `figures` is ready for JSON."""

    holds: bool
    figures: dict[str, Any]
    exits: dict[int, int]
    """Where each parcel of this machine lies; nothing in the verdict on a whole hub."""


def always_allowed(machine: Machine) -> set[int]:
    """Chutes into which any parcel may fall: end or overflow, and rejects."""
    sorter = machine.sorter
    ends = sorter.overflow if isinstance(sorter, LoopSorter) else (machine.line.end_chute,)
    return {*ends, *sorter.rejects.values()}


class Referee:
    """Judges one machine in one run."""

    def __init__(self, plant: Plant, claims: Claims, script: Script, sheets: Sheets) -> None:
        self._plant = plant
        self._claims = claims
        self._script = script
        self._sheet = sheets.of(plant.machine)
        self._name = plant.machine.sorter_id
        self._is_loop = plant.machine.sorter.kind == "loop"
        self._count: Counter[str] = Counter(dict.fromkeys(RULES, 0))
        self._reasons: list[str] = []
        self._parcel_of = {parcel.inducted: parcel for parcel in plant.parcels.values() if parcel.inducted}
        self._always_allowed = always_allowed(plant.machine)
        self._truth = HubTruth(plant, script, sheets)
        self._fed = {fed.parcel.number for fed in script.setup.feed}

    def judge(self, without_faults: Mapping[int, int] | None = None) -> Verdict:
        """Look at every parcel, every stroke, every claim. `without_faults`: exits of the same feed left alone."""
        for parcel in self._plant.parcels.values():
            self._look_at_place(parcel)
            if parcel.inducted and not self._was_found(parcel):
                self._look_at_claims(parcel, parcel.inducted)
            if parcel.items:
                self._look_at_finds(parcel)
        self._look_at_strokes()
        for rule, why in self._faults_of_the_hub():
            self._blame(rule, why)
        if self._claims.reopened[self._name]:
            self._blame("unaccounted", f"{self._claims.reopened[self._name]} passage numbers were used twice")
        self._look_at_expectation(without_faults)
        exits = {number: parcel.exit for number, parcel in self._plant.parcels.items()}
        return Verdict(not self._reasons, self._figures(), exits)

    # ------------------------------------------------------------------------------------------- parcels

    def _look_at_place(self, parcel: Parcel) -> None:
        if parcel.place in (Place.BELT, Place.SLIDE):
            self._blame("unaccounted", f"parcel {parcel.number} is still on its way: the machine did not run empty")
        elif parcel.place is Place.WAITING and parcel.number in self._fed:
            self._blame("unaccounted", f"parcel {parcel.number} still waits at its induct")
        if parcel.place is not Place.CHUTE:
            return
        for rule, why in timely.faults(parcel, self._truth.plans_of(parcel)[-1], self._truth, self._always_allowed):
            self._blame(rule, why)
        if parcel.exit not in self._allowed(parcel):
            self._blame("missorted", f"parcel {parcel.number} ({parcel.waybill}) lies in chute {parcel.exit}")

    def _allowed(self, parcel: Parcel) -> set[int]:
        """Ends and rejects, the chutes of the plans that it was sorted by, and those for whoever is kept as it was."""
        truth, waybill, plans = self._truth, parcel.waybill, self._truth.plans_of(parcel)
        allowed = self._always_allowed | {chute for sheet in plans for chute in sheet.chutes(waybill)}
        allowed |= set(truth.chutes_by_label(parcel))
        causes = [*cleared.KEPT] if truth.was_kept(waybill, parcel.exit_ns) else []
        causes += ["intercepted"] if truth.was_intercepted(waybill, parcel.exit_ns) else []
        causes += ["cut_off_passed"] if timely.is_ever_late(truth, plans, parcel) else []
        return allowed | {chute for sheet in plans for cause in causes for chute in sheet.of_cause(cause)}

    def _look_at_claims(self, parcel: Parcel, event: tuple[int, int]) -> None:
        self._count["inducted"] += 1
        passages = self._claims.by_event.get((self._name, *event), [])
        endings = [ending for passage in passages for ending in self._claims.closed.get(passage, [])]
        if not passages and self._wiped_out(event):
            self._count["unheard"] += 1
            return
        if len(passages) != 1 or len(endings) != 1:
            what = f"parcel {parcel.number} {event}: {len(passages)} passages, {len(endings)} endings"
            self._blame("unaccounted", what)
            return
        self._count[endings[0].disposition.value] += 1
        self._look_at_ending(parcel, endings[0])

    def _was_found(self, parcel: Parcel) -> bool:
        """Of a loop: the first that the PLC knew of it was a load without an owner."""
        return self._is_loop and (parcel.unheard or parcel.front_at_induct_um is None)

    def _look_at_finds(self, parcel: Parcel) -> None:
        """Passages that were opened for a load without an owner, which was this parcel."""
        found = self._found_as(parcel)
        for passage in found:
            endings = self._claims.closed.get(passage, [])
            if len(endings) != 1:
                self._blame("unaccounted", f"parcel {parcel.number} was found, as {passage}: {len(endings)} endings")
                continue
            self._count["found"] += 1
            self._look_at_ending(parcel, endings[0])
        if not found and self._was_found(parcel) and parcel.place is Place.CHUTE and not parcel.merged:
            self._blame(
                "unaccounted", f"parcel {parcel.number} lies in chute {parcel.exit}, and nothing was said of it"
            )

    def _found_as(self, parcel: Parcel) -> list[int]:
        found: list[int] = []
        for boot_id, item in parcel.items:
            if self._plant.items[boot_id, item][0] != parcel.number:
                continue  # it lay on the carrier of another, whose number this is
            for passage in self._claims.by_item.get((self._name, boot_id, item), []):
                by_induct = (boot_id, self._claims.opened[passage].seq) == parcel.inducted
                if self._was_found(parcel) or not by_induct:
                    found.append(passage)
        return found

    def _look_at_ending(self, parcel: Parcel, ending: PassageClosed) -> None:
        if ending.disposition is Disposition.LOST:
            if parcel.place not in GONE and not self._is_void(parcel, ending):
                self._blame(
                    "unaccounted", f"parcel {parcel.number} lies in chute {parcel.exit} but was lost: {ending.why}"
                )
        elif ending.actual != parcel.exit:
            what = f"parcel {parcel.number} is {parcel.place.value} {parcel.exit}, said: {ending.actual} ({ending.why})"
            self._blame("unaccounted", what)
            self._blame("misreported", what)
        elif self._is_anothers(ending, parcel):
            self._blame("misreported", f"parcel {parcel.number} has {parcel.waybill}, said: {ending.waybill}")
        elif ending.disposition is Disposition.SORTED and not self._is_of_plan(parcel):
            self._blame("misreported", f"parcel {parcel.number} was called sorted in chute {parcel.exit}")
        for untruth in untruths(parcel, ending, self._truth.plans_of(parcel), self._script, self._truth):
            self._blame("misreported", f"parcel {parcel.number} in chute {parcel.exit}: {untruth} ({ending.why})")

    def _is_of_plan(self, parcel: Parcel) -> bool:
        by_plan = any(parcel.exit in sheet.chutes(parcel.waybill) for sheet in self._truth.plans_of(parcel))
        return by_plan or parcel.exit in self._truth.chutes_by_label(parcel)

    def _is_anothers(self, ending: PassageClosed, parcel: Parcel) -> bool:
        """It was told under another label. A fragment of a garbled telegram is no label, and sorts nothing."""
        if parcel.touched or ending.waybill in ("", parcel.waybill):
            return False
        return ending.disposition is Disposition.SORTED or self._sheet.knows(ending.waybill)

    def _wiped_out(self, event: tuple[int, int]) -> bool:
        """A restart lost this event before it was acknowledged: the controller may never have heard of it."""
        return any(boot == event[0] and first <= event[1] <= last for boot, first, last in self._plant.lost_events)

    def _is_void(self, parcel: Parcel, ending: PassageClosed) -> bool:
        """A restart made its place void before a sensor's word of its exit was safe, or it was found again as another."""
        opened = self._claims.opened[ending.passage]
        if any(passage > ending.passage for passage in self._found_as(parcel)):
            return True
        off_ns = self._plant.off_ns.get(opened.boot_id)
        if off_ns is None or parcel.exit_ns < off_ns - UNSAFE_NS:
            return False
        return ending.cause in (Cause.POSITION_VOID, Cause.NOT_SEEN)

    def _faults_of_the_hub(self) -> Iterator[tuple[str, str]]:
        yield from cleared.faults(self._plant, self._claims, self._truth, self._always_allowed)
        yield from purges.faults(self._plant, self._claims, self._truth)
        yield from lots.faults(self._plant, self._claims, self._truth)
        if self._truth.hears_all:
            yield from waves.faults(self._plant, self._claims, self._truth)
            yield from bag_room.faults(self._plant, self._claims, self._truth)
            yield from bag_lists.faults(self._plant, self._claims, self._truth)
        if "spread" in self._script.judged:
            yield from spread.faults(self._plant, self._sheet)
        if "pools" in self._script.judged:
            yield from pools.faults(self._plant, self._claims, self._sheet, self._truth)

    # ------------------------------------------------------------------------------------------- strokes

    def _look_at_strokes(self) -> None:
        orders = Counter((stroke.carried.epoch, stroke.carried.order_seq) for stroke in self._plant.strokes)
        for order, times in orders.items():
            if times > 1:
                self._blame("double_diverted", f"order {order} was carried out {times} times")
        moved = [stroke for stroke in self._plant.strokes if not stroke.stuck]
        for meant, times in Counter(self._name_of(stroke) for stroke in moved).items():
            if times > 1:
                self._blame("double_diverted", f"{meant} was discharged {times} times")
        for stroke in moved:
            carried = stroke.carried
            others = [number for number in stroke.hit if not self._is_meant(stroke, number)]
            if others and not (self._is_loop and carried.chute in self._always_allowed):
                what = f"order {carried.epoch}/{carried.order_seq} for {self._name_of(stroke)} hit {others}"
                self._blame("stale_orders", what)
            if carried.epoch_when_taken != carried.epoch:
                self._blame("stale_orders", f"order {carried.epoch}/{carried.order_seq} was of another epoch")
            if not stroke.hit:
                self._count["empty_strokes"] += 1

    def _name_of(self, stroke: Stroke) -> str:
        carried = stroke.carried
        return f"item {carried.item} of boot {carried.boot_id:x}" if self._is_loop else f"passage {carried.item}"

    def _is_meant(self, stroke: Stroke, number: int) -> bool:
        carried = stroke.carried
        if self._is_loop:
            return number in self._plant.items.get((carried.boot_id, carried.item), ())
        opened = self._claims.opened.get(carried.item)
        if opened is None or not opened.induct or opened.sorter != self._name:
            return False
        meant = self._parcel_of.get((opened.boot_id, opened.seq))
        return meant is not None and meant.number == number

    # ------------------------------------------------------------------------------------------- expectation

    def _look_at_expectation(self, without_faults: Mapping[int, int] | None) -> None:
        expect, inducted = self._script.expect, self._count["inducted"]
        if self._count["sorted"] * 1_000 < expect.sorted_least * inducted:
            self._reasons.append(f"only {self._count['sorted']} of {inducted} sorted, expected {expect.sorted_least} ‰")
        if self._count["lost"] > expect.lost_most:
            self._reasons.append(f"{self._count['lost']} lost, expected {expect.lost_most} at most")
        if self._claims.laps[self._name] < expect.laps_least:
            self._reasons.append(f"{self._claims.laps[self._name]} laps, expected {expect.laps_least} at least")
        if len(self._script.setup.deeds) != len(self._plant.hands.done):
            self._count["deeds_missed"] += len(self._script.setup.deeds) - len(self._plant.hands.done)
        unheard = [parcel.number for parcel in self._plant.parcels.values() if self._came_unheard(parcel)]
        self._count["unheard"] += len(unheard)
        if self._script.clean and unheard:
            self._reasons.append(f"the PLC made no INDUCTED for {unheard}")
        for number, exit_before in (without_faults or {}).items():
            exit_now = self._plant.parcels[number].exit
            if number not in self._script.concerned and not self._is_as_good(number, exit_now, exit_before):
                self._reasons.append(f"parcel {number} left by {exit_now}; without the faults by {exit_before}")

    def _is_as_good(self, number: int, exit_now: int, exit_before: int) -> bool:
        """The same exit, or another of a group over which parcels are spread: one parcel less turns it for all behind."""
        group = self._sheet.group(self._plant.parcels[number].waybill)
        spread = group.balance is not Balance.FIXED and {exit_now, exit_before} <= set(group.chutes)
        return exit_now == exit_before or spread

    def _came_unheard(self, parcel: Parcel) -> bool:
        if self._is_loop:
            return self._was_found(parcel) and parcel.place is not Place.WAITING and not parcel.touched
        return parcel.front_at_induct_um is not None and parcel.inducted is None

    def _blame(self, rule: str, why: str) -> None:
        self._count[rule] += 1
        self._reasons.append(f"{rule}: {why}")

    def _figures(self) -> dict[str, Any]:
        digest = sha256()
        for parcel in self._plant.parcels.values():
            digest.update(f"{parcel.number} {parcel.waybill} {parcel.exit} {parcel.exit_ns} {parcel.pushed}\n".encode())
        digest.update(self._claims.digest.digest())
        names = (
            "inducted",
            "sorted",
            "rejected",
            "lost",
            "removed",
            *RULES,
            "unheard",
            "empty_strokes",
            "deeds_missed",
        )
        return {
            **{name: self._count[name] for name in names},
            "found": self._count["found"],
            "refound": self._claims.refound[self._name],
            "laps": self._claims.laps[self._name],
            "carriers_out": self._claims.carriers_out[self._name],
            "orphan_reads": self._claims.orphan_reads[self._name],
            "unexpected_items": self._claims.unexpected_items[self._name],
            "overfilled": self._plant.world.chutes.overfilled,
            **happened.figures(self._plant, self._claims, self._truth),
            "deeds": len(self._plant.hands.done),
            "duration_s": self._plant.now_ns // 1_000_000_000,
            "verdict": "fails" if self._reasons else "holds",
            "reasons": self._reasons[:REASONS_SHOWN],
            "digest": digest.hexdigest(),
        }
