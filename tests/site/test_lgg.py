"""The full-size hub: sound, quick to check, made by its tool, and with a chute for everything on every sorter."""

from pathlib import Path
from time import process_time

import pytest

from config import make_lgg
from sortctl import labels
from sortctl.plan import Asked, Plan, asked_of
from sortctl.plan.load import load_plan
from sortctl.site.derive import derive
from sortctl.site.load import LoadedSite, load_site
from sortctl.words.causes import Balance

LGG = Path(make_lgg.__file__).parent / "lgg"
CHECK_S = 3


@pytest.fixture(scope="module")
def site() -> LoadedSite:
    return load_site(LGG)


@pytest.fixture(scope="module")
def plan(site: LoadedSite) -> Plan:
    return load_plan(site.files, site.machines)


def test_it_is_sound_and_as_large_as_it_should_be(site: LoadedSite, plan: Plan) -> None:
    assert site.warnings == plan.warnings == ()
    line, loop1, loop2 = site.machines
    assert (len(loop1.chutes), loop1.loop.carriers) == (len(loop2.chutes), loop2.loop.carriers) == (400, 500)
    assert len(line.chutes) == 33
    assert len(site.site.scanners) + len(site.site.readers) == 12
    assert sorted(set(site.site.plcs) - {machine.plc_id for machine in site.machines}) == ["infeed"]
    told = [derive(machine, site.site.limits) for machine in (loop1, loop2)]
    assert all((each.turn.induct_groups, each.turn.tunnels) == (2, 2) for each in told if each.turn)
    assert sum(each.items_per_hour for each in told) == 60_000


def test_checking_it_is_quick() -> None:
    began = process_time()
    site = load_site(LGG)
    load_plan(site.files, site.machines)
    assert process_time() - began < CHECK_S


def test_the_tool_makes_these_files() -> None:
    for name, text in make_lgg.written().items():
        assert (LGG / name).read_text(encoding="utf-8") == text, f"run .venv/bin/python -m config.make_lgg: {name}"


def test_every_parcel_has_a_chute_on_every_sorter(site: LoadedSite, plan: Plan) -> None:
    assert len(plan.waybills) == 20_000
    wanted: set[str] = set()
    for waybill in plan.waybills:
        assert labels.judge(waybill).valid, waybill
        parcel = plan.parcel(waybill)
        match = plan.match(asked_of(parcel)) if parcel else None
        assert match is not None, waybill
        wanted.add(match.destination)
    # a few of the smallest destinations may have no parcel in this list
    assert len(wanted) > 0.95 * len(plan.destinations)
    for machine in site.machines:
        assert all(plan.chutes(machine.sorter_id, destination) for destination in plan.destinations)


def test_the_chutes_of_a_loop_are_dealt_out_once(site: LoadedSite, plan: Plan) -> None:
    for loop in ("loop1", "loop2"):
        groups = [plan.group(loop, destination) for destination in plan.destinations]
        assert sorted(number for group in groups for number in group.chutes) == [*range(1, 199), *range(201, 399)]
        assert {group.balance for group in groups} == set(Balance)
        # a destination with several chutes is behind both tunnels
        both = [{number > 200 for number in group.chutes} == {True, False} for group in groups if len(group.chutes) > 1]
        assert sum(both) > 0.9 * len(both)


@pytest.mark.parametrize(
    ("country", "postcode", "destination"),
    [("BE", "4020", "BE-Liege"), ("BE", "4460", "BE-LGG"), ("BE", "4021", "BE-40"), ("NL", "6211LM", "NL-Maastricht"),
     ("NL", "6210LM", "NL-62"), ("DE", "52070", "DE-Aachen"), ("DE", "52134", "DE-52"), ("FR", "75008", "FR-75"),
     ("LV", "LV1010", "LV")],
)  # fmt: skip
def test_a_town_near_the_hub_has_its_own_destination(plan: Plan, country: str, postcode: str, destination: str) -> None:
    match = plan.match(Asked(country=country, postcode=postcode))
    assert match is not None
    assert match.destination == destination
