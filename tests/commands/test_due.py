"""`sortctl due`: what leaves when, and which parcels are at risk, beside a journal or without one."""

import importlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sortctl.journal.pen import Entry
from sortctl.words.ids import PassageNumber
from sortctl.words.outcomes import AtRisk
from tests.journal.made import LINE, MS, WALL_NS, closed, opened, row, started, write

due = importlib.import_module("sortctl.commands.due")
DEMO = Path(__file__).resolve().parents[2] / "config" / "demo"
HEADER = "departure,destination,kind,weekdays,cut_off,zone,transit_min,open_min,warn_min,premium"
TABLE = f"""{HEADER}
T1,BE-N;BE-S,truck,,18:00,Europe/Brussels,20,240,30,
T2,BE-N,truck,,09:00,Europe/Brussels,20,240,30,
F1,ES,flight,,19:30,Europe/Brussels,60,120,90,yes
"""
NOW = datetime(2026, 11, 27, 16, 40, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setattr(due, "_now_ns", lambda: int(NOW.timestamp()) * 1_000_000_000)
    folder = Path(shutil.copytree(DEMO, tmp_path / "site"))
    (folder / "departures.csv").write_text(TABLE, encoding="utf-8")
    return folder


def run(*words: object) -> Result:
    return CliRunner().invoke(due.command, [str(word) for word in words])


def at_risk(seq: int, number: int, slack_s: int, waybill: str = "", over: bool = False) -> Entry:
    return row(seq, AtRisk(seq * MS, LINE, PassageNumber(number), waybill or f"W{number}", "T1", slack_s, not over))


def journal(folder: Path) -> None:
    rows: list[Entry] = [started(1), *(row(1 + n, opened(1 + n, n)) for n in range(1, 5))]
    rows += [at_risk(6, 1, 100), at_risk(7, 2, 200), at_risk(8, 3, 300), at_risk(9, 4, 400, "A\x1b[2JB")]
    rows += [row(10, closed(10, 1, "W1")), at_risk(11, 2, 900, over=True), at_risk(12, 3, 50)]
    folder.mkdir(parents=True)
    write(folder / "journal.db", rows)


def test_departures_are_shown_in_the_order_of_their_cut_offs(site: Path) -> None:
    shown = run(site)
    assert shown.exit_code == 0
    lines = [line.split() for line in shown.output.splitlines() if line.startswith("  ")]
    assert [line[0] for line in lines] == ["departure", "T1", "F1", "T2"]
    assert " ".join(lines[1]) == "T1 truck BE-N, BE-S Fri 2026-11-27 18:00 CET 20 min warning"
    assert lines[2][:2] == ["F1", "(premium)"]
    assert lines[3][-1] == "closed"
    assert "no journal" in shown.output
    near = run(site, "--within", 30)
    assert [line.split()[0] for line in near.output.splitlines() if line.startswith("  ")] == ["departure", "T1"]


def test_parcels_at_risk_are_those_that_have_not_ended(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "_now_ns", lambda: WALL_NS + 60_000_000_000)
    journal(site.parent / "var" / "demo")
    shown = run(site)
    lines = [line.split() for line in shown.output.split("2 parcels at risk")[1].splitlines() if line.strip()]
    assert lines[1:] == [["W3", "T1", "-9", "s", "line", "3"], ["A\\x1b[2JB", "T1", "5", "min", "line", "4"]]
    assert "\x1b" not in shown.output
    told = json.loads(run(site, "--json", "--within", 2).output)
    assert (told["journal"], [risk["passage"] for risk in told["at_risk"]]) == (True, [3])


def test_a_broken_promise_is_shown_whatever_slack_its_departure_has(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "_now_ns", lambda: WALL_NS)
    state = site.parent / "var" / "demo"
    state.mkdir(parents=True)
    late = AtRisk(3 * MS, LINE, PassageNumber(1), "W1", "T1", 9 * 3_600, True, 7_500)
    write(state / "journal.db", [started(1), row(2, opened(2, 1)), row(3, late)])
    shown = run(site, "--within", 60)
    assert "broken by 2:05 h" in shown.output
    assert json.loads(run(site, "--json", "--within", 60).output)["at_risk"][0]["late_s"] == 7_500


def test_lines_for_machines(site: Path) -> None:
    told = json.loads(run(site, "--json").output)
    first = told["departures"][0]
    assert (first["departure"], first["left_s"], first["destinations"]) == ("T1", 1200, ["BE-N", "BE-S"])
    assert (told["journal"], told["at_risk"]) == (False, [])


def test_what_cannot_be_shown_is_said(site: Path) -> None:
    assert run(site / "none").exit_code == 3
    (site / "departures.csv").write_text(TABLE.replace("09:00", "9h"), encoding="utf-8")
    wrong = run(site)
    assert wrong.exit_code == 5
    assert 'departures.csv:3 cut_off: "9h" is no time of day' in wrong.output
    (site / "departures.csv").unlink()
    assert "nothing is ever late" in run(site).output
    (site / "site.toml").write_text("x", encoding="utf-8")
    assert run(site).exit_code == 5
