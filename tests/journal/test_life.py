"""The story of a parcel on a loop, in words: the PLC's number, laps, gone and found again."""

from pathlib import Path

from sortctl.journal.life import in_words, trace
from sortctl.journal.read import JournalReader
from sortctl.journal.row import row_of
from sortctl.words.causes import Band, Cause
from sortctl.words.ids import ChuteNumber, EyeNumber, InductNumber, PassageNumber, PlcId, SorterId
from sortctl.words.orders import Cancel, Divert, Order
from sortctl.words.outcomes import Outcome, PassageFound, PassageMissing, PassageOpened, Recirculated, SeenAtEye
from tests.journal.made import started, write

LOOP = SorterId("loop1")
SEVEN = PassageNumber(7)


def opened(induct: int) -> PassageOpened:
    return PassageOpened(0, LOOP, SEVEN, 0xAB, 3, 90, InductNumber(induct), 400, item=901)


def test_a_passage_on_a_loop_has_the_plcs_number() -> None:
    what, text = in_words(opened(1))
    assert what == "inducted"
    assert "at induct 1, 400 mm long; the PLC calls it item 901" in text
    what, text = in_words(opened(0))
    assert what == "found"
    assert "where nothing was booked; the PLC calls it item 901" in text


def test_each_lap_says_why() -> None:
    lap = Recirculated(0, LOOP, SEVEN, 1, Cause.CHUTES_UNAVAILABLE, "chute 5 is full")
    assert in_words(lap) == ("lap", "lap 2 begins; chutes unavailable: chute 5 is full")
    assert in_words(Recirculated(0, LOOP, SEVEN, 1, Cause.NONE, "chute 5 lies ahead")) == (
        "lap",
        "lap 2 begins; chute 5 lies ahead",
    )


def test_gone_and_found_again() -> None:
    assert in_words(PassageMissing(0, LOOP, SEVEN, 901, "the carrier came by empty")) == (
        "missing",
        "item 901: the carrier came by empty; a fresh read may find it again",
    )
    assert in_words(PassageFound(0, LOOP, SEVEN, 902, "read at the tunnel")) == (
        "found",
        "read at the tunnel; the PLC calls it item 902 now",
    )


def test_orders_for_its_item_are_in_its_story_and_those_for_an_item_of_its_number_are_not(tmp_path: Path) -> None:
    divert = Divert(PlcId("loop"), 1, 1, "be-eco", ChuteNumber(5), 901, 0)
    cancel = Cancel(PlcId("loop"), 1, 2, "ride on", ChuteNumber(5), 901, 0)
    other = Divert(PlcId("loop"), 1, 3, "fr-eco", ChuteNumber(6), 7, 0)
    seen = SeenAtEye(0, LOOP, SEVEN, EyeNumber(2), Band.ON_TIME, 0)
    things: list[tuple[Order | Outcome, int | None]] = [
        (opened(1), None),
        (divert, 7),
        (cancel, 7),
        (other, 12),
        (seen, None),
    ]
    rows = [row_of(seq, seq, seq, thing, about) for seq, (thing, about) in enumerate(things, start=2)]
    write(tmp_path / "journal.db", [started(1), *rows])
    with JournalReader(tmp_path / "journal.db") as reader:
        (life,) = trace(reader, "7").lives
    told = [step.text for step in life.steps]
    assert len(told) == 4
    assert told[1] == "divert to chute 5 of item 901, order 1 of epoch 1: be-eco"
    assert told[3].startswith("point 2: on time")
    assert told[2] == "withdraw the divert to chute 5, order 2 of epoch 1: ride on"
