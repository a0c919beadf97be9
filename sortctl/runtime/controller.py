"""Controller: the whole controller without wires, disk or clock. Raw in, raw and rows out; time is an argument.

The one way through the house: a half turns raw words or bytes into facts; each fact becomes a row and a step of the logic;
what follows becomes rows; orders wait in their block until their row is on disk. The asyncio runtime drives it with real
wires, the simulator's virtual rig without any. Every call returns at once and raises for nothing that comes from outside;
RuleBrokenError means that the process must end.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from sortctl.inputs.ages import Ages, Found
from sortctl.inputs.autoid import Result
from sortctl.journal.row import Row, row_of
from sortctl.logic import Logic, plan_in, rules_of
from sortctl.logic.exits.takes import Told, forbids
from sortctl.plan import Plan
from sortctl.runtime.halves.head_half import HeadHalf
from sortctl.runtime.halves.hub_half import HubHalf
from sortctl.runtime.halves.plc_half import PlcHalf, Reading
from sortctl.runtime.halves.reader_half import ReaderHalf
from sortctl.runtime.halves.scanner_half import ScannerHalf
from sortctl.runtime.halves.unit_half import UnitHalf
from sortctl.runtime.start import Snapshot, Start
from sortctl.runtime.status import Halves, Status, status_of
from sortctl.site.derive import stale_ms
from sortctl.site.load import LoadedSite
from sortctl.site.model import Machine, Site
from sortctl.site.wires import OpcUaPlc
from sortctl.watch.watch import Watch
from sortctl.words import facts, hub
from sortctl.words.ids import PlcId, ScannerId
from sortctl.words.orders import Cancel, Divert, Order
from sortctl.words.outcomes import Outcome, PlanInForce
from sortctl.words.parcels import ParcelRecord
from sortctl.words.units import NS_PER_MS

__all__ = ["Controller", "Reading", "Snapshot", "Start", "Told"]


class Controller:
    """One hub."""

    def __init__(self, loaded: LoadedSite, plan: Plan, start: Start) -> None:
        site = loaded.site
        self.wall_offset_ns = start.wall_ns - start.at_ns
        """Wall clock less our own, for the rows."""
        self.last_row = start.last_row
        self._logic = Logic(loaded.machines, rules_of(loaded), plan)
        self._loops = {loop.plc: loop for loop in self._logic.loops}
        self._watch = Watch()
        self._ages = Ages()
        self._hub = HubHalf(site.parcels.answer_ms)
        self._rows: list[Row] = []
        self._is_late = False
        self._recover(start)
        self._plcs = {
            sorter.plc: PlcHalf(
                sorter.machine, site.hub.owner, sorter.state.boot_id, sorter.state.events_taken, sorter.state.epoch
            )
            for sorter in self._logic.sorters
        }
        self._scanners = _scanner_halves(loaded.machines, site)
        self._readers = _reader_halves(loaded.machines, site)
        self._heads: dict[ScannerId, HeadHalf] = {**self._scanners, **self._readers}
        self._units = _unit_halves(site)
        self._belt_under = {
            ScannerId(name): PlcId(machine.plc_id) for machine in loaded.machines for name in machine.heads
        }
        begun = facts.ControllerStarted(
            start.at_ns, start.wall_ns, loaded.checksum, start.version, start.doubt, start.last_row
        )
        self._take([begun, *self._hub.wall(start.wall_ns, start.at_ns)])

    def _recover(self, start: Start) -> None:
        """Go on where the journal ends: the snapshot, then every fact after it. What followed is in the journal already."""
        if start.snapshot is not None:
            held = msgspec.json.decode(start.snapshot, type=Snapshot)
            plan = start.plans.get(plan_in(bytes(held.logic)))
            if plan is not None:
                self._logic.begin_with(plan)
            self._logic.restore(bytes(held.logic))
            self._watch.restore(bytes(held.watch))
            self._ages.told = held.aged
            self._hub.restore(held.hub)
        for fact in start.facts:
            if isinstance(fact, facts.CertificateAged):
                self._ages.note(fact)
            if isinstance(fact, _OF_THE_HUB):
                self._hub.took(fact)
            if isinstance(fact, hub.PlanApplied) and fact.checksum in start.plans:
                self._logic.apply_plan(start.plans[fact.checksum])
            for thing in self._logic.step(fact):
                if isinstance(thing, Outcome):
                    self._watch.see(thing)
                    self._hub.see(thing)
        self._hub.begin(start.at_ns)

    # ------------------------------------------------------------------------------------------- scanners

    def scanner_up(self, scanner: str, at_ns: int) -> None:
        """The port of `scanner` is open and flushed; or a reader is connected."""
        self._take(self._heads[ScannerId(scanner)].opened(at_ns))

    def scanner_down(self, scanner: str, cause: str, at_ns: int) -> None:
        """The link is gone or cannot be made; `cause` in plain words."""
        self._take(self._heads[ScannerId(scanner)].closed(cause, at_ns))

    def scanner_bytes(self, scanner: str, data: bytes, at_ns: int, waited_ns: int = 0) -> None:
        """Bytes came from `scanner`; they may have waited so long before they were taken."""
        self._heard(scanner, self._scanners[ScannerId(scanner)].take(data, at_ns, waited_ns))

    def reader_scan(self, reader: str, results: Sequence[Result], at_ns: int, waited_ns: int = 0) -> None:
        """A scan event came from `reader`; it may have waited so long before it was taken."""
        self._heard(reader, self._readers[ScannerId(reader)].take(results, at_ns, waited_ns))

    def _heard(self, head: str, told: list[facts.Fact]) -> None:
        if told:
            # Before a read is tied, the logic knows the newest place of its belt.
            self._tell_belt(self._plcs[self._belt_under[ScannerId(head)]])
            self._take(told)

    # ------------------------------------------------------------------------------------------- PLCs

    def plc_opened(self, plc: str, at_ns: int) -> None:
        """A connection to `plc` stands; nothing was read yet."""
        del at_ns
        self._plc(plc).opened()

    def plc_block(self, plc: str, at_ns: int) -> list[int] | None:
        """The next orders block to write; None: this cycle only reads. Call it right before the request leaves."""
        return self._plc(plc).next_block(at_ns)

    def plc_inputs(self, plc: str, words: Sequence[int], at_ns: int) -> Reading:
        """The inputs area was read. TORN: read it again, at most 5 times. DEAD: drop the link, see `plc_cause`."""
        half = self._plc(plc)
        reading, told = half.take(words, at_ns)
        if told:
            self._take(told)
        elif self._is_late:
            half.go_on(self.last_row)  # what waits behind the window is no fact yet
        wake_ns = self._logic.next_wake_ns(plc)
        if any(isinstance(fact, facts.PlcEvent) for fact in told) or (wake_ns is not None and at_ns >= wake_ns):
            self._tell_belt(half)
        return reading

    def plc_cause(self, plc: str) -> str:
        """Why the link is down or must be."""
        return self._plc(plc).cause

    def plc_chutes(self, plc: str, words: Sequence[int], at_ns: int) -> None:
        """All chute words were read, right after an inputs read that was taken."""
        self._take(self._plc(plc).chutes(words, at_ns))

    def wants_chutes(self, plc: str) -> bool:
        """The chutes area must be read now."""
        return self._plc(plc).wants_chutes

    def is_urgent(self, plc: str) -> bool:
        """A cycle now is worth more than one at its time: an order waits, or room for events does."""
        return self._plc(plc).is_urgent

    def plc_down(self, plc: str, cause: str, at_ns: int) -> None:
        """The connection is gone, or none could be made."""
        self._take(self._plc(plc).closed(cause, at_ns))

    def unit_seen(self, plc: str, state: int, mode: int, at_ns: int) -> None:
        """The PackML nodes of `plc` were read."""
        self._take(self._units[PlcId(plc)].seen(state, mode, at_ns))

    def unit_lost(self, plc: str, cause: str, at_ns: int) -> None:
        """They cannot be read."""
        self._take(self._units[PlcId(plc)].lost(cause, at_ns))

    def certificates(self, found: Iterable[Found], at_ns: int) -> None:
        """All certificates that are out of date, or soon will be."""
        self._take(self._ages.take(found, at_ns))

    def _plc(self, plc: str) -> PlcHalf:
        return self._plcs[PlcId(plc)]

    def _tell_belt(self, half: PlcHalf) -> None:
        sample = half.take_sample()
        if sample is not None:
            self._take([facts.BeltMoved(sample[1], half.plc, sample[0])])

    # ------------------------------------------------------------------------------------------- parcel data

    @property
    def watched(self) -> Mapping[str, int]:
        """Codes whose records are of interest: asked for a parcel that is on a sorter or in a bag that stands."""
        return self._hub.watched

    def take_questions(self) -> list[str]:
        """Codes asked since the last call. Each is to be answered with `parcel_told`, soon."""
        return self._hub.take_questions()

    def parcel_told(self, code: str, record: ParcelRecord | None, at_ns: int) -> None:
        """What is known of the parcel with this code; None: nothing."""
        self._take(self._hub.told(code, record, at_ns))
        self._take(self._hub.judged(at_ns))

    def parcel_turned(self, code: str, record: ParcelRecord | None, at_ns: int) -> None:
        """The record of a watched code may have changed; nothing happens if it has not."""
        self._take(self._hub.turned(code, record, at_ns))

    def host_silent(self, silent: bool, why: str, at_ns: int) -> None:
        """The parcel store cannot be asked, or can be again. That answers are late is found without this call."""
        self._hub.store(why if silent else "")
        self._take(self._hub.judged(at_ns))

    def wall_set(self, wall_ns: int, at_ns: int) -> None:
        """What the clock on the wall says now; a fact if it was set. Call it every second or so."""
        self.wall_offset_ns = wall_ns - at_ns
        self._take(self._hub.wall(wall_ns, at_ns))

    # ------------------------------------------------------------------------------------------- the sort plan

    @property
    def plan(self) -> str:
        """Checksum of the sort plan in force."""
        return self._logic.plan

    def apply_plan(self, plan: Plan, keep: bool, by: str, at_ns: int) -> int:
        """From the next parcel on this plan is in force; so many were decided anew. The journal is given its files first."""
        own = plan.document
        self._logic.apply_plan(plan)
        followed = self._take([hub.PlanApplied(at_ns, own.id, own.version, own.checksum, keep, by)])
        return sum(thing.rerouted for thing in followed if isinstance(thing, PlanInForce))

    # ------------------------------------------------------------------------------------------- people and the host

    def forbids(self, fact: Told) -> str:
        """Why this cannot be told; empty: it can."""
        return forbids(self._logic.sorters, fact)

    def told(self, fact: Told, at_ns: int) -> list[Outcome | Order]:
        """A person or the host says so, now; what followed at once."""
        return self._take([msgspec.structs.replace(fact, at_ns=at_ns)])

    # ------------------------------------------------------------------------------------------- time and disk

    def wake(self, at_ns: int) -> None:
        """Time has passed: call it at `next_wake_ns`."""
        for head in self._heads.values():
            self._take(head.wake(at_ns))
        self._take(self._hub.wake(at_ns))
        moment_ns = self._logic.next_moment_ns()
        if moment_ns is not None and at_ns >= moment_ns:
            self._take([facts.ClockStruck(at_ns)])

    def next_wake_ns(self) -> int | None:
        """When `wake` has something to do; None: not before something comes."""
        parts: list[HeadHalf | HubHalf] = [*self._heads.values(), self._hub]
        due = [wake_ns for part in parts if (wake_ns := part.next_wake_ns()) is not None]
        moment_ns = self._logic.next_moment_ns()
        return min(due if moment_ns is None else [*due, moment_ns], default=None)

    def probe(self, at_ns: int) -> int:
        """A fact that goes all the way, for the watchdog; the row that proves it when it is committed."""
        self._take([facts.ClockStruck(at_ns)])
        return self.last_row

    def begin_stop(self, at_ns: int) -> None:
        """The next block of each PLC gives its epoch back."""
        del at_ns
        for half in self._plcs.values():
            half.ownership.is_leaving = True

    def committed(self, row: int, at_ns: int) -> None:
        """Rows up to `row` are on disk: their orders may leave, their PLC events be acknowledged."""
        del at_ns
        for half in self._plcs.values():
            half.committed(row)

    def commit_late(self, late: bool, at_ns: int) -> None:
        """The disk did not answer in time (or does again): orders leave without it, marked, until it does."""
        if late != self._is_late:
            self._is_late = late
            self._take([facts.CommitLate(at_ns, late)])
        if late:
            self._release_all()

    def _release_all(self) -> None:
        for half in self._plcs.values():
            half.go_on(self.last_row)

    # ------------------------------------------------------------------------------------------- the one way through

    def _take(self, told: Iterable[facts.Fact]) -> list[Outcome | Order]:
        followed: list[Outcome | Order] = []
        for fact in told:
            row = self._note(fact, fact.at_ns)
            half = self._plcs.get(fact.plc) if isinstance(fact, _OF_A_PLC) else None
            if half is not None:
                self._before(half, fact, row)
            elif isinstance(fact, _OF_THE_HUB):
                self._hub.took(fact)
            for thing in self._logic.step(fact):
                followed.append(thing)
                row = self._note(thing, fact.at_ns)
                if isinstance(thing, Order):
                    self._plcs[thing.plc].block.add(row, thing)
                else:
                    self._watch.see(thing)
                    self._hub.see(thing)
        if self._is_late:
            self._release_all()
        return followed

    def _before(self, half: PlcHalf, fact: facts.Fact, row: int) -> None:
        """What a fact means for the exchange itself, before the logic adds orders to it."""
        match fact:
            case facts.PlcEvent():
                half.note_row(row, fact)
            case facts.OrdersTaken():
                half.block.taken(fact.upto)
            case facts.EpochGranted():
                half.block.begin(fact.epoch, fact.orders_accepted, self._logic.untaken(half.plc))
            case facts.EpochLost():
                half.block.drop()

    def _note(self, thing: facts.Fact | Order | Outcome, at_ns: int) -> int:
        self.last_row += 1
        about = self._passage_of(thing) if isinstance(thing, _OF_AN_ITEM) else None
        self._rows.append(row_of(self.last_row, at_ns, at_ns + self.wall_offset_ns, thing, about))
        return self.last_row

    def _passage_of(self, order: Divert | Cancel) -> int | None:
        """Whom an order for a loop is about; None: it says so itself."""
        loop = self._loops.get(order.plc)
        if loop is None:
            return None
        passage = loop.by_item.get(order.item)
        return passage.number if passage is not None else 0

    def take_rows(self) -> list[Row]:
        """Rows made since the last call, in their order."""
        rows, self._rows = self._rows, []
        return rows

    def snapshot(self) -> bytes:
        """State of logic and watch after the newest row."""
        logic, watch = msgspec.Raw(self._logic.snapshot()), msgspec.Raw(self._watch.snapshot())
        held = Snapshot(logic, watch, self._ages.told, self._hub.state)
        return msgspec.json.encode(held)

    def status(self, at_ns: int) -> Status:
        """What people ask first."""
        halves = Halves(self._plcs, self._heads, self._units, self._ages.told)
        return status_of(self._logic, self._watch.view(at_ns), halves, at_ns)


_OF_AN_ITEM = (Divert, Cancel)
_OF_A_PLC = (facts.PlcEvent, facts.OrdersTaken, facts.EpochGranted, facts.EpochLost)
_OF_THE_HUB = (hub.ParcelTold, hub.ParcelTurned, hub.HostSilent, hub.WallSet)


def _scanner_halves(machines: Iterable[Machine], site: Site) -> dict[ScannerId, ScannerHalf]:
    return {
        ScannerId(name): ScannerHalf(ScannerId(name), scanner, site.limits, stale_ms(machine, scanner) * NS_PER_MS)
        for machine in machines
        for name, scanner in machine.scanners.items()
    }


def _reader_halves(machines: Iterable[Machine], site: Site) -> dict[ScannerId, ReaderHalf]:
    return {
        ScannerId(name): ReaderHalf(ScannerId(name), reader, site.limits, stale_ms(machine, reader) * NS_PER_MS)
        for machine in machines
        for name, reader in machine.readers.items()
    }


def _unit_halves(site: Site) -> dict[PlcId, UnitHalf]:
    exchanged = {sorter.plc for sorter in site.sorters.values()}
    return {
        PlcId(name): UnitHalf(PlcId(name), is_only_observed=name not in exchanged)
        for name, plc in site.plcs.items()
        if isinstance(plc, OpcUaPlc) and plc.packml is not None
    }
