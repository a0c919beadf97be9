"""App: the only file that knows every room. Takes a site, builds the controller, and starts it with or without wires.

Comes in: the site folder, the state folder. Goes out: a running daemon and its exit code (`serve`), a controller without wires
for the simulator's virtual rig (`virtual_controller`), or only the logic, to step a journal again (`replay_logic`).
Never here: anything that decides.
"""

import asyncio
import gc
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import Any, Final, TypeVar

import msgspec
import structlog

from sortctl import __version__
from sortctl.drivers import exchange_wire, import_libraries, keys_in, reader_wire, scanner_wire, unit_wire
from sortctl.journal.read import JournalReader
from sortctl.journal.recover import Recovered, recover
from sortctl.journal.schema import FILE_NAME
from sortctl.journal.writer import JournalWriter
from sortctl.logic import Logic, plan_in, rules_of
from sortctl.parcels.store import FILE_NAME as PARCELS_FILE
from sortctl.plan import Plan, shelf
from sortctl.plan.document import plan_files
from sortctl.plan.load import PlanInvalid, load_plan
from sortctl.runtime.clock import Clock, calendar, continued_clock, first_clock
from sortctl.runtime.controller import Controller, Reading, Snapshot, Start
from sortctl.runtime.daemon import Daemon
from sortctl.runtime.engine import Engine
from sortctl.runtime.links.head_link import HeadLink, ReaderLink, ScannerLink
from sortctl.runtime.links.keyring import Keyring, with_keys
from sortctl.runtime.links.links import Links
from sortctl.runtime.links.plc_link import PlcLink
from sortctl.runtime.links.reconnect import PausePolicy
from sortctl.runtime.links.security import protection
from sortctl.runtime.links.unit_link import UnitLink
from sortctl.runtime.parcel_desk import ParcelDesk
from sortctl.runtime.process.claim import claim
from sortctl.runtime.process.control import Control
from sortctl.runtime.process.feed import Feed
from sortctl.runtime.process.log import standard_error, start_log
from sortctl.runtime.process.notify import supervisor, this_process, watchdog_ns
from sortctl.runtime.process.plans import PlanDesk
from sortctl.runtime.process.report import About, Reporter
from sortctl.runtime.process.tell import Teller
from sortctl.site.load import LoadedSite, load_files, load_site
from sortctl.site.model import Machine
from sortctl.site.wires import ModbusPlc, OpcUaPlc
from sortctl.words.hub import PlanApplied
from sortctl.words.ids import PlcId, ScannerId
from sortctl.words.units import NS_PER_MS

__all__ = [
    "Reading",
    "ReplayedLogic",
    "Start",
    "StateFolderUnusable",
    "apply_virtually",
    "replay_logic",
    "serve",
    "virtual_controller",
]

STATE_MODE: Final = 0o750
SWITCH_INTERVAL_S: Final = 0.0001
"""Loop and writer thread hand the interpreter to each other after so long at the latest. An order waits for both: Python's own
5 ms would be felt, and 0.5 ms still cost a tenth of its way when the loop was busy."""

LOOKUPS_MAX: Final = 64
"""Names looked up at once. One that is not answered keeps its thread for half a minute, and is asked again every two seconds."""

T = TypeVar("T")

log = structlog.get_logger()


class StateFolderUnusable(Exception):
    """The state folder is none and cannot be made; str() says why."""


def virtual_controller(loaded: LoadedSite, start: Start) -> Controller:
    """The whole controller without wires, disk or clock."""
    return Controller(loaded, load_plan(loaded.files).on(loaded.machines), start)


def apply_virtually(controller: Controller, files: dict[str, bytes], keep: bool, by: str, at_ns: int) -> Plan:
    """Puts the sort plan in these files in force. The rig keeps it, as journal and shelf do, for the `Start` of the next controller."""
    plan = load_plan(files, load_files(files).machines)
    controller.apply_plan(plan, keep, by, at_ns)
    return plan


