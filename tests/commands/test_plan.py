"""sortctl plan: what is printed, what is written, and with which exit code."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sortctl.commands.plan import command, force
from sortctl.plan import shelf
from sortctl.runtime.process.ask import NotRunning

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo"


def run(*arguments: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(command, [str(each) for each in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(DEMO, tmp_path / "site"))
    (folder / "plan" / "plan.toml").write_text('id = "ours"\nversion = 1\n')
    return folder


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The same plan with one rule that leads elsewhere."""
    folder = Path(shutil.copytree(DEMO / "plan", tmp_path / "next"))
    rules = (folder / "rules.csv").read_text()
    assert "be-brussels,BE,1000,1299,BE-C" in rules
    (folder / "rules.csv").write_text(rules.replace("be-brussels,BE,1000,1299,BE-C", "be-brussels,BE,1000,1299,BE-N"))
    (folder / "plan.toml").write_text('id = "next"\nversion = 2\nvalid_to = 2020-01-01T00:00:00Z\n')
    return folder


def test_check_says_how_large_it_is(site: Path) -> None:
    assert "ours version 1: sound, 0 errors, 0 warnings; " in run("check", site).stdout
    told = json.loads(run("check", site, "--json").stdout)
    assert told["sound"]
    assert told["document"]["id"] == "ours"


def test_check_says_what_is_wrong(site: Path) -> None:
    with (site / "plan" / "rules.csv").open("a") as rules:
        rules.write("be-brussels,XX,,,NOWHERE\n")
    result = run("check", site, code=5)
    assert 'country: there is no country "XX"' in result.stdout
    assert result.stderr.startswith("not sound: ")
    assert not json.loads(run("check", site, "--json", code=5).stdout)["sound"]
    assert "the plan site is not sound" in run("explain", site, "--country", "BE", code=5).stderr


def test_check_knows_the_departures(site: Path) -> None:
    table = site / "plan" / "destinations.csv"
    lines = [line for line in table.read_text().splitlines() if not line.startswith("#")]
    assert "departures" not in lines[0]
    named = [lines[0] + ",departures", lines[1] + ",T-NOWHERE", *(line + "," for line in lines[2:])]
    table.write_text("\n".join(named) + "\n")
    assert 'there is no departure "T-NOWHERE" in departures.csv' in run("check", site, code=5).stdout


def test_explain_by_attributes() -> None:
    out = run("explain", DEMO, "--country", "be", "--postcode", "10 00").stdout
    assert "sends it to BE-C: country BE, postcode 1000 to 1299" in out
    assert "  on line1: chute 3" in out
    assert "It would go elsewhere with" in out
    told = json.loads(run("explain", DEMO, "--country", "BE", "--postcode", "1000", "--json").stdout)
    assert told["explanation"]["winner"]["rule"] == "be-brussels"
    assert told["chutes"]["line1"]["chutes"] == [3]


def test_explain_a_parcel_that_is_known() -> None:
    out = run("explain", DEMO, "CP336668355CN").stdout
    assert "country IT, postcode 40139" in out
    # what is typed stands in the place of what is known
    assert "country BE" in run("explain", DEMO, "CP336668355CN", "--country", "BE", "--postcode", "1000").stdout


def test_explain_names_the_range_of_codes_that_wins(site: Path) -> None:
    with (site / "plan" / "rules.csv").open() as rules:
        lines = [line for line in rules if not line.startswith("#")]
    lines[0] = lines[0].replace("\n", ",code_from,code_to\n")
    coded = [lines[0], *(line.replace("\n", ",,\n") for line in lines[1:]), "post,,,,BE-N,CP33,CP39\n"]
    (site / "plan" / "rules.csv").write_text("".join(coded))
    out = run("explain", site, "CP336668355CN").stdout
    assert "Rule post (line" in out
    assert "sends it to BE-N: code CP33 to CP39" in out
    assert "is less specific by its code" in out
    assert "sends it to BE-N" in run("explain", site, "--barcode", "cp35-1").stdout
    assert (
        "sends it to BE-C" in run("explain", site, "--barcode", "CP40", "--country", "BE", "--postcode", "1000").stdout
    )
    assert "  code CP33 to CP39: to BE-N by rule post" in run("explain", site, "--country", "IT").stdout


def test_explain_says_when_nothing_fits() -> None:
    assert "No rule fits" in run("explain", DEMO, "--country", "NZ", code=1).stdout
    assert "the hub knows no parcel X" in run("explain", DEMO, "X", code=3).stderr
    run("explain", DEMO, code=2)
    run("explain", DEMO, "--country", "BE", "--postcode", "1*", code=2)
    assert "there is no folder" in run("explain", DEMO / "nothing", "--country", "BE", code=3).stderr


def test_diff_counts_rules_and_parcels(other: Path, state: Path) -> None:
    out = run("diff", DEMO, other, "--state", state, code=1).stdout
    assert "1 rules changed: be-brussels" in out
    assert "BE-C to BE-N" in out
    told = json.loads(run("diff", DEMO, other, "--state", state, "--json", code=1).stdout)
    assert told["parcels"]["parcels"] == 3_000
    assert told["parcels"]["destination_changes"] == told["parcels"]["flows"][0]["parcels"] > 0
    assert "Nothing goes anywhere else." in run("diff", DEMO, "site", "--state", state).stdout
    assert "there is no plan xyz" in run("diff", DEMO, "xyz", "--state", state, code=3).stderr


