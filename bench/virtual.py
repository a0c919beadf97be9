"""Virtual: how much faster than life the simulator runs the whole controller, and how fast a journal is stepped again.

Comes in: the demonstration site. Goes out: one table. The rig is the one of the stories: belt, eyes, pushers, PLC program and
controller in one process, nothing left out but wires, disk and waiting.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.logic import DEMO, demo_stream
from bench.tables import Table
from sim.play import Asked, Stage
from sim.rigs.virtual import VirtualRig
from sim.stories import stories
from sortctl.app import replay_logic
from sortctl.journal.pen import Pen, SiteFiles
from sortctl.journal.read import JournalReader
from sortctl.journal.replay import replay
from sortctl.journal.row import row_of
from sortctl.journal.schema import FILE_NAME
from sortctl.site.load import load_site
from sortctl.words.units import NS_PER_S

SEED = 1
HOUR_S = 3600


def measure(parcels: int) -> Table:
    """The table."""
    virtual_s, wall_s = _virtual(parcels)
    rows, replay_s = _replayed(parcels)
    return Table(
        "Virtual time and replay",
        ("what", "done", "in s", "a second"),
        [
            ("seconds of belt, 24 exits, 2 scanners", virtual_s, wall_s, virtual_s / wall_s),
            ("rows of a journal stepped again and compared", rows, replay_s, rows / replay_s),
        ],
        f"{parcels} parcels on the demonstration line. An hour of belt takes {HOUR_S * wall_s / virtual_s:.0f} s: "
        f"{virtual_s / wall_s / HOUR_S:.3f} virtual hours a second on one core.",
    )


def _virtual(parcels: int) -> tuple[float, float]:
    """(seconds of belt, seconds it took)."""
    loaded = load_site(DEMO)
    stage = Stage(loaded, stories()["steady"], Asked(SEED, parcels))
    rig = VirtualRig(loaded, stage.scripts(stage.disturbed), SEED)
    began_s = perf_counter()
    rig.run()
    return max(plant.now_ns for plant in rig.plants.values()) / NS_PER_S, perf_counter() - began_s


def _replayed(parcels: int) -> tuple[int, float]:
    """(rows, seconds). The journal is written by the journal's own pen, from a stream of facts and what followed."""
    loaded, stream = demo_stream(parcels)
    things = [(fact.at_ns, thing) for fact, said in stream.told for thing in (fact, *said)]
    rows = [row_of(seq, at_ns, at_ns, thing) for seq, (at_ns, thing) in enumerate(things, start=1)]
    with TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / FILE_NAME
        pen = Pen(path)
        pen.write([SiteFiles(loaded.checksum, loaded.files), *rows])
        pen.close()
        with JournalReader(path) as reader:
            began_s = perf_counter()
            replayed = replay(reader, replay_logic, None, lambda _: None)
            spent_s = perf_counter() - began_s
    if replayed.divergence is not None or replayed.skipped:
        raise AssertionError(f"the replay parted from its journal: {replayed}")
    return len(rows), spent_s
