"""AutoID: what one scan event of an OPC UA reader (OPC 30010) says. Pure; `parse` never raises, whatever came.

Comes in: the results of one event as the driver took them apart. Goes out: `CodesRead` (no codes: the reader could read
nothing) or `FrameRefused`. Never here: nodes and subscriptions, what a code means.

The theory. A result is text or bytes. Bytes become text as a scanner's do (`telegram.py`): UTF-8 if they are valid UTF-8, else
Latin-1; nothing is replaced or lost. The symbology is an AIM identifier by the standard ("]I1"); older readers write a name,
which is translated where it is known. An event without results is a no-read. Readers that must put some result into every
event put a status of theirs in the place of a code: one that says that nothing could be read is no code.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from sortctl.inputs.framing import excerpt
from sortctl.labels.aim import split
from sortctl.site.model import Limits
from sortctl.words.facts import Code, CodesRead, FrameRefused
from sortctl.words.ids import ScannerId

NO_READ_TEXTS: Final = frozenset({"", "NOREAD", "NO_READ", "NO READ", "NO_IDENTIFIER", "READ_ERROR", "DECODING_ERROR"})
"""What stands in the place of a code when there is none. The last three are of AutoIdOperationStatusEnumeration."""

_NAMES: Final = {
    "code39": "]A0", "code128": "]C0", "gs1128": "]C1", "ean128": "]C1", "ucc128": "]C1", "ean13": "]E0", "upca": "]E0",
    "ean8": "]E4", "codabar": "]F0", "code93": "]G0", "code11": "]H0", "interleaved2of5": "]I0", "2of5interleaved": "]I0",
    "i2of5": "]I0", "itf": "]I0", "itf14": "]I0", "dotcode": "]J0", "pdf417": "]L0", "msi": "]M0", "qr": "]Q1",
    "qrcode": "]Q1", "maxicode": "]U0", "datamatrix": "]d1", "datamatrixecc200": "]d1", "ecc200": "]d1",
    "gs1datamatrix": "]d2", "gs1databar": "]e0", "databar": "]e0", "aztec": "]z0", "azteccode": "]z0",
}  # fmt: skip
"""Names of symbologies in small letters and digits -> AIM identifier (ISO/IEC 15424) without options."""
_NAME_MAX: Final = 64


class Result(Protocol):
    """One code of a scan."""

    @property
    def data(self) -> str | bytes:
        """Text or bytes, as the reader sent it."""

    @property
    def symbology(self) -> str:
        """An AIM identifier, a name, or nothing."""

    @property
    def made_ns(self) -> int:
        """When the reader made the event, by its own clock; 0: it does not tell."""


def size_of(results: Sequence[Result]) -> int:
    """Characters and bytes of all codes: what babble is measured by."""
    return sum(len(result.data) for result in results)


def parse(results: Sequence[Result], scanner: ScannerId, limits: Limits, at_ns: int) -> CodesRead | FrameRefused:
    """Take one event that came at `at_ns` apart."""
    codes: dict[Code, None] = {}
    too_long: dict[str, None] = {}
    for result in results:
        code = _code(result.data, result.symbology)
        if len(code.text) > limits.code_length_max:
            too_long[code.text] = None
        elif code.text.upper() not in NO_READ_TEXTS:
            codes[code] = None
    if too_long and not codes:
        # Not "no read": something was read, and nobody may take it for an empty label.
        why = f"a code of {max(map(len, too_long))} characters, at most {limits.code_length_max} are taken"
        return FrameRefused(at_ns, scanner, why, excerpt(next(iter(too_long)).encode()))
    taken = tuple(codes)[: limits.codes_per_read_max]
    return CodesRead(at_ns, scanner, taken, dropped=len(codes) - len(taken) + len(too_long))


def _code(data: str | bytes, symbology: str) -> Code:
    text = _text(data if isinstance(data, bytes) else _bytes(data))
    aim = _aim(symbology)
    # Some readers put the identifier in front of the text as well.
    return Code(text.removeprefix(aim), aim)


def _bytes(text: str) -> bytes:
    """The bytes of a text. OPC UA libraries hand on bytes that are no UTF-8 as lone surrogates, which no file can hold."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _aim(symbology: str) -> str:
    if len(symbology) > _NAME_MAX:
        return ""
    aim, _ = split(symbology)
    return aim or _NAMES.get("".join(sign for sign in symbology.lower() if sign.isalnum()), "")
