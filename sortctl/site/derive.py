"""Derive: what follows from the values of a site. Pure arithmetic; `sortctl check` prints it, the logic uses the margin.

Comes in: machines and limits. Goes out: numbers. Never here: printing, problems.
"""

from typing import Final

from sortctl.site.model import Limits, Machine

ORDER_SLACK_MS: Final = 20
"""Two stalls of the loop of 10 ms, the longest seen on a busy host."""


def order_margin_ms(machine: Machine, limits: Limits) -> int:
    """So long before its `at_count` an order must leave the logic: its commit, one cycle, and two scans of the PLC (one
    may have begun just before the block came, the next one takes it).
    """
    return machine.plc.cycle_ms + 2 * machine.plc.scan_ms + limits.commit_wait_ms + ORDER_SLACK_MS
