"""Questions, answers, changes, silence and the wall clock, as facts; nothing is looked up here."""

import msgspec

from sortctl.runtime.halves.hub_half import AWAY_MAX, HubHalf, HubState
from sortctl.words.causes import Cause, Disposition, Family, Proof
from sortctl.words.facts import Fact
from sortctl.words.hub import HostSilent, ParcelTold, ParcelTurned, WallSet
from sortctl.words.ids import ChuteNumber, PassageNumber, SorterId
from sortctl.words.outcomes import ParcelAsked, PassageClosed
from sortctl.words.parcels import ParcelRecord
from sortctl.words.units import NS_PER_MS as MS
from sortctl.words.units import NS_PER_S

LINE = SorterId("line1")
X1 = ParcelRecord("X1", country="BE")
ANSWER_MS = 250


def made() -> HubHalf:
    return HubHalf(ANSWER_MS)


def asked(half: HubHalf, passage: int, code: str, at_ns: int = 0) -> None:
    half.see(ParcelAsked(at_ns, LINE, PassageNumber(passage), code))


def closed(half: HubHalf, passage: int, chute: int) -> None:
    half.see(
        PassageClosed(
            0, LINE, PassageNumber(passage), Disposition.SORTED if chute else Disposition.LOST, Cause.NONE, Family.NONE,
            "X1", "", ChuteNumber(chute), ChuteNumber(chute), Proof.SEEN, "",
        )
    )  # fmt: skip


def through(half: HubHalf, facts: list[Fact]) -> list[Fact]:
    """As the controller does it."""
    for fact in facts:
        half.took(fact)
    return facts


def test_each_question_is_handed_over_once_and_watched_at_once() -> None:
    half = made()
    asked(half, 1, "X1")
    asked(half, 2, "X1")
    asked(half, 2, "X2")
    assert half.take_questions() == ["X1", "X2"]
    assert half.take_questions() == []
    assert half.watched == {"X1": 2, "X2": 1}


def test_an_answer_is_told_if_somebody_waits_for_it() -> None:
    half = made()
    asked(half, 1, "X1")
    assert through(half, half.told("X1", X1, 5)) == [ParcelTold(5, "X1", X1)]
    assert half.told("X1", X1, 6) == []
    assert half.told("X9", None, 6) == []


def test_a_change_that_is_none_is_not_told() -> None:
    half = made()
    asked(half, 1, "X1")
    assert half.turned("X1", X1, 1) == [], "its answer is still to come"
    through(half, half.told("X1", X1, 1))
    assert half.turned("X1", X1, 2) == []
    held = msgspec.structs.replace(X1, hold="battery")
    assert through(half, half.turned("X1", held, 3)) == [ParcelTurned(3, "X1", held)]
    assert half.turned("X1", held, 4) == []
    assert through(half, half.turned("X1", None, 5)) == [ParcelTurned(5, "X1", None)]


def test_a_change_is_told_under_the_code_that_was_asked_and_under_the_waybill() -> None:
    half = made()
    asked(half, 1, "A")
    through(half, half.told("A", None, 1))
    assert [fact.waybill for fact in half.turned("A", X1, 2) if isinstance(fact, ParcelTurned)] == ["A", "X1"]


def test_a_parcel_is_watched_on_in_its_chute_and_its_bag_and_where_it_was_lost() -> None:
    half = made()
    for passage, chute in ((1, 7), (2, 7), (3, 0)):
        asked(half, passage, f"X{passage}")
        asked(half, passage, f"SPELT-{passage}")
        through(half, half.told(f"X{passage}", ParcelRecord(f"X{passage}"), 1))
        closed(half, passage, chute)
    assert half.watched == {"X1": 1, "X2": 1, "X3": 1}
    assert half.state.codes == {1: ["X1"], 2: ["X2"], 3: ["X3"]}


def test_only_so_many_are_watched_in_chutes_and_bags() -> None:
    half = made()
    for passage in range(1, AWAY_MAX + 11):
        asked(half, passage, f"X{passage}")
        through(half, half.told(f"X{passage}", ParcelRecord(f"X{passage}"), 1))
        closed(half, passage, 1)
    assert len(half.watched) == AWAY_MAX
    assert "X10" not in half.watched
    assert len(half.state.told) == AWAY_MAX


def test_a_question_without_an_answer_makes_the_host_silent_until_one_comes() -> None:
    half = made()
    asked(half, 1, "X1", 10 * MS)
    assert half.next_wake_ns() == 260 * MS
    assert half.wake(259 * MS) == []
    silent = through(half, half.wake(260 * MS))
    assert silent == [HostSilent(260 * MS, True, "no answer within 250 ms")]
    assert half.next_wake_ns() is None
    assert half.wake(300 * MS) == []
    closed(half, 1, 0)
    assert half.wake(900 * MS) == [], "that nobody wants to know any more is no answer"
    asked(half, 2, "X2", 950 * MS)
    through(half, half.told("X2", None, 960 * MS))
    assert through(half, half.judged(960 * MS)) == [HostSilent(960 * MS, False, "")]


def test_a_store_that_cannot_be_asked_is_told_with_its_cause() -> None:
    half = made()
    half.store("no store")
    assert through(half, half.judged(1)) == [HostSilent(1, True, "no store")]
    assert half.judged(2) == []
    half.store("damaged")
    assert through(half, half.judged(3)) == [HostSilent(3, True, "damaged")]
    half.store("")
    assert through(half, half.judged(4)) == [HostSilent(4, False, "")]


def test_the_wall_clock_is_told_at_the_start_and_when_it_was_set() -> None:
    half = made()
    wall_ns = 1_000 * NS_PER_S
    assert through(half, half.wall(wall_ns, 5)) == [WallSet(5, wall_ns)]
    assert half.wall(wall_ns + 2 * NS_PER_S, 5) == []
    assert through(half, half.wall(wall_ns - 3 * NS_PER_S, 5)) == [WallSet(5, wall_ns - 3 * NS_PER_S)]
    half.begin(6)
    assert half.wall(wall_ns - 3 * NS_PER_S, 6), "each run begins with it"


def test_what_was_asked_before_a_restart_is_asked_again_and_watched_on() -> None:
    half = made()
    asked(half, 1, "X1", 10)
    asked(half, 2, "X2", 20)
    half.take_questions()
    through(half, half.told("X2", X1, 30))
    again = made()
    again.restore(msgspec.json.decode(msgspec.json.encode(half.state), type=HubState))
    again.begin(100)
    assert again.take_questions() == ["X1"]
    assert again.watched == half.watched
    assert again.next_wake_ns() == 100 + ANSWER_MS * MS
    assert again.turned("X2", X1, 110) == []
