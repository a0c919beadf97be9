"""What the checks across keys find, one spoiled line of the demonstration hub each."""

import pytest

from sortctl.site.load import SiteInvalid, load_files
from sortctl.site.problem import Problem
from tests.site.spoil import Demo, found

LINE = "[scanners.top.line]                 # all five are required: defaults differ from maker to maker\n"
TOP = "[scanners.top.telegram]\n"
SIDE_FRAMING = 'terminator = "ANY"                  # CR, LF or CR LF'
SECOND = """
[plcs.second]
wire = "modbus"
address = "127.0.0.1:5020"
unit = 1
scan_ms = 10
orders_at = 1000
inputs_at = 1200
chutes_at = 1400
"""


def keys(problems: list[Problem]) -> set[str]:
    return {problem.key for problem in problems}


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        # PLC
        ('address = "127.0.0.1:5020"', 'address = "127.0.0.1:70000"', "plcs.main.address", "no usable port"),
        ("inputs_at = 200", "inputs_at = 115", "plcs.main.inputs_at", "registers 115 to 238 overlap with orders_at"),
        ("chutes_at = 400", "chutes_at = 65513", "plcs.main.chutes_at", "would end at register 65,536"),
        ("scan_ms = 10 ", "scan_ms = 84 ", "plcs.main.request_timeout_ms", "less than three scans"),
        ("request_timeout_ms = 250            #", "request_timeout_ms = 1001 #", "plcs.main.request_timeout_ms", "longer than the lease"),
        ("cycle_ms = 10                       #", "cycle_ms = 500 #", "plcs.main.cycle_ms", "leaves 690 ms for orders"),
        # references
        ('plc = "main"', 'plc = "mane"', "sorters.line1.plc", "did you mean main?"),
        ("end_chute = 24", "end_chute = 25", "sorters.line1.end_chute", "there is no chute 25"),
        ("no_rule = 23", "no_rule = 25", "sorters.line1.rejects.no_rule", "there is no chute 25"),
        ("no_rule = 23", "no_rules = 23", "sorters.line1.rejects.no_rules", "did you mean no_rule?"),
        ("no_rule = 23", "none = 23", "sorters.line1.rejects.none", "no such cause"),
        # belt
        ("position_mm = 1500", "position_mm = 699", "sorters.line1.scan_points[1].position_mm", "must be at least 700"),
        ("position_mm = 0 }", "position_mm = 100 }", "sorters.line1.inducts", "not at 0"),
        ("{ number = 3, position_mm = 18", "{ number = 1, position_mm = 18", "sorters.line1.eyes[3].number", "1 is there twice"),
        ("position_mm = 18300", "position_mm = 11100", "sorters.line1.eyes[3].position_mm", "11100 is there twice"),
        ("position_mm = 25500", "position_mm = 33500", "sorters.line1.eyes[4].position_mm", "behind the end of the belt"),
        ("position_mm = 3000", "position_mm = 0", "sorters.line1.eyes[1].position_mm", "not behind the last induct"),
        ("position_mm = 3000", "position_mm = 4000", "sorters.line1.eyes[1].position_mm", "one at 3680 or before"),
        ("window_mm = 60 ", "window_mm = 175 ", "sorters.line1.window_mm", "must be less than"),
        ("late_mm = 250", "late_mm = 60", "sorters.line1.late_mm", "late begins"),
        ("length_max_mm = 600", "length_max_mm = 150", "sorters.line1.length_max_mm", "is not more than"),
        ("bounce_mm = 20 ", "bounce_mm = 150 ", "sorters.line1.bounce_mm", "swallows"),
        ("length_tolerance_mm = 60", "length_tolerance_mm = 450", "sorters.line1.length_tolerance_mm", "swapped"),
        ("passages_max = 2000", "passages_max = 119", "limits.passages_max", "must be at least 120"),
        ("event_slots = 10", "event_slots = 4", "plcs.main.event_slots", "200 events a second, full rate makes 69"),
        # scanners
        ("rl = \"tcp://127.0.0.1:4001\"", "rl = \"tcp://127.0.0.1\"", "scanners.side.url", "write tcp://host:port"),
        ("rl = \"tcp://127.0.0.1:4001\"", "rl = \"/dev/ttyS0\"", "scanners.side", "add [scanners.side.line]"),
        ('"/dev/serial/by-id/usb-demo_top"', '"tcp://10.0.0.1:9"', "scanners.top.line", "no serial line to be set"),
        ('"/dev/serial/by-id/usb-demo_top"', '"tcp://127.0.0.1:4001"', "scanners.side.url", "has this address already"),
        ('end = "03" ', 'end = "02" ', "scanners.top.framing.end", "same byte as start"),
        ('end = "03" ', "# ", "scanners.top.framing.start", "nothing that ends"),
        (SIDE_FRAMING, "", "scanners.side.framing", "can never end"),
        ('heartbeat = "ALIVE"', 'heartbeat = "NOREAD"', "scanners.top.telegram.heartbeat", "cannot be told from"),
        ('heartbeat = "ALIVE"', 'heartbeat = "NO*"', "scanners.top.telegram.heartbeat", "cannot be told from"),
        ("silent_ms = 30000", "silent_ms = 0", "scanners.top.silent_ms", "nobody would miss them"),
        ('"sequence", "codes"', '"codes", "sequence"', "scanners.side.telegram.code_separator", "not the last field"),
        ('"sequence", "codes"', '"sequence"', "scanners.side.telegram.fields", "exactly once"),
        ('field_separator = ";"', "", "scanners.side.telegram.field_separator", "is missing"),
        ('field_separator = ";"', 'field_separator = "\\r"', "scanners.side.telegram.field_separator", "ends the telegram"),
    ],
)  # fmt: skip
def test_the_site_file(demo: Demo, old: str, new: str, key: str, says: str) -> None:
    problems = [problem for problem in found(demo, old, new) if problem.key == key]
    assert len(problems) == 1, problems
    assert says in f"{problems[0].what}; {problems[0].mend}"


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("24,End,33500,no", "24,End,33500,yes", "actuator", "chute 24: is the end chute and has an actuator"),
        ("24,End,33500,no", "24,End,30900,no", "position_mm", "must be more than 30900"),
        ("7,A07,11700,yes", "7,A07,11700,no", "actuator", "chute 7: has no actuator"),
        ("7,A07,11700,yes", "7,A06,11700,yes", "name", "chute 6 is called"),
        ("7,A07,11700,yes", "7,A07,10900,yes", "position_mm", "moves 1080 mm while it is pushed"),
        ("1,A01,4500,yes", "1,A01,2000,yes", "position_mm", "chute 1: is 410 mm too near"),
    ],
)
def test_the_chutes(demo: Demo, old: str, new: str, key: str, says: str) -> None:
    problems = [
        problem for problem in found(demo, f"\n{old}", f"\n{new}", "chutes.csv") if problem.file == "chutes.csv"
    ]
    line = demo["chutes.csv"].decode().split(f"\n{old}")[0].count("\n") + 2
    assert [problem.key for problem in problems if problem.line == line] == [key]
    assert says in next(f"{problem.what}; {problem.mend}" for problem in problems if problem.line == line)


