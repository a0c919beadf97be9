"""A sort plan that is put in force while the controller runs: in the journal, over a restart, in a replay, by request."""

import json
from pathlib import Path

from sortctl.app import replay_logic, virtual_controller
from sortctl.journal.read import JournalReader
from sortctl.journal.recover import recover
from sortctl.journal.replay import replay
from sortctl.journal.row import thing_of
from sortctl.journal.schema import FILE_NAME
from sortctl.plan import shelf
from sortctl.plan.document import plan_files
from sortctl.plan.load import load_plan
from sortctl.runtime.process.plans import PlanDesk
from sortctl.runtime.start import Start
from sortctl.words.hub import PlanApplied
from tests.runtime.bench import LOADED, Bench, until

OTHER = {**plan_files(LOADED.files), "plan/plan.toml": b'id = "winter"\nversion = 7\n'}


async def test_a_plan_from_the_shelf_is_in_force_and_a_replay_repeats_it(bench: Bench, tmp_path: Path) -> None:
    bench.writer.save_site(LOADED.checksum, LOADED.files)
    checksum = shelf.keep(tmp_path, OTHER)
    desk = PlanDesk(bench.engine, tmp_path, LOADED)
    assert json.loads(await desk.put(checksum, False, "ann")) == {"plan": {"checksum": checksum, "rerouted": 0}}
    assert bench.controller.plan == checksum
    bench.engine.keep_snapshot()
    bench.engine.probe()
    await until(lambda: bench.writer.waiting == 0)
    bench.close()
    path = tmp_path / FILE_NAME
    with JournalReader(path) as reader:
        assert reader.plan(checksum) == OTHER
        assert reader.newest_site() == LOADED.checksum
        told = replay(reader, replay_logic, None, lambda _: None)
    assert (told.divergence, told.facts > 3) == (None, True)
    recovered = recover(path)
    assert recovered is not None
    plans = {checksum: load_plan(OTHER, LOADED.machines)}
    again = virtual_controller(LOADED, Start(10**15, 10**18, "", 99, recovered.snapshot, recovered.facts, "", plans))
    assert again.plan == checksum
    assert again.snapshot()


async def test_facts_behind_a_snapshot_put_their_plan_in_force_again() -> None:
    plan = load_plan(OTHER, LOADED.machines)
    own = plan.document
    applied = PlanApplied(5, own.id, own.version, own.checksum, keep=False, by="ann")
    start = Start(10, 10, facts=(applied,), plans={own.checksum: plan})
    assert virtual_controller(LOADED, start).plan == own.checksum


async def test_a_plan_that_is_not_on_the_shelf_is_refused(bench: Bench, tmp_path: Path) -> None:
    before = bench.controller.plan
    desk = PlanDesk(bench.engine, tmp_path, LOADED)
    answer = json.loads(await desk.put("ab12", True, "ann"))
    assert answer["error"]["why"] == "there is no plans/ab12.plan"
    assert json.loads(await desk.put("ab12", True, "a\nnn"))["error"]["code"] == "refused"
    assert bench.controller.plan == before


async def test_a_plan_without_a_document_keeps_the_name_of_its_hub(bench: Bench, tmp_path: Path) -> None:
    unnamed = {name: data for name, data in plan_files(LOADED.files).items() if name != "plan/plan.toml"}
    unnamed["plan/rules.csv"] += b"# later\n"
    bench.writer.save_site(LOADED.checksum, LOADED.files)
    checksum = shelf.keep(tmp_path, unnamed)
    await PlanDesk(bench.engine, tmp_path, LOADED).put(checksum, False, "ann")
    bench.engine.probe()
    await until(lambda: bench.writer.waiting == 0)
    bench.close()
    with JournalReader(tmp_path / FILE_NAME) as reader:
        told = [thing_of(row) for row in reader.rows() if row.type == "PlanApplied"]
    assert [each.plan for each in told if isinstance(each, PlanApplied)] == [LOADED.site.hub.name]