class ReplayedLogic:
    """Fresh logic, to be stepped with the facts of a journal."""

    def __init__(self, loaded: LoadedSite) -> None:
        self._logic = Logic(loaded.machines, rules_of(loaded), load_plan(loaded.files))
        self._machines = loaded.machines

    def step(self, fact: Any) -> Sequence[Any]:
        """What follows from this fact."""
        return self._logic.step(fact)

    def restore(self, snapshot: bytes) -> None:
        """Go on from a snapshot of a journal, which holds more than the logic."""
        self._logic.restore(bytes(msgspec.json.decode(snapshot, type=Snapshot).logic))

    def plan_in(self, snapshot: bytes) -> str:
        """Checksum of the sort plan that a snapshot needs; empty: the one that the logic has."""
        wanted = plan_in(bytes(msgspec.json.decode(snapshot, type=Snapshot).logic))
        return "" if wanted == self._logic.plan else wanted

    def begin_with(self, files: dict[str, bytes]) -> None:
        """The sort plan for the snapshot that is restored next."""
        self._logic.begin_with(load_plan(files, self._machines))

    def apply_plan(self, files: dict[str, bytes]) -> None:
        """The sort plan of the `PlanApplied` that is stepped next."""
        self._logic.apply_plan(load_plan(files, self._machines))


def replay_logic(files: dict[str, bytes]) -> ReplayedLogic:
    """The logic of the configuration that a journal carries."""
    return ReplayedLogic(load_files(files))


def serve(site_dir: Path, given_state: Path | None) -> int:
    """Run the controller of a site until it is stopped; its exit code.

    Raises what forbids to start: SiteMissing, SiteInvalid, PlanInvalid, StateFolderUnusable, NumberTaken, JournalUnusable,
    OSError.
    """
    loaded = load_site(site_dir)
    load_plan(loaded.files, loaded.machines)
    state_dir = given_state or Path("var") / loaded.site.hub.name
    _make(state_dir)
    held = claim(loaded.site.hub.owner, [machine.plc.address for machine in loaded.machines])
    lines = start_log(standard_error())
    try:
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        import_libraries(loaded.site)
        return asyncio.run(_run(loaded, state_dir))
    finally:
        lines.close()
        held.release()


def _make(state_dir: Path) -> None:
    try:
        state_dir.mkdir(mode=STATE_MODE, parents=True, exist_ok=True)
    except PermissionError:
        raise
    except OSError as error:
        raise StateFolderUnusable(f"the state folder {state_dir} cannot be made: {error.strerror}") from None


async def _run(loaded: LoadedSite, state_dir: Path) -> int:
    engine: Engine | None = None

    def on_committed(row: int) -> None:
        if engine is not None:
            engine.committed(row)

    def on_trouble(text: str | None) -> None:
        if engine is not None:
            engine.trouble(text)

    # One link whose name service does not answer must not keep the names of the others waiting.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(LOOKUPS_MAX, thread_name_prefix="lookup"))
    path = state_dir / FILE_NAME
    # First the writer: it takes the lock of the state folder.
    writer = JournalWriter.open(path, on_committed, on_trouble, asyncio.get_running_loop())
    try:
        recovered = recover(path)
        clock = continued_clock(recovered.last_at_ns, recovered.last_wall_ns) if recovered else first_clock()
        controller = _recovered_controller(loaded, recovered, clock, path)
        writer.save_site(loaded.checksum, loaded.files)
        _put_in_force(controller, writer, loaded, state_dir, clock.now_ns())
        # What was loaded stays for good: a full collection need not look at it again (240 ms for a large plan).
        gc.collect()
        gc.freeze()
        wait_ns = loaded.site.limits.commit_wait_ms * NS_PER_MS
        engine = Engine(controller, clock, writer, wait_ns, [PlcId(machine.plc_id) for machine in loaded.machines])
        desk = ParcelDesk(state_dir / PARCELS_FILE, engine)
        daemon = _daemon(loaded, state_dir, engine, writer, desk)
    except BaseException:
        writer.close()
        raise
    engine.ask_by(desk.ask)
    desk.start()
    log.info("started", hub=loaded.site.hub.name, version=__version__, site=loaded.checksum[:12], state=str(state_dir))
    try:
        return await daemon.run()
    finally:
        desk.close()


def _put_in_force(
    controller: Controller, writer: JournalWriter, loaded: LoadedSite, state_dir: Path, now_ns: int
) -> None:
    """The sort plan that was applied last counts, if it can be used; without one that of the site."""
    try:
        files = shelf.in_force(state_dir) or loaded.files
        plan = load_plan(files, loaded.machines)
    except (shelf.ShelfUnusable, PlanInvalid) as error:
        log.critical("applied_plan_unusable", why=str(error), plan=controller.plan[:12])
        return
    if plan.document.checksum != controller.plan:
        writer.save_plan(plan.document.checksum, plan_files(files))
        controller.apply_plan(plan, False, "start", now_ns)


