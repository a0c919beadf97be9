"""AIM symbology identifiers (ISO/IEC 15424): three characters that a scanner may put before a code, as in ]C1.

Comes in: the text of one code as the scanner sent it. Goes out: identifier and text apart. The modifier is a sum of
option values, so any modifier is taken; the code character must be one that the standard knows.
Never here: what the code itself means.
"""

from typing import Final

SYMBOLOGIES: Final = {
    "A": "Code 39",
    "B": "Telepen",
    "C": "Code 128",
    "D": "Code One",
    "E": "EAN/UPC",
    "F": "Codabar",
    "G": "Code 93",
    "H": "Code 11",
    "I": "Interleaved 2 of 5",
    "J": "DotCode",
    "K": "Code 16K",
    "L": "PDF417",
    "M": "MSI",
    "N": "Anker",
    "O": "Codablock",
    "P": "Plessey",
    "Q": "QR Code",
    "R": "Straight 2 of 5, two bars",
    "S": "Straight 2 of 5, three bars",
    "T": "Code 49",
    "U": "MaxiCode",
    "X": "other bar code",
    "Z": "not a bar code",
    "d": "Data Matrix",
    "e": "GS1 DataBar",
    "g": "Grid Matrix",
    "h": "Han Xin",
    "o": "OCR",
    "p": "PosiCode",
    "s": "SuperCode",
    "z": "Aztec",
}
"""Code characters in use."""


def split(text: str) -> tuple[str, str]:
    """(identifier, rest); the identifier is "" where none stands in front."""
    if len(text) >= 3 and text[0] == "]" and text[1] in SYMBOLOGIES and text[2].isascii() and text[2].isalnum():
        return text[:3], text[3:]
    return "", text


def symbology(aim: str) -> str:
    """The name of the symbology, "" for none or an unknown one."""
    return SYMBOLOGIES.get(aim[1:2], "")
