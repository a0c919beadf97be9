"""sortctl bag scan: bags are hung up with a scanner in the hand: the tag, then the label of the chute, or the other way round.

Comes in: one code on each line, as a scanner types it (keyboard mode), or from a serial device (`sortctl bag scan < /dev/ttyACM0`). Goes out: a
bag that hangs, told at the moment of the second scan; one line of text for each. A label that cannot be used stops nothing.
Never here: which parcel is in which bag.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

PAIR_S: Final = 60
"""Who scans a tag and walks away has not hung it up: a later scan begins anew."""
LINE_MAX: Final = 256

Chutes = list[tuple[str, int, str]]
"""Sorter, number and name of every chute."""


class Bound(NamedTuple):
    """This bag hangs there."""

    sorter: str
    chute: int
    tag: str


def chutes_in(lines: Iterable[dict[str, Any]], sorter: str | None) -> Chutes:
    """Every chute in the status of the sorters, or of the one that is meant."""
    return [
        (line["sorter"], chute["chute"], chute["name"])
        for line in lines
        if sorter in (None, line["sorter"])
        for chute in line["chutes"]
    ]


def chute_of(code: str, chutes: Chutes) -> tuple[str, int] | None:
    """The chute whose label this is: SORTER/NUMBER, or a name that only one has; None: it is a tag."""
    meant = [(sorter, number) for sorter, number, name in chutes if code.lower() == f"{sorter}/{number}".lower()]
    meant = meant or [(sorter, number) for sorter, number, name in chutes if code.lower() == name.lower()]
    return meant[0] if len(meant) == 1 else None


class Pairing:
    """What was scanned last, until its other half comes."""

    def __init__(self, chutes: Chutes, now_s: Callable[[], float]) -> None:
        self._chutes, self._now_s = chutes, now_s
        self._chute: tuple[str, int] | None = None
        self._tag = ""
        self._last_s = 0.0

    def take(self, line: str) -> Bound | str:
        """A scan: a bag that hangs now, or what is still to be scanned."""
        code = line.strip()
        if not code or len(code) > LINE_MAX or not code.isprintable():
            return "that is no code: scan again" if code else ""
        now_s = self._now_s()
        if now_s - self._last_s > PAIR_S:
            self._chute, self._tag = None, ""
        self._last_s = now_s
        chute = chute_of(code, self._chutes)
        if chute is not None:
            self._chute = chute
        else:
            self._tag = code
        if self._chute is None:
            return f"bag {self._tag}: now the label of its chute"
        if not self._tag:
            return f"chute {self._chute[1]} of {self._chute[0]}: now the tag of its bag"
        bound = Bound(*self._chute, self._tag)
        self._chute, self._tag = None, ""
        return bound
