"""Line: the belt with everything on it and along it; the truth of one run.

Comes in: time, parcels from the feeder, pushers switched on by the PLC, hands. Goes out: contacts for the PLC, labels
that pass a scan point, strokes and exits for the referee. Never here: what the PLC or the controller makes of it.

Nothing is searched scan by scan: each parcel that is put on the belt leaves a note for every belt position at which
something will happen to it (an edge at an eye, its middle at a scan point, its middle at the end of the belt). A parcel
that a hand moves gets new notes, the old ones are recognised by its generation.
"""

from heapq import heappop, heappush
from random import Random
from typing import NamedTuple

from sim.plc.contacts import Terminal
from sim.plc.program import Carried
from sim.world.belt import Belt
from sim.world.chutes import Chutes
from sim.world.eyes import Eyes
from sim.world.parcel import Parcel, Place
from sim.world.slides import Slides
from sim.world.strokes import Passed, Stroke
from sortctl.site.model import Machine
from sortctl.words.units import NS_PER_MS

FACE_UM = 150_000
"""Half of a pusher's face."""
DRAGGED_UM = 2 * FACE_UM * 30 // 100
"""A body that overlaps the face by more goes along."""
SLIP_MOST_UM = 15_000


class Note(NamedTuple):
    """What happens to a parcel at a belt position. Kinds: `front`, `tail`, `scan`, `end`."""

    kind: str
    terminal: Terminal


