"""Virtual rig: the whole controller against every machine of a site in one process and virtual time; nothing is waited for.

Comes in: a loaded site, a script for each sorter, a seed. Goes out: the plants with their truth and the journal's rows. Each
machine has its own scan: its world moves, scanners' bytes come in pieces, one exchange cycle runs or fails. Rows are
stored and committed at once or a scan later. A killed controller loses what was not committed and is rebuilt from the rest.
Never here: what happens at one machine (`cell.py`), judging (`sim/referee.py`).
"""

from pathlib import Path
from random import Random
from typing import Any, Final, Protocol

import msgspec

from sim.claims import read_claims
from sim.plant import Plant
from sim.play import Asked, Exits, Runs, opening, seed_of, staged
from sim.play import play as play_story
from sim.referee import Referee, Verdict
from sim.rigs.virtual.cell import Cell
from sim.rigs.virtual.desk import Desk
from sim.scenario import KillController, Story
from sim.sheets import Sheets
from sortctl.app import Start, virtual_controller
from sortctl.site.load import LoadedSite, load_site
from sortctl.words.facts import AnyFact
from sortctl.words.units import NS_PER_MS, NS_PER_S

WALL_NS: Final = 1_800_000_000 * NS_PER_S
SNAPSHOT_EVERY_NS: Final = 10 * NS_PER_S
LATE_COMMITS_IN_TEN: Final = 2
CLOSED_REST_S: Final = 10
"""After the last parcel came to rest, with every passage closed: what was still to be done late is seen."""
REST_LONGEST_S: Final = 600
"""Where a passage is still open: a loop waits two laps for a parcel that it lost sight of."""
HOLD_LONGEST_S: Final = 900
"""A run that does not come to its end has a line that stands."""
_DECODE: Final = msgspec.json.Decoder(AnyFact).decode


def play(site: Path, story: Story, seed: int, parcels: int, sorter: str = "") -> Verdict:
    """One story with one seed, on every sorter that it fits or on this one. Raises StoryUnfit."""
    return play_loaded(load_site(site), story, Asked(seed, parcels, sorter))


