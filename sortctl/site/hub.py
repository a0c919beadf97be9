"""Hub: the part of the site model about the installation as a whole: its name, limits, customs, parcel data.

Comes in: the parsed tables `hub`, `limits`, `customs`, `parcels`. Goes out: typed, frozen parts. Never here: machines
(`model.py`), checks across keys.
"""

from typing import Literal

from pydantic import Field

from sortctl.site.wires import Name, Number, Part


class Hub(Part):
    """The installation itself."""

    name: Name
    title: str = Field(max_length=80)
    owner: Number
    """This controller's number towards every PLC, unique per installation."""


class Limits(Part):
    """What may pile up, and how far. At a limit something is concluded, never hoped."""

    passages_max: int = Field(default=2_000, ge=10, le=100_000)
    """Open passages per sorter; at the limit the oldest is closed as lost."""
    codes_per_read_max: int = Field(default=16, ge=1, le=256)
    """Codes taken from one frame; more are dropped and counted."""
    code_length_max: int = Field(default=128, ge=8, le=4_096)
    """Characters of one code; a longer one is invalid."""
    commit_wait_ms: int = Field(default=20, ge=1, le=1_000)
    """An order waits so long for its commit, then it leaves anyway, marked."""


class Selection(Part):
    """Parcels drawn for inspection: all that fit (a list), or so many of a thousand by lot."""

    name: Name
    tenant: str = Field(default="", max_length=40)
    goods: str = Field(default="", pattern=r"^\d{0,10}$")
    """First digits of the tariff number; empty: all goods."""
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    per_mille: int = Field(ge=1, le=1_000)


class Customs(Part):
    """What counts as released, and who is inspected."""

    stale_min: int = Field(default=1_440, ge=1, le=100_000)
    """The newest word of customs on a parcel that is not released yet may be so old; an older one is as good as none."""
    released_stale_min: int = Field(default=43_200, ge=1, le=1_000_000)
    """A release may be so old."""
    seed: str = Field(default="", max_length=80)
    """Of the lots; kept secret on site, audited with the journal."""
    selections: tuple[Selection, ...] = Field(default=(), strict=False)


class ParcelRules(Part):
    """What is done while nothing, or not enough, is known of a parcel."""

    answer_ms: int = Field(default=250, ge=10, le=10_000)
    """A question to the parcel store without an answer for so long counts as unanswered: nothing is known."""
    unknown: Literal["reject", "label"] = "label"
    """An unknown parcel goes by the routing content of its own label if there is any, or is rejected."""
    wait_laps: int = Field(default=1, ge=0, le=20)
    """On a loop an unknown parcel rides so many laps before that: its data may be late."""
