"""Life: what the journal tells about one parcel, from the induct to its end, or about one code.

Comes in: a reader and a barcode or passage number. Goes out: lives (one per passage, newest first), each a list of steps
with wall time and milliseconds since the induct, and reads of the code that no parcel was found for. The words are plain
enough to be shown as they are. Never here: the terminal, the escaping of what a label may contain.
"""

from functools import singledispatch
from typing import Final

import msgspec
from msgspec import Struct

from sortctl.journal.read import PASSAGES_MAX, JournalReader
from sortctl.journal.row import Row, thing_of
from sortctl.words.causes import Disposition, Proof
from sortctl.words.facts import CodesRead
from sortctl.words.hub import ParcelTold, ParcelTurned
from sortctl.words.orders import Cancel, Divert
from sortctl.words.outcomes import (
    AtRisk,
    Bagged,
    Decided,
    DivertFailed,
    DivertTold,
    ParcelAsked,
    PassageClosed,
    PassageDoubted,
    PassageFound,
    PassageMissing,
    PassageOpened,
    ReadClassed,
    ReadOrphaned,
    ReadTied,
    Recalled,
    Recirculated,
    SeenAtEye,
    Selected,
)
from sortctl.words.parcels import ParcelRecord
from sortctl.words.units import NS_PER_MS

NUMBER_DIGITS_MAX: Final = 18
"""A longer one is no passage number: SQLite holds none, and Python makes no number of thousands of digits."""

_PROOFS: Final = {
    Proof.NONE: ("order", "no order was given for chute {chute}"),
    Proof.ORDERED: ("ordered", "order {seq} of epoch {epoch} for chute {chute} is on its way to the PLC"),
    Proof.TAKEN: ("taken", "the PLC took order {seq} of epoch {epoch} for chute {chute}"),
    Proof.DONE: ("diverted", "the actuator of chute {chute} reported its end position"),
    Proof.SEEN: ("seen", "the eye in chute {chute} saw it"),
}
_KNOWN_BY: Final = {
    Proof.NONE: "without proof",
    Proof.ORDERED: "ordered, not known to be taken",
    Proof.TAKEN: "taken by the PLC, not seen",
    Proof.DONE: "the actuator reported it, no eye saw it",
    Proof.SEEN: "seen by its eye",
}


_OF_THE_HUB: Final = frozenset({ParcelTold.__name__, ParcelTurned.__name__})


class Step(Struct, frozen=True):
    """`since_ms` counts from the induct. `details` are lines below the step."""

    seq: int
    at_ns: int
    wall_ns: int
    since_ms: int
    what: str
    text: str
    details: tuple[str, ...] = ()


class Life(Struct, frozen=True):
    """One passage. `end` is "on the sorter" until it is closed."""

    passage: int
    sorter: str
    waybill: str
    end: str
    ended: bool
    steps: tuple[Step, ...]


class Orphan(Struct, frozen=True):
    """A read of the code that fits no parcel."""

    seq: int
    wall_ns: int
    scanner: str
    codes: tuple[str, ...]
    why: str


class Trace(Struct, frozen=True):
    """All that is known about `asked`. `more`: there were further passages, beyond the limit."""

    asked: str
    lives: tuple[Life, ...]
    orphans: tuple[Orphan, ...]
    more: bool


def trace(reader: JournalReader, asked: str) -> Trace:
    """A barcode; or the number of a passage."""
    rows = reader.code(asked)
    passages = {row.passage: None for row in rows if row.passage}
    if asked.isascii() and asked.isdigit() and len(asked) <= NUMBER_DIGITS_MAX:
        passages |= {int(asked): None}
    numbers = sorted(passages, reverse=True)
    lives = [life for life in (_life(_whole(reader, number)) for number in numbers[:PASSAGES_MAX]) if life]
    orphans = [orphan for orphan in map(_orphan, rows) if orphan]
    if not lives and not orphans:
        orphans = [orphan for orphan in map(_unconcluded, rows) if orphan]
    return Trace(asked, tuple(lives), tuple(orphans), len(numbers) > PASSAGES_MAX)


def in_words(thing: object) -> tuple[str, str]:
    """One step of a parcel's life: a short name for it, and a sentence."""
    what, text, _ = _tell(thing)
    return what, text


def _whole(reader: JournalReader, number: int) -> list[Row]:
    """The rows of a passage, and what was told of its codes meanwhile: answers name a code, not a passage."""
    rows = reader.passage(number)
    if not rows:
        return rows
    first, last = rows[0].seq, rows[-1].seq
    codes = {row.code for row in rows if row.code}
    told = [row for code in codes for row in reader.code(code) if row.type in _OF_THE_HUB and first < row.seq < last]
    return sorted(rows + told, key=lambda row: row.seq)


