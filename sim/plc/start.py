"""Start: what a PLC starts with.

Comes in: what is retained, and chance of the plant. Goes out: one `ColdStart`. Everything that is not here begins anew at
each start. Never here: what the PLC does with it.
"""

from typing import NamedTuple

from sortctl.words.exchange import INFEED_HOLD_MS_DEFAULT


class ColdStart(NamedTuple):
    """What is retained, how this PLC is set up, and where its counters stand.

    By the contract events and orders count from 1; `events_before` and `orders_before` are for tests of the wrap.
    """

    boot_id: int
    retained_epoch: int = 0
    plc_time_ms: int = 0
    stamp: int = 0
    fault_bit: bool = True
    """An actuator fault shows in the chute word; otherwise only in ORDER_FAILED. Of a line."""
    infeed_hold_ms: int = INFEED_HOLD_MS_DEFAULT
    first_item: int = 1
    """The first item number that a tracking PLC gives in this boot."""
    events_before: int = 0
    orders_before: int = 0
