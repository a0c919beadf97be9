"""sortctl check and sortctl schema: what is printed, and with which exit code."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sortctl.commands.check import command as check
from sortctl.commands.schema import command as schema

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo"


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(check, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO, tmp_path / "site"))


def spoil(site: Path, file: str, old: str, new: str) -> None:
    path = site / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_demonstration_hub_is_sound() -> None:
    result = run(str(DEMO))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith(
        "demo: sound, 0 warnings; sorter line1, loop1; 3,000 expected parcels; 21 departures for 22 destinations; "
    )
    assert "      1  A01           4,500   2,500    1,250" in lines
    assert "  main  orders  holding registers      0   115    116" in lines
    assert "   1 to 20  L01 to R10       16,000 to 37,600   7,425 to 29,025   2,970 to 11,610" in lines
    assert "  loop  chutes  urn:simulated:plc:exchange  s=Exchange.Chutes     60" in lines
    assert result.stderr == ""


def test_a_hub_of_800_chutes_fits_on_a_few_pages() -> None:
    result = run(str(DEMO.parent / "lgg"))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    told = "lgg: sound, 0 warnings; sorter line1, loop1, loop2; only observed infeed; 20,000 expected parcels; 113 departures for "
    assert lines[0].startswith(told)
    assert len(lines) < 160
    assert max(map(len, lines)) < 180
    reaches = [line.split() for line in lines if line.lstrip().startswith(("1 to 20 ", "381 to 400 "))]
    assert [line[3:6] for line in reaches] == [
        ["BE-1", "to", "FR-S"], ["1A001L", "to", "1A010R"], ["1B091L", "to", "Overflow"],
        ["2A001L", "to", "2A010R"], ["2B091L", "to", "Overflow"],
    ]  # fmt: skip


def test_json_says_the_same() -> None:
    told = json.loads(run(str(DEMO), "--json").stdout)
    assert told["sound"]
    assert told["problems"] == []
    assert told["derived"][0]["chutes"][0]["time_ms"] == 1250
    assert told["derived"][0]["turn"] is None
    assert told["derived"][1]["turn"]["lap_ms"] == 38_400


def test_mistakes_of_site_and_plan_are_told_together(site: Path) -> None:
    spoil(site, "site.toml", "owner = 1 ", "owner = 0 ")
    spoil(site, "chutes.csv", "5,A05", "x,A05")
    spoil(site, "plan/rules.csv", "lu,LU", "lu,LX")
    result = run(str(site))
    assert result.exit_code == 5
    assert result.stdout.splitlines() == [
        'chutes.csv:8 number: is "x"; must be a whole number from 1 to 65,535',
        'plan/rules.csv:52 country: there is no country "LX"; write two letters of ISO 3166-1, as BE or NL',
        "site.toml:11 hub.owner: is 0; must be a whole number from 1 to 65,535",
    ]
    assert result.stderr.endswith("site: 3 errors, 0 warnings\n")
    told = json.loads(run(str(site), "--json").stdout)
    assert (told["sound"], len(told["problems"]), told["derived"]) == (False, 3, [])


def test_a_plan_that_is_wrong_is_enough(site: Path) -> None:
    spoil(site, "plan/destinations.csv", "LU,16,line1", "LU,26,line1")
    result = run(str(site))
    assert result.exit_code == 5
    assert "plan/destinations.csv:16 chutes: there is no chute 26; sorter line1 has the chutes 1-24" in result.stdout


def test_warnings_are_allowed(site: Path) -> None:
    spoil(site, "site.toml", "event_slots = 10\n", "event_slots = 4\n")
    result = run(str(site))
    assert result.exit_code == 0
    assert "plcs.main.event_slots: warning: the event window carries 200" in result.stdout
    assert "demo: sound, 1 warning;" in result.stdout


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    result = run(str(tmp_path / "nowhere"))
    assert result.exit_code == 3
    assert "there is no folder" in result.stderr
    assert run().exit_code == 2


def test_an_empty_folder(tmp_path: Path) -> None:
    result = run(str(tmp_path))
    assert result.exit_code == 5
    assert result.stdout == "site.toml: is missing; a site is a folder with a site.toml in it\n"


def test_a_file_cannot_steer_the_terminal(site: Path) -> None:
    spoil(site, "plan/rules.csv", "lu,LU", "lu,\x1b[2J")
    assert "\x1b" not in run(str(site)).stdout


def test_the_schema_is_printed_for_people_and_editors() -> None:
    listed = CliRunner().invoke(schema, ["--keys"])
    assert listed.exit_code == 0
    assert "plcs.NAME.cycle_ms" in listed.stdout
    assert "postcode_from" in listed.stdout
    for options in ([], ["--json"]):
        told = json.loads(CliRunner().invoke(schema, options).stdout)
        assert told["$defs"]["ModbusPlc"]["properties"]["order_slots"]["maximum"] == 13
    assert CliRunner().invoke(schema, ["--keys", "--json"]).exit_code == 2


def test_the_tables_of_labels_are_checked(site: Path) -> None:
    (site / "labels.csv").write_text("kind,pattern,check,bad_check\nours,OUR#{8},gs1,refuse\nups,,,warn\n")
    (site / "waybills.csv").write_text("tenant,kinds\n,ours;ups\n")
    assert run(str(site)).exit_code == 0
    (site / "labels.csv").write_text("kind,pattern,check,bad_check\nours,OUR#{8,gs1,refuse\n")
    shown = run(str(site))
    assert shown.exit_code == 5
    assert "labels.csv:2 pattern: cannot be used" in shown.stdout
    assert 'waybills.csv:2 kinds: there is no kind "' not in shown.stdout
    (site / "site.toml").write_text("hub = 1\n")
    assert "labels.csv:2 pattern: cannot be used" in run(str(site)).stdout
    assert "waybills.csv" in CliRunner().invoke(schema, ["--keys"]).stdout


def test_departures_are_checked_with_the_plan(site: Path) -> None:
    header = "departure,destination,kind,weekdays,cut_off,zone,transit_min"
    (site / "departures.csv").write_text(f"{header}\nT1,BE-N,truck,Mon-Fri,18:00,Europe/Brussels,20\n")
    shown = run(str(site))
    assert shown.exit_code == 0
    assert "; 1 departure for 1 destination; checksum " in shown.stdout
    (site / "departures.csv").write_text(f"{header}\nT1,BE-M,truck,Mon-Fri,18h,Europe/Brussels,20\n")
    shown = run(str(site))
    assert shown.exit_code == 5
    assert 'departures.csv:2 cut_off: "18h" is no time of day; write hours' in shown.stdout
    assert 'departures.csv:2 destination: there is no destination "BE-M" in the plan; did you mean BE-' in shown.stdout
    assert "departures.csv" in CliRunner().invoke(schema, ["--keys"]).stdout
