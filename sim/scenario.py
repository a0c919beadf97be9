"""Scenario: feed + faults + expectation for one machine. What a story writes, and what every rig can play.

Comes in: a machine, a seed, a number of parcels (`sim/draft.py`). Goes out: a `Script`: the parcels and their gaps, deeds of
hands, upsets on the wires, and what the referee must find. Upsets are plain data: each rig has its own way to do them.
Never here: how a rig carries it out.
"""

from collections.abc import Callable
from typing import NamedTuple

from sim.draft import ADDED_FIRST, Draft
from sim.hub.calls import Call
from sim.hub.staging import Staging, as_it_is
from sim.plant import Setup

__all__ = ["ADDED_FIRST", "Draft"]

LINE = frozenset({"line"})
LOOP = frozenset({"loop"})
BOTH = LINE | LOOP
ANY_WIRE = frozenset({"modbus", "opcua"})

REST_S = 25
"""After the last parcel: the belt runs empty, the slides too, and every wait of the controller ends."""


class RestartPlc(NamedTuple):
    """The PLC is off from `at_ns` for `ms`."""

    at_ns: int
    ms: int
    belt_stops: bool


class FreezeExchange(NamedTuple):
    """Requests to the PLC get no answer. The one under way is carried out at once, after the thaw (`late`), or never."""

    at_ns: int
    ms: int
    fate: str


class BusyPlc(NamedTuple):
    """Every request is answered by exception 6 and not carried out."""

    at_ns: int
    ms: int


class FullSessions(NamedTuple):
    """The PLC's server gives no session and no connection more; one that stands goes on. Of OPC UA."""

    at_ns: int
    ms: int


class UnplugScanner(NamedTuple):
    """What the scanner or reader sends is lost; its port or session is gone."""

    at_ns: int
    scanner: str
    ms: int


class Garbage(NamedTuple):
    """Bytes that no scanner sends stand on its line."""

    at_ns: int
    scanner: str
    data: bytes


class KillController(NamedTuple):
    """The controller is gone at once and comes back after `ms` with what its journal holds."""

    at_ns: int
    ms: int


Upset = RestartPlc | FreezeExchange | BusyPlc | FullSessions | UnplugScanner | Garbage | KillController


class Expectation(NamedTuple):
    """What must hold beside the rules that always hold. Shares are thousandths of the inducted parcels."""

    sorted_least: int = 900
    lost_most: int = 0
    laps_least: int = 0
    """Of a loop: so many further laps all parcels together."""
    same_exits: bool = False
    """But for the parcels concerned, every parcel leaves by the exit that it takes without the faults."""


class Script(NamedTuple):
    """A story for one seed."""

    setup: Setup
    upsets: tuple[Upset, ...] = ()
    concerned: frozenset[int] = frozenset()
    expect: Expectation = Expectation()
    clean: bool = True
    """No upset: nothing may be lost sight of."""
    in_real_time: bool = False
    """A busy host may be late for a telegram; on the virtual rig nothing is."""
    kills: tuple[KillController, ...] = ()
    """The controller dies in this run, for whichever machine's sake."""
    calls: tuple[Call, ...] = ()
    """What people, customs and the host say and do meanwhile."""
    records: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    """Waybills of which the host says something else than the list from the beginning: fields and their values."""
    withheld: frozenset[str] = frozenset()
    """Waybills of which the host knows nothing until it is told."""
    judged: tuple[str, ...] = ()
    """What the referee looks at beside what always holds: `spread`."""

    @property
    def is_quiet(self) -> bool:
        """Nothing befalls this machine or the controller."""
        return self.clean and not (self.setup.deeds or self.upsets or self.kills or self.in_real_time)

    def without_faults(self) -> "Script":
        """The same feed with nobody's hands on it."""
        return self._replace(setup=self.setup._replace(deeds=()), upsets=(), kills=(), calls=())


class Story(NamedTuple):
    """A name, one sentence, and how its script is written."""

    name: str
    sentence: str
    write: Callable[[Draft], Script]
    kinds: frozenset[str] = BOTH
    """For which kinds of sorter it makes sense."""
    wires: frozenset[str] = ANY_WIRE
    """On which wires it makes sense."""
    apart: bool = False
    """The machines are disturbed one after the other, each in a run of its own, and the others must not notice."""
    site: Staging = as_it_is
    """The site as the story needs it."""
    virtual: bool = False
    """It sets the clock on the wall: it is played where that is ours to set."""
    minute_at: int = 0
    """A minute on the wall begins when so many thousandths of the parcels came, where the story has to do with it."""
