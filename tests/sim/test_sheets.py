"""The referee's own reading of the plan, against the controller's: two programs, one answer for every expected parcel."""

from pathlib import Path

from sim.sheets import Sheets
from sortctl.plan import asked_of
from sortctl.plan.load import load_plan
from sortctl.site.load import load_site
from sortctl.words.causes import Balance
from sortctl.words.parcels import ParcelRecord
from tests.sim.plc.bench import machine

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo"
RULES = (
    b"# c\nrule,country,postcode_from,postcode_to,destination\na,FR,,,X\nb,FR,02,02,Y\nc,FR,75001,75009,Z\nd,FR,7,7,X\n"
)
PARCELS = b"waybill,country,postcode\nP1,FR,33000\nP2,FR,02 100\nP3,FR,75005\nP4,FR,76000\nP5,BE,1000\n"


def sheets(destinations: bytes) -> Sheets:
    return Sheets(
        {"plan/rules.csv": RULES, "parcels.csv": PARCELS, "plan/destinations.csv": b"destination," + destinations}
    )


def test_both_read_the_plan_alike() -> None:
    loaded = load_site(DEMO)
    plan = load_plan(loaded.files, loaded.machines)
    for one in loaded.machines:
        sheet = Sheets(loaded.files).of(one)
        assert len(Sheets(loaded.files).parcels) == 3_000
        for expected in Sheets(loaded.files).parcels:
            parcel = ParcelRecord(expected.waybill, country=expected.country, postcode=expected.postcode)
            match = plan.match(asked_of(parcel))
            told, group = sheet.group(expected.waybill), plan.group(one.sorter_id, match.destination if match else "")
            assert (told.chutes, told.balance) == (group.chutes, group.balance), expected


def test_the_narrower_rule_wins_and_comments_are_skipped() -> None:
    sheet = sheets(b"chutes\nX,1;2\nY,3\nZ,5\n").of(machine())
    assert [sheet.chutes(f"P{n}") for n in range(1, 7)] == [(1, 2), (3,), (5,), (1, 2), (), ()]


def test_a_sorter_has_its_own_rows_and_those_without_a_name_if_it_has_the_chutes() -> None:
    name = machine().sorter_id
    told = sheets(f"chutes,sorter,balance\nX,5;3,{name},round_robin\nX,9,other,\nY,2;99,,\nZ,2;1,,\n".encode())
    sheet = told.of(machine())
    assert [sheet.chutes(f"P{n}") for n in range(1, 6)] == [(5, 3), (), (2, 1), (5, 3), ()]
    assert sheet.group("P1").balance is Balance.ROUND_ROBIN
    assert sheet.group("P2").balance is sheet.group("P3").balance is Balance.FIXED


def test_each_parcel_is_dealt_to_one_machine_and_not_where_it_has_no_chute() -> None:
    sheet = sheets(b"chutes\nX,1\nY,99\nZ,2\n").of(machine())
    assert [parcel.waybill for parcel in sheet.supply(0, 1)] == ["P1", "P3", "P4", "P5"]
    assert [parcel.waybill for parcel in sheet.supply(0, 2)] == ["P1", "P3", "P5"]
    assert [parcel.waybill for parcel in sheet.supply(1, 2)] == ["P4"]


def test_further_columns_are_read_as_the_plan_reads_them() -> None:
    rules = (
        b"rule,tenant,service,country,postcode_from,postcode_to,declaration,weight_min_g,weight_max_g,size,destination\n"
        b"all,,,GB,,,,,,,GB\nb,,,GB,B,,,,,,B\nbs,,,GB,BS,,,,,,BS\nown,acme,,GB,,,,,,,OWN\nfast,,express,GB,B,,,,,,FAST\n"
        b"any,,,,,,,,,,REST\nt1,,,,,,transit,,,,T1\nheavy,,,IE,,,,10001,,,HEAVY\nlong,,,IE,,,,,,L,LONG\n"
    )
    parcels = (
        b"waybill,tenant,service,country,postcode,weight_g,length_mm,declaration,customs\n"
        b"1,,,GB,BS1 4DJ,0,0,,\n2,,,GB,B1 1AA,0,0,,released\n3,acme,express,GB,B1 1AA,0,0,,\n4,,express,GB,B1 1AA,0,0,,\n"
        b"5,,,FR,75001,0,0,,lodged\n6,,,FR,75001,0,0,transit,assessed\n7,,,IE,,12000,900,domestic,\n8,,,IE,,900,900,h7,\n"
    )
    destinations = b"destination,chutes\n" + b"".join(
        b"%s,1\n" % name for name in (b"GB", b"B", b"BS", b"OWN", b"REST")
    )
    files = {"plan/rules.csv": rules, "parcels.csv": parcels, "plan/destinations.csv": destinations}
    sheets = Sheets({**files, "plan/plan.toml": b"sizes = {S = 350, L = 1200}"})
    found = [sheets.destination(str(number)) for number in range(1, 9)]
    assert found == ["BS", "B", "OWN", "FAST", "REST", "T1", "HEAVY", "LONG"]
    assert [parcel.is_let_go for parcel in sheets.parcels] == [True, True, True, True, False, False, True, False]
