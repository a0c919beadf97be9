"""Passage: one ride of one parcel, from induct to its one final outcome.

Theory. A passage is known by its position on the belt, never by its turn in a queue: `origin` is the odometer at which its
front edge stood (or would have stood) at position 0, so it is expected at position P when the odometer reaches
`origin + counts(P)`. Rule 1: only what is allowed in NEXT happens to a passage. Rule 2: a barred passage is diverted
nowhere; it goes to the end of the sorter. Rule 3: a passage without a position is only ever closed or found again, never
diverted. Rule 4: it is closed once.
"""

from enum import StrEnum

from msgspec import Struct, field

from sortctl.words.causes import Cause, Proof, ReadClass
from sortctl.words.facts import Code


class Stage(StrEnum):
    """How far a passage has come."""

    TRAVELLING = "travelling"
    """On the sorter, not decided."""
    DECIDED = "decided"
    """A chute is chosen; no order stands at the PLC (none needed, none possible, or withdrawn)."""
    ORDERED = "ordered"
    """The PLC was told."""
    TAKEN = "taken"
    """The PLC has the order."""
    DIVERTED = "diverted"
    """The actuator reported its end position."""
    CLOSED = "closed"
    """The final outcome is said."""


NEXT: dict[Stage, frozenset[Stage]] = {
    Stage.TRAVELLING: frozenset({Stage.DECIDED, Stage.CLOSED}),
    Stage.DECIDED: frozenset({Stage.DECIDED, Stage.ORDERED, Stage.CLOSED}),
    Stage.ORDERED: frozenset({Stage.TAKEN, Stage.DIVERTED, Stage.DECIDED, Stage.CLOSED}),
    Stage.TAKEN: frozenset({Stage.DIVERTED, Stage.DECIDED, Stage.CLOSED}),
    Stage.DIVERTED: frozenset({Stage.DECIDED, Stage.CLOSED}),
    Stage.CLOSED: frozenset(),
}
"""Allowed changes of stage. DIVERTED to DECIDED: the actuator moved, but the parcel was seen further down."""


class Told(Struct):
    """The DIVERT that stands for a passage: number, chute and count."""

    epoch: int
    seq: int
    chute: int
    odo: int
    raw: int
    replaces: int = 0
    """Number of the order to the same chute that this one corrects; the PLC may have carried it out before. 0: none."""


class Passage(Struct):
    """What is known of one parcel on the sorter. Counts and odometer values are in encoder counts, lengths in mm."""

    number: int
    origin: int
    length_mm: int
    boot_id: int
    seq: int
    induct: int
    opened_ns: int
    stage: Stage = Stage.TRAVELLING
    is_placed: bool = True
    """The position is proven. False after a PLC restart or a hole in the events."""
    # what was read
    codes: list[Code] = field(default_factory=list)
    refused_by: list[str] = field(default_factory=list)
    """Scanners that said they could read nothing."""
    read_class: ReadClass = ReadClass.NONE_YET
    waybill: str = ""
    # where it goes
    destination: str = ""
    rule: str = ""
    planned: int = 0
    chute: int = 0
    cause: Cause = Cause.NONE
    why: str = ""
    barred: Cause = Cause.NONE
    """Why it may not be diverted anywhere; NONE: it may."""
    barred_why: str = ""
    failed: list[int] = field(default_factory=list)
    """Chutes that did not take it."""
    told: Told | None = None
    # what was seen
    eyes_passed: int = 0
    """So many eyes of the sorter, from upstream, have been settled: seen, or passed before it was known."""
    due: int = 0
    """Odometer at which something must be concluded about it; 0: nothing pending."""

    def turn(self, stage: Stage) -> None:
        """Go to `stage`, if that is allowed."""
        if stage not in NEXT[self.stage]:
            raise RuleBrokenError(f"passage {self.number}: {self.stage} may not become {stage}")
        self.stage = stage

    @property
    def proof(self) -> Proof:
        """How sure it is that the order was carried out, before a sensor has seen it."""
        return _PROOF[self.stage] if self.told else Proof.NONE


_PROOF = {
    Stage.TRAVELLING: Proof.NONE,
    Stage.DECIDED: Proof.NONE,
    Stage.ORDERED: Proof.ORDERED,
    Stage.TAKEN: Proof.TAKEN,
    Stage.DIVERTED: Proof.DONE,
    Stage.CLOSED: Proof.NONE,
}


class RuleBrokenError(Exception):
    """Something impossible happened: stop, keep the journal's tail, let the PLC take the safe path, be restarted."""
