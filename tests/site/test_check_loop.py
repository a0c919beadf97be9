"""What the checks find round the loop of the demonstration hub, one spoiled line each."""

import pytest

from sortctl.site.problem import Problem
from tests.site.spoil import Demo, found, said

LOOP = "sorters.loop1"
OVERFLOW = "overflow = [60]"
LAST_CHECK = "  { number = 4, position_mm = 93600 },"
DELAY = """window_mm = 350                     # at most half a pitch
delay_ms = 60"""


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        # positions and numbers
        ("position_mm = 3200 }", "position_mm = 96000 }", f"{LOOP}.inducts[2].position_mm", "96000 is not on the loop of 96000 mm"),
        ("position_mm = 8000 }", "position_mm = 96001 }", f"{LOOP}.scan_points[1].position_mm", "must be less than 96000"),
        ("position_mm = 52000", "position_mm = 12000", f"{LOOP}.check_points[2].position_mm", "12000 is there twice"),
        ("number = 2, position_mm = 3200", "number = 1, position_mm = 3200", f"{LOOP}.inducts[2].number", "1 is there twice"),
        ("{ number = 3, position_mm = 52", "{ number = 1, position_mm = 52", f"{LOOP}.check_points[2].number", "one of the scan_points"),
        ("home_point = 5", "home_point = 4", f"{LOOP}.home_point", "4 is the number of one of the check_points already"),
        ("home_mm = 94400", "home_mm = 96000", f"{LOOP}.home_mm", "must be less than 96000"),
        ("home_point = 5", "home_point = 0", f"{LOOP}.home_mm", "has no meaning without a home_point"),
        ("home_point = 5", "home_point = 0", f"{LOOP}.home_point", "none is ever taken out"),
        # windows
        ("window_mm = 200 ", "window_mm = 400 ", f"{LOOP}.window_mm", "must be less than half of pitch_mm, 400"),
        ("length_max_mm = 700", "length_max_mm = 801", f"{LOOP}.length_max_mm", "must be at most 800"),
        ("length_max_mm = 700", "length_max_mm = 100", f"{LOOP}.length_max_mm", "is not more than length_min_mm"),
        (DELAY, DELAY.replace("350", "401"), "scanners.tunnel.window_mm", "must be at most half of pitch_mm, 400"),
        ("publish_ms = 20 ", "publish_ms = 141 ", "readers.tunnel_side.publish_ms", "must be at most 140"),
        # chutes that are named
        (OVERFLOW, "overflow = [60, 61]", f"{LOOP}.overflow[2]", "there is no chute 61 in loop1.csv"),
        (OVERFLOW, "overflow = [60, 60]", f"{LOOP}.overflow[2]", "chute 60 stands there twice"),
        (OVERFLOW, "overflow = []", f"{LOOP}.overflow", "a list with at least one entry"),
        ("double_load = 59", "double_load = 61", f"{LOOP}.rejects.double_load", "there is no chute 61"),
        ("double_load = 59", "double_loads = 59", f"{LOOP}.rejects.double_loads", "did you mean double_load?"),
        ("no_read = 1 ", "noread = 1 ", f"{LOOP}.laps.noread", "did you mean no_read?"),
        ("no_read = 1 ", "no_read = 101 ", f"{LOOP}.laps.no_read", "a whole number from 0 to 100"),
        # what stands where
        (LAST_CHECK, "", f"{LOOP}.inducts[1].position_mm", "no check-point between chute 59 and this induct"),
        (LAST_CHECK, LAST_CHECK.replace("93600", "89599"), f"{LOOP}.inducts[1].position_mm", "one behind 89600 mm would find it"),
        ("position_mm = 8000 }", "position_mm = 17000 }", f"{LOOP}.inducts[2].position_mm", "pass chute 1 before they are read"),
        ("position_mm = 8000 }", "position_mm = 3524 }", f"{LOOP}.scan_points[1].position_mm", "must be 325 mm behind it"),
        # rates
        ("waiting_diverts = 120", "waiting_diverts = 119", "plcs.loop.waiting_diverts", "holds 119 targets, but 120 parcels fit"),
        ("inputs_node = ", "event_slots = 1\ninputs_node = ", "plcs.loop.event_slots", "carries 50 events a second, full rate makes 30"),
        ('scan_point = 1\nurl = "tcp://127.0.0.1:4002"', 'scan_point = 2\nurl = "tcp://127.0.0.1:4002"',
         "scanners.tunnel.scan_point", "known: 1"),
        # the wrong kind
        ('kind = "loop"', 'kind = "ring"', f"{LOOP}.kind", 'is "ring"; must be one of "line", "loop"'),
        ('kind = "loop"', 'knid = "loop"', f"{LOOP}.knid", "unknown key; did you mean kind?"),
        ('kind = "loop"', "", f"{LOOP}.kind", 'is missing; add it: one of "line", "loop"'),
        ('tracking = "plc" ', 'tracking = "controller" ', f"{LOOP}.tracking", 'must be "plc"'),
        ("carriers = 120", "gap_min_mm = 3", f"{LOOP}.carriers", "add it: a whole number from 10 to 5,000"),
    ],
)  # fmt: skip
def test_the_site_file(demo: Demo, old: str, new: str, key: str, says: str) -> None:
    (problem,) = [problem for problem in found(demo, old, new) if problem.key == key]
    assert says in said(problem)


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("7,L04,23200,left", "7,L04,20800,left", "position_mm", "is at 20800 on the left, where chute 5 is"),
        ("7,L04,23200,left", "7,L04,22000,left", "position_mm", "1200 mm behind chute 5 on the left, where the longest parcel takes 1300"),
        ("7,L04,23200,left", "7,L04,23200,middle", "side", 'must be one of "", "left", "right"'),
        ("7,L04,23200,left", "7,L04,23200,", "side", "chute 7: has no side"),
        ("7,L04,23200,left", "7,L03,23200,left", "name", "chute 5 is called"),
        ("7,L04,23200,left", "7,L04,96000,left", "position_mm", "must be less than 96000"),
        ("1,L01,16000,left", "1,L01,9000,left", "position_mm", "chute 1: is 175 mm too near scan point 1"),
    ],
)  # fmt: skip
def test_the_chutes(demo: Demo, old: str, new: str, key: str, says: str) -> None:
    problems = [each for each in found(demo, f"\n{old}", f"\n{new}", "loop1.csv") if each.file == "loop1.csv"]
    line = demo["loop1.csv"].decode().split(f"\n{old}")[0].count("\n") + 2
    assert [problem.key for problem in problems if problem.line == line] == [key]
    assert says in next(said(problem) for problem in problems if problem.line == line)


