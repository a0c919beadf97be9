"""Changes: what stays, what a list cannot take back, who did it; and how a reader hears of them."""

import io
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sortctl.parcels import FILE_NAME, ParcelReader, ParcelWriter, StoreDamaged, StoreMissing, StoreUnusable
from sortctl.parcels.intake import Intake, ListUnreadable, Reading, take_list
from sortctl.parcels.writer import ChangeRefused, ParcelUnknown, Taken
from sortctl.words.parcels import CustomsState, ParcelRecord

NOW_S = 1_770_000_000


class Clock:
    now_s = NOW_S

    def __call__(self) -> int:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / FILE_NAME


@pytest.fixture
def writer(path: Path, clock: Clock) -> Iterator[ParcelWriter]:
    with ParcelWriter(path, "host", clock) as writer:
        yield writer


@pytest.fixture
def reader(path: Path, writer: ParcelWriter) -> Iterator[ParcelReader]:
    del writer
    reader = ParcelReader(path)
    yield reader
    reader.close()


class Kept:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def keep_header(self, text: str) -> None:
        self.lines.append(text)

    def keep(self, text: str) -> None:
        self.lines.append(text)


def take(writer: ParcelWriter, text: str, kept: Kept | None = None) -> Intake:
    intake = Intake("list.csv")
    how = Reading("list.csv", is_json=False, skip_unknown=False, keep=kept or Kept())
    for _ in take_list(io.BytesIO(text.encode("utf-8", "surrogateescape")), how, writer, intake):
        pass
    return intake


def test_a_parcel_is_found_by_each_of_its_codes(writer: ParcelWriter, reader: ParcelReader) -> None:
    record = ParcelRecord(
        "X1", ids=("A", "B"), country="BE", customs=CustomsState.LODGED, customs_at_s=5, customs_by="IE3R01"
    )
    assert writer.upsert(record).is_new
    assert [reader.find(code) for code in ("X1", "A", "B", "C", "\udcff")] == [record, record, record, None, None]
    assert reader.count() == 1
    writer.upsert(ParcelRecord("X1", ids=("B",)))
    assert reader.find("A") is None
    assert reader.count() == 1


def test_what_is_not_said_stays(writer: ParcelWriter) -> None:
    writer.upsert(ParcelRecord("X1", country="BE", postcode="4000", weight_g=5))
    now = writer.upsert(ParcelRecord("X1", weight_g=7)).record
    assert (now.country, now.postcode, now.weight_g) == ("BE", "4000", 7)


def test_a_list_ends_no_hold_and_no_intercept(writer: ParcelWriter, reader: ParcelReader) -> None:
    writer.hold("X1", "battery")
    writer.intercept("X1", "cancelled")
    take(writer, "waybill,country\nX1,BE\n")
    found = reader.find("X1")
    assert found is not None
    assert (found.country, found.hold, found.intercept) == ("BE", "host: battery", "cancelled")


def test_a_hold_is_released_by_a_person_with_a_name(writer: ParcelWriter, reader: ParcelReader) -> None:
    with pytest.raises(ParcelUnknown):
        writer.release("X1", "A. Lambert")
    writer.upsert(ParcelRecord("X1"))
    with pytest.raises(ChangeRefused, match="not held"):
        writer.release("X1", "A. Lambert")
    writer.hold("X1", "battery")
    with pytest.raises(ChangeRefused, match="by a person"):
        writer.release("X1", "  ")
    assert writer.release("X1", "A. Lambert", "opened").record.hold == ""
    story = reader.story("X1")
    assert [(change.by, change.what) for change in story] == [
        ("host", "upsert"),
        ("host", "hold"),
        ("A. Lambert", "release"),
    ]
    assert "battery" in story[-1].detail
    assert {change.at_s for change in story} == {NOW_S}


def test_customs_has_its_own_way(writer: ParcelWriter) -> None:
    assert writer.customs("X1", "ACCEPTED", NOW_S).record.customs is CustomsState.LODGED
    assert writer.customs("X1", "RELEASE", NOW_S + 10).record.customs is CustomsState.RELEASED
    older = writer.customs("X1", "CONTROL", NOW_S + 5)
    assert older.record.customs is CustomsState.RELEASED
    assert "older" in older.why
    held = writer.customs("X1", "SEIZE", NOW_S + 20).record
    listed = writer.upsert(ParcelRecord("X1", customs=CustomsState.RELEASED, customs_at_s=NOW_S + 30))
    assert listed.record.customs is held.customs is CustomsState.SEIZED
    assert listed.why