def _plans(loaded: LoadedSite, recovered: Recovered, path: Path) -> dict[str, Plan]:
    """By checksum: the sort plans that the time needs which is recovered, as far as the journal holds them."""
    wanted = {fact.checksum for fact in recovered.facts if isinstance(fact, PlanApplied)}
    if recovered.snapshot is not None:
        wanted.add(plan_in(bytes(msgspec.json.decode(recovered.snapshot, type=Snapshot).logic)))
    with JournalReader(path) as reader:
        found = {checksum: files for checksum in wanted if (files := reader.plan(checksum)) is not None}
    plans: dict[str, Plan] = {}
    for checksum, files in found.items():
        try:
            plans[checksum] = load_plan(files, loaded.machines)
        except PlanInvalid as invalid:  # the machines are others now
            log.critical("plan_of_before_unusable", plan=checksum[:12], why=str(invalid))
    return plans


def _recovered_controller(loaded: LoadedSite, recovered: Recovered | None, clock: Clock, path: Path) -> Controller:
    """Goes on where the journal ends. If that cannot be done, a line that sorts without its past is better than none."""
    if recovered is None:
        return virtual_controller(loaded, Start(clock.now_ns(), clock.wall_ns(), __version__))
    log.info("recovering", rows=recovered.last_seq, snapshot=recovered.snapshot_seq, facts=len(recovered.facts))
    if recovered.why:
        log.warning("journal_incomplete", why=recovered.why)
    begin = partial(Start, clock.now_ns(), clock.wall_ns(), __version__, recovered.last_seq)
    try:
        plans = _plans(loaded, recovered, path)
        return virtual_controller(loaded, begin(recovered.snapshot, recovered.facts, recovered.why, plans))
    except Exception:
        log.critical("state_not_recovered", exc_info=True)
        return virtual_controller(loaded, begin(doubt="the state in the journal could not be recovered"))


def _daemon(loaded: LoadedSite, state_dir: Path, engine: Engine, writer: JournalWriter, desk: ParcelDesk) -> Daemon:
    hub = loaded.site.hub
    keyring = Keyring(keys_in(state_dir, calendar))
    links = _links(loaded, engine, keyring)
    feed, teller = Feed(), Teller()
    engine.listen(teller.show)
    engine.listen(feed.show)
    about = About(hub.name, hub.title, __version__, loaded.checksum, this_process(), engine.wall_ns())
    reporter = Reporter(about, engine, links, feed, teller, desk)
    plans = PlanDesk(engine, state_dir, loaded)
    control = Control(state_dir, feed, reporter.pong, reporter.status, reporter.tell, plans.put)
    ear, watchdog = supervisor(os.environ), watchdog_ns(os.environ, this_process())
    return Daemon(engine, writer, links, keyring, control, ear, watchdog)


def _links(loaded: LoadedSite, engine: Engine, keyring: Keyring) -> Links:
    site = loaded.site
    exchange = with_keys(exchange_wire, _plc_of, keyring)
    reader = with_keys(reader_wire, _itself, keyring)
    unit = with_keys(unit_wire, _itself, keyring)

    def pauses() -> PausePolicy:
        return PausePolicy(SystemRandom())

    heads: list[HeadLink] = [
        ScannerLink(ScannerId(name), scanner, scanner_wire, engine) for name, scanner in site.scanners.items()
    ]
    heads += [ReaderLink(ScannerId(name), one, reader, engine, pauses()) for name, one in site.readers.items()]
    return Links(
        plcs=[PlcLink(machine, exchange, engine, pauses()) for machine in loaded.machines],
        heads=heads,
        units=[UnitLink(PlcId(name), plc, unit, engine, pauses()) for name, plc in _observed(loaded).items()],
        protection={name: protection(link) for name, link in (*site.plcs.items(), *site.readers.items())},
    )


def _observed(loaded: LoadedSite) -> dict[str, OpcUaPlc]:
    """PLCs that no sorter uses; their PackML unit is read."""
    used = {sorter.plc for sorter in loaded.site.sorters.values()}
    return {
        name: plc
        for name, plc in loaded.site.plcs.items()
        if name not in used and isinstance(plc, OpcUaPlc) and plc.packml
    }


def _plc_of(machine: Machine) -> ModbusPlc | OpcUaPlc:
    return machine.plc


def _itself(link: T) -> T:
    return link
