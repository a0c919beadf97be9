"""Told: the shapes of what follows from a site.

Goes out: frozen structs, as `sortctl check --json` prints them. Never here: how they are reckoned.
"""

from msgspec import Struct


class ChuteReach(Struct, frozen=True):
    """How long a decision for a chute may take. `way_mm`: the parcel's middle from the scan point (of a loop: from the last
    tunnel before the chute) to the point of no return; `time_ms`: the same at belt speed. Both below 0: too near.
    """

    chute: int
    name: str
    position_mm: int
    way_mm: int
    time_ms: int


class Recovery(Struct, frozen=True):
    """`link`: what failed; `case`: how; after at most `worst_ms` it is noticed or mended, made up of `sum_of`."""

    link: str
    case: str
    worst_ms: int
    sum_of: str


class Area(Struct, frozen=True):
    """Registers from `first` to `last` (counted from 0) in one table of one PLC."""

    plc: str
    area: str
    table: str
    first: int
    last: int


class Node(Struct, frozen=True):
    """One array node of one OPC UA server; `words` is how many elements it must have."""

    plc: str
    area: str
    namespace: str
    node: str
    words: int


class Turn(Struct, frozen=True):
    """What only a loop has. `induct_groups`: places where it is loaded, with chutes between them."""

    length_mm: int
    lap_ms: int
    carriers: int
    carriers_per_hour: int
    induct_groups: int
    tunnels: int
    check_points: int


class Derived(Struct, frozen=True):
    """All that follows for one machine. `turn`: of a loop. One of `areas` and `nodes` is empty."""

    sorter: str
    plc: str
    turn: Turn | None
    order_margin_ms: int
    chutes: tuple[ChuteReach, ...]
    recoveries: tuple[Recovery, ...]
    areas: tuple[Area, ...]
    nodes: tuple[Node, ...]
    requests_per_s: int
    lease_usable_ms: int
    items_per_hour: int
    events_per_s: int
    window_events_per_s: int
    on_belt_max: int
    diverts_waiting_max: int
    waiting_diverts: int
    scanner_buffer_bytes: int
