"""Words: what the host or a label says of a parcel, as stories have it said.

Comes in: what is expected of a parcel. Goes out: changes of a record, codes. Never here: when it is said.
"""

from typing import Final

from sim.sheets import Expected

Said = tuple[tuple[str, str], ...]
_NAMES: Final = ("country", "postcode", "declaration", "customs")
PRODUCT: Final = "01000000"


def all_of(known: Expected) -> Said:
    """What a host says of a parcel that it did not know."""
    return tuple((name, str(getattr(known, name))) for name in _NAMES)


def route(known: Expected) -> str:
    """A routing code that sends a parcel where this one is expected to go."""
    postcode = "".join(char for char in known.postcode.upper() if char.isalnum())
    return f"2L{known.country.upper()}{postcode}+{PRODUCT}"