def test_an_unknown_message_never_releases(writer: ParcelWriter) -> None:
    writer.upsert(ParcelRecord("X1", customs=CustomsState.RELEASED, customs_at_s=NOW_S))
    done = writer.customs("X1", "IE9999", NOW_S + 1)
    assert done.record.customs is CustomsState.UNDER_CONTROL
    assert done.why


def test_a_list_with_every_fault_of_a_spreadsheet(
    writer: ParcelWriter, reader: ParcelReader, path: Path, clock: Clock
) -> None:
    text = (
        "\ufeffWaybill;Country;Postcode;Weight_g;;\r\n"
        "A1;de;1067;10\r\n"
        "\r\n"
        ";;;\r\n"
        '"A2";"FR";"75001";20\r\n'
        "A1;de;1067;10\r\n"
        "A1;de;1068;10\r\n"
        "A3;XX;1;1\r\n"
        "A4;BE;\udcff;1\r\n"
        '# a remark\r\n"A5;BE;1000;1\r\n'
    )
    kept = Kept()
    intake = take(writer, text, kept)
    assert (intake.new, intake.twice, intake.refused, intake.taken) == (2, 1, 4, 3)
    assert sorted((problem.line, problem.key) for problem in intake.problems) == [
        (7, "waybill"),
        (8, "country"),
        (9, ""),
        (11, ""),
    ]
    assert "line 2" in next(problem.what for problem in intake.problems if problem.line == 7)
    assert {mending.what.split()[0]: (mending.lines, mending.first) for mending in intake.mended} == {
        "country": (3, 2),
        "postcode": (3, 2),
    }
    assert kept.lines[0].startswith("Waybill")
    assert len(kept.lines) == 5
    with ParcelWriter(path, "host", clock) as later:
        again = take(later, text)
    assert (again.new, again.changed, again.same, again.twice, again.refused) == (0, 0, 2, 1, 4)
    assert reader.count() == 2


def test_two_lines_of_one_waybill_are_told_over_pieces_and_other_lists_are_believed(writer: ParcelWriter) -> None:
    first, other = ParcelRecord("X1", country="BE"), ParcelRecord("X1", country="NL")
    assert writer.take([(2, first)], "list") == Taken(1, 0, 0, 0, [], [])
    assert writer.take([(3, first)], "list").twice == 1
    assert writer.take([(4, other)], "list").refused == [(4, "X1 stands in an earlier line with other data")]


def test_a_later_list_is_believed(path: Path, clock: Clock) -> None:
    for country, changed in (("BE", 0), ("BE", 0), ("NL", 1)):
        with ParcelWriter(path, "host", clock) as writer:
            taken = writer.take([(2, ParcelRecord("X1", country=country))], "list")
            assert taken.changed == changed


def test_a_code_of_another_parcel_stays_his(writer: ParcelWriter, reader: ParcelReader) -> None:
    taken = writer.take([(2, ParcelRecord("X1", ids=("A",))), (3, ParcelRecord("X2", ids=("A", "B")))], "list")
    assert taken.told == [(3, "the code A belongs to X1 already")]
    found = [reader.find(code) for code in ("A", "B")]
    assert [record and record.waybill for record in found] == ["X1", "X2"]


@pytest.mark.parametrize(
    "text", ["", "\n\n# nothing\n", "colour,size\n1,2\n", "\ufeff\x00\x01\x02\n", "waybill\n" + "X" * 70_000]
)
def test_what_is_no_list(writer: ParcelWriter, text: str) -> None:
    with pytest.raises(ListUnreadable) as unreadable:
        take(writer, text)
    assert unreadable.value.problem.mend


def test_a_reader_hears_of_changes_of_what_it_watches(writer: ParcelWriter, reader: ParcelReader) -> None:
    writer.upsert(ParcelRecord("X1", ids=("A",)))
    writer.upsert(ParcelRecord("X2"))
    n = reader.newest()
    assert reader.changed_since(n, {"X1", "A"}) == (n, [])
    writer.hold("X2", "not ours")
    assert reader.changed_since(n, {"X1", "A"}).codes == []
    writer.hold("A", "battery")
    assert sorted(reader.changed_since(n, {"X1", "A", "C"}).codes) == ["A", "X1"]
    n = reader.newest()
    take(writer, "waybill\nX9\n")
    assert sorted(reader.changed_since(n, {"X1", "A"}).codes) == ["A", "X1"]


