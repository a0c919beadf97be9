"""Messages: which state a customs message means. ICS2 (EU entry summary), and the plain words of a national release.

Source of the numbers: ICS2 Common Functional Specifications, message list of release 3. What is not listed here, and what does not
change where a parcel stands, is said so; an unknown message is a hold, never a release.
"""

from enum import Enum
from typing import Final, NamedTuple

from sortctl.customs.states import Step, turn
from sortctl.words.parcels import CustomsState, ParcelRecord

_S: Final = CustomsState


class Effect(Enum):
    """What a message does."""

    TURNS = "says where the parcel stands"
    INFORMS = "changes nothing here"
    UNKNOWN = "is not known: the parcel is held"


class Message(NamedTuple):
    """One kind of message."""

    code: str
    effect: Effect
    state: CustomsState
    meaning: str


_TURNS: Final = {
    "IE3Q01": (_S.DO_NOT_LOAD, "do not load"),
    "IE3Q02": (_S.INFORMATION_REQUESTED, "additional information is requested"),
    "IE3Q03": (_S.SCREENING_REQUESTED, "high-risk screening is requested"),
    "IE3R01": (_S.LODGED, "registered, with its reference number"),
    "IE3R07": (_S.NOT_LODGED, "invalidated: as if it had never been lodged"),
    "IE3N02": (_S.NOT_LODGED, "the entry summary is not complete"),
    "IE3N03": (_S.ASSESSED, "the assessment is complete"),
    "IE3N04": (_S.INFORMATION_REQUESTED, "another party was asked for information"),
    "IE3N05": (_S.SCREENING_REQUESTED, "another party was asked for screening"),
    "IE3N07": (_S.UNDER_CONTROL, "a house consignment is in an incorrect state"),
    "IE3N08": (_S.UNDER_CONTROL, "a control is announced"),
    "IE3N09": (_S.UNDER_CONTROL, "a control is announced to an authorised operator"),
    "RELEASE": (_S.RELEASED, "released by the national system"),
    "ACCEPTED": (_S.LODGED, "the declaration is accepted"),
    "CONTROL": (_S.UNDER_CONTROL, "documents or goods are to be inspected"),
    "REFUSE": (_S.REFUSED, "refused, to be returned"),
    "SEIZE": (_S.SEIZED, "seized"),
    "INVALIDATE": (_S.NOT_LODGED, "the declaration is void"),
}
_INFORMS: Final = {
    "IE3Q04": "an invalidation is asked for",
    "IE3Q05": "a consultation",
    "IE3R02": "the answer to a request for information was received",
    "IE3R03": "the answer to a request for screening was received",
    "IE3R04": "the arrival is registered",
    "IE3R08": "the result of a consultation",
    "IE3N01": "a message of ours was not valid",
    "IE3N06": "the arrival is notified",
    "IE3N11": "the entry summary is pending",
    "IE3N99": "an error in a message of ours",
}
KNOWN: Final = frozenset(_TURNS) | frozenset(_INFORMS)


def message_of(code: str) -> Message:
    """What the message with this code means."""
    key = code.strip().upper()
    if key in _TURNS:
        state, meaning = _TURNS[key]
        return Message(key, Effect.TURNS, state, meaning)
    if key in _INFORMS:
        return Message(key, Effect.INFORMS, _S.UNKNOWN, _INFORMS[key])
    return Message(key[:40], Effect.UNKNOWN, _S.UNDER_CONTROL, "a message that nobody here knows")


def change(record: ParcelRecord, code: str, at_s: int, now_s: int) -> Step:
    """The record after this message of the moment `at_s`; it is `now_s` now."""
    message = message_of(code)
    if message.effect is Effect.INFORMS:
        return Step(record, "")
    step = turn(record, message.state, at_s, message.code, now_s)
    if message.effect is Effect.UNKNOWN:
        return Step(step.record, f"{message.code}: {message.meaning}: held")
    return step
