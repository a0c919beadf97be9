"""Identify: which parcel a read belongs to, and what the reads of a parcel amount to.

Theory. A telegram knows only its moment. The belt's samples turn the moment into a place; the read belongs to the parcel
whose middle was within the window of the scan point then. Where two parcels are closer together than two windows, each
window ends half way between them. A read that fits nobody is an orphan: logged, never guessed. While the belt's place at
that moment cannot be told (frozen link, events still to come), the frame waits. Where the belt may have stood meanwhile, the
read must fit the same parcel at every place at which the belt may have been.
"""

from sortctl.labels import judge
from sortctl.logic import allocate
from sortctl.logic.known.line import Line
from sortctl.logic.known.passage import Passage, Stage
from sortctl.words.causes import ReadClass
from sortctl.words.facts import Code, CodesRead
from sortctl.words.ids import PassageNumber
from sortctl.words.outcomes import ReadClassed, ReadOrphaned, ReadTied
from sortctl.words.units import NS_PER_MS, counts_to_mm

READS_WAITING_MAX = 256
"""Frames that wait for the belt's place; at 5 parcels/s and two scanners that is 25 s without a PLC."""
CODES_MAX = 32
"""Different codes kept for one parcel."""


def take_read(line: Line, fact: CodesRead) -> None:
    """Tie the read now if the belt's place at its moment is known, else let it wait."""
    if line.state.is_linked and line.state.belt.is_fresh(fact.at_ns):
        tie(line, fact)
        return
    if len(line.state.reads) >= READS_WAITING_MAX:
        _orphan(line, line.state.reads.pop(0), "too many reads wait for the PLC")
    line.state.reads.append(fact)


def tie_waiting(line: Line, at_ns: int) -> None:
    """The belt's place is known up to `at_ns`: tie the reads that waited for it."""
    state = line.state
    while state.reads and state.reads[0].at_ns <= at_ns:
        tie(line, state.reads.pop(0))


def drop_waiting(line: Line, why: str) -> None:
    """Reads whose place will never be known."""
    for fact in line.state.reads:
        _orphan(line, fact, why)
    line.state.reads = []


def tie(line: Line, fact: CodesRead) -> None:
    """Find the parcel of this read by position."""
    scanner, belt = line.machine.scanners[fact.scanner], line.state.belt
    moment = fact.at_ns - scanner.delay_ms * NS_PER_MS
    point, window = line.geometry.scan_points[scanner.scan_point], line.geometry.counts(scanner.window_mm)
    passage, offset = _nearest(line, belt.at_time(moment) - point, window)
    per_metre = line.machine.sorter.counts_per_metre
    if passage is None:
        near = f"; the nearest is {counts_to_mm(abs(offset), per_metre)} mm away" if offset else ""
        _orphan(line, fact, f"no parcel within its window{near}")
        return
    within = belt.within(moment, line.machine.counts_in(1_000))
    if within is None:
        _orphan(line, fact, "nobody remembers where the belt stood then")
        return
    if any(_nearest(line, odo - point, window)[0] is not passage for odo in within):
        doubt_mm = counts_to_mm(within[1] - within[0], per_metre)
        _orphan(line, fact, f"where the belt stood then is known within {doubt_mm} mm only")
        return
    texts = tuple(code.text for code in fact.codes)
    offset_mm = counts_to_mm(offset, per_metre)
    line.say(ReadTied(line.now_ns, line.sorter, PassageNumber(passage.number), fact.scanner, texts, offset_mm))
    _note(passage, fact)
    classify(line, passage)


def _middle(line: Line, passage: Passage) -> int:
    return passage.origin + line.geometry.counts(passage.length_mm) // 2


def _nearest(line: Line, middle: int, window: int) -> tuple[Passage | None, int]:
    """(the passage whose middle was within its window, its offset), or (None, offset of the nearest or 0)."""
    reach = 2 * window + line.geometry.longest
    near = sorted((middle - _middle(line, p), p.number, p) for p in line.near(middle - reach, middle + reach))
    if not near:
        return None, 0
    index = min(range(len(near)), key=lambda i: abs(near[i][0]))
    offset, _, passage = near[index]
    for other in (index - 1, index + 1):
        if 0 <= other < len(near):
            window = min(window, (abs(near[other][0] - offset) - 1) // 2)
    return (passage, offset) if abs(offset) <= window else (None, offset)


def _note(passage: Passage, fact: CodesRead) -> None:
    if not fact.codes and fact.scanner not in passage.refused_by:
        passage.refused_by.append(fact.scanner)
    for code in fact.codes:
        if code not in passage.codes and len(passage.codes) < CODES_MAX:
            passage.codes.append(code)


def classify(line: Line, passage: Passage) -> None:
    """What the reads so far amount to; a decision follows where that changed."""
    if not passage.codes:
        everyone = len(passage.refused_by) >= len(line.machine.scanners)
        if everyone and passage.read_class is ReadClass.NONE_YET:
            settle(line, passage, ReadClass.NO_READ, "")
        return
    read_class, waybill = _judge(line, passage.codes)
    if read_class is ReadClass.GOOD:
        carrier = line.shared.by_waybill.get(waybill)
        if carrier is not None and carrier != passage.number:
            read_class = ReadClass.DUPLICATE
        elif passage.read_class in (ReadClass.NO_READ, ReadClass.LATE):
            read_class = ReadClass.LATE
    settle(line, passage, read_class, waybill)


def _judge(line: Line, codes: list[Code]) -> tuple[ReadClass, str]:
    """Which of the codes is the waybill: the one the hub knows; else the first that is valid."""
    texts = list(dict.fromkeys(code.text for code in codes))
    known = [text for text in texts if line.shared.plan.parcel(text)]
    if len(known) == 1:
        return ReadClass.GOOD, known[0]
    if known:
        destinations = {_destination(line, text) for text in known}
        return (ReadClass.MULTI_READ if len(destinations) == 1 else ReadClass.CONFLICT), ""
    valid = [text for text in texts if judge(text).valid]
    return (ReadClass.GOOD, valid[0]) if valid else (ReadClass.INVALID, texts[0])


def _destination(line: Line, waybill: str) -> str:
    parcel = line.shared.plan.parcel(waybill)
    match = line.shared.plan.match(parcel) if parcel else None
    return match.destination if match else ""


def settle(line: Line, passage: Passage, read_class: ReadClass, waybill: str) -> None:
    """The reads of `passage` amount to this; decide if that is new."""
    if (passage.read_class, passage.waybill) == (read_class, waybill) or passage.stage is Stage.CLOSED:
        return
    by_waybill = line.shared.by_waybill
    if passage.waybill and by_waybill.get(passage.waybill) == passage.number:
        del by_waybill[passage.waybill]
    passage.read_class, passage.waybill = read_class, waybill
    if waybill and read_class is not ReadClass.DUPLICATE:
        by_waybill.setdefault(waybill, passage.number)
    line.say(ReadClassed(line.now_ns, line.sorter, PassageNumber(passage.number), read_class, waybill))
    allocate.decide(line, passage)


def _orphan(line: Line, fact: CodesRead, why: str) -> None:
    texts = tuple(code.text for code in fact.codes)
    line.say(ReadOrphaned(line.now_ns, line.sorter, fact.scanner, texts, why))
