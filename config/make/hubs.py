"""Hubs: all of them, by name."""

from typing import Final

from config.make.hkg import HKG
from config.make.hub import Hub
from config.make.kul import KUL
from config.make.lgg import LGG

HUBS: Final[dict[str, Hub]] = {hub.name: hub for hub in (LGG, HKG, KUL)}
