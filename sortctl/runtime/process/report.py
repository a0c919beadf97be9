"""Report: what the control socket answers to "status" and "ping": the controller's status, and what only the runtime knows.

Comes in: engine, links, feed. Goes out: JSON. Field names are read by the commands, the gateway and people's scripts: they are
added to, never changed. Never here: how it looks to a person (`commands/status.py`).
"""

from typing import Final

import msgspec
from msgspec import Struct

from sortctl.runtime.engine import Engine
from sortctl.runtime.links.head_link import ScannerFigures
from sortctl.runtime.links.links import Links
from sortctl.runtime.links.plc_link import PlcFigures
from sortctl.runtime.parcel_desk import ParcelDesk, ParcelFigures
from sortctl.runtime.process.feed import Feed
from sortctl.runtime.process.tell import Teller
from sortctl.runtime.process.told import tell
from sortctl.runtime.recorder import JournalFigures
from sortctl.runtime.status import Status


class About(Struct, frozen=True):
    """This run of the program."""

    hub: str
    title: str
    version: str
    site: str
    """Checksum of the configuration in force."""
    process: int
    started_wall_ns: int


class Report(Struct, frozen=True):
    """The whole answer. `since_wall_ns`: last change of each link, by its name."""

    wall_ns: int
    about: About
    controller: Status
    journal: JournalFigures
    since_wall_ns: dict[str, int]
    plc_links: dict[str, PlcFigures]
    scanner_links: dict[str, ScannerFigures]
    feed_clients: int
    feed_clients_cut: int
    protection: dict[str, str] = {}
    """How each link of a PLC or reader is protected, by its name."""
    parcels: ParcelFigures | None = None


_encode: Final = msgspec.json.Encoder().encode


class Reporter:
    """Makes the answers."""

    def __init__(
        self,
        about: About,
        engine: Engine,
        links: Links,
        feed: Feed,
        teller: Teller,
        desk: ParcelDesk,
    ) -> None:
        self._about = about
        self._engine = engine
        self._links = links
        self._feed = feed
        self._teller = teller
        self._desk = desk

    def status(self) -> bytes:
        """All of it."""
        report = Report(
            wall_ns=self._engine.wall_ns(),
            about=self._about,
            controller=self._engine.status(),
            journal=self._engine.recorder.figures(),
            since_wall_ns=self._teller.since_ns,
            plc_links={link.plc: link.figures for link in self._links.plcs},
            scanner_links={link.scanner_id: link.figures for link in self._links.heads},
            feed_clients=len(self._feed),
            feed_clients_cut=self._feed.cut,
            protection=dict(self._links.protection),
            parcels=self._desk.figures(),
        )
        return _encode(report)

    def tell(self, fact: bytes) -> bytes:
        """What followed from what a person or the host told."""
        return tell(self._engine, fact)

    def pong(self) -> bytes:
        """That we live, and who we are."""
        return _encode(self._about)
