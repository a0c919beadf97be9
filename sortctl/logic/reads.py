"""Reads: which parcel a frame of a scanner belongs to.

Theory. A telegram knows only its moment. The belt's samples turn the moment into a place; the read belongs to the parcel
whose middle was within the window of the scan point then. Where two parcels are closer together than two windows, each
window ends half way between them. A read that fits nobody is an orphan: logged, never guessed. While the belt's place at
that moment cannot be told (frozen link, events still to come), the frame waits. Where the belt may have stood meanwhile, the
read must fit the same parcel at every place at which the belt may have been. Who lies where, each kind of sorter knows.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sortctl.logic.known.sorter import Sorter
from sortctl.words.facts import CodesRead
from sortctl.words.outcomes import ReadOrphaned
from sortctl.words.units import NS_PER_MS, counts_to_mm

READS_WAITING_MAX = 256
"""Frames that wait for the belt's place; at 5 parcels/s and two scanners that is 25 s without a PLC."""

S = TypeVar("S", bound=Sorter)
T = TypeVar("T")
Nearest = Callable[[int, int], tuple[T | None, int]]
"""(odometer less the scan point's position, window) -> (whose middle was within its window, its offset), or (None, offset
of the nearest or 0)."""


def take(sorter: S, fact: CodesRead, tie: Callable[[S, CodesRead], None]) -> None:
    """Tie the read now if the belt's place at its moment is known, else let it wait."""
    state = sorter.state
    if state.is_linked and state.belt.is_fresh(fact.at_ns):
        tie(sorter, fact)
        return
    if len(state.reads) >= READS_WAITING_MAX:
        orphan(sorter, state.reads.pop(0), "too many reads wait for the PLC")
    state.reads.append(fact)


def tie_waiting(sorter: S, at_ns: int, tie: Callable[[S, CodesRead], None]) -> None:
    """The belt's place is known up to `at_ns`: tie the reads that waited for it."""
    state = sorter.state
    while state.reads and state.reads[0].at_ns <= at_ns:
        tie(sorter, state.reads.pop(0))


def drop_waiting(sorter: Sorter, why: str) -> None:
    """Reads whose place will never be known."""
    for fact in sorter.state.reads:
        orphan(sorter, fact, why)
    sorter.state.reads = []


def find(
    sorter: Sorter, fact: CodesRead, nearest: Nearest[T], sight: Callable[[int], bool] | None = None
) -> tuple[T, int, int] | None:
    """(whose read it is, its offset in counts, odometer at its moment); None: nobody's, and that is said. `sight` may
    know something of a read under which nobody is booked, by the odometer less the scan point's position.
    """
    head, belt = sorter.heads[fact.scanner], sorter.state.belt
    moment = fact.at_ns - head.delay_ms * NS_PER_MS
    point, window = sorter.scan_points[head.scan_point], sorter.machine.counts(head.window_mm)
    at = belt.at_time(moment)
    found, offset = nearest(at - point, window)
    per_metre = sorter.machine.sorter.counts_per_metre
    if found is None:
        if sight is not None and sight(at - point):
            return None
        near = f"; the nearest is {counts_to_mm(abs(offset), per_metre)} mm away" if offset else ""
        orphan(sorter, fact, f"no parcel within its window{near}")
        return None
    within = belt.within(moment, sorter.machine.counts_in(1_000))
    if within is None:
        orphan(sorter, fact, "nobody remembers where the belt stood then")
        return None
    if any(nearest(odo - point, window)[0] is not found for odo in within):
        doubt_mm = counts_to_mm(within[1] - within[0], per_metre)
        orphan(sorter, fact, f"where the belt stood then is known within {doubt_mm} mm only")
        return None
    return found, offset, at


def nearest_of(near: Sequence[tuple[int, int, T]], window: int) -> tuple[T | None, int]:
    """Of (offset, number, who), sorted: the one within the window, which ends half way to its neighbours."""
    if not near:
        return None, 0
    index = min(range(len(near)), key=lambda i: abs(near[i][0]))
    offset, _, who = near[index]
    for other in (index - 1, index + 1):
        if 0 <= other < len(near):
            window = min(window, (abs(near[other][0] - offset) - 1) // 2)
    return (who, offset) if abs(offset) <= window else (None, offset)


def orphan(sorter: Sorter, fact: CodesRead, why: str) -> None:
    """A read that is nobody's."""
    texts = tuple(code.text for code in fact.codes)
    sorter.say(ReadOrphaned(sorter.now_ns, sorter.sorter, fact.scanner, texts, why))
