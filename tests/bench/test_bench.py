"""The bench measures what it says: its stream sorts every parcel, its machine is one that a controller can work with.

No assertion about time: how quick a machine is says nothing about the code.
"""

import json
from pathlib import Path

from click.testing import CliRunner

from bench import logic
from bench.__main__ import main
from bench.fast_lines import Door, Shape, Wire, chute_of, code, fire_mm, write_site
from bench.machine.judge import Judge, Parcel
from bench.machine.plc import Plc
from bench.tables import Table, percentile, tail, written
from sortctl.app import Start, virtual_controller
from sortctl.plan import Asked
from sortctl.plan.load import load_plan
from sortctl.runtime.controller import Reading
from sortctl.site.load import load_site
from sortctl.words.causes import Disposition
from sortctl.words.outcomes import PassageClosed
from sortctl.words.parcels import ParcelRecord
from sortctl.words.units import NS_PER_MS

SHAPE = Shape(lines=2, per_line=20, cycle_ms=10, scan_ms=5)
DOORS = [Door(5020, "/dev/pts/1000"), Door(5021, "/dev/pts/1001")]


def test_every_parcel_of_the_stream_is_sorted() -> None:
    _, stream = logic.demo_stream(30)
    closed = [thing for _, said in stream.told for thing in said if isinstance(thing, PassageClosed)]
    assert len(closed) == 30
    assert {outcome.disposition for outcome in closed} == {Disposition.SORTED}


def test_the_logic_part_prints_its_tables() -> None:
    for table in logic.measure(20):
        assert table.rows
        assert table.title in table.markdown()


def test_the_command_tells_machines_too(monkeypatch: object) -> None:
    result = CliRunner().invoke(main, ["logic", "--quick", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert [table["title"].split(":")[0] for table in told["tables"]] == ["Logic alone", "Around the logic"]


def test_the_fast_lines_are_a_sound_site(tmp_path: Path) -> None:
    write_site(tmp_path, SHAPE, DOORS, 7)
    loaded = load_site(tmp_path)
    plan = load_plan(loaded.files, loaded.machines)
    assert len(loaded.machines) == SHAPE.lines
    listed = [line.split(",") for line in loaded.files["parcels.csv"].decode().splitlines() if line]
    known = {waybill: Asked(country=country, postcode=postcode) for waybill, country, postcode in listed}
    for waybill in (0, 7, 12_345, 19_999):
        match = plan.match(known[code(waybill)])
        assert match is not None
        assert plan.chutes(loaded.machines[0].sorter_id, match.destination) == (chute_of(waybill),)


def test_fast_lines_on_several_wires_are_a_sound_site(tmp_path: Path) -> None:
    doors = [Door(5020 + number, f"/dev/pts/{number}", wire) for number, wire in enumerate(Wire)]
    write_site(tmp_path, SHAPE, doors, 7)
    _, bare, secured = load_site(tmp_path).machines
    assert (bare.opcua.security.policy, secured.opcua.security.policy) == ("none", "Basic256Sha256")


def test_an_order_of_the_controller_names_the_parcel_that_was_read(tmp_path: Path) -> None:
    """The whole way in virtual time: the lean PLC feeds, the controller orders, the judge finds the parcel."""
    write_site(tmp_path, SHAPE, DOORS, 7)
    controller = virtual_controller(load_site(tmp_path), Start(0, 0))
    judge = Judge()
    plc = Plc(0, SHAPE.scan_ms, 0, judge)
    waybill, due_ms = 13, 1_500
    front = plc.belt_at((due_ms - 10) * NS_PER_MS) - 400 - SHAPE.length_mm // 2
    parcel = Parcel(0, waybill, front, SHAPE.length_mm, due_ms * NS_PER_MS, counts=True)
    judge.expect([parcel])
    plc.feed(parcel)
    controller.plc_opened("p1", 0)
    for at_ms in range(0, 4_000, 5):
        at_ns = at_ms * NS_PER_MS
        if at_ms == due_ms:
            parcel.sent_ns = at_ns
            controller.scanner_bytes("s1", f"{code(waybill)}\r".encode(), at_ns)
            assert controller.take_questions() == [code(waybill)]
            record = ParcelRecord(code(waybill), country="BE", postcode=f"{chute_of(waybill)}{waybill:03d}")
            controller.parcel_told(code(waybill), record, at_ns)
        _cycle(controller, plc, at_ns)
    verdict = judge.verdict()
    assert (verdict.sent, verdict.missing, verdict.wrong, plc.orders_failed) == (1, 0, 0, 0)
    assert parcel.fire == front + SHAPE.length_mm // 2 + fire_mm(chute_of(waybill))
    line = controller.status(4_000 * NS_PER_MS).lines[0]
    assert (line.inducted, line.sorted) == (1, 1)


def _cycle(controller: object, plc: Plc, at_ns: int) -> None:
    block = controller.plc_block("p1", at_ns)  # type: ignore[attr-defined]
    if block is not None:
        plc.write(b"".join(word.to_bytes(2, "big") for word in block), at_ns)
    image = plc.read(at_ns)
    words = [int.from_bytes(image[at : at + 2], "big") for at in range(0, len(image), 2)]
    assert controller.plc_inputs("p1", words, at_ns) is Reading.TAKEN  # type: ignore[attr-defined]
    if controller.wants_chutes("p1"):  # type: ignore[attr-defined]
        controller.plc_chutes("p1", [0x8000] * 9, at_ns)  # type: ignore[attr-defined]
    controller.committed(controller.last_row, at_ns)  # type: ignore[attr-defined]


def test_numbers_are_written_for_people() -> None:
    assert [written(cell) for cell in (None, "x", 0, 1234567, 0.01234, 1.234, 45.67, 1234.5)] == [
        "-", "x", "0", "1,234,567", "0.0123", "1.23", "45.7", "1,234",
    ]  # fmt: skip
    assert percentile([3, 1, 2], 50) == 2
    assert tail([1.0] * 99, 99) is None
    assert tail(list(range(100)), 99) == 98
    assert Table("t", ("a", "b"), [("x", 1)]).plain()["rows"] == [{"a": "x", "b": 1}]
