"""The full-size hubs: sound, quick to check, made by their tool, with a chute for every parcel on every sorter, and none in the wrong zone."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from time import process_time
from typing import NamedTuple

import pytest

from config.make import demo
from config.make.hub import BONDED, CUSTODY, DOMESTIC, HELD, Hub, written
from config.make.hubs import HUBS
from sortctl import labels
from sortctl.departures import Departures
from sortctl.departures.load import load_departures
from sortctl.parcels.records import read_csv, read_header
from sortctl.plan import Asked, Plan, asked_of
from sortctl.plan.load import load_plan
from sortctl.site.derive import derive
from sortctl.site.load import LoadedSite, load_site
from sortctl.words.causes import Balance
from sortctl.words.parcels import CustomsState, Declaration, ParcelRecord, Zone

CONFIG = Path(__file__).parents[2] / "config"
CHECK_S = {"lgg": 3, "hkg": 3, "kul": 8}
RULES = {"lgg": (3_000, 9_999), "hkg": (1_900, 2_200), "kul": (50_000, 50_000)}


class Whole(NamedTuple):
    hub: Hub
    site: LoadedSite
    plan: Plan
    departures: Departures
    parcels: list[ParcelRecord]


@pytest.fixture(scope="module", params=HUBS)
def whole(request: pytest.FixtureRequest) -> Whole:
    name = request.param
    site = load_site(CONFIG / name)
    departures = load_departures(site.files)
    return Whole(HUBS[name], site, load_plan(site.files, site.machines), departures, list(records(CONFIG / name)))


def records(folder: Path) -> Iterator[ParcelRecord]:
    """As `sortctl parcels import` reads them: nothing is mended, nothing is refused."""
    lines = (folder / "parcels.csv").read_text(encoding="utf-8").splitlines()
    header, *lines = [line for line in lines if not line.startswith("#")]
    layout = read_header(header, skip_unknown=False)
    for line in lines:
        record, mended = read_csv(layout, line)
        assert not mended, line
        yield record


def test_it_is_sound_and_as_large_as_it_should_be(whole: Whole) -> None:
    assert whole.site.warnings == whole.plan.warnings == whole.departures.warnings == ()
    low, high = RULES[whole.hub.name]
    assert low <= len(whole.hub.rules) <= high
    shapes = {(machine.sorter.kind, len(machine.chutes)) for machine in whole.site.machines}
    expected = {"lgg": {("loop", 400), ("line", 33)}, "hkg": {("loop", 304)}, "kul": {("loop", 400), ("line", 26)}}
    assert shapes == expected[whole.hub.name]
    assert len(whole.site.machines) == len(whole.hub.loop.names) + len(whole.hub.line.names if whole.hub.line else ())
    assert sum(path.stat().st_size for path in (CONFIG / whole.hub.name).rglob("*") if path.is_file()) < 6_000_000


def test_lgg_has_two_loops_a_line_and_an_infeed_that_is_only_observed() -> None:
    site = load_site(CONFIG / "lgg")
    line, loop1, loop2 = site.machines
    assert (len(loop1.chutes), loop1.loop.carriers) == (len(loop2.chutes), loop2.loop.carriers) == (400, 500)
    assert len(line.chutes) == 33
    assert len(site.site.scanners) + len(site.site.readers) == 12
    assert sorted(set(site.site.plcs) - {machine.plc_id for machine in site.machines}) == ["infeed"]
    told = [derive(machine, site.site.limits) for machine in (loop1, loop2)]
    assert all((each.turn.induct_groups, each.turn.tunnels) == (2, 2) for each in told if each.turn)
    assert sum(each.items_per_hour for each in told) == 60_000


@pytest.mark.slow
@pytest.mark.parametrize("name", HUBS)
def test_checking_it_is_quick(name: str) -> None:
    began = process_time()
    site = load_site(CONFIG / name)
    plan = load_plan(site.files, site.machines)
    load_departures(site.files, plan.destinations)
    assert process_time() - began < CHECK_S[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", HUBS)
def test_the_tool_makes_these_files(name: str) -> None:
    for file, text in written(HUBS[name]).items():
        there = (CONFIG / name / file).read_text(encoding="utf-8")
        assert there == text, f"run .venv/bin/python -m config.make: {name}/{file}"


def test_every_parcel_has_a_rule_and_every_destination_a_chute_on_every_sorter(whole: Whole) -> None:
    assert len({parcel.waybill for parcel in whole.parcels}) == len(whole.parcels) == 20_000
    wanted: Counter[str] = Counter()
    for parcel in whole.parcels:
        assert labels.judge(parcel.waybill).valid, parcel.waybill
        match = whole.plan.match(asked_of(parcel))
        assert match is not None, parcel
        wanted[match.destination] += 1
    # some of the smallest destinations have no parcel in this list
    assert len(wanted) > 0.85 * len(whole.plan.destinations)
    for machine in whole.site.machines:
        for destination in (*whole.plan.destinations, *whole.plan.functions):
            assert whole.plan.chutes(machine.sorter_id, destination), (machine.sorter_id, destination)


def test_most_are_free_to_go_and_the_others_are_of_every_kind(whole: Whole) -> None:
    states = Counter(parcel.customs for parcel in whole.parcels)
    free = {CustomsState.RELEASED, CustomsState.ASSESSED}
    domestic = sum(parcel.declaration is Declaration.DOMESTIC for parcel in whole.parcels)
    assert sum(states[state] for state in free) + domestic > 0.9 * len(whole.parcels)
    assert set(states) >= {
        CustomsState.LODGED,
        CustomsState.UNDER_CONTROL,
        CustomsState.DO_NOT_LOAD,
        CustomsState.UNKNOWN,
    }
    assert {parcel.tenant for parcel in whole.parcels} == set(whole.hub.drawing.tenants)
    # the moment of a word of customs is that of the import, so the list never grows stale
    assert {parcel.customs_at_s for parcel in whole.parcels} == {0}


def test_no_destination_is_in_the_wrong_zone(whole: Whole) -> None:
    for machine in whole.site.machines:
        for name, place in whole.hub.places.items():
            zones = {machine.chute(number).zone for number in whole.plan.group(machine.sorter_id, name).every}
            assert zones == {place.zone}, (machine.sorter_id, name)
        for name, *_ in HELD:
            group = whole.plan.group(machine.sorter_id, name)
            assert {machine.chute(number).zone for number in group.every} == {CUSTODY}
        for number in machine.sorter.rejects.values():
            assert machine.chute(number).zone == CUSTODY
    # what only passes through is never planned into free circulation
    for parcel in whole.parcels:
        if parcel.declaration is Declaration.TRANSIT:
            match = whole.plan.match(asked_of(parcel))
            assert match is not None
            place = whole.hub.places[match.destination]
            assert place.zone == BONDED or whole.hub.name == "lgg", parcel


def test_the_chutes_of_a_loop_are_dealt_out_once(whole: Whole) -> None:
    for loop in whole.hub.loop.names:
        machine = next(machine for machine in whole.site.machines if machine.sorter_id == loop)
        pairs = whole.hub.loop.pairs
        groups = [whole.plan.group(loop, name) for name in (*whole.plan.destinations, *whole.plan.functions)]
        rest = {2 * pairs - 1, 2 * pairs, 4 * pairs - 1, 4 * pairs}
        assert sorted(number for group in groups for number in group.chutes) == sorted(
            set(range(1, 4 * pairs + 1)) - rest
        )
        assert {group.balance for group in groups} >= {
            Balance.FIXED,
            Balance.ROUND_ROBIN,
            Balance.LEAST_LOADED,
            Balance.FILL_THEN_NEXT,
        }
        # a destination with several chutes is behind both tunnels
        both = [
            {number > 2 * pairs for number in group.chutes} == {True, False}
            for group in groups
            if len(group.chutes) > 1
        ]
        assert sum(both) > 0.9 * len(both)
        # and chutes of one tenant are those of its own destinations
        for name, place in whole.hub.places.items():
            assert {machine.chute(number).tenants for number in whole.plan.chutes(loop, name)} == {place.tenant}
        assert {machine.chute(number).zone for number in rest} == {Zone.CUSTODY}


def test_everything_leaves_within_three_days(whole: Whole) -> None:
    assert set(whole.departures.destinations) == set(whole.plan.destinations)
    assert 100 <= len(whole.departures.names) <= 300
    for wall_s in range(1_800_000_000, 1_800_000_000 + 8 * 86_400, 7 * 3_600):
        for destination in whole.plan.destinations:
            found = whole.departures.in_time_of(destination, wall_s)
            assert found is not None
            assert found.cut_off_s - wall_s <= 3 * 86_400, (destination, found)
    for name in whole.hub.places:
        if whole.hub.places[name].zone == DOMESTIC:
            assert whole.departures.state_of(name, 1_800_000_000) is not None


@pytest.mark.parametrize(
    ("hub", "asked", "destination"),
    [
        ("lgg", Asked(country="BE", postcode="4020"), "BE-Liege"),
        ("lgg", Asked(country="BE", postcode="4460"), "BE-LGG"),
        ("lgg", Asked(country="BE", postcode="4021"), "BE-40"),
        ("lgg", Asked(country="BE", postcode="4021", service="express"), "BE-X4"),
        ("lgg", Asked(country="NL", postcode="6211LM"), "NL-Maastricht"),
        ("lgg", Asked(country="NL", postcode="6210LM"), "NL-62"),
        ("lgg", Asked(country="DE", postcode="52070"), "DE-Aachen"),
        ("lgg", Asked(country="DE", postcode="52134"), "DE-52"),
        ("lgg", Asked(country="FR", postcode="75008"), "FR-75"),
        ("lgg", Asked(country="LV", postcode="LV1010"), "LV"),
        ("lgg", Asked(country="CZ", postcode="11000", declaration=Declaration.TRANSIT), "T1-CZ"),
        ("lgg", Asked(country="CZ", postcode="11000", tenant="orbitrix"), "CZ-orbitrix"),
        ("lgg", Asked(country="PT", postcode="1000", weight_g=15_001), "PT-heavy"),
        ("hkg", Asked(country="US", postcode="94103"), "SFO"),
        ("hkg", Asked(country="US", postcode="94103", tenant="velmarto"), "LAX-velmarto"),
        ("hkg", Asked(country="GB", postcode="B11AA"), "LHR"),
        ("hkg", Asked(country="GB", postcode="BL11AA"), "MAN"),
        ("hkg", Asked(country="SG", postcode="018956", service="express"), "SIN-X"),
        ("hkg", Asked(country="SG", postcode="018956", longest_mm=700), "SIN-HEAVY"),
        ("kul", Asked(country="MY", postcode="50088"), "MY-50"),
        ("kul", Asked(country="MY", postcode="50088", service="cod"), "MY-5-COD"),
        ("kul", Asked(country="MY", postcode="88000"), "BKI"),
        ("kul", Asked(country="ID", postcode="80361"), "DPS"),
        ("kul", Asked(country="TH", postcode="", label="s10"), "BKK-POST"),
    ],
)
def test_the_finer_rule_wins(hub: str, asked: Asked, destination: str) -> None:
    match = plan_of(hub).match(asked)
    assert match is not None
    assert match.destination == destination


@cache
def plan_of(hub: str) -> Plan:
    return load_plan(load_site(CONFIG / hub).files)


def test_the_list_of_the_demonstration_hub_makes_itself_again() -> None:
    listed = demo.LIST.read_text(encoding="utf-8")
    assert demo.table(listed) == listed
    states = Counter(record.customs for record in records(demo.LIST.parent))
    assert states[CustomsState.RELEASED] > 2_600