def test_the_same_place_is_where_the_deadline_runs_out(demo: Demo) -> None:
    """The least position that the mend names is accepted."""
    assert "position_mm" not in keys(found(demo, "\n1,A01,4500,yes", "\n1,A01,2410,yes", "chutes.csv"))
    assert "position_mm" in keys(found(demo, "\n1,A01,4500,yes", "\n1,A01,2409,yes", "chutes.csv"))


def test_a_plc_nobody_uses_is_asked_about(demo: Demo) -> None:
    (problem,) = found(demo, "\n[plcs.main]", f"{SECOND}\n[plcs.main]")
    assert (problem.key, problem.severity) == ("plcs.second", "warning")


def test_two_images_share_a_plc_but_no_register(demo: Demo) -> None:
    problems = found(demo, "\n[plcs.main]", f"{SECOND.replace('1200', '310')}\n[plcs.main]")
    assert any("overlap" in problem.what for problem in problems)
    other_unit = SECOND.replace("1200", "310").replace("unit = 1", "unit = 2")
    assert keys(found(demo, "\n[plcs.main]", f"{other_unit}\n[plcs.main]")) == {"plcs.second"}


def test_input_and_holding_registers_do_not_overlap(demo: Demo) -> None:
    assert not found(demo, "inputs_at = 200", 'inputs_at = 0\nread = "input"')


