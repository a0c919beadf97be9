"""Facts: what happened, in the past tense. Frozen. Time is in the fact, in ns of the controller's own clock.

The only way into the logic, and each one that went in is a row of the journal. `count` is the raw 32-bit encoder count.
Facts that are PLC events carry (`boot_id`, `seq`): by that pair an event already taken is recognised.
"""

from msgspec import Struct

from sortctl.words import hub
from sortctl.words.fact import Fact as Fact  # noqa: PLC0414 it is called facts.Fact by everybody
from sortctl.words.ids import ChuteNumber, EyeNumber, InductNumber, PlcId, PointNumber, ScannerId

# ------------------------------------------------------------------------------------------- the controller itself


class ControllerStarted(Fact, frozen=True):
    """First fact of every run. `site` is the checksum of the configuration in force.

    `doubt`: why the state that the journal holds is not proven to its end; then no passage number up to `row` is used again.
    """

    wall_ns: int
    site: str
    version: str
    doubt: str = ""
    row: int = 0


class ClockStruck(Fact, frozen=True):
    """The moment named by `next_wake_ns` has come."""


class CommitLate(Fact, frozen=True):
    """The journal did not commit in time: orders went out unproven. `late` False ends it."""

    late: bool


# ------------------------------------------------------------------------------------------- a PLC and its link


class PlcLinked(Fact, frozen=True):
    """A connection stands and its first whole image was read."""

    plc: PlcId
    boot_id: int
    count: int
    state: int
    granted_epoch: int
    owner: int
    orders_accepted: int
    events_head: int
    events_acked: int


class PlcLost(Fact, frozen=True):
    """The link is down; `cause` in plain words."""

    plc: PlcId
    cause: str


class PlcRestarted(Fact, frozen=True):
    """`boot_id` is another one: positions and waiting orders are void."""

    plc: PlcId
    boot_id: int
    count: int


class EventsMissed(Fact, frozen=True):
    """The stream has a hole: events `first` to `last` will never be seen."""

    plc: PlcId
    boot_id: int
    first: int
    last: int


class EpochGranted(Fact, frozen=True):
    """The PLC granted `epoch` to this controller, or this controller goes on in it."""

    plc: PlcId
    epoch: int
    orders_accepted: int


class EpochLost(Fact, frozen=True):
    """This controller no longer holds an epoch at `plc`."""

    plc: PlcId
    cause: str


class OrdersTaken(Fact, frozen=True):
    """Every order of `epoch` up to `upto` was taken."""

    plc: PlcId
    epoch: int
    upto: int


class OrdersRefused(Fact, frozen=True):
    """A block of ours was refused; `reject` as in the contract."""

    plc: PlcId
    reject: int


class BeltMoved(Fact, frozen=True):
    """The belt stands at `count`. With `all_told` every event up to here has been told: what was not seen, was not there."""

    plc: PlcId
    count: int
    all_told: bool = True


class MachineTurned(Fact, frozen=True):
    """The machine is in another PackML `state`."""

    plc: PlcId
    state: int


class UnitSeen(Fact, frozen=True):
    """What the PackML nodes of `plc` show: state and mode (OPC 30050 numbers), beside any exchange image."""

    plc: PlcId
    state: int
    mode: int


class CertificateAged(Fact, frozen=True):
    """The certificate called `name` is valid for `days_left` more days (below 0: it is over); None: it was renewed."""

    name: str
    thumbprint: str
    days_left: int | None


class EventsDropped(Fact, frozen=True):
    """The PLC's buffer overflowed: `dropped` events since its start never got a number."""

    plc: PlcId
    dropped: int


class ChutesRead(Fact, frozen=True):
    """All chute words, read whole. CHUTE_CHANGED events up to `upto_seq` are older than these."""

    plc: PlcId
    boot_id: int
    upto_seq: int
    words: tuple[int, ...]


# ------------------------------------------------------------------------------------------- events of a PLC


class PlcEvent(Fact, frozen=True):
    """What every event of the PLC's window carries."""

    plc: PlcId
    boot_id: int
    seq: int
    count: int


class Inducted(PlcEvent, frozen=True):
    """The tail left the induct eye; `count` is that of the front edge. Induct 0: a load found without a number."""

    induct: InductNumber
    item: int
    length_mm: int


class ItemAtPoint(PlcEvent, frozen=True):
    """A check-point or scan point was reached."""

    point: PointNumber
    item: int


