"""Realign: find the parcels again after their positions became void.

Theory. While a PLC restarts, the belt may run on, stop or coast: all parcels on it are displaced by one and the same distance
that nobody measured. So the pattern of what lies on the belt, lengths and spaces, is still true; only where it lies is not.
The passages are *adrift*. Items that eyes see meanwhile are *strangers*: each, compared with each passage of its length,
proposes a displacement. The one that most strangers agree on is the truth; then all passages are placed again at once, and
the strangers are met as if they came now. Nothing of this makes an identity proven: every one of these passages stays
barred and goes to the end; but each is accounted for as itself. Who is not found is lost.
"""

from msgspec import Struct

from sortctl.logic.known import deadlines
from sortctl.logic.known.line import EyeBook, Line, LinePassage, Stranger
from sortctl.logic.line import allocate
from sortctl.words.causes import Cause
from sortctl.words.outcomes import TrackingVoided

STRANGERS_MAX = 64
"""More items than this within the patience below do not fit on a belt."""
PATIENCE_MS = 2_500
"""So long at nominal speed a stranger waits for others to agree with; the end of the belt does not wait longer."""
SURE = 3
"""So many strangers that agree cannot be chance."""


class _Proposal(Struct):
    """A displacement, and how many strangers agree with it."""

    drift: int
    support: int


def void(line: Line, why: str, reach: int) -> None:
    """Positions are void; the belt has moved on by at most `reach` counts since the newest we know. 0: it has not."""
    state = line.state
    state.eyes = [EyeBook() for _ in state.eyes]
    state.strangers = []
    state.reach = state.reach + reach if state.adrift else reach
    count = len(state.placed)
    for passage in list(state.placed):
        passage.barred, passage.barred_why = Cause.POSITION_VOID, why
        line.unplace(passage)
    end = deadlines.adrift_end(line)
    for passage in state.adrift:
        line.remind(passage, end)
    line.say(TrackingVoided(line.now_ns, line.sorter, why, count))
    if not state.reach:
        _place_all(line, 0)


def defer(line: Line, stranger: Stranger) -> bool:
    """True if it is too early to say who this is: passages are adrift."""
    if not line.state.adrift or len(line.state.strangers) >= STRANGERS_MAX:
        return False
    line.state.strangers.append(stranger)
    return True


def settle(line: Line) -> list[Stranger]:
    """Place the passages again if the strangers agree by now; the strangers that are to be met then, oldest first."""
    state = line.state
    if not state.strangers:
        return []
    waited = state.known - state.strangers[0].seen
    proposal = _best(line, at_last=waited >= line.machine.counts_in(PATIENCE_MS))
    if proposal is None and waited < line.machine.counts_in(PATIENCE_MS):
        return []
    if proposal is not None:
        _place_all(line, proposal.drift)
    met, state.strangers = state.strangers, []
    return met


def _best(line: Line, at_last: bool) -> _Proposal | None:
    """The displacement that most strangers agree on; before patience is over only if there is no rival."""
    proposals: list[_Proposal] = []
    near = 2 * line.geometry.window
    for stranger in line.state.strangers:
        for drift in _drifts(line, stranger):
            for proposal in proposals:
                if abs(proposal.drift - drift) <= near:
                    break
            else:
                proposals.append(_Proposal(drift, _support(line, drift)))
    if not proposals:
        return None
    proposals.sort(key=lambda proposal: -proposal.support)
    best = proposals[0]
    rival = proposals[1].support if len(proposals) > 1 else 0
    alone = len(line.state.adrift) == 1 and not rival
    if at_last or alone or (best.support >= SURE and best.support > rival) or best.support > rival + 1:
        return best
    return None


def _drifts(line: Line, stranger: Stranger) -> list[int]:
    """Displacements by which a passage would be this stranger."""
    return [
        drift
        for passage in line.state.adrift
        if _fits(line, passage, stranger)
        and -line.geometry.late <= (drift := _displacement(line, passage, stranger))
        and drift <= line.state.reach + line.geometry.late
    ]


def _support(line: Line, drift: int) -> int:
    near = 2 * line.geometry.window
    return sum(any(abs(found - drift) <= near for found in _drifts(line, each)) for each in line.state.strangers)


def _fits(line: Line, passage: LinePassage, stranger: Stranger) -> bool:
    tolerance = line.machine.line.length_tolerance_mm
    return not stranger.length_mm or abs(stranger.length_mm - passage.length_mm) <= tolerance


def _displacement(line: Line, passage: LinePassage, stranger: Stranger) -> int:
    if stranger.eye is not None:
        return passage.origin - stranger.origin
    # an exit tells of a middle, an eye of a front
    return passage.origin - (stranger.origin - line.geometry.counts(passage.length_mm) // 2)


def _place_all(line: Line, drift: int) -> None:
    """Every passage lies `drift` further down the belt than booked."""
    state, geometry = line.state, line.geometry
    adrift, state.adrift, state.reach = state.adrift, [], 0
    for passage in adrift:
        passage.origin -= drift
        passage.is_placed = True
        if passage.told is not None:
            passage.told.odo -= drift
        while (
            passage.eyes_passed < len(geometry.eyes)
            and passage.origin + geometry.eyes[passage.eyes_passed].at <= state.voided_at + geometry.bounce
        ):
            passage.eyes_passed += 1
        line.place(passage)
        deadlines.remind(line, passage)
    for passage in adrift:
        # barred since: what was decided before is withdrawn
        allocate.decide(line, passage)
