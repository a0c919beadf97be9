"""Identify: reads are tied to the parcels of a line by position (`logic/reads.py`), and classed (`logic/codes.py`).

What is not known of the codes yet is asked, and waited for as long as the first chute that lies ahead can still be reached.
Comes in: frames of the scanners, answers. Goes out: `ReadTied`, and a decision where something has changed.
"""

from sortctl.logic import codes, reads
from sortctl.logic.codes import Judged
from sortctl.logic.hub import data, recall
from sortctl.logic.known import deadlines
from sortctl.logic.known.line import Line, LinePassage
from sortctl.logic.line import allocate
from sortctl.words.causes import ReadClass
from sortctl.words.facts import CodesRead
from sortctl.words.hub import ParcelTold, ParcelTurned
from sortctl.words.ids import PassageNumber
from sortctl.words.outcomes import ReadTied
from sortctl.words.units import counts_to_mm


def take_read(line: Line, fact: CodesRead) -> None:
    """Tie the read now if the belt's place at its moment is known, else let it wait."""
    reads.take(line, fact, tie)


def tie_waiting(line: Line, at_ns: int) -> None:
    """The belt's place is known up to `at_ns`: tie the reads that waited for it."""
    reads.tie_waiting(line, at_ns, tie)


def tie(line: Line, fact: CodesRead) -> None:
    """Find the parcel of this read by position."""
    found = reads.find(line, fact, lambda middle, window: _nearest(line, middle, window))
    if found is None:
        return
    passage, offset, _ = found
    offset_mm = counts_to_mm(offset, line.machine.sorter.counts_per_metre)
    texts = tuple(code.text for code in fact.codes)
    line.say(ReadTied(line.now_ns, line.sorter, PassageNumber(passage.number), fact.scanner, texts, offset_mm))
    codes.note(passage, fact)
    judge(line, passage)


def judge(line: Line, passage: LinePassage) -> None:
    """What the reads amount to with what is known of them; wait for answers while there is still time."""
    if data.ask(line, passage):
        passage.answer_by = deadlines.answer_end(line, passage)
    if data.is_open(line.shared, passage) and passage.answer_by > line.state.belt.at_time(line.now_ns):
        deadlines.remind(line, passage)
        return
    passage.answer_by = 0
    codes.classify(line, passage)
    if passage.read_class is not ReadClass.NONE_YET:
        allocate.decide(line, passage)


def take_told(line: Line, fact: ParcelTold) -> None:
    """An answer about codes that were read."""
    _look_again(line, fact.code)


def take_turned(line: Line, fact: ParcelTurned) -> None:
    """What is known of a parcel has changed: decide anew, or call it back."""
    _look_again(line, fact.waybill)
    recall.turned(line, fact)


def _look_again(line: Line, name: str) -> None:
    for concerned in data.concerned(line.shared, name):
        passage = line.passage(concerned.number)
        if passage is not None:
            judge(line, passage)
            allocate.hold_back(line, passage)


def settle(line: Line, passage: LinePassage, read_class: ReadClass) -> None:
    """No read of `passage` comes any more: they amount to this."""
    if codes.settle(line, passage, Judged(read_class, "")):
        allocate.decide(line, passage)


def _middle(line: Line, passage: LinePassage) -> int:
    return passage.origin + line.geometry.counts(passage.length_mm) // 2


def _nearest(line: Line, middle: int, window: int) -> tuple[LinePassage | None, int]:
    """(the passage whose middle was within its window, its offset), or (None, offset of the nearest or 0)."""
    reach = 2 * window + line.geometry.longest
    near = sorted((middle - _middle(line, p), p.number, p) for p in line.near(middle - reach, middle + reach))
    return reads.nearest_of(near, window)
