"""Loop: an endless chain of carriers with everything on it and along it; the truth of one run.

Comes in: time, parcels that the PLC released at an induct, belts of carriers that it switched on, hands. Goes out: contacts
for the PLC, labels that pass a scan point, strokes and exits for the referee. Never here: what the PLC or the controller
makes of it.

Places are micrometres along the loop from position 0. The middle of carrier n is at (phase + way of the belt - (n-1) *
pitch), modulo the length; carrier n + 1 follows carrier n. Nothing is searched scan by scan: each load leaves a note for
the next time that it comes to each place at which something happens to it, and renews it for the next lap. A load that
was moved gets new notes; the old ones are recognised by its generation.
"""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from random import Random
from typing import Final, NamedTuple

from sim.plc.contacts import Terminal
from sim.plc.loop import REACH_MM
from sim.plc.table import Carried
from sim.world.belt import Belt
from sim.world.chutes import Chutes
from sim.world.eyes import Eyes
from sim.world.parcel import Parcel, Place
from sim.world.slides import Slides
from sim.world.strokes import Passed, Stroke
from sortctl.site.model import Machine
from sortctl.words.units import NS_PER_MS

REACH_UM: Final = REACH_MM * 1_000
"""Way of the loop from the release of a load to its landing on a carrier."""
PLACED_UM: Final = 25_000
"""A load lies so far off where it was meant to, at most, beside what the PLC's scan adds."""


class Mark(NamedTuple):
    """A place where something happens to a load. Kinds: `cover`, `uncover` (load sensor), `scan`, `seam`."""

    kind: str
    number: int
    um: int


class Landed(NamedTuple):
    """Parcels that left an induct for a carrier, whether or not they came to lie on it."""

    induct: int
    parcels: tuple[Parcel, ...]


class Mishap(NamedTuple):
    """What goes wrong at the induct: the load comes to the carrier behind (`next`), to the `floor`, or with another on it."""

    kind: str
    extra: Parcel | None = None


@dataclass(slots=True)
class Moved:
    """A carrier's belt that runs: whom it is to move, and what the carrier will report."""

    stroke: Stroke
    report: str


