"""The site: what is bolted to the floor, typed and frozen. The shape of `site.toml` and `chutes.csv`.

Comes in: the parsed files. Goes out: one `Site`. Units are in the key (`_mm`, `_ms`). Unknown keys are errors.
Never here: reading files, checks across keys (`site/check.py`), what follows from the values (`site/derive`).
"""

from typing import Annotated, Literal

from pydantic import Field

from sortctl.site.hub import Customs, Hub, Limits, ParcelRules, Selection
from sortctl.site.wires import (
    AnyPlc,
    Host,
    ModbusPlc,
    Name,
    NodeId,
    Number,
    OpcUaPlc,
    PackMl,
    Part,
    Plc,
    PositionMm,
    Security,
    Tls,
    Uri,
    User,
)
from sortctl.words.causes import Cause
from sortctl.words.units import mm_to_counts

__all__ = [
    "AnyPlc",
    "AnySorter",
    "CheckPoint",
    "Chute",
    "Customs",
    "Eye",
    "Framing",
    "Hub",
    "Induct",
    "Limits",
    "Line",
    "LineSorter",
    "LoopSorter",
    "Machine",
    "ModbusPlc",
    "Name",
    "OpcUaPlc",
    "PackMl",
    "ParcelRules",
    "Plc",
    "Reader",
    "ScanPoint",
    "Scanner",
    "Security",
    "Selection",
    "Site",
    "Sorter",
    "Telegram",
    "Tls",
    "User",
]


class Induct(Part):
    """Where parcels come onto the sorter; the eye that makes a passage."""

    number: Number
    position_mm: PositionMm


class ScanPoint(Part):
    """Where the codes are read: the middle of the scanner's field of view."""

    number: Number
    position_mm: PositionMm


class Eye(Part):
    """A check-point eye over the belt."""

    number: Number
    position_mm: PositionMm


class Chute(Part):
    """One exit. One row of chutes.csv."""

    number: Number
    name: str = Field(min_length=1, max_length=40)
    position_mm: PositionMm
    """Where the middle of the pusher is; for an end chute, where the belt ends."""
    actuator: bool = True
    """No: the end chute of a line. On a loop every chute has one (the carrier's belt)."""
    side: Literal["", "left", "right"] = ""
    """Of a loop, in the direction of travel; two chutes may face each other."""
    lead_ms: int = Field(ge=0, le=5_000)
    """From output to first contact."""
    travel_ms: int = Field(ge=0, le=10_000)
    """From first contact to the end position."""
    slide_ms: int = Field(ge=0, le=30_000)
    """From the end position (end chute: from the belt's end) to the chute eye."""
    capacity: int = Field(ge=1, le=100_000)
    """Parcels that fit in."""
    zone: Literal["", "domestic", "bonded", "custody"] = ""
    """Customs zone of what leaves here; only released parcels go into a domestic one. Empty: a hub without customs."""
    tenants: str = Field(default="", max_length=200)
    """Only parcels of these tenants, separated by semicolons; empty: of all."""
    needs_bag: bool = False
    """Accepts nothing while no bag hangs there."""
    bag_count_max: int = Field(default=0, ge=0, le=100_000)
    """A bag with so many parcels is closed; 0: never for its count."""
    bag_weight_max_g: int = Field(default=0, ge=0, le=2_000_000)
    """A bag with so much weight is closed; 0: never for its weight."""
    bag_age_max_min: int = Field(default=0, ge=0, le=100_000)
    """A bag with parcels in it that has hung for so long is closed; 0: never for its age."""


class CheckPoint(Part):
    """Where a loop's PLC looks whether the carrier is loaded as booked."""

    number: Number
    position_mm: PositionMm


class Sorter(Part):
    """What both kinds of sorter have in common: one machine on one encoder."""

    plc: Name
    counts_per_metre: int = Field(ge=50, le=1_000_000)
    speed_mm_s: int = Field(ge=100, le=5_000)
    """Nominal belt speed."""
    chutes: str = Field(pattern=r"^[A-Za-z0-9_./-]+\.csv$")
    """The file of the chutes, beside the site file."""
    rejects: dict[str, Number] = Field(default={})
    """Cause -> chute. A cause that is not here goes to the end chute of a line, to the overflow of a loop."""
    length_min_mm: int = Field(ge=20, le=2_000)
    length_max_mm: int = Field(ge=50, le=5_000)
    window_mm: int = Field(ge=10, le=1_000)
    """Half of the tracking window at an eye or check-point: on time if it comes within +- this."""
    lamps: bool = False
    """The chutes have lamps, which the controller sets."""
    confirm_ms: int = Field(ge=50, le=10_000)
    """After its expected time at the chute eye a parcel may still come for so long."""
    inducts: tuple[Induct, ...] = Field(min_length=1, strict=False)
    scan_points: tuple[ScanPoint, ...] = Field(min_length=1, strict=False)


