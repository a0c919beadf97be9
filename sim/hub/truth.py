"""Truth: what held of a parcel at a moment of its machine, from the list, the story, and what was done since.

Comes in: a plant with its history, its script, the sheets of its site. Goes out: records, releases, plans as they stood, and
whether the word of a change could have come through to the PLC. The rules are read here on their own; the controller's are
never asked. Never here: where the parcel lies.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Final, NamedTuple

from sim.hub.calls import BindBag, FallSilent, PressButton, SetClock, SwapPlan, TellParcel, UnlockChute
from sim.plant import Plant
from sim.scenario import BusyPlc, FreezeExchange, FullSessions, KillController, RestartPlc, Script
from sim.sheets import Expected, Sheet, Sheets
from sim.world.parcel import Parcel
from sortctl.words.units import NS_PER_MS, NS_PER_S

WORD_NS: Final = 350 * NS_PER_MS
"""From a word to the PLC: changes are looked for every 100 ms, the order margin is 70, a cycle or a commit may be late."""
REAL_WORD_NS: Final = 1_200 * NS_PER_MS
"""On a busy computer."""
BACK_NS: Final = 3 * NS_PER_S
REAL_BACK_NS: Final = 12 * NS_PER_S
"""After an upset: links and epochs stand again."""
CLOCK_READ_NS: Final = NS_PER_S
"""The clock on the wall is looked at so often."""
EARLIER_NS: Final = 5 * NS_PER_S
STEP_NS: Final = 50 * NS_PER_MS
CLOCKS_APART_S: Final = 300
"""A word from further in the future is none."""
FREE: Final = frozenset({"domestic"})
PASSING: Final = frozenset({"transit", "export", "return"})


class InForce(NamedTuple):
    """A plan that was put in force between two moments. `keep`: who was decided before went by the one before."""

    began_ns: int
    ended_ns: int
    keep: bool
    sheet: Sheet


class HubTruth:
    """Of one machine in one run."""

    def __init__(self, plant: Plant, script: Script, sheets: Sheets) -> None:
        self.machine = plant.machine
        self.zones = {chute.number: chute.zone for chute in plant.machine.chutes}
        self.word_ns = REAL_WORD_NS if script.in_real_time else WORD_NS
        self._plant = plant
        self._script = script
        self._sheets = sheets
        self._first = {waybill: dict(changes) for waybill, changes in script.records}
        self._told: dict[str, list[tuple[int, int, dict[str, str]]]] = {}
        self.plans = [InForce(0, 0, False, sheets.of(plant.machine))]
        self._deaf = list(self._deaf_spans())
        files = dict(sheets.files)
        for done in plant.history.done:
            if isinstance(done.call, TellParcel):
                entry = done.began_ns, done.ended_ns, dict(done.call.changes)
                self._told.setdefault(done.call.waybill, []).append(entry)
            elif isinstance(done.call, SwapPlan):
                files |= dict(done.call.files)
                sheet = Sheets(files).of(plant.machine)
                self.plans.append(InForce(done.began_ns, done.ended_ns, done.call.keep, sheet))

    # ------------------------------------------------------------------------------------------- parcels

    def standing(self, waybill: str, at_ns: int, *, begun: bool = False) -> Expected | None:
        """Its record at this moment; with `begun` with what was being told just then. None: nobody knew of it."""
        known: Expected | None = self._sheets.expected(waybill)
        if waybill in self._script.withheld:
            known = None
        if known is not None:
            known = known.changed(self._first.get(waybill, {}))
        for began_ns, ended_ns, changes in self._told.get(waybill, ()):
            if (began_ns if begun else ended_ns) <= at_ns:
                known = (known or self._sheets.expected(waybill) or Expected(waybill, "", "")).changed(changes)
        return known

    def is_released(self, waybill: str, at_ns: int) -> bool:
        """It may go into a domestic chute at this moment. Of a word that is just being said either may hold."""
        both = (self.standing(waybill, at_ns), self.standing(waybill, at_ns, begun=True))
        return any(self._is_free(record, at_ns) for record in both)

    def _is_free(self, record: Expected | None, at_ns: int) -> bool:
        if record is None or record.hold or record.conflict:
            return False
        if record.customs_at_s <= self.wall_s(0) and self.drawn_by(record) is not None:
            return False
        if record.customs in ("", "unknown"):
            return record.declaration in FREE
        # What customs said without a moment is as old as the import, right before the machines began.
        age_s = self.wall_s(at_ns) - (record.customs_at_s or self.wall_s(0))
        in_time = not self._plant.history.walls or -CLOCKS_APART_S <= age_s < self._sheets.released_stale_s + 60
        return record.customs == "released" and in_time

    def drawn_by(self, record: Expected) -> tuple[str, int] | None:
        """The lottery that draws this parcel for inspection, and its number in it; None: none does."""
        if record.declaration in FREE:
            return None
        for one in self._sheets.selections:
            asked = {name: one.get(name, "") for name in ("tenant", "country")}
            if any(value not in ("", getattr(record, name)) for name, value in asked.items()):
                continue
            digest = sha256(f"{self._sheets.seed}\0{one['name']}\0{record.waybill}".encode()).digest()
            number = int.from_bytes(digest[:8], "big") % 1_000
            if record.goods.startswith(one.get("goods", "")) and number < one["per_mille"]:
                return one["name"], number
        return None

    def goes_by_label(self, parcel: Parcel) -> bool:
        """Nobody knew of it when its output was switched on, nor so long before that the word could have come through."""
        fired_ns = self.firing_ns(parcel) or self.now_ns

        def is_unknown(waybill: str, at_ns: int) -> bool:
            return self.standing(waybill, at_ns) is None

        last_ns = self.last_ns(is_unknown, parcel.waybill, fired_ns)
        return last_ns is not None and not (last_ns < fired_ns and self.came_through(last_ns, fired_ns))

    def chutes_by_label(self, parcel: Parcel) -> tuple[int, ...]:
        """Where its label alone sends it, if nothing else is known of it."""
        if not self.goes_by_label(parcel):
            return ()
        return tuple(chute for sheet in self.plans_of(parcel) for chute in sheet.group_by_label(parcel.codes).chutes)

    def moments(self, waybill: str, to_ns: int) -> list[int]:
        """When something about it may have become otherwise, up to `to_ns`."""
        told = [moment for entry in self._told.get(waybill, ()) for moment in entry[:2]]
        walls = [wall.at_ns for wall in self._plant.history.walls]
        return [0, *(moment for moment in sorted((*told, *walls)) if moment <= to_ns), to_ns]

    def was_kept(self, waybill: str, to_ns: int) -> bool:
        """At some moment up to `to_ns` it was not released."""
        return not all(
            self._is_free(self.standing(waybill, at_ns, begun=begun), at_ns)
            for at_ns in self.moments(waybill, to_ns)
            for begun in (False, True)
        )

    def is_intercepted(self, waybill: str, at_ns: int) -> bool:
        """Business wants it out at this moment."""
        record = self.standing(waybill, at_ns)
        return record is not None and bool(record.intercept)

    def was_intercepted(self, waybill: str, to_ns: int) -> bool:
        """At some moment up to `to_ns` business wanted it out."""
        records = [self.standing(waybill, at_ns, begun=True) for at_ns in self.moments(waybill, to_ns)]
        return any(record is not None and record.intercept for record in records)

    def was_unknown(self, waybill: str, to_ns: int) -> bool:
        """At some moment up to `to_ns` nobody knew of it, or nobody could be asked."""
        return waybill in self._script.withheld or any(isinstance(done.call, FallSilent) and done.began_ns <= to_ns
                                                       for done in self._plant.history.done)  # fmt: skip

    def last_ns(self, holds: Callable[[str, int], bool], waybill: str, at_ns: int) -> int | None:
        """When this last held of it, up to `at_ns`; None: never."""
        while at_ns >= 0:
            if holds(waybill, at_ns):
                return at_ns
            at_ns -= STEP_NS
        return None

    def wall_s(self, at_ns: int) -> int:
        """The second on the wall."""
        return self._plant.history.wall_s(at_ns)

    def told_of(self, waybill: str) -> list[int]:
        """When something was said of it during the run."""
        return [ended_ns for _, ended_ns, _ in self._told.get(waybill, ())]

    def opened_ns(self, chute: int) -> list[int]:
        """When somebody looked into this chute, or hung a new bag there."""
        return [done.began_ns for done in self._plant.history.done
                if isinstance(done.call, UnlockChute | BindBag | PressButton) and done.call.chute == chute]  # fmt: skip

    @property
    def now_ns(self) -> int:
        """How long the machine ran."""
        return self._plant.now_ns

    # ------------------------------------------------------------------------------------------- plans

    def plans_of(self, parcel: Parcel) -> list[Sheet]:
        """The plans by which it may have been sorted, the newest last."""
        entered_ns, fired_ns = self.entered_ns(parcel), self.firing_ns(parcel) or self.now_ns
        found: list[Sheet] = []
        for number, plan in enumerate(self.plans):
            after = self.plans[number + 1] if number + 1 < len(self.plans) else None
            ended = after is not None and (entered_ns if after.keep else fired_ns) > after.ended_ns + self.word_ns
            if plan.began_ns <= fired_ns and not ended:
                found.append(plan.sheet)
        return found

    # ------------------------------------------------------------------------------------------- moments

    def entered_ns(self, parcel: Parcel) -> int:
        """When it came onto the sorter, or a little earlier."""
        way_um = max(self._plant.belt_um - parcel.base_belt_um, 0)
        speed_um_s = self.machine.sorter.speed_mm_s * 1_000
        return max(self._plant.now_ns - way_um * NS_PER_S // speed_um_s - EARLIER_NS, 0)

    def firing_ns(self, parcel: Parcel) -> int:
        """When the output that sent it into its chute was switched on; of one that fell off the end, when it came there."""
        for stroke in reversed(self._plant.strokes):
            if parcel.number in stroke.hit:
                return stroke.at_ns
        return parcel.exit_ns

    def came_through(self, since_ns: int, to_ns: int) -> bool:
        """What was said at `since_ns` must have had its effect by `to_ns`: nobody was deaf for long enough."""
        free_ns = since_ns
        for from_ns, until_ns in self._deaf:
            if from_ns - free_ns >= self.word_ns:
                break
            free_ns = max(free_ns, until_ns) if until_ns > since_ns else free_ns
        return to_ns - free_ns >= self.word_ns

    @property
    def hears_all(self) -> bool:
        """Nobody was ever deaf. A clock that is set makes nobody so."""
        return all(until_ns - from_ns <= CLOCK_READ_NS for from_ns, until_ns in self._deaf)

    def _deaf_spans(self) -> Iterator[tuple[int, int]]:
        back_ns = REAL_BACK_NS if self._script.in_real_time else BACK_NS
        spans = [
            (upset.at_ns, upset.at_ns + upset.ms * NS_PER_MS + back_ns)
            for upset in (*self._script.upsets, *self._script.kills)
            if isinstance(upset, RestartPlc | FreezeExchange | BusyPlc | FullSessions | KillController)
        ]
        spans += [
            (done.began_ns, done.ended_ns + self.word_ns)
            for done in self._plant.history.done
            if isinstance(done.call, FallSilent)
        ]
        spans += [
            (done.began_ns, done.began_ns + CLOCK_READ_NS)
            for done in self._plant.history.done
            if isinstance(done.call, SetClock)
        ]
        yield from sorted(spans)
