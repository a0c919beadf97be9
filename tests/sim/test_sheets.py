"""The referee's own reading of the plan, against the controller's: two programs, one answer for every expected parcel."""

from pathlib import Path

from sim.sheets import Sheets
from sortctl.plan.load import load_plan
from sortctl.site.load import load_site

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo"


def test_both_read_the_plan_alike() -> None:
    files = load_site(DEMO).files
    sheets, plan = Sheets(files), load_plan(files)
    assert len(sheets.parcels) == 3_000
    for expected in sheets.parcels:
        parcel = plan.parcel(expected.waybill)
        assert parcel is not None
        match = plan.match(parcel)
        assert sheets.chutes(expected.waybill) == (plan.chutes(match.destination) if match else ()), expected


def test_the_narrower_rule_wins_and_comments_are_skipped() -> None:
    sheets = Sheets({
        "plan/rules.csv": b"# c\nrule,country,postcode_from,postcode_to,destination\n"
        b"a,FR,,,X\nb,FR,02,02,Y\nc,FR,75001,75009,Z\nd,FR,7,7,X\n",
        "plan/destinations.csv": b"destination,chutes\nX,1;2\nY,3\nZ,4\n",
        "plan/parcels.csv": b"waybill,country,postcode\nP1,FR,33000\nP2,FR,02 100\nP3,FR,75005\nP4,FR,76000\nP5,BE,1000\n",
    })  # fmt: skip
    assert [sheets.chutes(f"P{n}") for n in range(1, 7)] == [(1, 2), (3,), (4,), (1, 2), (), ()]