class ItemDiverted(PlcEvent, frozen=True):
    """The actuator reported its end position; `item` is the echo of the order."""

    chute: ChuteNumber
    item: int
    value: int


class ChuteEyeChanged(PlcEvent, frozen=True):
    """The eye in the chute: blocked or clear."""

    chute: ChuteNumber
    item: int
    blocked: bool


class ItemGone(PlcEvent, frozen=True):
    """A tracking PLC lost the item (1) or saw it removed by hand (2)."""

    point: PointNumber
    item: int
    value: int


class LapDone(PlcEvent, frozen=True):
    """`item` has gone round `loop` `laps` times."""

    loop: int
    item: int
    laps: int


class ChuteTurned(PlcEvent, frozen=True):
    """The chute's word is now `word`."""

    chute: ChuteNumber
    word: int


class JamTurned(PlcEvent, frozen=True):
    """A jam in `zone` begins or ends."""

    zone: int
    begins: bool


class StateTold(PlcEvent, frozen=True):
    """The PLC's own record of a change of PackML state."""

    state: int


class EyeChanged(PlcEvent, frozen=True):
    """A check-point eye: blocked or clear."""

    eye: EyeNumber
    blocked: bool


class ButtonPressed(PlcEvent, frozen=True):
    """Button `button` at a chute or panel."""

    panel: int
    button: int


class OrderFailed(PlcEvent, frozen=True):
    """A DIVERT ended without a divert. `order_seq` belongs to the epoch announced last before."""

    chute: ChuteNumber
    order_seq: int
    cause: int


class EpochTold(PlcEvent, frozen=True):
    """The PLC granted, released or ended an epoch; owner 0 is nobody."""

    epoch: int
    owner: int


class EventUnknown(PlcEvent, frozen=True):
    """An event of a kind that this version does not know: taken, counted, without effect."""

    kind: int
    point: int
    item: int
    value: int


# ------------------------------------------------------------------------------------------- scanners


class Code(Struct, frozen=True, gc=False, omit_defaults=True):
    """One decoded code: its text, and the AIM symbology identifier if the scanner sent one (`]C1`)."""

    text: str
    aim: str = ""


class CodesRead(Fact, frozen=True):
    """A frame came from `scanner`; `at_ns` is its first byte. No codes: the scanner said it could read nothing."""

    scanner: ScannerId
    codes: tuple[Code, ...]
    item: int | None = None
    sequence: int | None = None
    dropped: int = 0
    """Codes of this frame beyond the limits, not taken."""


class FrameRefused(Fact, frozen=True):
    """Bytes that are no frame were dropped. `excerpt` is printable, at most 40 characters."""

    scanner: ScannerId
    cause: str
    excerpt: str


class ScannerLinked(Fact, frozen=True):
    """The port is open."""

    scanner: ScannerId


class ScannerLost(Fact, frozen=True):
    """The port is gone; `cause` in plain words."""

    scanner: ScannerId
    cause: str


class ScannerSilent(Fact, frozen=True):
    """No read and no heartbeat within the configured time; `silent` False ends it."""

    scanner: ScannerId
    silent: bool


class ScannerBabbles(Fact, frozen=True):
    """More comes from it than any belt can bring past it: nothing of it is believed until `babbles` False."""

    scanner: ScannerId
    babbles: bool


AnyFact = (
    ControllerStarted
    | ClockStruck
    | CommitLate
    | PlcLinked
    | PlcLost
    | PlcRestarted
    | EventsMissed
    | EpochGranted
    | EpochLost
    | OrdersTaken
    | OrdersRefused
    | BeltMoved
    | MachineTurned
    | UnitSeen
    | CertificateAged
    | EventsDropped
    | ChutesRead
    | Inducted
    | ItemAtPoint
    | ItemDiverted
    | ChuteEyeChanged
    | ItemGone
    | LapDone
    | ChuteTurned
    | JamTurned
    | StateTold
    | EyeChanged
    | ButtonPressed
    | OrderFailed
    | EpochTold
    | EventUnknown
    | CodesRead
    | FrameRefused
    | ScannerLinked
    | ScannerLost
    | ScannerSilent
    | ScannerBabbles
    | hub.WallSet
    | hub.ParcelTold
    | hub.ParcelTurned
    | hub.HostSilent
    | hub.PlanApplied
    | hub.ChuteLocked
    | hub.BagBound
    | hub.BagAsked
    | hub.PurgeAsked
    | hub.WaveEnded
)
"""Every fact there is; the journal reads its rows back as this."""