def _life(rows: list[Row]) -> Life | None:
    if not rows:
        return None
    things = [(row, _thing(row)) for row in rows]
    begin_ns = next((row.at_ns for row, thing in things if isinstance(thing, PassageOpened)), rows[0].at_ns)
    steps = []
    waybill, sorter, end = "", "", ""
    on_loop = any(isinstance(thing, PassageOpened) and thing.item for _, thing in things)
    for row, thing in things:
        what, text, details = _tell(thing)
        if on_loop and isinstance(thing, SeenAtEye):
            # A loop has scan points and check-points with a load sensor, in one numbering.
            what, text = "point", text.replace("eye ", "point ", 1)
        steps.append(Step(row.seq, row.at_ns, row.wall_ns, (row.at_ns - begin_ns) // NS_PER_MS, what, text, details))
        sorter = getattr(thing, "sorter", sorter)
        waybill = getattr(thing, "waybill", "") or waybill
        if isinstance(thing, PassageClosed):
            end = _end(thing)
    return Life(rows[0].passage, sorter, waybill, end or "on the sorter", bool(end), tuple(steps))


def _orphan(row: Row) -> Orphan | None:
    thing = _thing(row) if row.type == ReadOrphaned.__name__ else None
    if not isinstance(thing, ReadOrphaned):
        return None
    return Orphan(row.seq, row.wall_ns, thing.scanner, thing.codes, thing.why)


def _unconcluded(row: Row) -> Orphan | None:
    """A read that came so late that the logic has not said anything about it."""
    thing = _thing(row)
    if not isinstance(thing, CodesRead):
        return None
    codes = tuple(code.text for code in thing.codes)
    return Orphan(row.seq, row.wall_ns, thing.scanner, codes, "nothing was concluded from it yet")


class _Unknown(Struct, frozen=True):
    type: str


def _thing(row: Row) -> object:
    """A row that this version cannot read is still a step of the life."""
    try:
        return thing_of(row)
    except (msgspec.DecodeError, KeyError):
        return _Unknown(row.type)


def _end(closed: PassageClosed) -> str:
    if closed.disposition is Disposition.SORTED:
        return f"sorted into chute {closed.actual}, {_KNOWN_BY[closed.proof]}"
    if closed.disposition is Disposition.REJECTED:
        where = f" into chute {closed.actual}" if closed.actual else ""
        return f"rejected{where}: {_plain(closed.cause)} ({closed.family.value}), {_KNOWN_BY[closed.proof]}"
    return f"{closed.disposition.value}: {_plain(closed.cause)}"


def _plain(word: str) -> str:
    return str(word).replace("_", " ")


_Told = tuple[str, str, tuple[str, ...]]


@singledispatch
def _tell(thing: object) -> _Told:
    return "row", f"{getattr(thing, 'type', type(thing).__name__)}, which this version cannot read", ()


@_tell.register
def _(thing: PassageOpened) -> _Told:
    event = f"event {thing.seq} of boot {thing.boot_id:08x}"
    if thing.item:
        item = f"the PLC calls it item {thing.item}, count {thing.count} ({event})"
        if not thing.induct:
            return "found", f"on a carrier where nothing was booked; {item}", ()
        return "inducted", f"at induct {thing.induct}, {thing.length_mm} mm long; {item}", ()
    if not thing.induct:
        return "found", f"by an eye, at count {thing.count}; no induct had told of it ({event})", ()
    return "inducted", f"at induct {thing.induct}, {thing.length_mm} mm long, count {thing.count} ({event})", ()


@_tell.register
def _(thing: ReadTied) -> _Told:
    side = "behind" if thing.offset_mm > 0 else "before"
    place = f"{abs(thing.offset_mm)} mm {side} the parcel's middle" if thing.offset_mm else "at the parcel's middle"
    return "read", f"{thing.scanner}: {', '.join(thing.codes) or 'no code'}, {place}", ()


@_tell.register
def _(thing: ReadClassed) -> _Told:
    waybill = f", waybill {thing.waybill}" if thing.waybill else ""
    return "class", f"{_plain(thing.read_class)}{waybill}", thing.remarks


@_tell.register
def _(thing: Decided) -> _Told:
    text = f"chute {thing.chute}"
    text += f" by rule {thing.rule}" if thing.rule else ""
    text += f" for {thing.destination}" if thing.destination else ""
    if thing.planned and thing.planned != thing.chute:
        text += f", planned was chute {thing.planned}"
    if thing.cause.value != "none":
        text += f"; {_plain(thing.cause)}"
    text += f": {thing.why}" if thing.why else ""
    return "decided", text, tuple(f"chute {tried.chute}: {tried.verdict}" for tried in thing.candidates)


@_tell.register
def _(thing: DivertTold) -> _Told:
    what, text = _PROOFS[thing.proof]
    return what, text.format(chute=thing.chute, seq=thing.order_seq, epoch=thing.epoch), ()


@_tell.register
def _(thing: DivertFailed) -> _Told:
    return "failed", f"chute {thing.chute} did not take it: {thing.why}", ()


@_tell.register
def _(thing: SeenAtEye) -> _Told:
    side = "behind" if thing.offset_mm >= 0 else "ahead of"
    return "eye", f"eye {thing.eye}: {_plain(thing.band)}, {abs(thing.offset_mm)} mm {side} its place", ()


@_tell.register
def _(thing: PassageDoubted) -> _Told:
    return "doubted", f"{_plain(thing.cause)}: {thing.why}", ()


@_tell.register
def _(thing: PassageMissing) -> _Told:
    item = f"item {thing.item}: " if thing.item else ""
    return "missing", f"{item}{thing.why}; a fresh read may find it again", ()


@_tell.register
def _(thing: PassageFound) -> _Told:
    item = f"; the PLC calls it item {thing.item} now" if thing.item else ""
    return "found", f"{thing.why}{item}", ()


@_tell.register
def _(thing: Recirculated) -> _Told:
    cause = f"{_plain(thing.cause)}: " if thing.cause.value != "none" else ""
    return "lap", f"lap {thing.laps + 1} begins; {cause}{thing.why or 'its chute lies ahead'}", ()


@_tell.register
def _(thing: ParcelAsked) -> _Told:
    return "asked", f"what is known of {thing.code}?", ()


@_tell.register
def _(thing: ParcelTold) -> _Told:
    return "told", record_in_words(thing.record) if thing.record else f"nothing is known of {thing.code}", ()


@_tell.register
def _(thing: ParcelTurned) -> _Told:
    return "turned", record_in_words(thing.record) if thing.record else f"{thing.waybill} was deleted", ()


@_tell.register
def _(thing: Selected) -> _Told:
    return "selected", f"drawn for inspection by {thing.rule}, number {thing.draw} of a thousand", ()


@_tell.register
def _(thing: AtRisk) -> _Told:
    if not thing.at_risk:
        return "in time", f"{thing.departure} will not be missed", ()
    if thing.late_s and thing.slack_s >= 0:
        return "at risk", f"with {thing.departure} it is at the door {-(-thing.late_s // 60)} min after the promise", ()
    left = f"{thing.slack_s // 60} min are left" if thing.slack_s >= 0 else f"{-thing.slack_s // 60} min too late"
    return "at risk", f"{thing.departure} may be missed: {left}", ()


@_tell.register
def _(thing: Recalled) -> _Told:
    if not thing.chute:
        return "recalled", f"too late: it is in bag {thing.bag}, which was taken away: find the bag: {thing.why}", ()
    bag = f", bag {thing.bag}" if thing.bag else ""
    return "recalled", f"too late: it is in chute {thing.chute}{bag}, which is blocked: {thing.why}", ()


def record_in_words(record: ParcelRecord) -> str:
    """What the hub knows of a parcel, in one line."""
    parts = [
        record.tenant,
        f"{record.country} {record.postcode}".strip(),
        record.service,
        f"{record.weight_g} g" if record.weight_g else "",
        record.declaration.value.upper(),
        f"customs {_plain(record.customs)}" + (f" by {record.customs_by}" if record.customs_by else ""),
        "contradicted" if record.customs_conflict else "",
        f"held: {record.hold}" if record.hold else "",
        f"intercept: {record.intercept}" if record.intercept else "",
        f"departure {record.departure}" if record.departure else "",
    ]
    return ", ".join(part for part in parts if part)


@_tell.register
def _(thing: Bagged) -> _Told:
    unsure = "; it came about when the bag was changed" if thing.unsure else ""
    return "bag", f"in bag {thing.bag} at chute {thing.chute}{unsure}", ()


@_tell.register
def _(thing: PassageClosed) -> _Told:
    planned = f" (planned {thing.planned})" if thing.planned and thing.planned != thing.actual else ""
    return thing.disposition.value, f"{_end(thing)}{planned}" + (f"; {thing.why}" if thing.why else ""), ()


@_tell.register
def _(thing: Divert) -> _Told:
    # On a loop the PLC knows where the item is; on a line `item` is our own number, which the reader knows.
    where = f"at count {thing.at_count}" if thing.at_count else f"of item {thing.item}"
    text = f"divert to chute {thing.chute} {where}, order {thing.seq} of epoch {thing.epoch}"
    return "order", f"{text}: {thing.reason}", ()


@_tell.register
def _(thing: Cancel) -> _Told:
    text = f"withdraw the divert to chute {thing.chute}, order {thing.seq} of epoch {thing.epoch}"
    return "order", f"{text}: {thing.reason}", ()