class Line:
    """One belt with its eyes, pushers and chutes."""

    def __init__(self, machine: Machine, seed: int) -> None:
        self.machine = machine
        self.belt = Belt(machine.sorter.speed_mm_s, Random(f"{seed} belt"))
        self.eyes = Eyes(Random(f"{seed} eyes"))
        self.chutes = Chutes(machine.chutes, self.eyes, Random(f"{seed} operators"))
        self.on_belt: dict[int, Parcel] = {}
        self.stuck: set[int] = set()
        """Pushers that do not move."""
        self.strokes: list[Stroke] = []
        self.passed: list[Passed] = []
        """Labels that passed a scan point; the scanners take them out."""
        self.at_induct: list[Parcel] = []
        """Parcels whose front passed an induct eye; the plant takes them out."""
        self._slides = Slides(machine, self.eyes, self.chutes, Random(f"{seed} slides"))
        self._notes: list[tuple[int, int, int, Note, Parcel]] = []
        self._timed: list[tuple[int, int, str, Stroke | Parcel, int]] = []
        self._serial = 0
        self._end_um = machine.chute(machine.line.end_chute).position_mm * 1_000
        self._marks = self._marked()

    def advance(self, to_ns: int) -> None:
        """Everything that happens up to `to_ns`; at most one PLC scan at a time."""
        self.belt.advance(to_ns)
        notes = self._notes
        while notes and notes[0][0] <= self.belt.um:
            um, _, generation, note, parcel = heappop(notes)
            if parcel.generation == generation and parcel.place is Place.BELT:
                self._happen(note, parcel, um, self.belt.moment(um))
        while self._timed and self._timed[0][0] <= to_ns:
            at_ns, _, kind, what, number = heappop(self._timed)
            self._fall_due(kind, what, number, at_ns)
        self.eyes.settle(to_ns)
        self.chutes.visit(to_ns)

    # ------------------------------------------------------------------------------------------- hands

    def put(self, parcel: Parcel, front_um: int, belt_um: int | None = None) -> None:
        """Put a parcel on the belt, its front at `front_um` now (or when the belt was at `belt_um`)."""
        at_um = self.belt.um if belt_um is None else belt_um
        parcel.put(at_um, front_um)
        self.on_belt[parcel.number] = parcel
        self._note(parcel, front_um)

    def take_off(self, parcel: Parcel) -> None:
        """A hand takes the parcel away, wherever it is on the belt."""
        if parcel.place is Place.BELT:
            self._leave(parcel, self.belt.now_ns)
            parcel.place = Place.HAND
            parcel.touched = True

    def swap(self, first: Parcel, second: Parcel) -> None:
        """Two neighbours change places; together they cover the same stretch of belt as before."""
        ahead, behind = sorted((first, second), key=lambda parcel: -parcel.front(self.belt.um))
        front_um = ahead.front(self.belt.um)
        tail_um = behind.front(self.belt.um) - behind.length_um
        for parcel in (ahead, behind):
            self._leave(parcel, self.belt.now_ns)
            parcel.touched = True
        self.put(behind, front_um)
        self.put(ahead, tail_um + ahead.length_um)

    def fire(self, carried: Carried, at_ns: int) -> None:
        """The PLC switches a pusher on."""
        chute = self.machine.chute(carried.chute)
        stroke = Stroke(carried, at_ns, stuck=carried.chute in self.stuck)
        self.strokes.append(stroke)
        if not stroke.stuck:
            contact_ns = at_ns + chute.lead_ms * NS_PER_MS
            self._later(contact_ns + chute.travel_ms * NS_PER_MS // 2, "push", stroke, carried.chute)
            self._later(contact_ns + chute.travel_ms * NS_PER_MS, "stroke", stroke, carried.chute)

    @property
    def at_rest(self) -> bool:
        """Nothing is on the belt or on a slide."""
        return not self.on_belt and not self._slides.occupied

    def cut_outputs(self) -> None:
        """The PLC is off: pushers that have not met anything yet fall back."""
        self._timed = [entry for entry in self._timed if entry[2] not in ("push", "stroke")]
        self._timed.sort()

    # ------------------------------------------------------------------------------------------- notes

    def _marked(self) -> list[tuple[int, str, Terminal]]:
        sorter = self.machine.line
        marks = [(induct.position_mm, "eye", Terminal("induct", induct.number)) for induct in sorter.inducts]
        marks += [(eye.position_mm, "eye", Terminal("eye", eye.number)) for eye in sorter.eyes]
        marks += [(point.position_mm, "scan", Terminal("scan", point.number)) for point in sorter.scan_points]
        marks += [(self._end_um // 1_000, "end", Terminal("end", sorter.end_chute))]
        return [(position_mm * 1_000, kind, terminal) for position_mm, kind, terminal in sorted(marks)]

    def _note(self, parcel: Parcel, front_um: int) -> None:
        length = parcel.length_um
        for um, kind, terminal in self._marks:
            if kind == "eye":
                self._leave_note(parcel, um, front_um, Note("front", terminal))
                self._leave_note(parcel, um + length, front_um, Note("tail", terminal))
                if front_um - length < um < front_um:
                    self.eyes.cover(terminal, parcel.number, self.belt.now_ns)
            else:
                self._leave_note(parcel, um + length // 2, front_um, Note(kind, terminal))

    def _leave_note(self, parcel: Parcel, front_at_um: int, front_um: int, note: Note) -> None:
        if front_at_um >= front_um:
            self._serial += 1
            due = parcel.belt_when_front_at(front_at_um)
            heappush(self._notes, (due, self._serial, parcel.generation, note, parcel))

    def _happen(self, note: Note, parcel: Parcel, um: int, at_ns: int) -> None:
        if note.kind == "front":
            self.eyes.cover(note.terminal, parcel.number, at_ns)
            if note.terminal.kind == "induct":
                parcel.front_at_induct_um = um
                self.at_induct.append(parcel)
        elif note.kind == "tail":
            self.eyes.uncover(note.terminal, parcel.number, at_ns)
        elif note.kind == "scan":
            self.passed.append(Passed(at_ns, note.terminal.number, parcel))
        else:
            self._slide(parcel, note.terminal.number, at_ns)

    # ------------------------------------------------------------------------------------------- pushers and slides

    def _fall_due(self, kind: str, what: Stroke | Parcel, number: int, at_ns: int) -> None:
        if isinstance(what, Stroke):
            if kind == "push":
                self._push(what, at_ns)
            else:
                self.eyes.pulse(Terminal("stroke", number))
        elif kind == "arrive":
            self._slides.arrive(what, number, at_ns)
        else:
            self._slides.rest(what, number, at_ns)

    def _push(self, stroke: Stroke, at_ns: int) -> None:
        chute = self.machine.chute(stroke.carried.chute)
        here, belt_um = chute.position_mm * 1_000, self.belt.position(at_ns)
        hit = [parcel for parcel in self.on_belt.values() if _struck(parcel, here, belt_um)]
        hit.sort(key=lambda parcel: -parcel.front(belt_um))
        stroke.hit = tuple(parcel.number for parcel in hit)
        end_ns = at_ns + chute.travel_ms * NS_PER_MS // 2
        for parcel in hit:
            parcel.pushed.append((stroke.carried.epoch, stroke.carried.order_seq))
            self._slide(parcel, chute.number, end_ns)

    def _slide(self, parcel: Parcel, number: int, from_ns: int) -> None:
        self._leave(parcel, min(from_ns, self.belt.now_ns))
        arrives_ns, rests_ns = self._slides.send(parcel, number, from_ns, self.belt.now_ns)
        self._later(arrives_ns, "arrive", parcel, number)
        self._later(rests_ns, "rest", parcel, number)

    def _leave(self, parcel: Parcel, at_ns: int) -> None:
        self.on_belt.pop(parcel.number, None)
        parcel.generation += 1
        self.eyes.release(parcel.number, at_ns)

    def _later(self, at_ns: int, kind: str, what: Stroke | Parcel, number: int) -> None:
        self._serial += 1
        heappush(self._timed, (at_ns, self._serial, kind, what, number))


def _struck(parcel: Parcel, here_um: int, belt_um: int) -> bool:
    front = parcel.front(belt_um)
    if abs(front - parcel.length_um // 2 - here_um) <= FACE_UM:
        return True
    overlap = min(front, here_um + FACE_UM) - max(front - parcel.length_um, here_um - FACE_UM)
    return overlap > DRAGGED_UM
