"""Tell: the few outcomes that concern the machine and not a parcel, as lines of the log; and since when each link is as it is.

Comes in: rows, soon after they were made. Goes out: log events `link_changed`, `machine_changed`, `unit_turned`,
`carrier_turned`, `tracking_voided`, `disturbed`. Parcels are not logged: `sortctl trace` and `sortctl tail` tell them from the journal.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import structlog

from sortctl.journal.row import OUTCOME, Row
from sortctl.words.outcomes import CarrierTurned, Disturbed, LinkChanged, MachineChanged, TrackingVoided, UnitTurned

CODES: Final = {
    LinkChanged.__name__: "link_changed",
    MachineChanged.__name__: "machine_changed",
    UnitTurned.__name__: "unit_turned",
    CarrierTurned.__name__: "carrier_turned",
    TrackingVoided.__name__: "tracking_voided",
    Disturbed.__name__: "disturbed",
}

log = structlog.get_logger()


class Teller:
    """Shown every row."""

    def __init__(self) -> None:
        self.since_ns: dict[str, int] = {}
        """Wall time of the last change of each link, by name."""

    def show(self, rows: Sequence[Row]) -> None:
        """Rows were made."""
        for row in rows:
            code = CODES.get(row.type)
            if code is not None and row.kind == OUTCOME:
                self._tell(code, row)

    def _tell(self, code: str, row: Row) -> None:
        fields: dict[str, Any] = msgspec.json.decode(row.body)
        for unwanted in ("type", "at_ns"):
            fields.pop(unwanted, None)
        if code == "link_changed":
            self.since_ns[fields["name"]] = row.wall_ns
        is_bad = (
            code == "tracking_voided" or not fields.get("up", True) or bool(fields.get("active") or fields.get("out"))
        )
        if is_bad:
            log.warning(code, row=row.seq, **fields)
        else:
            log.info(code, row=row.seq, **fields)
