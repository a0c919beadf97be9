"""What the demonstration shows: counted right, drawn into any terminal, plain without one."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from sim.show.results import faults_table, last_word, passes, referee_table
from sim.show.screen import View, picture, plain_line
from sim.show.sorter import Measures
from sim.show.tally import Tally, recovery

S = 1_000_000_000
MS = 1_000_000
LINE = Measures("line1", "belt line, Modbus TCP", 10_000, ((1, "", 4_000), (2, "", 6_000), (3, "", 10_000)))
LOOP = Measures("loop1", "loop, OPC UA", 96_000, ((1, "left", 4_000), (2, "right", 4_000), (3, "left", 90_000)))
VIEW = View("A hub", (LINE, LOOP))
FIGURES: dict[str, Any] = {
    "verdict": "holds", "inducted": 3, "sorted": 2, "rejected": 1, "lost": 0, "missorted": 0, "double_diverted": 0,
    "unaccounted": 0, "stale_orders": 0, "misreported": 0, "orphan_reads": 0, "reasons": [],
}  # fmt: skip


def said(tally: Tally, wall_ns: int, **outcome: Any) -> None:
    tally.hear_controller({"seq": tally.last_row + 1, "wall_ns": wall_ns, "outcome": {"sorter": "line1"} | outcome})


def closed(tally: Tally, wall_ns: int, planned: int, actual: int, **more: Any) -> None:
    outcome = {"type": "PassageClosed", "disposition": "sorted", "cause": "none", "waybill": f"W{wall_ns}"} | more
    said(tally, wall_ns, planned=planned, actual=actual, **outcome)


@pytest.fixture
def tally() -> Tally:
    tally = Tally(10, 0)
    tally.hear_plant({"sorters": {"line1": {"fed": 4, "lying_mm": [100, 9_000]}}})
    for passage in (1, 2, 3):
        said(tally, S, type="PassageOpened", passage=passage)
    said(tally, S, type="ReadClassed", passage=1, read_class="good", waybill="W1")
    said(tally, S, type="ReadClassed", passage=2, read_class="no_read", waybill="")
    closed(tally, 2 * S, 1, 1)
    closed(tally, 3 * S, 1, 2)
    closed(tally, 4 * S, 0, 3, disposition="rejected", cause="no_read", waybill="")
    tally.now_ns = 5 * S
    return tally


def test_parcels_are_counted(tally: Tally) -> None:
    assert (tally.inducted, tally.closed, tally.alternates) == (3, 3, 1)
    assert dict(tally.sorters["line1"].chutes) == {1: 1, 2: 1, 3: 1}
    assert tally.read_per_cent == 50.0
    assert tally.rate_per_hour == 3 * 3600 // 5


def test_the_parcel_worth_telling_went_to_an_alternate(tally: Tally) -> None:
    assert tally.told_of == f"W{3 * S}"


def test_a_fault_is_timed_from_its_beginning_to_the_controllers_word() -> None:
    tally = Tally(10, 0)
    tally.hear_plant({"fault_begins": {"name": "scanner top", "what": "scanner top unplugged", "wall_ns": 10 * S}})
    for cause in ("hung up", "no such port"):
        said(tally, 10 * S + 5 * MS, type="LinkChanged", kind="scanner", name="top", up=False, why=cause)
    tally.hear_plant({"fault_ends": {"name": "scanner top", "what": "scanner top unplugged", "wall_ns": 12 * S}})
    said(tally, 12 * S + 70 * MS, type="LinkChanged", kind="scanner", name="top", up=True, why="")
    (trouble,) = tally.troubles
    assert not trouble.active
    assert recovery(trouble) == "scanner top unplugged: noticed after 5 ms, back 70 ms after the fault was removed"
    assert [news.text for news in tally.news].count("scanner top lost: hung up") == 1
    assert not any("no such port" in news.text for news in tally.news)


def test_a_link_may_be_well_before_the_fault_is_removed() -> None:
    tally = Tally(10, 0)
    tally.hear_plant({"fault_begins": {"name": "plc main", "what": "link frozen", "wall_ns": 10 * S}})
    said(tally, 10 * S + 250 * MS, type="LinkChanged", kind="plc", name="main", up=False, why="silent")
    said(tally, 10 * S + 260 * MS, type="LinkChanged", kind="plc", name="main", up=True, why="")
    assert recovery(tally.troubles[0]) == "link frozen: noticed after 250 ms, back 260 ms after it began"


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (40, 10)])
def test_the_picture_fits_the_terminal(tally: Tally, width: int, height: int) -> None:
    tally.hear_plant({"fault_begins": {"name": "plc main", "what": "link frozen " * 20, "wall_ns": 4 * S}})
    out = StringIO()
    Console(file=out, width=width, height=height, force_terminal=True).print(picture(tally, VIEW, width, height))
    assert len(out.getvalue().splitlines()) <= max(height, 24)


def test_plain_lines_have_no_colour(tally: Tally) -> None:
    line = plain_line(tally)
    assert "3/10 parcels" in line
    assert "\x1b" not in line


def test_the_end_says_whether_it_holds(tally: Tally) -> None:
    wrong = FIGURES | {"verdict": "fails", "missorted": 1, "reasons": ["missorted: parcel 1"]}
    assert passes(FIGURES)
    assert not passes(wrong)
    assert "3 parcels is accounted for" in str(last_word(FIGURES, tally))
    assert "missorted: parcel 1" in str(last_word(wrong, tally))
    out = StringIO()
    console = Console(file=out, width=100)
    console.print(referee_table(wrong))
    console.print(faults_table(tally))
    assert "missorted" in out.getvalue()
