"""Deadlines: the belt positions at which something must have been seen or read. Questions only; nothing changes here.

An absence is proven only where every event up to that position has been told; so deadlines are positions, never times.
"""

from sortctl.logic.known.geometry import Exit
from sortctl.logic.known.line import Line, LinePassage
from sortctl.logic.known.passage import Stage


def firing(line: Line, passage: LinePassage, place: Exit) -> int:
    """Odometer at which the output of `place` must switch for this passage."""
    return passage.origin + line.geometry.counts(passage.length_mm) // 2 + place.fire


def arrival(line: Line, passage: LinePassage, chute: int) -> int:
    """Odometer at which the eye of `chute` should see this passage."""
    told, place = passage.told, line.geometry.exits[chute]
    fired = told.odo if told is not None and told.chute == chute else firing(line, passage, place)
    return fired + place.arrive


def remind(line: Line, passage: LinePassage) -> None:
    """Note the next deadline of a placed passage."""
    if not passage.is_placed:
        return
    due = presence_end(line, passage)
    if passage.answer_by:
        due = min(due, passage.answer_by)
    elif not is_decided(passage):
        due = min(due, read_end(line, passage))
    line.remind(passage, due)


def is_decided(passage: LinePassage) -> bool:
    """A decision was made about it, whatever it was."""
    return passage.stage is not Stage.TRAVELLING


def read_end(line: Line, passage: LinePassage) -> int:
    """Where no read of it can come any more."""
    return passage.origin + line.geometry.counts(passage.length_mm) // 2 + line.geometry.read_end


def answer_end(line: Line, passage: LinePassage) -> int:
    """Where answers about it are no longer waited for: the first chute that can still be reached is wanted in time."""
    geometry, now = line.geometry, line.state.belt.at_time(line.now_ns)
    early = geometry.margin + geometry.beats
    ends = (firing(line, passage, place) - early for place in geometry.exits.values() if place.has_actuator)
    return min((end for end in ends if end > now), default=now)


def presence_end(line: Line, passage: LinePassage) -> int:
    """Where it must have been seen: at the next eye, in its chute, or in the end chute."""
    geometry, told = line.geometry, passage.told
    next_eye = geometry.eyes[passage.eyes_passed] if passage.eyes_passed < len(geometry.eyes) else None
    if next_eye is None:
        end = arrival(line, passage, geometry.end.number) + geometry.confirm
    else:
        slack = line.state.eyes[passage.eyes_passed].slack
        end = passage.origin + next_eye.at + geometry.late + slack + 2 * geometry.bounce + geometry.longest
    if told is not None and (next_eye is None or geometry.exits[told.chute].at < next_eye.at):
        end = max(end, told.odo + geometry.exits[told.chute].arrive + geometry.confirm)
    return end


def adrift_end(line: Line) -> int:
    """Where everything that is on the sorter now must have come to its end."""
    geometry = line.geometry
    rest = geometry.end.at + geometry.end.arrive + geometry.late + 2 * geometry.longest + geometry.confirm
    return line.state.belt.odo + rest
