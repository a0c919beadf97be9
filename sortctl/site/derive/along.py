"""Along: where a parcel is when it must be decided, read, or given up, along a belt or round a loop.

Comes in: a machine. Goes out: millimetres and milliseconds. Never here: links, rates.

Where a parcel is, is said of its middle (on a loop: of its carrier's middle): the middle is read at the scan point, and the
middle meets the pusher. So the length drops out, and one way and one time to decide hold for every parcel of a chute.
On a loop a chute is reached from the last tunnel before it; a decision that is missed there is due again a lap later.
"""

from itertools import pairwise
from typing import Final

from sortctl.site.derive.told import ChuteReach
from sortctl.site.model import Chute, Limits, LineSorter, LoopSorter, Machine, Reader, Scanner

ORDER_SLACK_MS: Final = 20
"""Two stalls of the loop of 10 ms, the longest seen on a busy host."""
DECISION_MS: Final = 20
"""From the first byte of a telegram to the decision: the telegram's own length on the wire and one turn of the loop."""


def order_margin_ms(machine: Machine, limits: Limits) -> int:
    """So long before its `at_count` an order must leave the logic: its commit, one cycle, and two scans of the PLC (one
    may have begun just before the block came, the next one takes it).
    """
    return machine.plc.cycle_ms + 2 * machine.plc.scan_ms + limits.commit_wait_ms + ORDER_SLACK_MS


def apart_mm(sorter: LineSorter | LoopSorter) -> int:
    """The least distance between the middles of two parcels."""
    return sorter.pitch_mm if isinstance(sorter, LoopSorter) else sorter.length_min_mm + sorter.gap_min_mm


def stale_ms(machine: Machine, head: Scanner | Reader) -> int:
    """A read that may be older than this could be of another parcel: half the least distance between the middles of two, or
    the whole window of the scanner if that is less.
    """
    return min(apart_mm(machine.sorter) // 2, head.window_mm) * 1000 // machine.sorter.speed_mm_s


def read_ms(head: Scanner | Reader) -> int:
    """From the parcel's middle under the scanner to the decision at the latest; an event of a reader waits for its
    publishing interval too.
    """
    return head.delay_ms + (head.publish_ms if isinstance(head, Reader) else 0) + DECISION_MS


def before_chute_mm(machine: Machine, limits: Limits, chute: Chute) -> int:
    """How far before the chute a parcel's middle is at its point of no return: lead, half the travel, and the order's way."""
    return way_mm(machine, chute.lead_ms + chute.travel_ms // 2 + order_margin_ms(machine, limits))


def no_return_mm(machine: Machine, limits: Limits, chute: Chute) -> int:
    """Where a parcel's middle is at the chute's point of no return."""
    return chute.position_mm - before_chute_mm(machine, limits, chute)


def decided_mm(machine: Machine, head: Scanner | Reader) -> int:
    """Where a parcel's middle is at the latest when its read has led to a decision."""
    points = {point.number: point.position_mm for point in machine.sorter.scan_points}
    return points[head.scan_point] + head.window_mm + way_mm(machine, read_ms(head))


def reach(machine: Machine, limits: Limits, chute: Chute) -> ChuteReach:
    """How long a decision for this chute may take."""
    way = behind_scan_mm(machine, chute) - before_chute_mm(machine, limits, chute)
    return ChuteReach(chute.number, chute.name, chute.position_mm, way, way * 1000 // machine.sorter.speed_mm_s)


def behind_scan_mm(machine: Machine, chute: Chute) -> int:
    """From the scan point to the chute; on a loop from the last tunnel before it, on a line from the first scan point."""
    places = [point.position_mm for point in machine.sorter.scan_points]
    if isinstance(machine.sorter, LoopSorter):
        return min((chute.position_mm - place) % machine.sorter.length_mm for place in places)
    return chute.position_mm - min(places)


def way_mm(machine: Machine, ms: int) -> int:
    """Millimetres of belt in so many milliseconds at nominal speed."""
    return machine.sorter.speed_mm_s * ms // 1000


def fit_on_belt(machine: Machine, mm: int) -> int:
    """How many of the shortest parcels, as close as they may be, lie on so much belt."""
    return mm // apart_mm(machine.sorter) + 1


def lap_ms(loop: LoopSorter) -> int:
    """Once round at nominal speed."""
    return loop.length_mm * 1000 // loop.speed_mm_s


def induct_groups(loop: LoopSorter, chutes: tuple[Chute, ...]) -> list[list[int]]:
    """Positions of the inducts, those together that have no chute between them, along the loop; the first group is the one
    that a chute stands before.
    """
    places = [(chute.position_mm, False) for chute in chutes] + [(induct.position_mm, True) for induct in loop.inducts]
    places.sort()
    first = next((place for place, (_, is_induct) in enumerate(places) if not is_induct), 0)
    turned = places[first:] + places[:first]
    groups: list[list[int]] = [[]] if turned and turned[0][1] else []
    for (_, before), (position, is_induct) in pairwise([(0, False), *turned]):
        if is_induct:
            if not before:
                groups.append([])
            groups[-1].append(position)
    return [group for group in groups if group]
