"""Fast lines: the site that is measured. Several short belt lines, each with its own PLC and one serial scanner.

No hub has lines like these: 20 and more parcels a second each, so that a few of them make the load of a whole hub. But
everything about them is within the bounds of the site file, and the daemon knows no difference. Belt speed is the
greatest allowed, one encoder count is one millimetre.

Comes in: how many lines, how dense, on which wire. Goes out: a site folder; and the distances that the bench's own machine
needs. Never here: keys (`bench/keys.py`).
"""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

SPEED_MM_S: Final = 5_000
COUNTS_PER_METRE: Final = 1_000
CHUTES: Final = 8
WAYBILLS: Final = 20_000
"""Routes in the table of every candidate. No number is twice on the sorters at once."""
SCAN_MM: Final = 400
DELAY_MS: Final = 10
EYE_MM: Final = 900
FIRST_CHUTE_MM: Final = 2_000
CHUTE_SPACING_MM: Final = 250
END_MM: Final = FIRST_CHUTE_MM + CHUTES * CHUTE_SPACING_MM + 500
LEAD_MS: Final = 20
TRAVEL_MS: Final = 40
SLIDE_MS: Final = 60
ORDER_SLOTS: Final = 13
EVENT_SLOTS: Final = 10
CAPACITY: Final = 100_000
NAMESPACE: Final = "urn:bench:exchange"
SERVER_URI: Final = "urn:bench:plc"
"""In the one certificate that all PLCs here show."""
POLICY: Final = "Basic256Sha256"


class Wire(StrEnum):
    """How a PLC is reached."""

    MODBUS = "Modbus TCP"
    BARE = "OPC UA without security"
    SECURED = "OPC UA, signed and encrypted"


class Shape(NamedTuple):
    """`per_line`: parcels a second for which the lengths and windows of a line are made."""

    lines: int
    per_line: int
    cycle_ms: int
    scan_ms: int
    wire: Wire = Wire.MODBUS

    @property
    def pitch_mm(self) -> int:
        """From one front edge to the next, at that rate."""
        return SPEED_MM_S // self.per_line

    @property
    def length_mm(self) -> int:
        """All parcels are alike; even, so that a half is whole."""
        return max(self.pitch_mm * 2 // 5 // 2 * 2, 20)


class Door(NamedTuple):
    """Where a candidate finds one line."""

    port: int
    tty: str
    wire: Wire = Wire.MODBUS


def chute_of(waybill: int) -> int:
    """Where the plan sends this number."""
    return waybill % CHUTES + 1


def code(waybill: int) -> str:
    """The number as it stands on the label."""
    return f"BP{waybill:08d}"


def chute_mm(chute: int) -> int:
    """Middle of the pusher."""
    return FIRST_CHUTE_MM + (chute - 1) * CHUTE_SPACING_MM


def fire_mm(chute: int) -> int:
    """From the middle of the parcel at position 0 to where the output of its pusher switches."""
    return chute_mm(chute) - SPEED_MM_S * (LEAD_MS + TRAVEL_MS // 2) // 1000


def write_site(folder: Path, shape: Shape, doors: Sequence[Door], owner: int) -> None:
    """A whole site folder."""
    parts = [f'[hub]\nname = "bench"\ntitle = "Fast lines"\nowner = {owner}\n']
    parts += [_line(number, shape, door) for number, door in enumerate(doors, start=1)]
    _put(folder / "site.toml", "\n".join(parts))
    rows = [f"{n},C{n},{chute_mm(n)},yes,{LEAD_MS},{TRAVEL_MS},{SLIDE_MS},{CAPACITY}" for n in range(1, CHUTES + 1)]
    head = "number,name,position_mm,actuator,lead_ms,travel_ms,slide_ms,capacity"
    end = f"{CHUTES + 1},End,{END_MM},no,0,0,{SLIDE_MS},{CAPACITY}"
    _put(folder / "chutes.csv", "\n".join((head, *rows, end, "")))
    write_plan(folder / "plan")


def write_plan(folder: Path) -> None:
    """One destination for each chute; beside the folder 20,000 waybills."""
    numbers = range(1, CHUTES + 1)
    rules = [f"area-{n},BE,{n}000,{n}999,D{n}" for n in numbers]
    _put(folder / "rules.csv", "\n".join(("rule,country,postcode_from,postcode_to,destination", *rules, "")))
    _put(folder / "destinations.csv", "\n".join(("destination,chutes", *(f"D{n},{n}" for n in numbers), "")))
    parcels = [f"{code(n)},BE,{chute_of(n)}{n % 1000:03d}" for n in range(WAYBILLS)]
    _put(folder.parent / "parcels.csv", "\n".join(("waybill,country,postcode", *parcels, "")))


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


_OPCUA: Final = f'wire = "opcua"\nnamespace = "{NAMESPACE}"\nconnect_timeout_ms = 5000'
_WIRES: Final = {Wire.MODBUS: 'wire = "modbus"\nunit = 1', Wire.BARE: _OPCUA, Wire.SECURED: _OPCUA}
_SECURITY: Final = {
    Wire.MODBUS: "",
    Wire.BARE: '\n[plcs.p{number}.security]\npolicy = "none"\nwhy = "measured beside the secured one"\n',
    Wire.SECURED: f'\n[plcs.p{{number}}.security]\npolicy = "{POLICY}"\nserver_uri = "{SERVER_URI}"\n',
}


def _line(number: int, shape: Shape, door: Door) -> str:
    pitch = shape.pitch_mm
    return f"""
[plcs.p{number}]
address = "127.0.0.1:{door.port}"
{_WIRES[door.wire]}
cycle_ms = {shape.cycle_ms}
scan_ms = {shape.scan_ms}
order_slots = {ORDER_SLOTS}
event_slots = {EVENT_SLOTS}
{_SECURITY[door.wire].format(number=number)}
[sorters.l{number}]
kind = "line"
tracking = "controller"
plc = "p{number}"
counts_per_metre = {COUNTS_PER_METRE}
speed_mm_s = {SPEED_MM_S}
chutes = "chutes.csv"
end_chute = {CHUTES + 1}
length_min_mm = {max(pitch * 3 // 10, 20)}
length_max_mm = {max(pitch // 2, 50)}
gap_min_mm = {max(pitch // 4, 10)}
window_mm = {max(pitch // 5, 10)}
late_mm = {max(pitch // 2, 20)}
length_tolerance_mm = {max(pitch // 20, 5)}
bounce_mm = {max(pitch // 50, 2)}
confirm_ms = 100
inducts = [{{ number = 1, position_mm = 0 }}]
scan_points = [{{ number = 1, position_mm = {SCAN_MM} }}]
eyes = [{{ number = 1, position_mm = {EYE_MM} }}]

[scanners.s{number}]
sorter = "l{number}"
scan_point = 1
url = "{door.tty}"
window_mm = {pitch // 2}
delay_ms = {DELAY_MS}
[scanners.s{number}.line]
baudrate = 115200
bytesize = 8
parity = "none"
stopbits = 1
flow = "none"
[scanners.s{number}.framing]
terminator = "CR"
"""