def test_old_parcels_are_forgotten_but_not_held_ones(writer: ParcelWriter, reader: ParcelReader, clock: Clock) -> None:
    writer.take([(n, ParcelRecord(f"X{n}", ids=(f"A{n}",))) for n in range(10)], "list")
    writer.hold("X3", "battery")
    writer.customs("X7", "SEIZE", NOW_S)
    clock.now_s += 3 * 86_400
    writer.upsert(ParcelRecord("X4", weight_g=2))
    n, seen = reader.newest(), list[int]()
    assert writer.purge(2 * 86_400, seen.append) == (7, 2)
    assert seen == [10]
    assert reader.count() == 3
    assert [bool(reader.find(code)) for code in ("X3", "A3", "X4", "X5", "A5")] == [True, True, True, False, False]
    assert reader.changed_since(n, {"X5"}).codes == ["X5"]


def test_a_code_that_a_parcel_no_longer_has_is_told_to_who_watches_it(
    writer: ParcelWriter, reader: ParcelReader
) -> None:
    writer.upsert(ParcelRecord("X1", ids=("A", "B"), customs=CustomsState.RELEASED))
    n = reader.newest()
    writer.upsert(ParcelRecord("X1", ids=("B",)))
    writer.hold("X1", "battery")
    assert sorted(reader.changed_since(n, {"A", "B"}).codes) == ["A", "B"]
    assert reader.find("A") is None


def test_no_parcel_takes_the_code_of_another_for_its_waybill(writer: ParcelWriter, reader: ParcelReader) -> None:
    writer.upsert(ParcelRecord("X1", ids=("A",)))
    writer.customs("A", "SEIZE", NOW_S)
    taken = writer.take([(2, ParcelRecord("A", customs=CustomsState.RELEASED))], "list")
    assert taken.refused == [(2, "A is another code of X1 already")]
    found = reader.find("A")
    assert found is not None
    assert found.customs is CustomsState.SEIZED


def test_writers_take_turns(path: Path, clock: Clock) -> None:
    def write(number: int) -> None:
        with ParcelWriter(path, f"writer {number}", clock) as writer:
            for n in range(20):
                writer.upsert(ParcelRecord(f"X{n}", weight_g=number))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reader = ParcelReader(path)
    assert (reader.count(), reader.newest()) == (20, 80)
    reader.close()


# ---------------------------------------------------------------------------------------------- a file that is none


def test_no_store(path: Path) -> None:
    with pytest.raises(StoreMissing):
        ParcelReader(path)
    path.touch()
    with pytest.raises(StoreMissing):
        ParcelReader(path)


def test_a_file_that_is_something_else(path: Path, clock: Clock) -> None:
    path.write_bytes(b"waybill,country\n" * 100)
    with pytest.raises(StoreDamaged):
        ParcelReader(path)
    with pytest.raises(StoreDamaged):
        ParcelWriter(path, "host", clock)
    path.unlink()
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE other (a)")
    con.close()
    for open_it in (lambda: ParcelReader(path), lambda: ParcelWriter(path, "host", clock)):
        with pytest.raises(StoreDamaged, match="no parcel store"):
            open_it()


def test_a_damaged_page_is_a_plain_error(path: Path, clock: Clock) -> None:
    with ParcelWriter(path, "host", clock) as writer:
        writer.take([(n, ParcelRecord(f"X{n:05}", tenant="t" * 40)) for n in range(3_000)], "list")
    data = bytearray(path.read_bytes())
    data[4096 * 10 : 4096 * 60] = b"\xa5" * (4096 * 50)
    path.write_bytes(data)
    reader = ParcelReader(path)
    with pytest.raises(StoreUnusable) as unusable:
        for n in range(3_000):
            reader.find(f"X{n:05}")
    assert unusable.value.mend
    reader.close()


def test_a_file_that_was_replaced_is_noticed(path: Path, clock: Clock, tmp_path: Path) -> None:
    with ParcelWriter(path, "host", clock) as writer:
        writer.upsert(ParcelRecord("X1"))
    shutil.copy(path, tmp_path / "other.db")
    reader = ParcelReader(path)
    before = reader.is_current
    (tmp_path / "other.db").replace(path)
    assert (before, reader.is_current) == (True, False)
    reader.close()


def test_a_writer_does_not_write_into_a_file_without_a_name(path: Path, clock: Clock) -> None:
    writer = ParcelWriter(path, "host", clock)
    writer.upsert(ParcelRecord("X1"))
    path.unlink()
    with pytest.raises(StoreUnusable, match="removed or replaced"):
        writer.upsert(ParcelRecord("X2"))
    writer.close()
