"""Passage: one ride of one parcel, from induct to its one final outcome. What lines and loops have in common.

Theory. A passage is known by its place, never by its turn in a queue; what a place is, a position on the belt or a carrier
that the PLC names, each kind of sorter adds to it (`line.py`, `loop.py`). Rule 1: only what is allowed in NEXT happens to a
passage. Rule 2: a barred passage goes to no chute of the plan; on a line to the end, on a loop to its reject. Rule 3: a
passage whose place is not proven is only ever closed or found again, never diverted. Rule 4: it is closed once.
"""

from enum import StrEnum

from msgspec import Struct, field

from sortctl.plan import Group
from sortctl.words.causes import Cause, Proof, ReadClass
from sortctl.words.facts import Code
from sortctl.words.parcels import ParcelRecord, Zone


class Stage(StrEnum):
    """How far a passage has come."""

    TRAVELLING = "travelling"
    """On the sorter, not decided."""
    DECIDED = "decided"
    """A chute is chosen, or on a loop another lap; no order stands at the PLC (none needed, none possible, or withdrawn)."""
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
    """Line: odometer at which the output switches. Loop: odometer at which the order was given."""
    raw: int = 0
    """Line: the same as the PLC counts."""
    replaces: int = 0
    """Number of the order to the same chute that this one corrects; the PLC may have carried it out before. 0: none."""


class Kept(Struct, frozen=True):
    """What a sort plan said that is no longer in force; a parcel that was decided by then may keep it."""

    rule: str
    destination: str
    group: Group


class Passage(Struct, kw_only=True):
    """What is known of one parcel on the sorter. Counts and odometer values are in encoder counts, lengths in mm."""

    number: int
    origin: int
    """Odometer at which it stood, or would have stood, at position 0."""
    length_mm: int
    boot_id: int
    seq: int
    induct: int
    opened_ns: int
    stage: Stage = Stage.TRAVELLING
    # what was read
    codes: list[Code] = field(default_factory=list)
    refused_by: list[str] = field(default_factory=list)
    """Scanners that said they could read nothing."""
    read_class: ReadClass = ReadClass.NONE_YET
    waybill: str = ""
    label: str = ""
    """Kind of the label that the waybill was read from."""
    # what is known of it
    asked: list[str] = field(default_factory=list)
    """Names asked for it."""
    answer_by: int = 0
    """Odometer up to which answers are waited for; 0: they are not."""
    record: ParcelRecord | None = None
    """What the hub knows of the parcel with its waybill, the newest; None: nothing."""
    # where it goes
    zones: tuple[Zone, ...] = (Zone.CUSTODY,)
    """Customs zones into which it may go, as of the last decision."""
    kept: Kept | None = None
    departure: str = ""
    """The one that it takes; empty: its destination has none."""
    latest_s: int = 0
    """Second on the wall until which it must be in its chute to reach it; 0: there is no hurry."""
    at_risk: bool = False
    is_drawn: bool = False
    """It was said of it that it is to be inspected."""
    destination: str = ""
    rule: str = ""
    planned: int = 0
    chute: int = 0
    """0: none is chosen yet, or on a loop: it rides on."""
    cause: Cause = Cause.NONE
    why: str = ""
    barred: Cause = Cause.NONE
    """Why it may not be diverted as planned; NONE: it may."""
    barred_why: str = ""
    failed: list[int] = field(default_factory=list)
    """Chutes that did not take it."""
    told: Told | None = None
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
