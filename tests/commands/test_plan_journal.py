"""sortctl plan diff and simulate on the journal of a run: every parcel that was read, once, with what was known of it then."""

import json
from pathlib import Path
from shutil import copytree

import pytest

from sim.play import Asked, Stage
from sim.rigs.virtual.rig import VirtualRig
from sim.stories import stories
from sortctl.journal.pen import Pen, SiteFiles
from sortctl.journal.row import Row
from sortctl.journal.schema import FILE_NAME
from sortctl.site.load import load_site
from tests.commands.test_plan import DEMO, run

PARCELS = 12


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of a line and a loop that sorted parcels at the same time; both number them from 1."""
    loaded = load_site(DEMO)
    stage = Stage(loaded, stories()["steady"], Asked(5, PARCELS))
    rig = VirtualRig(loaded, stage.scripts(stage.disturbed), 5)
    rig.run()
    folder = tmp_path_factory.mktemp("state")
    pen = Pen(folder / FILE_NAME)
    pen.write([SiteFiles(loaded.checksum, loaded.files), *(row for row in rig.disk.rows if isinstance(row, Row))])
    pen.close()
    return folder


def test_the_parcels_of_a_journal_are_compared(state: Path, tmp_path: Path) -> None:
    told = json.loads(run("diff", DEMO, "site", "--journal", "--state", state, "--json").stdout)["parcels"]
    assert (told["parcels"], told["destination_changes"], told["no_rule_before"]) == (2 * PARCELS, 0, 0)
    other = Path(copytree(DEMO / "plan", tmp_path / "other"))
    (other / "rules.csv").write_text("rule,country,destination\nall,,BE-N\n")
    told = json.loads(run("diff", DEMO, other, "--journal", "--state", state, "--json", code=1).stdout)["parcels"]
    assert told["parcels"] == 2 * PARCELS
    assert told["destination_changes"] == sum(flow["parcels"] for flow in told["flows"]) > 0
    assert {flow["after"] for flow in told["flows"]} == {"BE-N"}


def test_the_parcels_of_a_journal_go_through_a_plan_again_where_and_when_they_came(state: Path) -> None:
    outlook = json.loads(run("simulate", DEMO, "--journal", "--state", state, "--json").stdout)["outlook"]
    assert outlook["parcels"] == outlook["sorted"] == 2 * PARCELS
    for sorter in ("line1", "loop1"):
        assert sum(load["parcels"] for load in outlook["chutes"] if load["sorter"] == sorter) == PARCELS