def test_two_sorters_cannot_share_an_image(demo: Demo) -> None:
    text = demo["site.toml"].decode()
    start, end = text.index("[sorters.line1]"), text.index("# A loop, seen")
    second = text[start:end].replace("line1", "line2")
    problems = found(demo, text[start:end], text[start:end] + second)
    assert {(problem.key, problem.severity) for problem in problems} == {
        ("sorters.line2.plc", "error"),
        ("sorters.line2", "warning"),
    }


def test_a_broken_part_hides_no_other_mistake(demo: Demo) -> None:
    """The PLC cannot be read at all, the sorter and the scanner are looked at all the same."""
    text = demo["site.toml"].decode().replace("unit = 1\n", "unit = 999\n").replace("late_mm = 250", "late_mm = 60")
    text = text.replace('url = "tcp://127.0.0.1:4001"', 'url = "tcp://nowhere"')
    with pytest.raises(SiteInvalid) as caught:
        load_files({**demo, "site.toml": text.encode()})
    assert keys(list(caught.value.problems)) == {"plcs.main.unit", "sorters.line1.late_mm", "scanners.side.url"}


def test_warnings_do_not_stop_a_site(demo: Demo) -> None:
    (problem,) = found(demo, "event_slots = 10", "event_slots = 4")
    assert problem.severity == "warning"
    assert "warning: " in str(problem)


ZONED = "number,name,position_mm,actuator,lead_ms,travel_ms,slide_ms,capacity,zone"


@pytest.mark.parametrize(
    ("chute", "zone", "wrong"),
    [
        (24, "domestic", {"sorters.line1.end_chute"}),
        (24, "custody", set()),
        (
            23,
            "bonded",
            {f"sorters.line1.rejects.{cause}" for cause in ("no_read", "multi_read", "conflict", "invalid_code")},
        ),
        (1, "domestic", set()),
    ],
)
def test_what_goes_nowhere_else_stays_under_the_eye_of_customs(
    demo: Demo, chute: int, zone: str, wrong: set[str]
) -> None:
    rows = demo["chutes.csv"].decode().splitlines()
    plain = [row.rpartition(",")[0] for row in rows if row[0].isdigit()]
    zoned = [f"{row},{zone if row.startswith(f'{chute},') else 'custody'}" for row in plain]
    files = {**demo, "chutes.csv": "\n".join([ZONED, *zoned]).encode()}
    try:
        problems = list(load_files(files).warnings)
    except SiteInvalid as invalid:
        problems = list(invalid.problems)
    assert wrong <= keys(problems)
    assert all("parcels that are not released come there" in one.what for one in problems if one.key in wrong)
    assert bool(wrong) == any(one.severity == "error" for one in problems)


def test_where_customs_looks_at_some_chutes_every_chute_has_a_zone(demo: Demo) -> None:
    rows = demo["chutes.csv"].decode().replace(",40,domestic", ",40,", 1)
    with pytest.raises(SiteInvalid, match="chute 1: has no customs zone, though others here have"):
        load_files({**demo, "chutes.csv": rows.encode()})
