"""Units: time in integer ns, position in encoder counts, size in mm, weight in g. No float decides anything.

The encoder and every 32-bit number of the exchange wrap at 2**32; a difference of two is taken as a signed number.
"""

from collections.abc import Iterable

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000

WORD_MASK = 0xFFFF
COUNT_MASK = 0xFFFF_FFFF
_HALF = 0x8000_0000


def wrap32(value: int) -> int:
    """The 32-bit number that the PLC would show for `value`."""
    return value & COUNT_MASK


def signed_difference(later: int, earlier: int) -> int:
    """`later` - `earlier` of two wrapping 32-bit numbers, as a signed number in -2**31 .. 2**31-1."""
    return ((later - earlier + _HALF) & COUNT_MASK) - _HALF


def mm_to_counts(mm: int, counts_per_metre: int) -> int:
    """Millimetres to encoder counts, rounded to the nearest."""
    return (mm * counts_per_metre + 500) // 1000


def counts_to_mm(counts: int, counts_per_metre: int) -> int:
    """Encoder counts to millimetres, rounded to the nearest."""
    return (counts * 1000 + counts_per_metre // 2) // counts_per_metre


def spans(numbers: Iterable[int]) -> str:
    """1-4, 7 for {1, 2, 3, 4, 7}."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"{low}" if low == high else f"{low}-{high}" for low, high in spans)
