"""Links: all links of a site, for whoever starts, stops or shows them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sortctl.runtime.links.head_link import HeadLink
from sortctl.runtime.links.plc_link import PlcLink
from sortctl.runtime.links.unit_link import UnitLink


class Links(NamedTuple):
    """Made once."""

    plcs: Sequence[PlcLink]
    heads: Sequence[HeadLink]
    units: Sequence[UnitLink]
    """Of PLCs that are only observed."""
    protection: Mapping[str, str]
    """How each link is protected, by its name; "" where there is nothing to choose."""
