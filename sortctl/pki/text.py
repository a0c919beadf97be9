"""Text: how names out of a certificate are written. Whoever made the certificate chose them; they never steer a terminal or a log.

Comes in: any text. Goes out: one printable line of bounded length.
"""

from typing import Final

NAME_MAX: Final = 120


def one_line(text: str, longest: int = NAME_MAX) -> str:
    """The text, with what is not printable by its number, cut at `longest`."""
    # Cut before and after: a long text costs no more than a short one.
    text = text[:longest]
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def normal_thumbprint(text: str) -> str:
    """A thumbprint as people paste it (colons, spaces, small letters) in the form that is used here. "" if it is none."""
    bare = text.replace(":", "").replace(" ", "").upper()
    return bare if len(bare) in {40, 64} and all(sign in "0123456789ABCDEF" for sign in bare) else ""
