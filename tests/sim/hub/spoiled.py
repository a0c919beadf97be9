"""Runs of stories that hold, to be spoiled: one thing at a time, and put back afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from sim.claims import Claims, read_claims
from sim.hub.calls import Call, Done, TellParcel, When
from sim.plant import Plant
from sim.play import Asked, Stage, opening, staged
from sim.referee import Referee
from sim.rigs.virtual import VirtualRig
from sim.rigs.virtual.rig import WALL_NS
from sim.scenario import Script
from sim.sheets import Sheet, Sheets
from sim.stories import stories
from sim.world.parcel import Parcel, Place
from sortctl.site.load import load_site
from sortctl.words.outcomes import PassageClosed
from sortctl.words.units import NS_PER_S

DEMO = load_site(Path(__file__).resolve().parents[3] / "config" / "demo")
RULES = ("missorted", "double_diverted", "unaccounted", "stale_orders", "misreported", "unreleased_domestic")
NOW = When()


class Run(NamedTuple):
    plant: Plant
    claims: Claims
    script: Script
    sheets: Sheets

    def broken(self) -> set[str]:
        """Names of the rules that are broken now."""
        figures = Referee(*self).judge().figures
        return {rule for rule in RULES if figures[rule]}

    def reasons(self) -> str:
        return "\n".join(Referee(*self).judge().figures["reasons"])

    @property
    def sheet(self) -> Sheet:
        return self.sheets.of(self.plant.machine)

    def lying(self, *zones: str) -> list[Parcel]:
        """Parcels in chutes of these zones, by strokes, the first to come first."""
        zone_of = {chute.number: chute.zone for chute in self.plant.machine.chutes}
        there = [parcel for parcel in self.plant.parcels.values() if parcel.place is Place.CHUTE and parcel.pushed]
        return sorted((one for one in there if zone_of[one.exit] in zones), key=lambda one: one.exit_ns)

    def fired_ns(self, parcel: Parcel) -> int:
        return next(stroke.at_ns for stroke in self.plant.strokes if parcel.number in stroke.hit)

    def passage(self, parcel: Parcel) -> int:
        assert parcel.inducted is not None
        return self.claims.by_event[self.plant.machine.sorter_id, *parcel.inducted][0]

    def ending(self, parcel: Parcel) -> PassageClosed:
        return self.claims.closed[self.passage(parcel)][0]

    def end(self, parcel: Parcel, **otherwise: object) -> None:
        """It is said to have ended otherwise."""
        self.claims.closed[self.passage(parcel)] = [msgspec.structs.replace(self.ending(parcel), **otherwise)]

    def move(self, parcel: Parcel, chute: int) -> None:
        """It lies there, and that is said too."""
        parcel.exit = chute
        self.end(parcel, actual=chute)

    def done(self, call: Call, at_ns: int) -> None:
        """This was done as well."""
        self.plant.history.done.append(Done(call, at_ns, at_ns))
        self.plant.history.done.sort(key=lambda one: one.began_ns)

    def say(self, parcel: Parcel, at_ns: int, **changes: str) -> None:
        """This was said of it at that moment."""
        self.done(TellParcel(NOW, parcel.waybill, tuple(changes.items())), at_ns)


@cache
def played(story: str, sorter: str = "line1", parcels: int = 30) -> Run:
    """One machine of the demonstration hub alone."""
    told, asked = stories()[story], Asked(1, parcels)
    alone = DEMO._replace(machines=tuple(machine for machine in DEMO.machines if machine.sorter_id == sorter))
    begins_ns, staged_s = opening(alone, told, asked, WALL_NS)
    loaded, asked = staged(alone, told, staged_s), asked._replace(wall_s=begins_ns // NS_PER_S)
    scripts = Stage(loaded, told, asked).scripts([sorter])
    rig = VirtualRig(loaded, scripts, asked.seed)
    rig.wall_ns = begins_ns
    rig.run()
    return Run(rig.plants[sorter], read_claims(rig.disk.rows), scripts[sorter], Sheets(loaded.files))


@contextmanager
def spoilable(story: str) -> Iterator[Run]:
    """A run that holds. Whatever is done to it is undone."""
    run = played(story)
    plant, claims = run.plant, run.claims
    parcels, strokes, done = deepcopy(plant.parcels), deepcopy(plant.strokes), list(plant.history.done)
    try:
        spared = Claims(
            dict(claims.opened), dict(claims.by_event), dict(claims.by_item), dict(claims.closed),
            recalled=list(claims.recalled), bags=list(claims.bags), waves=list(claims.waves),
            selected=list(claims.selected), purges=list(claims.purges), digest=claims.digest.copy(),
        )  # fmt: skip
        yield run._replace(claims=spared)
    finally:
        plant.parcels, plant.history.done = parcels, done
        plant.strokes[:] = strokes