def play_loaded(loaded: LoadedSite, story: Story, asked: Asked) -> Verdict:
    """The same on a site that is loaded already, or on a part of its machines."""
    begins_ns, staged_s = opening(loaded, story, asked, WALL_NS)
    loaded, asked = staged(loaded, story, staged_s), asked._replace(wall_s=begins_ns // NS_PER_S)
    sheets = Sheets(loaded.files)

    def judged(scripts: Runs, without_faults: Exits) -> dict[str, Verdict]:
        rig = VirtualRig(loaded, scripts, asked.seed)
        rig.wall_ns = begins_ns
        rig.run()
        claims = read_claims(rig.disk.rows)
        return {
            name: Referee(plant, claims, scripts[name], sheets).judge(without_faults.get(name))
            for name, plant in rig.plants.items()
        }

    return play_story(loaded, story, asked, judged)


class Row(Protocol):
    """A journal row as the controller makes it."""

    @property
    def seq(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def body(self) -> bytes: ...


class Disk:
    """The journal: what is on it, and what a crash would lose."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.coming: list[Row] = []
        self.snapshot: tuple[int, bytes] | None = None
        self.open = 0
        """Passages without an end."""

    def commit(self) -> int:
        """Everything handed over is on disk now; the last row."""
        self._keep(self.coming)
        return self.rows[-1].seq if self.rows else 0

    def crash(self, chance: Random) -> None:
        """Of what was not committed a part from the front may have reached the disk."""
        self._keep(self.coming[: chance.randint(0, len(self.coming))])

    def _keep(self, rows: list[Row]) -> None:
        self.rows += rows
        self.open += sum((row.type == "PassageOpened") - (row.type == "PassageClosed") for row in rows)
        self.coming = []


class VirtualRig:
    """One run."""

    def __init__(self, loaded: LoadedSite, scripts: Runs, seed: int) -> None:
        self._loaded = loaded
        self._cells = {
            machine.sorter_id: Cell(machine, scripts[machine.sorter_id], seed_of(seed, number))
            for number, machine in enumerate(loaded.machines)
        }
        self.disk = Disk()
        self.desk = Desk(scripts, self.plants, Sheets(loaded.files), seed)
        self.wall_ns = WALL_NS
        """The clock on the wall when the machines begin."""
        self._controller: Any = None
        self._now_ns = 0
        """The last moment of which the controller was told."""
        self._back_ns = 0
        self._snapshot_ns = SNAPSHOT_EVERY_NS

    @property
    def plants(self) -> dict[str, Plant]:
        """The truth of each sorter."""
        return {name: cell.plant for name, cell in self._cells.items()}

    def run(self) -> None:
        """Until every machine has run empty and every wait has ended."""
        cells = list(self._cells.values())
        self.desk.begin(self.wall_ns)
        self._start(0)
        rest_ns = 0
        longest_um = max(sum(fed.gap_um for fed in cell.script.setup.feed) for cell in cells)
        ends_ns = HOLD_LONGEST_S * NS_PER_S + 4 * longest_um * 1_000
        while self._now_ns < ends_ns and rest_ns < (REST_LONGEST_S if self.disk.open else CLOSED_REST_S) * NS_PER_S:
            before_ns, now_ns = self._now_ns, min(cell.due_ns for cell in cells)
            for cell in cells:
                if cell.due_ns == now_ns:
                    self._serve(cell, now_ns)
                    self._now_ns = now_ns
            if self._controller is not None and all(cell.is_done for cell in cells) and self.desk.is_done:
                rest_ns += now_ns - before_ns

    def _serve(self, cell: Cell, now_ns: int) -> None:
        for upset in cell.turn(now_ns):
            if isinstance(upset, KillController):
                self._kill(cell, now_ns, upset.ms)
            else:
                cell.upset(upset, self._controller, now_ns)
        cell.settle(self._controller, now_ns)
        if self._controller is None and now_ns >= self._back_ns:
            self._start(now_ns)
        cell.send_reads(heard=self._controller is not None)
        self.desk.turn(cell.name, self._controller, now_ns)
        if self._controller is not None:
            self._drive(cell, now_ns)

    def _drive(self, cell: Cell, now_ns: int) -> None:
        controller = self._controller
        cell.deliver(controller, self._now_ns, now_ns)
        self.desk.host.deliver(controller, now_ns)
        self._store(cell, now_ns)
        cell.exchange(controller, now_ns)
        wake_ns = controller.next_wake_ns()
        if wake_ns is not None and wake_ns <= now_ns:
            controller.wake(now_ns)
        self.desk.host.ask(controller.take_questions(), now_ns)
        self._store(cell, now_ns)
        if now_ns >= self._snapshot_ns:
            self._snapshot_ns = now_ns + SNAPSHOT_EVERY_NS
            self._commit(now_ns)
            self.disk.snapshot = (controller.last_row, controller.snapshot())

    # ------------------------------------------------------------------------------------------- the disk

    def _store(self, cell: Cell, now_ns: int) -> None:
        rows = self._controller.take_rows()
        self.disk.coming += rows
        if self.disk.coming and (not rows or cell.chance.randrange(10) >= LATE_COMMITS_IN_TEN):
            self._commit(now_ns)

    def _commit(self, now_ns: int) -> None:
        self._controller.committed(self.disk.commit(), now_ns)

    def _start(self, now_ns: int) -> None:
        disk = self.disk
        at, snapshot = disk.snapshot or (0, None)
        facts = tuple(_DECODE(row.body) for row in self._since(at) if row.kind == "fact")
        last = disk.rows[-1].seq if disk.rows else 0
        start = Start(now_ns, self.wall_ns + now_ns, "virtual", last, snapshot, facts, plans=self.desk.plans)
        self._controller = virtual_controller(self._loaded, start)
        for cell in self._cells.values():
            cell.welcome(self._controller, now_ns)
        self.desk.meet(self._controller, now_ns)

    def _since(self, row: int) -> list[Row]:
        rows = self.disk.rows
        return rows[row - rows[0].seq + 1 :] if row and rows else rows

    def _kill(self, cell: Cell, now_ns: int, ms: int) -> None:
        if self._controller is None:
            return
        self.disk.coming += self._controller.take_rows()
        self.disk.crash(cell.chance)
        self._controller = None
        for each in self._cells.values():
            each.forsake()
        self.desk.host.forsake()
        self._back_ns = now_ns + ms * NS_PER_MS