def test_chutes_that_face_each_other_are_meant(demo: Demo) -> None:
    assert not found(demo, "\n7,L04,23200,left", "\n7,L04,23201,left", "loop1.csv")


def test_the_place_that_the_mend_names_is_accepted(demo: Demo) -> None:
    def errors(position: int) -> list[Problem]:
        problems = found(demo, "\n1,L01,16000,left", f"\n1,L01,{position},left", "loop1.csv")
        return [each for each in problems if each.severity == "error"]

    assert errors(9_000 + 174)
    assert not errors(9_000 + 175)


def test_a_loop_with_another_length_tells_only_what_is_off_it(demo: Demo) -> None:
    problems = found(demo, "carriers = 120", "carriers = 117")
    assert [problem.key for problem in problems] == [f"{LOOP}.home_mm", f"{LOOP}.check_points[3].position_mm"]


def test_a_chute_without_an_actuator_is_refused(demo: Demo) -> None:
    table = demo["loop1.csv"].decode().replace("position_mm,side", "actuator,position_mm,side")
    rows = [
        row.replace(",", ",yes,", 2).replace(",yes,", ",", 1) if row[:1].isdigit() else row
        for row in table.splitlines()
    ]
    files = {**demo, "loop1.csv": "\n".join(rows).encode()}
    assert not found(files, "home_point = 5", "home_point = 6")
    rows[7] = rows[7].replace(",yes,", ",no,")
    (problem,) = found({**demo, "loop1.csv": "\n".join(rows).encode()}, "home_point = 5", "home_point = 6")
    assert "on a loop nothing gets in by itself" in said(problem)


def test_a_tunnel_that_nobody_reads_is_asked_about(demo: Demo) -> None:
    tunnel = "scan_points = [{ number = 1, position_mm = 8000 }]"
    (problem,) = found(
        demo, tunnel, "scan_points = [{ number = 1, position_mm = 8000 }, { number = 9, position_mm = 52500 }]"
    )
    assert (problem.severity, problem.key) == ("warning", f"{LOOP}.scan_points[2]")
    assert "no scanner reads at scan point 9" in problem.what