class Loop:
    """One chain of carriers with its sensors, scan points, inducts and chutes."""

    def __init__(self, machine: Machine, seed: int) -> None:
        loop = machine.loop
        self.machine = machine
        self.belt = Belt(loop.speed_mm_s, Random(f"{seed} belt"))
        self.eyes = Eyes(Random(f"{seed} eyes"))
        self.chutes = Chutes(machine.chutes, self.eyes, Random(f"{seed} operators"))
        self.on_belt: dict[int, Parcel] = {}
        self.carriers: list[list[Parcel]] = [[] for _ in range(loop.carriers)]
        """What lies on carrier n, at n - 1."""
        self.faulty: dict[int, str] = {}
        """Carriers whose belt does not move: it `reports` that, `claims` that it did, or says nothing (`silent`)."""
        self.mishaps: dict[int, Mishap] = {}
        """What will go wrong when parcel n leaves its induct; taken out when it does."""
        self.strokes: list[Stroke] = []
        self.passed: list[Passed] = []
        """Labels that passed a scan point; the scanners take them out."""
        self.landed: list[Landed] = []
        """Loads that left an induct; the plant takes them out."""
        self.pitch_um = loop.pitch_mm * 1_000
        self.length_um = loop.length_mm * 1_000
        self._chance = Random(f"{seed} inducts")
        self._phase_um = self._chance.randrange(self.length_um)
        self._slides = Slides(machine, self.eyes, self.chutes, Random(f"{seed} slides"))
        self._notes: list[tuple[int, int, int, Mark, Parcel]] = []
        self._landing: list[tuple[int, int, int, Parcel]] = []
        self._timed: list[tuple[int, int, str, Moved | Parcel, int]] = []
        self._serial = 0
        self._chutes_at = {chute.number: chute for chute in machine.chutes}
        self._inducts = {induct.number: induct.position_mm * 1_000 for induct in loop.inducts}
        self._check_points = {point.number: point.position_mm * 1_000 for point in loop.check_points}
        self._scan_points = {point.number: point.position_mm * 1_000 for point in loop.scan_points}
        self._flag_turn = 0
        self._flag_um = (loop.home_mm * 1_000 - self._phase_um) % self.length_um - self.length_um
        self._skip_flags()

    def advance(self, to_ns: int) -> None:
        """Everything that happens up to `to_ns`; at most one PLC scan at a time."""
        self.belt.advance(to_ns)
        um, notes, landing, timed = self.belt.um, self._notes, self._landing, self._timed
        while self._flag_um <= um:
            self._pass_flag()
        while landing and landing[0][0] <= um:
            at_um, _, induct, parcel = heappop(landing)
            self._land(parcel, induct, at_um)
        while notes and notes[0][0] <= um:
            at_um, _, generation, mark, parcel = heappop(notes)
            if parcel.generation == generation and parcel.place is Place.BELT:
                self._happen(mark, parcel, self.belt.moment(at_um))
                self._leave_note(parcel, mark, at_um + self.length_um)
        while timed and timed[0][0] <= to_ns:
            at_ns, _, kind, what, number = heappop(timed)
            self._fall_due(kind, what, number, at_ns)
        self.eyes.settle(to_ns)
        self.chutes.visit(to_ns)

    # ------------------------------------------------------------------------------------------- where things are

    def middle_um(self, carrier: int) -> int:
        """Where the middle of a carrier is now."""
        return (self._phase_um + self.belt.um - (carrier - 1) * self.pitch_um) % self.length_um

    def carrier_at(self, place_um: int, belt_um: int | None = None) -> tuple[int, int]:
        """The carrier that is nearest to a place now (or was when the belt stood there), and how far it is beyond it."""
        way_um = self._phase_um + (self.belt.um if belt_um is None else belt_um) - place_um
        turn = (way_um + self.pitch_um // 2) // self.pitch_um
        return turn % len(self.carriers) + 1, way_um - turn * self.pitch_um

    def on_carrier(self, carrier: int) -> list[Parcel]:
        """What lies on it."""
        return self.carriers[carrier - 1]

    def check_point_um(self, point: int) -> int:
        """Where a check-point is."""
        return self._check_points[point]

    @property
    def at_rest(self) -> bool:
        """Nothing is on a carrier, on its way to one or on a slide."""
        return not self.on_belt and not self._landing and not self._slides.occupied

    # ------------------------------------------------------------------------------------------- hands

    def put(self, parcel: Parcel, carrier: int, offset_um: int = 0) -> None:
        """A load comes to lie on a carrier, its middle so far before the carrier's."""
        carrier = (carrier - 1) % len(self.carriers) + 1
        parcel.put(self.belt.um, (self.middle_um(carrier) + offset_um) % self.length_um)
        parcel.carrier, parcel.offset_um = carrier, offset_um
        self.on_belt[parcel.number] = parcel
        self.carriers[carrier - 1].append(parcel)
        self._note(parcel)

    def take_off(self, parcel: Parcel, *, known: bool = False) -> None:
        """A hand takes the parcel away; `known`: and says so at the PLC's panel."""
        if parcel.place is Place.BELT:
            self._leave(parcel, self.belt.now_ns)
            parcel.place = Place.HAND
            parcel.touched = True
            if known:
                self.eyes.pulse(Terminal("taken", parcel.carrier))

    def slip(self, parcel: Parcel) -> None:
        """The parcel slides back to the carrier behind, whatever lies there."""
        if parcel.place is Place.BELT:
            self._leave(parcel, self.belt.now_ns)
            parcel.touched = True
            self.put(parcel, parcel.carrier + 1, parcel.offset_um)

    def swap(self, first: Parcel, second: Parcel) -> None:
        """Two parcels on carriers change places."""
        carriers = first.carrier, second.carrier
        for parcel in (first, second):
            self._leave(parcel, self.belt.now_ns)
            parcel.touched = True
        self.put(first, carriers[1])
        self.put(second, carriers[0])

    def free_carrier(self, place_um: int) -> int:
        """The first empty carrier at a place or on its way to it."""
        nearest = self.carrier_at(place_um)[0]
        count = len(self.carriers)
        return next(((nearest - 1 + ahead) % count + 1 for ahead in range(count)
                     if not self.carriers[(nearest - 1 + ahead) % count]), nearest)  # fmt: skip

    # ------------------------------------------------------------------------------------------- what the PLC does

    def bring(self, parcel: Parcel, induct: int) -> None:
        """A load was released at an induct and moves with the belt until it lands."""
        self._serial += 1
        heappush(self._landing, (self.belt.um + REACH_UM, self._serial, induct, parcel))

    def fire(self, carried: Carried, at_ns: int) -> None:
        """The PLC switches on the belt of the carrier that is at the chute's firing place."""
        chute = self._chutes_at[carried.chute]
        fires_um = chute.position_mm * 1_000 - self.machine.sorter.speed_mm_s * (chute.lead_ms + chute.travel_ms // 2)
        carrier = self.carrier_at(fires_um)[0]
        report = self.faulty.get(carrier, "")
        stroke = Stroke(carried, at_ns, stuck=bool(report), carrier=carrier)
        self.strokes.append(stroke)
        moved = Moved(stroke, report)
        contact_ns = at_ns + chute.lead_ms * NS_PER_MS
        if not report:
            self._later(contact_ns + chute.travel_ms * NS_PER_MS // 2, "push", moved, carried.chute)
        if report != "silent":
            self._later(contact_ns + chute.travel_ms * NS_PER_MS, "report", moved, carried.item)

    def cut_outputs(self) -> None:
        """The PLC is off: belts of carriers that have not moved anything yet stop."""
        self._timed = [entry for entry in self._timed if entry[2] not in ("push", "report")]
        heapify(self._timed)

    # ------------------------------------------------------------------------------------------- inducts and flags

    def _land(self, parcel: Parcel, induct: int, at_um: int) -> None:
        place_um = self._inducts[induct]
        carrier, beyond_um = self.carrier_at(place_um, at_um)
        offset_um = self._chance.randint(-PLACED_UM, PLACED_UM) - beyond_um
        parcel.front_at_induct_um = at_um
        mishap = self.mishaps.pop(parcel.number, Mishap(""))
        parcel.touched |= bool(mishap.kind)
        parcels: tuple[Parcel, ...] = (parcel,)
        if mishap.kind == "floor":
            parcel.place = Place.FLOOR
        else:
            self.put(parcel, carrier + (mishap.kind == "next"), offset_um)
        if mishap.extra is not None:
            parcels += (mishap.extra,)
            mishap.extra.touched = mishap.extra.merged = True
            mishap.extra.front_at_induct_um = at_um
            self.put(mishap.extra, carrier, offset_um)
        self.landed.append(Landed(induct, parcels))
        self.eyes.pulse(Terminal("loaded", induct))

    def _skip_flags(self) -> None:
        while self._flag_um <= self.belt.um:
            self._flag_um += self.pitch_um
            self._flag_turn += 1

    def _pass_flag(self) -> None:
        """The middle of a carrier is at the home place."""
        self.eyes.pulse(Terminal("flag", 1))
        if self._flag_turn % len(self.carriers) == 0:
            self.eyes.pulse(Terminal("home", 1))
        self._flag_um += self.pitch_um
        self._flag_turn += 1

    # ------------------------------------------------------------------------------------------- notes

    def _note(self, parcel: Parcel) -> None:
        half_um, here_um = parcel.length_um // 2, parcel.base_um
        marks = [Mark("seam", 0, parcel.offset_um)]
        marks += [Mark("scan", number, um) for number, um in self._scan_points.items()]
        for number, um in self._check_points.items():
            marks += [Mark("cover", number, um - half_um), Mark("uncover", number, um + half_um)]
            if (here_um - um + half_um) % self.length_um < parcel.length_um:
                self.eyes.cover(Terminal("load", number), parcel.number, self.belt.now_ns)
        for mark in marks:
            self._leave_note(parcel, mark, self.belt.um + (mark.um - here_um) % self.length_um)

    def _leave_note(self, parcel: Parcel, mark: Mark, at_um: int) -> None:
        self._serial += 1
        heappush(self._notes, (at_um, self._serial, parcel.generation, mark, parcel))

    def _happen(self, mark: Mark, parcel: Parcel, at_ns: int) -> None:
        if mark.kind == "cover":
            self.eyes.cover(Terminal("load", mark.number), parcel.number, at_ns)
        elif mark.kind == "uncover":
            self.eyes.uncover(Terminal("load", mark.number), parcel.number, at_ns)
        elif mark.kind == "seam":
            parcel.laps += 1
        else:
            first, *beside = self.carriers[parcel.carrier - 1]
            if first is parcel:
                self.passed.append(Passed(at_ns, mark.number, parcel, tuple(beside)))

    # ------------------------------------------------------------------------------------------- discharge

    def _fall_due(self, kind: str, what: Moved | Parcel, number: int, at_ns: int) -> None:
        if isinstance(what, Moved):
            if kind == "push":
                self._push(what.stroke, at_ns)
            else:
                self.eyes.pulse(Terminal("fault" if what.report == "reports" else "stroke", number))
        elif kind == "arrive":
            self._slides.arrive(what, number, at_ns)
        else:
            self._slides.rest(what, number, at_ns)

    def _push(self, stroke: Stroke, at_ns: int) -> None:
        number = stroke.carried.chute
        chute, hit = self._chutes_at[number], list(self.carriers[stroke.carrier - 1])
        stroke.hit = tuple(parcel.number for parcel in hit)
        end_ns = at_ns + chute.travel_ms * NS_PER_MS // 2
        for parcel in hit:
            parcel.pushed.append((stroke.carried.epoch, stroke.carried.order_seq))
            self._leave(parcel, at_ns)
            arrives_ns, rests_ns = self._slides.send(parcel, number, end_ns, self.belt.now_ns)
            self._later(arrives_ns, "arrive", parcel, number)
            self._later(rests_ns, "rest", parcel, number)

    def _leave(self, parcel: Parcel, at_ns: int) -> None:
        self.on_belt.pop(parcel.number, None)
        self.carriers[parcel.carrier - 1].remove(parcel)
        parcel.generation += 1
        self.eyes.release(parcel.number, at_ns)

    def _later(self, at_ns: int, kind: str, what: Moved | Parcel, number: int) -> None:
        self._serial += 1
        heappush(self._timed, (at_ns, self._serial, kind, what, number))
