"""Derive: what follows from the values of a site. Pure arithmetic; `sortctl check` prints it, the logic uses the margin.

Comes in: machines and limits. Goes out: positions along the belt or loop, times to recover, registers and nodes, rates. All
times are the worst case. Never here: printing, problems.
"""

from sortctl.site.derive.along import (
    DECISION_MS,
    ORDER_SLACK_MS,
    before_chute_mm,
    decided_mm,
    fit_on_belt,
    induct_groups,
    lap_ms,
    no_return_mm,
    order_margin_ms,
    reach,
    read_ms,
    stale_ms,
    way_mm,
)
from sortctl.site.derive.links import PLC_PAUSE_MAX_MS, SCANNER_PAUSE_MS, areas, back_in_ms, nodes, recoveries
from sortctl.site.derive.rates import WINDOW_RESERVE, events_per_s, items_per_hour, window_events_per_s
from sortctl.site.derive.told import Area, ChuteReach, Derived, Node, Recovery, Turn
from sortctl.site.derive.whole import derive

__all__ = [
    "DECISION_MS",
    "ORDER_SLACK_MS",
    "PLC_PAUSE_MAX_MS",
    "SCANNER_PAUSE_MS",
    "WINDOW_RESERVE",
    "Area",
    "ChuteReach",
    "Derived",
    "Node",
    "Recovery",
    "Turn",
    "areas",
    "back_in_ms",
    "before_chute_mm",
    "decided_mm",
    "derive",
    "events_per_s",
    "fit_on_belt",
    "induct_groups",
    "items_per_hour",
    "lap_ms",
    "no_return_mm",
    "nodes",
    "order_margin_ms",
    "reach",
    "read_ms",
    "recoveries",
    "stale_ms",
    "way_mm",
    "window_events_per_s",
]
