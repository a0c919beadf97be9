"""A site is copied with other values, and nothing else is touched."""

import tomllib
from pathlib import Path

import pytest

from sim.rigs.fast_site import SPEED_MM_S, write_fast_copy
from sim.rigs.site_copy import changed, changed_column
from sortctl.site.load import load_site

DEMO = Path(__file__).resolve().parents[3] / "config" / "demo"

SITE = """\
# a comment
[hub]
name = "demo"

[plcs.main]
address = "10.0.0.1:502"   # the PLC
unit = 1

[scanners.top]
url = "/dev/ttyS0"

[scanners.top.line]
baudrate = 115200
"""


def test_only_the_lines_that_change_are_touched() -> None:
    text = changed(SITE, {"plcs.main": {"address": "127.0.0.1:20000"}, "scanners.top": {"url": "/x/top"}})
    assert text.splitlines()[:5] == SITE.splitlines()[:5]
    told = tomllib.loads(text)
    assert told["plcs"]["main"] == {"address": "127.0.0.1:20000", "unit": 1}
    assert told["scanners"]["top"] == {"url": "/x/top", "line": {"baudrate": 115200}}


def test_a_key_that_is_not_there_is_added_to_its_table() -> None:
    told = tomllib.loads(changed(SITE, {"plcs.main": {"scan_ms": 4}, "scanners.top.line": {"bytesize": 8}}))
    assert told["plcs"]["main"]["scan_ms"] == 4
    assert told["scanners"]["top"]["line"] == {"baudrate": 115200, "bytesize": 8}


def test_a_table_that_is_not_there_is_told() -> None:
    with pytest.raises(KeyError):
        changed(SITE, {"plcs.other": {"scan_ms": 4}})


def test_a_column_is_changed_in_every_row() -> None:
    table = b"# first a comment\nnumber,lead_ms,name\n1,60,A\n2,,B\n"
    assert (
        changed_column(table, "lead_ms", lambda ms: ms // 2)
        == b"# first a comment\nnumber,lead_ms,name\n1,30,A\n2,,B\n"
    )


def test_the_fast_hub_is_a_valid_site(tmp_path: Path) -> None:
    source = load_site(DEMO)
    write_fast_copy(DEMO, tmp_path / "fast", source, tmp_path)
    fast = load_site(tmp_path / "fast")
    assert fast.site.scanners["top"].url == str(tmp_path / "top")
    addresses = [plc.address for plc in fast.site.plcs.values()] + [one.address for one in fast.site.readers.values()]
    assert len(set(addresses)) == len(addresses)
    for before, after in zip(source.machines, fast.machines, strict=True):
        assert after.sorter.speed_mm_s == SPEED_MM_S
        for chute in before.chutes:
            # The belt moves as far during a stroke as on the machine that was copied, within one millisecond's way.
            way_mm = (chute.lead_ms + chute.travel_ms) * before.sorter.speed_mm_s // 1_000
            fast_mm = (after.chute(chute.number).lead_ms + after.chute(chute.number).travel_ms) * SPEED_MM_S // 1_000
            assert abs(way_mm - fast_mm) <= 2 * SPEED_MM_S // 1_000
