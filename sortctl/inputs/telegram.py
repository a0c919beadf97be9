"""Telegram: what stands in one frame of a scanner. Pure; `parse` never raises, whatever the bytes are.

Comes in: a `Frame` and the scanner's settings. Goes out: `CodesRead` (no codes: the scanner could read nothing),
`Heartbeat`, or `FrameRefused`. Never here: finding the frame (`inputs/framing.py`), what a code means (`labels`).

Text: UTF-8 where the bytes are valid UTF-8, else Latin-1, which gives every byte one character: nothing is replaced or
lost, and for ASCII the two are the same. A heartbeat can look like a barcode, so it is matched before anything else; a
trailing `*` in its setting stands for the rest (`MOTEVTHB:*` counts on). Codes that are empty or equal to the no-read
text are no codes. The same code twice in one telegram is one code. Codes beyond the limits are left out and counted in
`dropped`.
"""

from typing import Final

from msgspec import Struct

from sortctl.inputs.framing import Frame, excerpt
from sortctl.labels.aim import split
from sortctl.site.model import Limits, Scanner, Telegram
from sortctl.words.facts import Code, CodesRead, FrameRefused
from sortctl.words.ids import ScannerId

NUMBER_DIGITS_MAX: Final = 10
"""Sequence and item numbers have at most 32 bits."""
NUMBER_MAX: Final = 0xFFFF_FFFF


class Heartbeat(Struct, frozen=True, gc=False):
    """A life telegram came from `scanner`."""

    at_ns: int
    scanner: ScannerId


class _Refused(Exception):
    """The telegram is not built as configured; the text says how."""


def parse(
    frame: Frame, scanner_id: ScannerId, scanner: Scanner, limits: Limits
) -> CodesRead | Heartbeat | FrameRefused:
    """Take one frame apart."""
    text = _text(frame.data)
    telegram = scanner.telegram
    if _is_heartbeat(text, telegram.heartbeat):
        return Heartbeat(frame.first_ns, scanner_id)
    if text == telegram.no_read:
        return CodesRead(frame.first_ns, scanner_id, ())
    try:
        fields = _fields(text, telegram)
        codes, dropped = _codes(fields.get("codes", ""), telegram, limits)
        return CodesRead(
            frame.first_ns,
            scanner_id,
            codes,
            item=_number(fields.get("item", ""), "item"),
            sequence=_number(fields.get("sequence", ""), "sequence"),
            dropped=dropped,
        )
    except _Refused as why:
        return FrameRefused(frame.first_ns, scanner_id, str(why), excerpt(frame.data))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _is_heartbeat(text: str, heartbeat: str) -> bool:
    if heartbeat.endswith("*"):
        return text.startswith(heartbeat[:-1])
    return bool(heartbeat) and text == heartbeat


def _fields(text: str, telegram: Telegram) -> dict[str, str]:
    names = telegram.fields
    # The last field takes the rest: its codes may be separated by the same character.
    parts = text.split(telegram.field_separator, len(names) - 1) if telegram.field_separator else [text]
    if len(parts) != len(names):
        raise _Refused(f"{len(parts)} fields where {len(names)} are expected")
    return dict(zip(names, parts, strict=True))


def _codes(text: str, telegram: Telegram, limits: Limits) -> tuple[tuple[Code, ...], int]:
    parts = text.split(telegram.code_separator) if telegram.code_separator else [text]
    codes: dict[Code, None] = {}
    too_long: set[str] = set()
    for part in parts:
        if part == telegram.no_read:
            continue
        aim, rest = split(part) if telegram.aim else ("", part)
        if len(rest) > limits.code_length_max:
            too_long.add(rest)
        elif rest:
            codes[Code(rest, aim)] = None
    if too_long and not codes:
        # Not "no read": something was read, and nobody may take it for an empty label.
        raise _Refused(f"a code of {max(map(len, too_long))} characters, at most {limits.code_length_max} are taken")
    taken = tuple(codes)[: limits.codes_per_read_max]
    return taken, len(codes) - len(taken) + len(too_long)


def _number(text: str, name: str) -> int | None:
    if not text:
        return None
    if len(text) > NUMBER_DIGITS_MAX or not (text.isascii() and text.isdigit()) or int(text) > NUMBER_MAX:
        raise _Refused(f"{name} is not a number up to {NUMBER_MAX}")
    return int(text)