class LineSorter(Sorter):
    """A belt with pushers or wheel diverters; the PLC reports eyes, sortctl knows which parcel is where."""

    kind: Literal["line"]
    tracking: Literal["controller"]
    end_chute: Number
    """Where a parcel goes that is not diverted."""
    gap_min_mm: int = Field(ge=10, le=5_000)
    """Free space to the neighbours below which neither parcel is diverted."""
    late_mm: int = Field(ge=10, le=5_000)
    """So far behind its expected place a parcel that was not seen is lost."""
    length_tolerance_mm: int = Field(ge=5, le=1_000)
    """A parcel whose length at an eye differs by more is not the one we think."""
    bounce_mm: int = Field(ge=1, le=200)
    """Edges of one eye closer together than this are one."""
    eyes: tuple[Eye, ...] = Field(default=(), strict=False)


class LoopSorter(Sorter):
    """An endless loop of carriers (cross-belt, tilt tray); the PLC gives every load a number and tracks it."""

    kind: Literal["loop"]
    tracking: Literal["plc"]
    carriers: int = Field(ge=10, le=5_000)
    pitch_mm: int = Field(ge=200, le=3_000)
    """From the middle of one carrier to the middle of the next; carriers times pitch is the length of the loop."""
    check_points: tuple[CheckPoint, ...] = Field(min_length=1, strict=False)
    """With a load sensor. Numbered in one sequence with the scan points."""
    home_point: int = Field(default=0, ge=0, le=65_535)
    """Point at which the PLC reports carrier 1; without one (0) carriers cannot be told apart, and none is taken out."""
    home_mm: PositionMm = 0
    """Where the home point is."""
    overflow: tuple[Number, ...] = Field(min_length=1, strict=False)
    """Chutes for parcels whose laps are used up and whose cause has no reject chute, in order."""
    laps_max: int = Field(default=3, ge=0, le=100)
    """So many laps a parcel may ride while its chutes take nothing."""
    laps: dict[str, Annotated[int, Field(ge=0, le=100)]] = Field(default={})
    """Cause -> laps before the reject. A cause that is not here has laps_max (chutes_unavailable) or 0 (all others)."""
    recirculation_max_percent: int = Field(default=30, ge=1, le=100)
    """Share of carriers with parcels on a further lap at which induction is stopped."""
    carrier_faults_max: int = Field(default=3, ge=0, le=100)
    """A carrier that failed to discharge so often in a row is taken out; 0: never."""

    @property
    def length_mm(self) -> int:
        """Length of the loop."""
        return self.carriers * self.pitch_mm


AnySorter = Annotated[LineSorter | LoopSorter, Field(discriminator="kind")]


class Framing(Part):
    """How a scanner marks where a telegram begins and ends. Bytes are written in hex ("02")."""

    start: str = Field(default="", pattern=r"^([0-9A-Fa-f]{2})?$")
    end: str = Field(default="", pattern=r"^([0-9A-Fa-f]{2})?$")
    terminator: Literal["", "CR", "LF", "CRLF", "ANY"] = ""
    """ANY takes CR, LF or CRLF, each as one end."""
    length_digits: int = Field(default=0, ge=0, le=5)
    """So many decimal digits at the front say how many bytes follow."""
    idle_ms: int = Field(default=0, ge=0, le=5_000)
    """A pause this long ends a telegram; last resort. 0: never."""
    bytes_max: int = Field(default=512, ge=16, le=65_536)


class Telegram(Part):
    """What stands in a telegram, between its start and end."""

    fields: tuple[Literal["sequence", "item", "codes", "skip"], ...] = Field(default=("codes",), strict=False)
    field_separator: str = Field(default="", max_length=4)
    code_separator: str = Field(default="", max_length=4)
    """Between several codes of one telegram; empty: there is only one code."""
    aim: bool = False
    """Codes begin with their AIM symbology identifier."""
    no_read: str = Field(default="NOREAD", max_length=32)
    heartbeat: str = Field(default="", max_length=32)
    """Text of the life telegram; empty: there is none."""


class Line(Part):
    """Settings of a serial line. All five are required: defaults differ from maker to maker."""

    baudrate: int = Field(ge=300, le=4_000_000)
    bytesize: Literal[7, 8]
    parity: Literal["none", "even", "odd"]
    stopbits: Literal[1, 2]
    flow: Literal["none", "rtscts", "xonxoff"]


