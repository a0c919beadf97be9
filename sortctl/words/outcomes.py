"""Outcomes: what the logic concluded, in the past tense, about a parcel, a chute or a link.

Rows of the journal, and all that people, reports and other systems ever see. Every decision carries its reason in words.
"""

from msgspec import Struct

from sortctl.words.causes import Band, Cause, ChuteState, Disposition, Family, Proof, ReadClass
from sortctl.words.ids import CarrierNumber, ChuteNumber, EyeNumber, InductNumber, PassageNumber, ScannerId, SorterId


class Outcome(Struct, frozen=True, gc=False, tag=True, omit_defaults=True):
    """Something concluded at `at_ns` on `sorter`."""

    at_ns: int
    sorter: SorterId


# ------------------------------------------------------------------------------------------- about one passage


class PassageOpened(Outcome, frozen=True):
    """A parcel came onto the sorter. (`boot_id`, `seq`) name the PLC event that said so; induct 0: found by an eye."""

    passage: PassageNumber
    boot_id: int
    seq: int
    count: int
    induct: InductNumber
    length_mm: int
    item: int = 0
    """The PLC's number for it on a loop; 0 on a line."""


class ReadTied(Outcome, frozen=True):
    """A frame fits the position of this passage, `offset_mm` from the middle of the parcel."""

    passage: PassageNumber
    scanner: ScannerId
    codes: tuple[str, ...]
    offset_mm: int


class ReadClassed(Outcome, frozen=True):
    """What the reads amount to so far."""

    passage: PassageNumber
    read_class: ReadClass
    waybill: str
    remarks: tuple[str, ...] = ()
    """Of each code that is not the waybill why, and what is wrong with the one that is; of one sound code nothing."""


class Candidate(Struct, frozen=True, gc=False):
    """A chute that was considered, and why it was taken or not."""

    chute: ChuteNumber
    verdict: str


class Decided(Outcome, frozen=True):
    """Where the parcel goes, by which rule, and why not where the plan wanted it. `planned` 0: the plan names none."""

    passage: PassageNumber
    waybill: str
    destination: str
    rule: str
    planned: ChuteNumber
    chute: ChuteNumber
    cause: Cause
    why: str
    candidates: tuple[Candidate, ...]


class DivertTold(Outcome, frozen=True):
    """How far the order of this passage has come: ordered, taken by the PLC, done by the actuator."""

    passage: PassageNumber
    chute: ChuteNumber
    epoch: int
    order_seq: int
    proof: Proof


class DivertFailed(Outcome, frozen=True):
    """The parcel stayed on the sorter."""

    passage: PassageNumber
    chute: ChuteNumber
    why: str


class SeenAtEye(Outcome, frozen=True):
    """A check-point eye saw this passage, `offset_mm` behind where it was expected."""

    passage: PassageNumber
    eye: EyeNumber
    band: Band
    offset_mm: int


class PassageDoubted(Outcome, frozen=True):
    """The identity is no longer proven: this parcel is diverted nowhere and goes to the end."""

    passage: PassageNumber
    cause: Cause
    why: str


class PassageFound(Outcome, frozen=True):
    """A load without an owner turned out to be this passage; the PLC calls it `item` from now on."""

    passage: PassageNumber
    item: int
    why: str


class PassageMissing(Outcome, frozen=True):
    """It is no longer proven that this passage is on the sorter; a fresh read may find it again."""

    passage: PassageNumber
    item: int
    why: str


class Recirculated(Outcome, frozen=True):
    """The passage begins another lap. `laps` so far, `cause` why it was not discharged (NONE: its chute lies ahead)."""

    passage: PassageNumber
    laps: int
    cause: Cause
    why: str


class PassageClosed(Outcome, frozen=True):
    """The one final outcome of a passage."""

    passage: PassageNumber
    disposition: Disposition
    cause: Cause
    family: Family
    waybill: str
    destination: str
    planned: ChuteNumber
    actual: ChuteNumber
    proof: Proof
    why: str


class ParcelAsked(Outcome, frozen=True):
    """What is known of the parcel with this code? Answered by the fact `ParcelTold`."""

    passage: PassageNumber
    code: str


class Selected(Outcome, frozen=True):
    """The parcel was drawn for inspection: by a list, or by lot with this seed, drawn as the `draw`-th."""

    passage: PassageNumber
    waybill: str
    rule: str
    seed: str
    draw: int


class AtRisk(Outcome, frozen=True):
    """Its departure, or what was promised, may be missed: `slack_s` seconds are left for the departure (below 0: too late).
    `at_risk` False ends it.
    """

    passage: PassageNumber
    waybill: str
    departure: str
    slack_s: int
    at_risk: bool
    late_s: int = 0
    """With this departure it is at the door so many seconds after the promise; 0: in time, or nothing was promised."""


