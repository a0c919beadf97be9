"""With a small logic of its own: it counts, tells what it counted, and can be put to any state."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sortctl.journal.pen import Entry, SiteFiles, Snapshot
from sortctl.journal.read import JournalReader
from sortctl.journal.replay import Replayed, ReplayImpossible, replay
from sortctl.journal.row import row_of
from sortctl.words.facts import BeltMoved, ControllerStarted, Fact
from sortctl.words.ids import ChuteNumber, PlcId
from sortctl.words.orders import ShowLamp
from sortctl.words.outcomes import Disturbed
from tests.journal.made import FILES, LINE, SITE, write

OTHER_SITE = "b" * 64
OTHER_FILES = {"site.toml": b"factor = 100"}


class Counting:
    """Sums the belt counts; odd ones make a lamp and an outcome, 13 makes it fail."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.factor = 100 if files == OTHER_FILES else 1
        self.sum = 0
        self.forgets = False

    def step(self, fact: Any) -> Sequence[Any]:
        if isinstance(fact, ControllerStarted):
            return [Disturbed(fact.at_ns, LINE, "started", True, str(self.sum))]
        if fact.count == 13:
            raise RuntimeError("bad luck")
        self.sum += fact.count * self.factor
        if fact.count % 2 == 0:
            return []
        lamp = ShowLamp(PlcId("main"), 1, fact.count, str(self.sum), ChuteNumber(1), 1)
        return [lamp, Disturbed(fact.at_ns, LINE, "sum", True, str(self.sum))]

    def plan_in(self, snapshot: bytes) -> str:
        return ""

    def begin_with(self, files: dict[str, bytes]) -> None:
        raise NotImplementedError

    def apply_plan(self, files: dict[str, bytes]) -> None:
        raise NotImplementedError

    def restore(self, snapshot: bytes) -> None:
        self.sum = int(snapshot)


class Day:
    """Writes a journal as a controller would."""

    def __init__(self) -> None:
        self.seq = 0
        self.entries: list[Entry] = []
        self.logic = Counting(FILES)

    def start(self, site: str = SITE, files: dict[str, bytes] = FILES) -> "Day":
        state = self.logic.sum
        self.logic = Counting(files)
        self.logic.sum = state
        self.entries.append(SiteFiles(site, files))
        return self.take(ControllerStarted(self.seq, 0, site, "1"))

    def move(self, *counts: int) -> "Day":
        for count in counts:
            self.take(BeltMoved(self.seq, PlcId("main"), count))
        return self

    def take(self, fact: Fact) -> "Day":
        for thing in [fact, *self.logic.step(fact)]:
            self.seq += 1
            self.entries.append(row_of(self.seq, self.seq, self.seq, thing))
        return self

    def save(self) -> "Day":
        self.entries.append(Snapshot(self.seq, self.seq, str(self.logic.sum).encode()))
        return self

    def lose(self, rows: int) -> "Day":
        """The next rows are dropped, as on a full disk."""
        self.seq += rows
        return self

    def replayed(self, path: Path, until: int | None = None) -> Replayed:
        with JournalReader(write(path, self.entries)) as reader:
            return replay(reader, Counting, until, lambda _: None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_the_same_logic_says_the_same(path: Path) -> None:
    told = Day().start().move(1, 2, 3, 4, 5).replayed(path)
    assert told == Replayed(1, 13, 6, 3, 4, 1, 0, None)


def test_runs_are_one_stream(path: Path) -> None:
    told = Day().start().move(1, 2).start().move(3).save().move(5).start().move(7).replayed(path)
    assert (told.runs, told.skipped, told.divergence) == (3, 0, None)


def test_a_run_with_another_configuration_begins_as_the_controller_did(path: Path) -> None:
    """From the last snapshot and the facts after it, stepped by the logic of the new configuration."""
    day = Day().start().move(1, 2).save().move(4)
    day.logic.sum = 3 + 400  # the restart steps the 4 again, with the new factor
    told = day.start(OTHER_SITE, OTHER_FILES).move(5).replayed(path)
    assert (told.runs, told.divergence) == (2, None)


def test_the_first_difference_is_named_with_its_fact(path: Path) -> None:
    day = Day().start().move(1, 3)
    day.logic.sum += 1
    told = day.move(2, 5, 7).replayed(path)
    assert told.divergence is not None
    assert (told.divergence.seq, told.divergence.fact_seq) == (11, 10)
    assert '"reason":"12"' in told.divergence.journal
    assert '"reason":"11"' in told.divergence.logic


def test_what_only_one_side_says_is_a_difference(path: Path) -> None:
    day = Day().start().move(1)
    lone = day.entries.pop()
    told = day.replayed(path)
    assert told.divergence is not None
    assert (told.divergence.seq, told.divergence.journal) == (5, "nothing more")
    path.unlink()
    day.entries.append(lone)
    day.entries.append(row_of(6, 6, 6, Disturbed(1, LINE, "more", True, "")))
    told = day.replayed(path)
    assert told.divergence is not None
    assert (told.divergence.seq, told.divergence.logic) == (6, "nothing more")


def test_a_logic_that_fails_is_a_difference_not_a_crash(path: Path) -> None:
    day = Day().start()
    day.entries.append(row_of(3, 3, 3, BeltMoved(3, PlcId("main"), 13)))
    told = day.replayed(path)
    assert told.divergence is not None
    assert "bad luck" in told.divergence.logic


def test_until_a_row(path: Path) -> None:
    told = Day().start().move(1, 3, 5).replayed(path, until=4)
    assert (told.last_seq, told.facts, told.divergence) == (4, 2, None)


def test_over_a_hole_it_goes_on_at_the_next_snapshot(path: Path) -> None:
    """What comes between cannot be proven, and is counted."""
    told = Day().start().move(1).lose(5).move(2, 3).lose(4).save().move(5, 7).replayed(path)
    assert (told.skipped, told.divergence) == (4, None)
    assert told.facts == 4


def test_a_run_that_could_not_recover_is_replayed_from_its_first_snapshot(path: Path) -> None:
    day = Day().start().move(1, 3)
    day.logic.sum = 0
    day.take(ControllerStarted(day.seq, 0, SITE, "1", "the state in the journal could not be recovered", day.seq))
    told = day.move(2).save().move(5).replayed(path)
    assert (told.skipped, told.divergence) == (3, None)
    assert told.facts == 4


def test_a_pruned_journal_begins_at_its_first_snapshot(path: Path) -> None:
    day = Day().start().move(1, 3).save()
    kept = len(day.entries)
    day.move(5, 7)
    site = [entry for entry in day.entries[:kept] if isinstance(entry, SiteFiles)]
    day.entries = [*site, *day.entries[kept - 2 :]]  # the row of the snapshot, the snapshot, and what follows
    told = day.replayed(path)
    assert (told.first_seq, told.skipped, told.facts, told.divergence) == (9, 1, 2, None)


def test_without_the_configuration_there_is_no_replay(path: Path) -> None:
    day = Day().start()
    day.entries.pop(0)
    with pytest.raises(ReplayImpossible, match="configuration aaaaaaaaaaaa"):
        day.replayed(path)
