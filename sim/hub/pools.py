"""Pools: more destinations than chutes. The site for it, and whether two of them ever lay in one bag, or one found no chute beside a free one.

Comes in: the files of a site; where parcels truly lie and since when, when bags were hung up. Goes out: files; bags with two
destinations, parcels that were turned away though a chute of their pool hung empty all the time. Who came about when a bag was
changed may lie in either. Never here: which chute should have been given.
"""

import csv
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from sim.claims import Claims
from sim.hub.calls import BindBag
from sim.hub.staging import Files, table
from sim.hub.truth import HubTruth
from sim.plant import Plant
from sim.sheets import Sheet
from sim.world.parcel import Parcel, Place
from sortctl.words.causes import Balance, Cause
from sortctl.words.units import NS_PER_MS, NS_PER_S

DESTINATIONS: Final = 10
CHUTES: Final = 6
FORECASTS: Final = ("600", "200", "")
JITTER_NS: Final = 200 * NS_PER_MS
LONG_NS: Final = 5 * NS_PER_S
"""A chute that got no parcel so long after another one was turned away was not given to anybody."""

Fault = tuple[str, str]


def pooled(files: Files, wall_s: int) -> Files:
    """On each sorter the first destinations share a pool of fewer chutes, which take nothing without a bag."""
    del wall_s
    changed = dict(files)
    rows = _rows(files["plan/destinations.csv"])
    for name, sorter in tomllib.loads(files["site.toml"].decode("utf-8-sig"))["sorters"].items():
        own = [row for row in rows if row["sorter"] == name and not row["destination"].startswith("!")]
        first = own[:DESTINATIONS]
        chutes = sorted({number for row in first for number in row["chutes"].split(";")}, key=int)[:CHUTES]
        for turn, row in enumerate(first):
            row.update(chutes=";".join(chutes), balance="dynamic", forecast=FORECASTS[turn % len(FORECASTS)])
        places = _rows(files[sorter["chutes"]])
        for place in places:
            place["needs_bag"] = "yes" if place["number"] in chutes else "no"
        changed[sorter["chutes"]] = table(places)
    changed["plan/destinations.csv"] = table(rows)
    return changed


def _rows(data: bytes) -> list[dict[str, str]]:
    lines = [line for line in data.decode("utf-8-sig").splitlines() if line.strip() and not line.startswith("#")]
    return [{key: (value or "").strip() for key, value in row.items()} for row in csv.DictReader(lines)]


def faults(plant: Plant, claims: Claims, sheet: Sheet, truth: HubTruth) -> Iterator[Fault]:
    """Of one machine."""
    jitter_ns = max(JITTER_NS, truth.word_ns if truth.word_ns > 2 * JITTER_NS else 0)
    ends_ns = plant.now_ns + LONG_NS
    for chute, changed in _changes(plant).items():
        came = sorted((one.exit_ns, one.number) for one in plant.parcels.values()
                      if one.place is Place.CHUTE and one.exit == chute)  # fmt: skip
        for hung, taken in pairwise([*changed, (ends_ns, ends_ns)]):
            inside = [plant.parcels[number] for at_ns, number in came
                      if hung[1] + jitter_ns <= at_ns <= taken[0] - jitter_ns]  # fmt: skip
            names = {sheet.destination(one.waybill) for one in inside}
            if len(names) > 1:
                yield "missorted", f"the bag of chute {chute} from {hung[1] // NS_PER_MS} ms on holds {sorted(names)}"
    for parcel in plant.parcels.values():
        if _was_turned_away(parcel, plant, claims, sheet):
            free = _free(parcel, plant, sheet, truth)
            if free:
                yield "misreported", f"parcel {parcel.number} was turned away, and chute {free} of its pool hung empty"


def _changes(plant: Plant) -> dict[int, list[tuple[int, int]]]:
    """Chute -> when a bag was hung there: begun, done."""
    found: dict[int, list[tuple[int, int]]] = {}
    for done in plant.history.done:
        if isinstance(done.call, BindBag):
            found.setdefault(done.call.chute, []).append((done.began_ns, done.ended_ns))
    return found


def _was_turned_away(parcel: Parcel, plant: Plant, claims: Claims, sheet: Sheet) -> bool:
    if (
        parcel.place is not Place.CHUTE
        or not parcel.inducted
        or sheet.group(parcel.waybill).balance is not Balance.DYNAMIC
    ):
        return False
    passages = claims.by_event.get((plant.machine.sorter_id, *parcel.inducted), [])
    endings = [ending for passage in passages for ending in claims.closed.get(passage, [])]
    return any(ending.cause is Cause.CHUTES_UNAVAILABLE for ending in endings)


def _free(parcel: Parcel, plant: Plant, sheet: Sheet, truth: HubTruth) -> int:
    """A chute of its pool whose bags were empty from well before it came until long after it was gone, for nobody; 0: none."""
    name, entered_ns, gone_ns = sheet.destination(parcel.waybill), truth.entered_ns(parcel), parcel.exit_ns
    changes = _changes(plant)
    pool = sheet.group(parcel.waybill).chutes
    for one in plant.parcels.values():
        about = entered_ns - LONG_NS <= one.exit_ns <= gone_ns + LONG_NS
        if about and one.exit in pool and sheet.destination(one.waybill) == name:
            return 0  # it may have had a chute, which took nothing, and no right to another
    for chute in pool:
        hung = [done_ns for _, done_ns in changes.get(chute, []) if done_ns <= entered_ns]
        came = any(one.exit == chute and hung and hung[-1] - JITTER_NS <= one.exit_ns <= gone_ns + LONG_NS
                   for one in plant.parcels.values())  # fmt: skip
        if hung and not came:
            return chute
    return 0