class Recalled(Outcome, frozen=True):
    """A hold came too late: the parcel is in `chute`, in `bag`, which is blocked from now on. Chute 0: the bag was taken away."""

    passage: PassageNumber
    waybill: str
    chute: ChuteNumber
    bag: str
    why: str


# ------------------------------------------------------------------------------------------- about the hub


class PlanInForce(Outcome, frozen=True):
    """The logic goes by this sort plan from now on; so many parcels on this sorter were decided anew."""

    plan: str
    version: int
    checksum: str
    rerouted: int


class BagOpened(Outcome, frozen=True):
    """A bag hangs at the chute. An empty name: parcels go in loose."""

    chute: ChuteNumber
    bag: str
    departure: str


class Bagged(Outcome, frozen=True):
    """The parcel is in this bag, by the moment at which the chute's eye saw it. `unsure`: seen about when it was changed."""

    passage: PassageNumber
    chute: ChuteNumber
    bag: str
    unsure: bool = False


class BagClosed(Outcome, frozen=True):
    """The list of a bag, frozen: every parcel that a sensor saw go in. `unsure`: seen about when it was changed."""

    chute: ChuteNumber
    bag: str
    why: str
    departure: str
    passages: tuple[PassageNumber, ...]
    waybills: tuple[str, ...]
    weight_g: int
    unsure: tuple[PassageNumber, ...]
    text: str = ""
    """For its label: what the sort plan says of the destinations of its chute."""


class ChuteGiven(Outcome, frozen=True):
    """A destination has this chute of its pool for itself from now on. `text` is for the display there."""

    chute: ChuteNumber
    destination: str
    text: str
    pool: tuple[ChuteNumber, ...]


class ChuteReleased(Outcome, frozen=True):
    """The chute is nobody's any more: nothing is in it, nothing is under way to it."""

    chute: ChuteNumber
    destination: str


class ChuteFills(Outcome, frozen=True):
    """At its present rate the chute is full in `seconds`; -1: not foreseeable."""

    chute: ChuteNumber
    seconds: int


class WaveBalanced(Outcome, frozen=True):
    """The balance of a wave on this sorter; what is still on it belongs to the next."""

    wave: str
    inducted: int
    sorted_: int
    rejected: int
    lost: int
    removed: int
    on_sorter: int


# ------------------------------------------------------------------------------------------- about the machine


class ReadOrphaned(Outcome, frozen=True):
    """A read that fits no parcel: logged, never guessed."""

    scanner: ScannerId
    codes: tuple[str, ...]
    why: str


class ItemUnexpected(Outcome, frozen=True):
    """An eye saw something that is not booked there. `chute` 0: a check-point eye."""

    eye: EyeNumber
    chute: ChuteNumber
    count: int
    why: str


class ChuteStateChanged(Outcome, frozen=True):
    """A chute is in another state."""

    chute: ChuteNumber
    state: ChuteState
    why: str


class LinkChanged(Outcome, frozen=True):
    """A PLC or scanner came or went. `kind` is "plc" or "scanner"."""

    kind: str
    name: str
    up: bool
    why: str


class MachineChanged(Outcome, frozen=True):
    """The machine runs or stands: PackML state number."""

    plc: str
    state: int


class UnitTurned(Outcome, frozen=True):
    """A PackML unit is in another state or mode (OPC 30050 numbers). `sorter` is "" if it belongs to none."""

    plc: str
    state: int
    mode: int


class CarrierTurned(Outcome, frozen=True):
    """A carrier of a loop was taken out of use, or is used again."""

    carrier: CarrierNumber
    out: bool
    why: str


class TrackingVoided(Outcome, frozen=True):
    """Positions are void (PLC restart, hole in the event stream): `passages` went to unknown."""

    why: str
    passages: int


class Disturbed(Outcome, frozen=True):
    """Something an engineer must know that concerns no single parcel. `code` is stable, `active` False ends it."""

    code: str
    active: bool
    why: str


AnyOutcome = (
    PassageOpened
    | ReadTied
    | ReadClassed
    | Decided
    | DivertTold
    | DivertFailed
    | SeenAtEye
    | PassageDoubted
    | PassageFound
    | PassageMissing
    | Recirculated
    | ParcelAsked
    | Selected
    | AtRisk
    | Recalled
    | PlanInForce
    | BagOpened
    | Bagged
    | BagClosed
    | ChuteGiven
    | ChuteReleased
    | ChuteFills
    | WaveBalanced
    | PassageClosed
    | ReadOrphaned
    | ItemUnexpected
    | ChuteStateChanged
    | LinkChanged
    | MachineChanged
    | UnitTurned
    | CarrierTurned
    | TrackingVoided
    | Disturbed
)
