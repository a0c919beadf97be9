"""Start: where a run of the controller begins, and the state that it leaves behind for the next.

Comes in: what the journal holds. Goes out: values. Never here: how the controller goes on from them.
"""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from sortctl.plan import Plan
from sortctl.runtime.halves.hub_half import HubState
from sortctl.words.facts import AnyFact


class Start(Struct, frozen=True):
    """Where a run begins: now, and what the journal holds of the runs before."""

    at_ns: int
    wall_ns: int
    version: str = ""
    last_row: int = 0
    snapshot: bytes | None = None
    facts: Sequence[AnyFact] = ()
    """What came after the snapshot, in order."""
    doubt: str = ""
    """Why all this does not prove the state at the end of the journal; empty: it does."""
    plans: Mapping[str, Plan] = {}
    """By checksum: sort plans that were put in force in that time."""


class Snapshot(Struct):
    """State of logic and watch at one row, which certificates were told to be out of date soon, which parcels are watched."""

    logic: msgspec.Raw
    watch: msgspec.Raw
    aged: dict[str, tuple[str, int]] = msgspec.field(default_factory=dict)
    hub: HubState = msgspec.field(default_factory=HubState)
