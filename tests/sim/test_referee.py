"""The referee is judged: each kind of untruth, put into a run that holds, is found and named."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from sim.claims import Claims, read_claims
from sim.plant import Plant
from sim.play import Asked, Stage
from sim.referee import Referee, Verdict
from sim.rigs.virtual import VirtualRig
from sim.scenario import Script
from sim.sheets import Sheets
from sim.stories import stories
from sim.world.parcel import Parcel, Place
from sortctl.site.load import load_site
from sortctl.words.causes import FAMILY, Cause, Disposition
from sortctl.words.outcomes import PassageClosed

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo"
RULES = ("missorted", "double_diverted", "unaccounted", "stale_orders", "misreported")


def event_of(run: "Run", parcel: Parcel) -> tuple[str, int, int]:
    """The INDUCTED event that the PLC wrote for it."""
    assert parcel.inducted is not None
    return run.plant.machine.sorter_id, *parcel.inducted


class Run(NamedTuple):
    plant: Plant
    claims: Claims
    script: Script
    sheets: Sheets

    def judged(self, without: dict[int, int] | None = None) -> Verdict:
        return Referee(*self).judge(without)

    def victim(self) -> Parcel:
        """A parcel that lies in the chute of its plan, by a pusher."""
        return next(parcel for parcel in self.plant.parcels.values() if parcel.pushed)

    def ending(self, parcel: Parcel) -> tuple[int, PassageClosed]:
        passage = self.claims.by_event[event_of(self, parcel)][0]
        return passage, self.claims.closed[passage][0]


def played(sorter: str, story: str, parcels: int) -> Run:
    """One machine of the demonstration hub alone."""
    loaded = load_site(DEMO)
    loaded = loaded._replace(machines=tuple(m for m in loaded.machines if m.sorter_id == sorter))
    scripts = Stage(loaded, stories()[story], Asked(3, parcels)).scripts([sorter])
    rig = VirtualRig(loaded, scripts, 3)
    rig.run()
    return Run(rig.plants[sorter], read_claims(rig.disk.rows), scripts[sorter], Sheets(loaded.files))


def copied(honest: Run) -> Run:
    """To be spoiled. The world is large, and only its parcels and strokes are looked at."""
    said, plant = honest.claims, honest.plant
    claims = Claims(
        dict(said.opened), dict(said.by_event), dict(said.by_item), dict(said.closed), digest=said.digest.copy()
    )
    stage = Plant(plant.machine, 3)
    stage.parcels.update(deepcopy(plant.parcels))
    stage.strokes.extend(deepcopy(plant.strokes))
    stage.items.update(plant.items)
    return Run(stage, claims, honest.script, honest.sheets)


@pytest.fixture(scope="module")
def _honest() -> Run:
    return played("line1", "steady", 30)


@pytest.fixture
def run(_honest: Run) -> Run:
    return copied(_honest)


def test_an_honest_run_holds(run: Run) -> None:
    verdict = run.judged()
    assert verdict.holds, verdict.figures["reasons"]
    assert verdict.figures["inducted"] == 30
    assert all(verdict.figures[rule] == 0 for rule in RULES)


def wrong_chute(run: Run) -> set[str]:
    victim = run.victim()
    allowed = {23, 24, *run.sheets.of(run.plant.machine).chutes(victim.waybill)}
    victim.exit = next(number for number in range(1, 24) if number not in allowed)
    return {"missorted", "misreported", "unaccounted"}


def alternate_not_told(run: Run) -> set[str]:
    run.victim().exit = 24
    return {"misreported", "unaccounted"}


def no_ending(run: Run) -> set[str]:
    del run.claims.closed[run.ending(run.victim())[0]]
    return {"unaccounted"}


def two_endings(run: Run) -> set[str]:
    passage, ending = run.ending(run.victim())
    run.claims.closed[passage] = [ending, ending]
    return {"unaccounted"}


def two_passages(run: Run) -> set[str]:
    victim = run.victim()
    run.claims.by_event[event_of(run, victim)] = [run.ending(victim)[0], 999]
    return {"unaccounted"}


def never_heard_of(run: Run) -> set[str]:
    victim = run.victim()
    del run.claims.by_event[event_of(run, victim)]
    return {"unaccounted"}


def called_lost(run: Run) -> set[str]:
    passage, ending = run.ending(run.victim())
    cause = Cause.NOT_SEEN
    lost = msgspec.structs.replace(ending, disposition=Disposition.LOST, cause=cause, family=FAMILY[cause])
    run.claims.closed[passage] = [lost]
    return {"unaccounted"}


def called_sorted_in_the_reject_chute(run: Run) -> set[str]:
    victim = run.victim()
    passage, ending = run.ending(victim)
    victim.exit = 23
    run.claims.closed[passage] = [msgspec.structs.replace(ending, actual=23)]
    return {"misreported"}


def another_label(run: Run) -> set[str]:
    passage, ending = run.ending(run.victim())
    run.claims.closed[passage] = [msgspec.structs.replace(ending, waybill="SOMEBODY")]
    return {"misreported"}


def told(run: Run, **otherwise: Any) -> None:
    """The victim's ending with something else in it."""
    passage, ending = run.ending(run.victim())
    run.claims.closed[passage] = [msgspec.structs.replace(ending, **otherwise)]


def another_chute_was_planned(run: Run) -> set[str]:
    told(run, planned=run.ending(run.victim())[1].planned + 1)
    return {"misreported"}


