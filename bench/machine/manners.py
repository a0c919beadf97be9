"""Manners: how a whole machine side behaves towards whoever connects, for measurements beside a neighbour that is unwell.

Comes in: the name of one. Goes out: doors that behave so. Never here: what is measured meanwhile.
"""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sim.doors.opcua_door import OpcUaDoor
from sim.doors.ports import LOOPBACK
from sim.faults.at_opcua import delayed

LATE_MS: Final = 200
"""Of a slow PLC: less than the time-out of a request, so its link stands."""
CUT_S: Final = 0.1
"""A connection that is cut again and again stands for so long at most: through the handshakes, into the first cycles."""


class Manner(StrEnum):
    """What the PLCs of a machine side are like."""

    WELL = "well"
    DEAD = "dead: refuses connections"
    SILENT = "silent: accepts, never answers"
    SLOW = "slow: answers after 200 ms"
    STRANGE = "shows a certificate that we refuse"
    SHUT = "refuses our certificate"
    FLAKY = "cuts each connection after the handshake"

    @property
    def sorts(self) -> bool:
        """Parcels are sorted there."""
        return self in {Manner.WELL, Manner.SLOW}

    @property
    def is_there(self) -> bool:
        """A PLC answers, however it does."""
        return self not in {Manner.DEAD, Manner.SILENT}


@dataclass
class Conduct:
    """Of the Modbus servers."""

    late_s: float = 0.0
    """Answers leave so much later."""


class _Mute(asyncio.Protocol):
    """Takes everything, says nothing."""


async def stand_in(port: int, manner: Manner) -> object:
    """Something at this port that is no PLC; it stays as long as it is kept."""
    if manner is Manner.SILENT:
        return await asyncio.get_running_loop().create_server(_Mute, LOOPBACK, port)
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind((LOOPBACK, port))
    return taken


def slow_down(conduct: Conduct, doors: Sequence[OpcUaDoor]) -> None:
    """From now on every cycle is answered late."""
    conduct.late_s = LATE_MS / 1000
    for door in doors:
        door.mischief.lay(delayed(LATE_MS), services=frozenset({"Read", "Write"}))


async def keep_cutting(doors: Sequence[OpcUaDoor]) -> None:
    """Every connection is cut soon after it was made, for ever."""
    while True:
        await asyncio.sleep(CUT_S)
        for door in doors:
            if door.sessions:
                door.reset()