class Scanner(Part):
    """One barcode scanner or scan tunnel."""

    sorter: Name
    scan_point: Number
    url: str = Field(pattern=r"^(/dev/|/|pty:|tcp://|rfc2217://)\S+$", max_length=200)
    """A device path, tcp://host:port, or rfc2217://host:port."""
    line: Line | None = None
    """Required for a device path and for rfc2217."""
    framing: Framing
    telegram: Telegram = Telegram()
    window_mm: int = Field(ge=10, le=2_000)
    """A read is this parcel's if its middle is within +- this of the scan point; less if parcels are close."""
    delay_ms: int = Field(ge=0, le=5_000)
    """From the parcel's middle under the scanner to the first byte of the telegram."""
    silent_ms: int = Field(default=0, ge=0, le=3_600_000)
    """No life sign for so long is an alarm; 0: never."""


class Reader(Part):
    """An OPC UA AutoID reader (OPC 30010): a scanner that sends its codes as events."""

    sorter: Name
    scan_point: Number
    address: Host
    path: str = Field(default="", max_length=100, pattern=r"^(/\S*)?$")
    device: NodeId
    """The reader's object, in the namespace of the next key."""
    namespace: Uri
    start: bool = False
    """Call ScanStart after each connect; otherwise the reader scans by itself."""
    publish_ms: int = Field(default=20, ge=1, le=1_000)
    """Publishing interval asked for; what the server makes of it is added to the delay of every read."""
    session_timeout_ms: int = Field(default=30_000, ge=1_000, le=3_600_000)
    channel_lifetime_ms: int = Field(default=600_000, ge=10_000, le=3_600_000)
    request_timeout_ms: int = Field(default=1_000, ge=50, le=10_000)
    connect_timeout_ms: int = Field(default=2_000, ge=50, le=10_000)
    security: Security
    user: User | None = None
    window_mm: int = Field(ge=10, le=2_000)
    """A read is this parcel's if its middle is within +- this of the scan point."""
    delay_ms: int = Field(ge=0, le=5_000)
    """From the parcel's middle under the reader to the event, on average."""
    silent_ms: int = Field(default=0, ge=0, le=3_600_000)
    """No event for so long is an alarm; 0: never."""


class Site(Part):
    """Everything in `site.toml`, with the chutes of each sorter."""

    hub: Hub
    limits: Limits = Limits()
    plcs: dict[Name, AnyPlc] = Field(min_length=1)
    sorters: dict[Name, AnySorter] = Field(min_length=1)
    scanners: dict[Name, Scanner] = Field(default={})
    readers: dict[Name, Reader] = Field(default={})
    customs: Customs = Customs()
    parcels: ParcelRules = ParcelRules()


class Machine(Part):
    """One sorter with all that belongs to it: what the logic, the codec and the simulator are built from."""

    sorter_id: Name
    sorter: AnySorter
    plc_id: Name
    plc: AnyPlc
    chutes: tuple[Chute, ...] = Field(strict=False)
    scanners: dict[Name, Scanner]
    readers: dict[Name, Reader] = Field(default={})

    @property
    def line(self) -> LineSorter:
        """The sorter, which is a line. TypeError: it is none."""
        if isinstance(self.sorter, LineSorter):
            return self.sorter
        raise TypeError(f"{self.sorter_id} is no line")

    @property
    def loop(self) -> LoopSorter:
        """The sorter, which is a loop. TypeError: it is none."""
        if isinstance(self.sorter, LoopSorter):
            return self.sorter
        raise TypeError(f"{self.sorter_id} is no loop")

    @property
    def modbus(self) -> ModbusPlc:
        """The PLC, which is on Modbus TCP. TypeError: it is not."""
        if isinstance(self.plc, ModbusPlc):
            return self.plc
        raise TypeError(f"{self.plc_id} is not on Modbus TCP")

    @property
    def opcua(self) -> OpcUaPlc:
        """The PLC, which is on OPC UA. TypeError: it is not."""
        if isinstance(self.plc, OpcUaPlc):
            return self.plc
        raise TypeError(f"{self.plc_id} is not on OPC UA")

    @property
    def heads(self) -> dict[str, Scanner | Reader]:
        """Everything that reads codes on this sorter, whatever its wire."""
        return {**self.scanners, **self.readers}

    def counts(self, mm: int) -> int:
        """Millimetres of belt to encoder counts."""
        return mm_to_counts(mm, self.sorter.counts_per_metre)

    def counts_in(self, ms: int) -> int:
        """Encoder counts that pass in so many milliseconds at nominal speed."""
        return self.counts(self.sorter.speed_mm_s * ms // 1000)

    @property
    def chute_words(self) -> int:
        """Words of the PLC's `chutes` area: chute n is word n-1, and numbers may be left out."""
        return max(chute.number for chute in self.chutes)

    def chute(self, number: int) -> Chute:
        """The chute with this number; KeyError if there is none."""
        for chute in self.chutes:
            if chute.number == number:
                return chute
        raise KeyError(number)

    def reject_chute(self, cause: Cause) -> int:
        """Where parcels with this cause go on a line."""
        return self.sorter.rejects.get(cause.value, self.line.end_chute)
