"""Tunnel: reads on a loop. Every pass gives, confirms or refuses the identity of a load.

Theory. A read belongs to the load whose carrier was under the scanner (`logic/reads.py`); what was read on one pass is judged together,
and apart from other passes. First the load is given its identity as on a line (`logic/codes.py`). On every later pass: its waybill
among the codes confirms it, none or an unknown code says nothing, one other waybill that the hub knows refuses it
(`identity_changed`: two loads have changed carriers, or one lies on top); two that carry each other's label have changed
carriers, and change places in the books: they are barred all the same, but each is accounted for as itself. Several known waybills on one carrier are a double
load, on whichever pass. What is not known of the codes yet is asked, and waited for up to the next chute. Comes in: frames,
answers. Goes out: `ReadTied`, `ReadClassed`, barred passages, strangers recognised.
"""

from sortctl.logic import codes, reads
from sortctl.logic.hub import data, recall
from sortctl.logic.known.loop import Found, Loop, LoopPassage, Where
from sortctl.logic.loop import adrift, allocate, deadlines, identify
from sortctl.words.causes import Cause, ReadClass
from sortctl.words.facts import CodesRead
from sortctl.words.hub import ParcelTold, ParcelTurned
from sortctl.words.ids import PassageNumber
from sortctl.words.outcomes import PassageFound, ReadTied
from sortctl.words.units import counts_to_mm

Load = LoopPassage | Found
_IDENTIFIED = frozenset({ReadClass.GOOD, ReadClass.LATE, ReadClass.DUPLICATE})


def take_read(loop: Loop, fact: CodesRead) -> None:
    """Tie the read now if the belt's place at its moment is known, else let it wait."""
    reads.take(loop, fact, tie)


def tie_waiting(loop: Loop, at_ns: int) -> None:
    """The belt's place is known up to `at_ns`: tie the reads that waited for it."""
    reads.tie_waiting(loop, at_ns, tie)


def tie(loop: Loop, fact: CodesRead) -> None:
    """Find the load of this read by position."""
    found: tuple[Load, int, int] | None = reads.find(
        loop,
        fact,
        lambda place, window: _nearest(loop, place, window),
        lambda place: adrift.sight(loop, fact, place),
    )
    if found is None:
        return
    load, offset, odo = found
    offset_mm, middle = counts_to_mm(offset, loop.machine.sorter.counts_per_metre), odo - offset
    if isinstance(load, LoopPassage):
        _say_tied(loop, load, fact, offset_mm)
        _begin_pass(loop, load, middle)
        codes.note(load, fact)
        judge(loop, load)
        return
    codes.note(load, fact)
    passage = adrift.recognise(loop, load)
    if passage is not None:  # else others of the same pass may tell more
        _say_tied(loop, passage, fact, offset_mm)
        passage.pass_at = middle
        judge(loop, passage)


def _say_tied(loop: Loop, passage: LoopPassage, fact: CodesRead, offset_mm: int) -> None:
    texts = tuple(code.text for code in fact.codes)
    loop.say(ReadTied(loop.now_ns, loop.sorter, PassageNumber(passage.number), fact.scanner, texts, offset_mm))


def _nearest(loop: Loop, place: int, window: int) -> tuple[Load | None, int]:
    """(whose carrier was within its window, its offset), or (None, offset of the nearest or 0)."""
    ring = loop.ring
    reach = 2 * window + ring.length // ring.carriers
    found = sorted(loop.riding.near(ring.phase(place), min(reach, ring.length // 2 - 1)))
    near: list[tuple[int, int, Load]] = [(offset, key, loop.load(key)) for offset, key in found]
    return reads.nearest_of(near, window)


def _begin_pass(loop: Loop, passage: LoopPassage, middle: int) -> None:
    """`middle` is the odometer at which its carrier was in the middle of the tunnel."""
    if abs(middle - passage.pass_at) > 2 * loop.ring.blink:
        passage.codes, passage.refused_by = [], []
        passage.pass_at = middle


def judge(loop: Loop, passage: LoopPassage) -> None:
    """What this pass says about `passage`; the decision is looked at again."""
    if identify.must_wait(loop, passage):
        return
    known = list(codes.known_in(loop.shared, passage.codes))
    if passage.read_class in _IDENTIFIED and passage.record is not None:
        if passage.waybill in known:
            if passage.read_class is ReadClass.DUPLICATE and len(known) == 1:
                codes.classify(loop, passage)  # the other one may be gone
        elif len(known) == 1:
            why = f"{known[0]} was read on it, {passage.waybill} before"
            allocate.bar(loop, passage, Cause.IDENTITY_CHANGED, why)
            _exchange(loop, passage, known[0])
    else:
        codes.classify(loop, passage)
    if len(known) > 1:
        allocate.bar(loop, passage, Cause.DOUBLE_LOAD, " and ".join(known[:2]) + " on one carrier")
    allocate.decide(loop, passage)


def take_told(loop: Loop, fact: ParcelTold) -> None:
    """An answer about codes that were read."""
    _look_again(loop, fact.code)


def take_turned(loop: Loop, fact: ParcelTurned) -> None:
    """What is known of a parcel has changed: decide anew, or call it back."""
    _look_again(loop, fact.waybill)
    recall.turned(loop, fact)


def _look_again(loop: Loop, name: str) -> None:
    for concerned in data.concerned(loop.shared, name):
        passage = loop.passage(concerned.number)
        if passage is not None:
            judge(loop, passage)
            allocate.hold_back(loop, passage)


def _exchange(loop: Loop, passage: LoopPassage, waybill: str) -> None:
    """The label of another passage was read on this one. If the label of this one was read there, they have changed places."""
    passage.changed_to = waybill
    other = loop.passage(loop.shared.by_waybill.get(waybill, 0))
    if other is None or other.changed_to != passage.waybill:
        return
    if passage.where is not Where.RIDING or other.where is not Where.RIDING:
        return
    loop.exchange(passage, other)
    for one, partner in ((passage, other), (other, passage)):
        one.changed_to = ""
        why = f"it has changed carriers with passage {partner.number}"
        loop.say(PassageFound(loop.now_ns, loop.sorter, PassageNumber(one.number), one.item, why))
        one.due = 0
        deadlines.remind(loop, one)
