"""A site is read whole or refused whole, with every mistake and its line."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sortctl.site.load import SiteInvalid, SiteMissing, load_files, load_site
from sortctl.site.problem import PROBLEMS_SHOWN_MAX, Problem

HERE = Path(__file__).parent
CHUTES = b"""number,name,position_mm,actuator,lead_ms,travel_ms,slide_ms,capacity
1,A1,4500,yes,60,240,400,40
2,A2,5700,maybe,60,240,400,40
3,End,7000,no,0,0,400,40
"""

Demo = dict[str, bytes]


def problems(files: Demo) -> list[Problem]:
    with pytest.raises(SiteInvalid) as caught:
        load_files(files)
    return list(caught.value.problems)


def spoiled(demo: Demo, old: str, new: str, file: str = "site.toml") -> Demo:
    text = demo[file].decode()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    return {**demo, file: text.replace(old, new).encode()}


def line_of(files: Demo, text: str, file: str = "site.toml") -> int:
    return files[file].decode().split(text)[0].count("\n") + 1


def test_the_demonstration_hub_is_sound(demo: Demo) -> None:
    site = load_files(demo)
    assert site.warnings == ()
    machine, loop = site.machines
    assert machine.sorter_id == "line1"
    assert machine.plc_id == "main"
    assert [chute.number for chute in machine.chutes] == list(range(1, 25))
    assert set(machine.heads) == {"top", "side"}
    assert (loop.sorter_id, loop.plc_id, loop.loop.length_mm) == ("loop1", "loop", 96_000)
    assert set(loop.heads) == {"tunnel", "tunnel_side"}
    assert set(loop.scanners) == {"tunnel"}
    assert {chute.side for chute in loop.chutes} == {"left", "right"}
    assert set(site.files) == set(demo)


def test_a_folder_and_its_files_are_the_same_site(demo: Demo, tmp_path: Path) -> None:
    for name, data in demo.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "notes.txt").write_text("not part of the site")
    from_folder, from_memory = load_site(tmp_path), load_files(demo)
    assert from_folder.folder == tmp_path
    assert from_folder.files == from_memory.files
    assert from_folder.checksum == from_memory.checksum
    assert from_folder.site == from_memory.site


def test_another_byte_is_another_checksum(demo: Demo) -> None:
    assert load_files({**demo, "chutes.csv": demo["chutes.csv"] + b"\n"}).checksum != load_files(demo).checksum


def test_ten_mistakes_are_all_told_with_their_lines() -> None:
    files = {"site.toml": (HERE / "ten_mistakes.toml").read_bytes(), "chutes.csv": CHUTES}
    told = {(each.file, each.line, each.key): (each.what, each.mend) for each in problems(files)}
    assert told == {
        ("chutes.csv", 3, "actuator"): ('is "maybe"', "must be yes or no"),
        ("site.toml", 5, "hub.owner"): ('is "one"', "must be a whole number from 1 to 65,535"),
        ("site.toml", 11, "plcs.main.cycle"): ("unknown key", "did you mean cycle_ms?"),
        ("site.toml", 13, "plcs.main.order_slots"): ("is 14", "must be a whole number from 1 to 13"),
        ("site.toml", 19, "sorters.line1.plc"): ('there is no PLC "mian"', "did you mean main?"),
        ("site.toml", 28, "sorters.line1.late_mm"): (
            "is not more than window_mm (60)",
            "late begins where on time ends",
        ),
        ("site.toml", 35, "sorters.line1.eyes[2].number"): ("1 is there twice", "each has its own"),
        ("site.toml", 43, "sorters.line1.rejects.no_raed"): ("there is no such cause", "did you mean no_read?"),
        ("site.toml", 45, "scanners.top"): (
            "has no settings of the serial line",
            "add [scanners.top.line] with all five, as the scanner has them",
        ),
        ("site.toml", 47, "scanners.top.scan_point"): ('sorter "line1" has no scan point 2', "known: 1"),
    }


def test_a_missing_key_stands_at_its_table(demo: Demo) -> None:
    files = spoiled(demo, "scan_ms = 10 ", "# ")
    (problem,) = problems(files)
    assert (problem.line, problem.key) == (line_of(demo, "[plcs.main]"), "plcs.main.scan_ms")
    assert problem.mend == "add it: a whole number from 1 to 500"


def test_a_misspelled_key_that_must_be_there_is_one_mistake(demo: Demo) -> None:
    (problem,) = problems(spoiled(demo, "delay_ms = 60                ", "dealy_ms = 60"))
    assert str(problem).endswith("scanners.top.dealy_ms: unknown key; did you mean delay_ms?")


@pytest.mark.parametrize(
    "text", ["[hub\n", "[hub]\nname = \n", 'x = "', "a = 1\na = 2\n", "[" * 9_000, "x = 1" + "0" * 5_000]
)
def test_what_is_no_toml_is_one_problem(demo: Demo, text: str) -> None:
    (problem,) = problems({**demo, "site.toml": text.encode()})
    assert problem.file == "site.toml"
    assert problem.line <= text.count("\n") + 1


def test_a_toml_mistake_has_its_line(demo: Demo) -> None:
    (problem,) = problems(spoiled(demo, "scan_ms = 10 ", "scan_ms = ten "))
    assert problem.line == line_of(demo, "scan_ms = 10 ")
    assert problem.what.startswith("is not TOML")


def test_bytes_that_are_no_text_are_told(demo: Demo) -> None:
    for file in ("site.toml", "chutes.csv"):
        (problem,) = [each for each in problems({**demo, file: b"a\nb\xff"}) if "UTF-8" in each.what]
        assert (problem.file, problem.line) == (file, 2)


def test_a_byte_order_mark_and_windows_line_ends_are_taken(demo: Demo) -> None:
    files = {name: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n") for name, data in demo.items()}
    assert load_files(files).site == load_files(demo).site


def test_the_folder_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SiteMissing, match="is no folder"):
        load_site(tmp_path / "nowhere")
    with pytest.raises(SiteInvalid, match=r"site\.toml: is missing"):
        load_site(tmp_path)


def test_what_cannot_be_read_is_told(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_bytes(demo["site.toml"])
    (tmp_path / "chutes.csv").mkdir()
    with pytest.raises(SiteInvalid, match=r"chutes\.csv: cannot be read: Is a directory"):
        load_site(tmp_path)


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_bytes(demo["site.toml"])
    os.mkfifo(tmp_path / "chutes.csv")
    with pytest.raises(SiteInvalid, match=r"chutes\.csv: is no file"):
        load_site(tmp_path)


@pytest.mark.parametrize("name", ["../chutes.csv", "/etc/chutes.csv", "a/../../chutes.csv"])
def test_no_name_leads_out_of_the_folder(demo: Demo, name: str) -> None:
    (problem,) = problems(spoiled(demo, 'chutes = "chutes.csv"', f'chutes = "{name}"'))
    assert "leads out of the site folder" in problem.what


def test_a_missing_table_is_told_where_it_is_named(demo: Demo) -> None:
    (problem,) = problems({name: data for name, data in demo.items() if name != "chutes.csv"})
    assert problem.line == line_of(demo, 'chutes = "chutes.csv"')
    assert problem.what == 'there is no file "chutes.csv"'


def _semicolons(text: str) -> str:
    return text.replace(",", ";")


def _shouting(text: str) -> str:
    return text.replace("yes", "YES").replace("no", "No").replace("Number", "number")


def _spaced(text: str) -> str:
    return "\n\n# a comment, with commas\n" + text.replace(",", " , ").replace("\n", ",,\n\n")


def _quoted(text: str) -> str:
    return text.replace("A01", '"A01"')


@pytest.mark.parametrize("written", [_semicolons, _shouting, _spaced, _quoted])
def test_chutes_may_be_written_as_spreadsheets_do(demo: Demo, written: Callable[[str], str]) -> None:
    table = "\n".join(line for line in demo["chutes.csv"].decode().splitlines() if not line.startswith("#")) + "\n"
    assert load_files({**demo, "chutes.csv": written(table).encode()}).machines == load_files(demo).machines


@pytest.mark.parametrize(
    ("row", "key", "what"),
    [
        ("5,A05,9300,yes,60,240,400", "", "has 7 fields where the header has 9"),
        ("4,A05,9300,yes,60,240,400,40,domestic", "number", "chute 4 stands in line 7 already"),
        ("5,A05,9300.5,yes,60,240,400,40,domestic", "position_mm", 'is "9300.5"'),
        ("5,,9300,yes,60,240,400,40,domestic", "name", 'is ""'),
        ("5,A05,9300,yes,60,240,400,0,domestic", "capacity", "is 0"),
        ('5,"A05,9300,yes,60,240,400,40,domestic', "", "has a quote that is not closed, or a line break within quotes"),
    ],
)
def test_a_wrong_row_is_told_with_its_line(demo: Demo, row: str, key: str, what: str) -> None:
    files = spoiled(demo, "5,A05,9300,yes,60,240,400,40,domestic", row, "chutes.csv")
    (problem,) = [each for each in problems(files) if each.file == "chutes.csv"]
    assert (problem.line, problem.key, problem.what) == (8, key, what)


def test_a_wrong_header_is_told_once(demo: Demo) -> None:
    (problem, other) = problems(spoiled(demo, "position_mm,actuator", "positon_mm,actuator", "chutes.csv"))
    assert (problem.line, problem.key, problem.mend) == (3, "position_mm", problem.mend)
    assert (other.key, other.mend) == ("positon_mm", "did you mean position_mm?")


def test_a_hopeless_table_does_not_fill_the_screen(demo: Demo) -> None:
    rows = b"".join(b"%d,x,1,yes,0,0,0,0\n" % number for number in range(1, 2_000))
    header = b"number,name,position_mm,actuator,lead_ms,travel_ms,slide_ms,capacity\n"
    found = problems({**demo, "chutes.csv": header + rows})
    assert len(found) == PROBLEMS_SHOWN_MAX + 1
    assert "1,799 more problems" in {each.what for each in found}
