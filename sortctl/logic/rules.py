"""Rules: what must be true after every step, whatever came in. They stay on in production.

A broken rule is not an outcome: something impossible happened. The process stops, the journal keeps its tail, the PLC's dead
man takes the safe path, and the service is started again from what is on disk.
"""

from sortctl.logic.hub import clearance
from sortctl.logic.known.line import Line
from sortctl.logic.known.loop import Loop, Where
from sortctl.logic.known.passage import Passage, RuleBrokenError, Stage
from sortctl.logic.known.sorter import Sorter
from sortctl.words.causes import Cause
from sortctl.words.parcels import Zone

ORDERS_WAITING_MAX = 100_000
"""Orders not taken by one PLC. Each belongs to a passage on the belt; with the link down no new passage opens."""


def must(condition: bool, text: str) -> None:
    """`condition` holds, or the world is not what we think."""
    if not condition:
        raise RuleBrokenError(text)


def check(sorter: Sorter) -> None:
    """The rules that cost nothing: after every step."""
    state, present = sorter.state, sorter.present
    closed = sum(state.closed.values())
    must(state.inducted == closed + present, f"balance: {state.inducted} inducted, {closed} closed, {present} present")
    must(len(sorter.by_order) <= present, "more orders stand than passages are open")
    must(len(state.untaken) <= ORDERS_WAITING_MAX, "orders pile up without end")


def check_zone(sorter: Sorter, passage: Passage) -> None:
    """Before an order: the chute is in a customs zone into which its decision lets the parcel go."""
    zone = sorter.zones[passage.chute]
    inside = zone is Zone.OPEN and passage.cause is not Cause.NONE
    text = f"passage {passage.number} is not cleared for chute {passage.chute}, which is {zone.value or 'open'}"
    must(zone in passage.zones or inside, text)
    if zone in clearance.LEAVING:  # told again by what is known now, not by what was decided
        must(zone in clearance.of(sorter.shared, passage).zones, text)


def check_all(sorter: Sorter) -> None:
    """Every rule, passage by passage: at each snapshot, and after each step in tests."""
    check(sorter)
    heading = dict.fromkeys(sorter.books, 0)
    for passage in sorter.all_open():
        must(passage.stage is not Stage.CLOSED, f"passage {passage.number} is closed and still booked")
        if passage.chute:
            heading[passage.chute] += 1
        told = passage.told
        if told is not None and told.seq:  # else the PLC knows nothing of it any more
            must(sorter.by_order.get((told.epoch, told.seq)) is passage, f"order {told.seq} has lost its passage")
    for number, book in sorter.books.items():
        must(book.heading == heading[number], f"chute {number}: {book.heading} counted, {heading[number]} under way")
    _check_bags(sorter)
    if isinstance(sorter, Line):
        _check_line(sorter)
    elif isinstance(sorter, Loop):
        _check_loop(sorter)


def _check_bags(sorter: Sorter) -> None:
    hanging, seen = set(), set()
    for book in sorter.state.chutes:
        name = book.bag.bag if book.bag is not None else ""
        must(not name or name not in hanging, f"bag {name} hangs at two chutes")
        hanging.add(name)
        must(not book.aside or bool(book.changes), f"chute {book.number}: parcels wait for a change that is none")
        bags = [*(change.before for change in book.changes), book.bag]
        lists = [book.aside, *(bag.items for bag in bags if bag is not None)]
        for number in (item.passage for items in lists for item in items):
            must(number not in seen, f"passage {number} is in two bags")
            seen.add(number)
        for bag in bags:
            weight_g = sum(item.weight_g for item in bag.items) if bag is not None else 0
            must(bag is None or bag.weight_g == weight_g, f"bag {name}: its weight is counted wrong")


def _check_line(line: Line) -> None:
    origins = [passage.origin for passage in line.state.placed]
    must(origins == sorted(origins), "passages are out of order")
    firing = set()
    for passage in line.all_open():
        told = passage.told
        if told is not None and told.seq:
            must((told.chute, told.raw) not in firing, f"two orders for chute {told.chute} at one count")
            firing.add((told.chute, told.raw))


def _check_loop(loop: Loop) -> None:
    state = loop.state
    items, recirculating = set(), 0
    for passage in state.passages.values():
        number = passage.number
        must(not passage.item or passage.item not in items, f"item {passage.item} has two passages")
        items.add(passage.item)
        riding = passage.where is Where.RIDING
        must(not riding or bool(passage.item), f"passage {number} rides without a number")
        must(not riding or passage.era == state.era, f"passage {number} rides where nobody counts")
        must(riding or passage.stage is not Stage.ORDERED or bool(passage.told), f"passage {number}: no order")
        must((passage.where is Where.LEAVING) <= (passage.stage is Stage.DIVERTED), f"passage {number} leaves untold")
        must(bool(passage.due), f"passage {number} has no deadline")
        must(not passage.item or loop.by_item.get(passage.item) is passage, f"item {passage.item} has lost its passage")
        recirculating += passage.recirculates is not Cause.NONE
    must(not items & set(state.found), "a stranger has a passage")
    must(sum(loop.recirculating.values()) == recirculating, "recirculating parcels are counted wrong")
    must(state.out <= set(range(1, loop.ring.carriers + 1)), "a carrier is out that does not exist")
    riding_count = sum(passage.where is Where.RIDING for passage in state.passages.values())
    must(len(loop.riding) == riding_count + len(state.found), "loads on the ring are booked wrong")
    for index in (loop.heading, loop.leaving, loop.wanting):
        for booked in index.values():
            must(all(state.passages.get(number) is one for number, one in booked.items()), "a chute waits for nobody")