def sorted_with_a_cause(run: Run) -> set[str]:
    told(run, cause=Cause.CHUTES_UNAVAILABLE, family=FAMILY[Cause.CHUTES_UNAVAILABLE])
    return {"misreported"}


def of_another_family(run: Run) -> set[str]:
    told(run, family=FAMILY[Cause.NO_READ])
    return {"misreported"}


def sorted_without_a_read(run: Run) -> set[str]:
    run.victim().read = 0
    return {"misreported"}


def rejected(run: Run, cause: Cause, waybill: str, planned: int) -> set[str]:
    run.victim().exit = 23
    otherwise = {"actual": 23, "cause": cause, "family": FAMILY[cause], "waybill": waybill, "planned": planned}
    told(run, disposition=Disposition.REJECTED, **otherwise)
    return {"misreported"}


def no_read_of_a_label_that_was_read(run: Run) -> set[str]:
    return rejected(run, Cause.NO_READ, "", 0)


def a_known_parcel_called_unknown(run: Run) -> set[str]:
    ending = run.ending(run.victim())[1]
    return rejected(run, Cause.UNKNOWN_PARCEL, ending.waybill, ending.planned)


def a_changed_identity_that_nobody_changed(run: Run) -> set[str]:
    ending = run.ending(run.victim())[1]
    return rejected(run, Cause.IDENTITY_CHANGED, ending.waybill, ending.planned)


def called_removed_but_in_a_chute(run: Run) -> set[str]:
    told(run, disposition=Disposition.REMOVED, cause=Cause.REMOVED_BY_HAND, family=FAMILY[Cause.REMOVED_BY_HAND])
    return {"misreported"}


def said_to_be_in_a_chute_but_in_a_hand(run: Run) -> set[str]:
    victim = run.victim()
    victim.place, victim.exit = Place.HAND, 0
    return {"misreported", "unaccounted"}


def order_carried_out_twice(run: Run) -> set[str]:
    stroke = run.plant.strokes[0]
    run.plant.strokes.append(deepcopy(stroke))
    return {"double_diverted"}


def pushed_at_by_two_orders(run: Run) -> set[str]:
    stroke = deepcopy(run.plant.strokes[0])
    stroke.carried, stroke.hit = stroke.carried._replace(order_seq=9_999), ()
    run.plant.strokes.append(stroke)
    return {"double_diverted"}


def order_hit_another(run: Run) -> set[str]:
    run.plant.strokes[0].hit = (run.plant.strokes[1].hit[0],)
    return {"stale_orders"}


def neighbour_went_along(run: Run) -> set[str]:
    first, second = run.plant.strokes[:2]
    first.hit = (*first.hit, *second.hit)
    return {"stale_orders"}


def order_of_an_old_epoch(run: Run) -> set[str]:
    stroke = run.plant.strokes[0]
    stroke.carried = stroke.carried._replace(epoch_when_taken=stroke.carried.epoch + 1)
    return {"stale_orders"}


def never_fed(run: Run) -> set[str]:
    victim = run.victim()
    victim.place, victim.exit, victim.inducted = Place.WAITING, 0, None
    run.plant.strokes[:] = [stroke for stroke in run.plant.strokes if victim.number not in stroke.hit]
    return {"unaccounted"}


def still_on_the_belt(run: Run) -> set[str]:
    run.victim().place = Place.BELT
    return {"unaccounted"}


@pytest.mark.parametrize(
    "sabotage",
    [
        wrong_chute, alternate_not_told, no_ending, two_endings, two_passages, never_heard_of, called_lost,
        called_sorted_in_the_reject_chute, another_label, said_to_be_in_a_chute_but_in_a_hand, order_carried_out_twice,
        pushed_at_by_two_orders, order_hit_another, neighbour_went_along, order_of_an_old_epoch, still_on_the_belt,
        another_chute_was_planned, sorted_with_a_cause, of_another_family, sorted_without_a_read,
        no_read_of_a_label_that_was_read, a_known_parcel_called_unknown, a_changed_identity_that_nobody_changed,
        called_removed_but_in_a_chute, never_fed,
    ],
)  # fmt: skip
def test_an_untruth_is_found_and_named(run: Run, sabotage: Callable[[Run], set[str]]) -> None:
    expected = sabotage(run)
    verdict = run.judged()
    assert not verdict.holds
    assert {rule for rule in RULES if verdict.figures[rule]} == expected
    assert verdict.figures["reasons"]


def test_an_exit_unlike_without_the_faults_is_found(run: Run) -> None:
    exits = {number: parcel.exit for number, parcel in run.plant.parcels.items()}
    assert run.judged(exits).holds
    verdict = run.judged({**exits, 5: 77})
    assert not verdict.holds
    assert "parcel 5" in verdict.figures["reasons"][0]
    assert Run(run.plant, run.claims, run.script._replace(concerned=frozenset({5})), run.sheets).judged({5: 77}).holds


def test_a_stuck_pusher_pushed_at_nobody(run: Run) -> None:
    stroke = deepcopy(run.plant.strokes[0])
    stroke.carried, stroke.hit, stroke.stuck = stroke.carried._replace(order_seq=9_999), (), True
    run.plant.strokes.append(stroke)
    assert run.judged().holds


def test_an_event_that_a_restart_wiped_out_is_nobodys_fault(run: Run) -> None:
    victim = run.victim()
    assert victim.inducted is not None
    boot, seq = victim.inducted
    del run.claims.by_event[event_of(run, victim)]
    run.plant.lost_events.append((boot, seq, seq))
    assert run.judged().holds
