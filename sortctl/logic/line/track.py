"""Track: where each parcel should be now, and what the check-point eyes say to that.

Theory. An item at an eye is a pair of edges: its front tells the place, front to tail the length. Edges closer together than
the bounce distance are one item. Rule 1: an item is the passage in whose window its front lies, never "the next one"; where
two are close, each window ends half way between them. Rule 2: on time and of the booked length, it is proven; the place is
corrected. Displaced (early or late), or of another length: it keeps its passage but is barred, for two may have changed
places. Rule 3: an item that nobody expects opens a passage of its own, barred; while passages are adrift it waits until they are placed again.
Rule 4: a passage that an eye should have seen and did not is lost at the far edge of its window, not before, and only when
every event up to there has been told.
"""

from sortctl.logic.known import deadlines
from sortctl.logic.known.line import EyeBook, Line, LinePassage, Stranger
from sortctl.logic.line import allocate, induct, realign
from sortctl.words.causes import Band, Cause
from sortctl.words.facts import EyeChanged
from sortctl.words.ids import ChuteNumber, EyeNumber, PassageNumber
from sortctl.words.outcomes import ItemUnexpected, SeenAtEye
from sortctl.words.units import counts_to_mm


def take_edge(line: Line, fact: EyeChanged) -> None:
    """One edge of a check-point eye."""
    index = line.geometry.eye_index.get(fact.eye)
    if index is None:
        line.say(ItemUnexpected(line.now_ns, line.sorter, fact.eye, ChuteNumber(0), fact.count, "eye not in the site"))
        return
    odo, book = line.state.belt.at_count(fact.count), line.state.eyes[index]
    if not fact.blocked:
        if book.front is not None:
            book.tail = odo
        return
    if book.tail is not None and odo - book.tail <= line.geometry.bounce:
        book.tail = None
        return
    tell_item(line, index)
    if book.front is None:
        book.front = odo


def settle_items(line: Line, odo: int) -> None:
    """Tell every item whose tail lies further behind `odo` than bouncing can explain; edges up to there have been told."""
    for index, book in enumerate(line.state.eyes):
        if book.tail is not None and odo - book.tail > line.geometry.bounce:
            tell_item(line, index)


def has_items(line: Line) -> bool:
    """An eye has seen an item that is not told yet."""
    return any(book.front is not None for book in line.state.eyes)


def tell_item(line: Line, index: int) -> None:
    """The item at eye `index` has passed whole: find out who it is."""
    book = line.state.eyes[index]
    if book.front is None or book.tail is None:
        return
    front, tail = book.front, book.tail
    book.front = book.tail = None
    if tail - front <= line.geometry.bounce:
        return  # shorter than anything that is sorted: the contact bounced
    _identify(line, index, front, tail)


def _identify(line: Line, index: int, front: int, tail: int) -> None:
    book = line.state.eyes[index]
    slack, book.slack = book.slack, 0
    passage = _who(line, index, front, slack)
    if passage is None:
        _unexpected(line, index, front, tail)
        return
    _seen(line, index, passage, front, tail, book)


def meet(line: Line, stranger: Stranger) -> None:
    """An item that had to wait for passages to be placed again: who is it now?"""
    if stranger.eye is None:
        return
    front = stranger.origin + line.geometry.eyes[stranger.eye].at
    passage = _who(line, stranger.eye, front, 0)
    tail = front + line.geometry.counts(stranger.length_mm)
    if passage is None:
        _open(line, stranger)
        return
    _seen(line, stranger.eye, passage, front, tail, line.state.eyes[stranger.eye])


def _who(line: Line, index: int, front: int, slack: int) -> LinePassage | None:
    """The passage in whose window `front` lies."""
    place = line.geometry.eyes[index].at
    reach = line.geometry.late + slack
    origin = front - place
    near = [p for p in line.near(origin - 2 * reach, origin + 2 * reach) if p.eyes_passed <= index]
    if not near:
        return None
    best = min(range(len(near)), key=lambda i: abs(origin - near[i].origin))
    passage, window = near[best], reach
    for other in (best - 1, best + 1):
        if 0 <= other < len(near):
            window = min(window, (abs(near[other].origin - passage.origin) - 1) // 2)
    return passage if abs(origin - passage.origin) <= window else None


def _seen(line: Line, index: int, passage: LinePassage, front: int, tail: int, book: EyeBook) -> None:
    geometry, per_metre = line.geometry, line.machine.sorter.counts_per_metre
    eye = geometry.eyes[index]
    offset = front - eye.at - passage.origin
    length_mm = counts_to_mm(tail - front, per_metre)
    band = Band.ON_TIME if abs(offset) <= geometry.window else (Band.EARLY if offset < 0 else Band.LATE)
    offset_mm = counts_to_mm(offset, per_metre)
    number = PassageNumber(passage.number)
    line.say(SeenAtEye(line.now_ns, line.sorter, number, EyeNumber(eye.number), band, offset_mm))
    wrong_mm = abs(length_mm - passage.length_mm)
    passage.eyes_passed = index + 1
    line.displace(passage, passage.origin + offset)
    _check_divert(line, passage, eye.at, eye.number)
    if wrong_mm > line.machine.line.length_tolerance_mm:
        book.slack = geometry.counts(wrong_mm)
        why = f"{length_mm} mm long at eye {eye.number}, {passage.length_mm} mm before"
        allocate.bar(line, passage, Cause.LENGTH_CHANGED, why)
    elif band is not Band.ON_TIME:
        why = f"{abs(offset_mm)} mm too {band.value} at eye {eye.number}"
        allocate.bar(line, passage, Cause.POSITION_VOID, why)
    induct.bar_if_moved_close(line, passage)
    allocate.decide(line, passage)
    deadlines.remind(line, passage)


def _check_divert(line: Line, passage: LinePassage, at: int, eye: int) -> None:
    """A parcel that is seen behind its chute was not diverted there."""
    told = passage.told
    if told is None or line.geometry.exits[told.chute].at >= at:
        return
    allocate.fail(line, passage, told.chute, f"seen at eye {eye}, behind the chute")


def _unexpected(line: Line, index: int, front: int, tail: int) -> None:
    length_mm = counts_to_mm(tail - front, line.machine.sorter.counts_per_metre)
    event = (line.state.boot_id, 0, line.state.belt.to_raw(front))
    stranger = Stranger(index, 0, front - line.geometry.eyes[index].at, length_mm, line.state.known, event)
    if not realign.defer(line, stranger):
        _open(line, stranger)


def _open(line: Line, stranger: Stranger) -> None:
    """Nobody booked this item: it gets a passage of its own, and goes to the end."""
    index = stranger.eye or 0
    eye = line.geometry.eyes[index].number
    why = "an item that is not booked here"
    line.say(ItemUnexpected(line.now_ns, line.sorter, EyeNumber(eye), ChuteNumber(0), stranger.event[2], why))
    passage = induct.open_passage(line, stranger.origin, stranger.length_mm, stranger.event, 0)
    passage.eyes_passed = index + 1
    allocate.bar(line, passage, Cause.UNKNOWN_ITEM, f"found by eye {eye}")
    deadlines.remind(line, passage)
