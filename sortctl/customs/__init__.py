"""Customs: what a message changes, where a parcel may go, and who is drawn for inspection. Pure.

Comes in: a parcel's record, a message, the hub's rules, a moment. Goes out: states, verdicts, draws, each with its reason.
Unknown, stale and contradictory are never released. Never here: messages as they come over a wire, chutes, clocks.
"""

from sortctl.customs.messages import Message, change, message_of
from sortctl.customs.selection import Draw, draw
from sortctl.customs.states import NEXT, STOPPED, Step, is_stricter, turn
from sortctl.customs.verdict import Verdict, verdict

__all__ = [
    "NEXT",
    "STOPPED",
    "Draw",
    "Message",
    "Step",
    "Verdict",
    "change",
    "draw",
    "is_stricter",
    "message_of",
    "turn",
    "verdict",
]