def test_diff_with_a_list_leaves_out_what_cannot_be_read(other: Path, state: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("waybill;country;postcode\nA1;BE;1000\nA2;Belgium;1000\nA3;NL;1012AB\n")
    result = run("diff", DEMO, other, "--parcels", listed, "--state", state, code=1)
    assert "Of 2 parcels 1 go to another destination" in result.stdout
    assert "1 lines of" in result.stderr
    run("diff", DEMO, other, "--parcels", listed, "--journal", code=2)
    assert "there is no journal" in run("diff", DEMO, other, "--journal", "--state", state, code=3).stderr


def test_simulate_counts_every_parcel(state: Path) -> None:
    how = ("--state", state, "--start", "2026-03-01T18:00Z", "--per-hour", "6000", "--sorter", "loop1")
    told = json.loads(run("simulate", DEMO, *how, "--json").stdout)
    outlook = told["outlook"]
    assert outlook["parcels"] == 3_000
    assert outlook["sorted"] + outlook["turned_away"] + outlook["no_rule"] + outlook["nowhere"] == 3_000
    assert {load["sorter"] for load in outlook["chutes"]} == {"loop1"}
    assert "parcels" in run("simulate", DEMO, *how).stdout
    assert "there is no sorter line9" in run("simulate", DEMO, *how[:-1], "line9", code=3).stderr
    run("simulate", DEMO, "--start", "yesterday", code=2)


def test_simulate_by_the_forecasts_needs_no_parcels(site: Path, state: Path) -> None:
    how = ("--forecast", "--state", state)
    assert "no destination has a forecast" in run("simulate", site, *how, code=3).stderr
    destinations = site / "plan" / "destinations.csv"
    lines = [line for line in destinations.read_text().splitlines() if not line.startswith("#")]
    forecasts = {"destination": "forecast", "BE-C": "500"}
    lines = [f"{line},{forecasts.get(line.split(',')[0], '')}" for line in lines]
    destinations.write_text("\n".join(lines))
    chutes = json.loads(run("simulate", site, *how, "--json").stdout)["chutes"]
    assert [(one["sorter"], one["chute"], one["parcels"]) for one in chutes] == [
        ("line1", 3, 250),
        ("loop1", 4, 125),
        ("loop1", 5, 125),
    ]
    shown = run("simulate", site, *how)
    assert "250" in shown.stdout
    assert "21 destinations have no forecast" in shown.stderr
    run("simulate", site, *how, "--journal", code=2)


def test_apply_rollback_and_history(site: Path, other: Path, state: Path) -> None:
    at = ("--state", state)
    assert "no plan was ever applied" in run("history", site, *at).stdout
    assert "there is nothing to go back to" in run("rollback", site, *at, code=3).stderr
    assert "it is no longer valid" in run("apply", site, "--plan", other, *at, code=4).stderr
    assert shelf.current(state) == ""
    first = run("apply", site, *at, "--by", "ann").stdout
    assert "will be in force when the controller starts" in first
    one = shelf.current(state)
    assert "is in force already" in run("apply", site, *at).stdout
    run("apply", site, "--plan", other, "--anyway", "--keep", "--by", "bob", *at)
    two = shelf.current(state)
    assert one != two
    told = json.loads(run("history", site, *at, "--json").stdout)
    assert told["current"] == two
    assert [(each["plan"], each["by"], each["keep"]) for each in told["history"]] == [
        ("next", "bob", True), ("ours", "ann", False),
    ]  # fmt: skip
    # the plan in force, by name and by the beginning of its checksum
    assert "next version 2" in run("explain", site, "--country", "FR", "--plan", "current", *at).stdout
    assert "next version 2" in run("explain", site, "--country", "FR", "--plan", two[:10], *at).stdout
    run("rollback", site, *at)
    assert shelf.current(state) == one
    run("rollback", site, *at)
    assert shelf.current(state) == one  # the plan of the site folder, which was applied first
    run("rollback", site, *at, code=3)
    assert "rollback" in run("history", site, *at).stdout


def test_a_controller_that_runs_is_asked(site: Path, other: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, object]]] = []

    def answer(_: Path, question: str, wait_s: float = 0, **more: object) -> dict[str, object]:
        asked.append((question, more))
        return {question: {"rerouted": 3} if wait_s else {}}

    monkeypatch.setattr(force, "ask", answer)
    assert (
        "from the next parcel on; 3 parcels on the sorters are decided anew"
        in run("apply", site, "--state", state, "--by", "ann").stdout
    )
    own = shelf.current(state)
    assert asked == [("ping", {}), ("plan", {"checksum": own, "keep": False, "by": "ann"})]

    def refuse(_: Path, question: str, wait_s: float = 0, **more: object) -> dict[str, object]:
        if question == "plan" and wait_s:
            raise NotRunning(f"it does not fit {more['by']}")
        return {}

    monkeypatch.setattr(force, "ask", refuse)
    result = run("apply", site, "--plan", other, "--anyway", "--state", state, code=4)
    assert "the controller did not take the plan: it does not fit" in result.stderr
    assert shelf.current(state) == own
    assert len(shelf.history(state)) == 1


def test_a_damaged_shelf_is_told(site: Path, state: Path) -> None:
    run("apply", site, "--state", state)
    (state / "plans" / f"{shelf.current(state)}.plan").write_bytes(b"x")
    assert (
        "cannot be unpacked"
        in run("explain", site, "--country", "FR", "--plan", "current", "--state", state, code=6).stderr
    )
