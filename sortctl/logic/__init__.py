"""Logic: facts -> orders and outcomes. The way of a parcel through the files of this room:

induct     the passage opens; too close, too long: barred
identify   reads are tied to it by position
allocate   destination by the sort plan, chute among its alternates; open until the point of no return
divert     the order, its number, its withdrawal
track      check-point eyes: on time, displaced, unexpected
confirm    actuators and chute eyes
overdue    what was not seen, was not there
closing    the one final outcome
Beside them: line (what is known), passage, belt, chutes, geometry, deadlines, and rules (what must be true after each step).
"""

from sortctl.logic.known.passage import RuleBrokenError
from sortctl.logic.logic import Logic

__all__ = ["Logic", "RuleBrokenError"]
