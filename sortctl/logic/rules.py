"""Rules: what must be true after every step, whatever came in. They stay on in production.

A broken rule is not an outcome: something impossible happened. The process stops, the journal keeps its tail, the PLC's dead
man takes the safe path, and the service is started again from what is on disk.
"""

from sortctl.logic.known.line import Line
from sortctl.logic.known.passage import RuleBrokenError, Stage

ORDERS_WAITING_MAX = 100_000
"""Orders not taken by one PLC. Each belongs to a passage on the belt; with the link down no new passage opens."""


def must(condition: bool, text: str) -> None:
    """`condition` holds, or the world is not what we think."""
    if not condition:
        raise RuleBrokenError(text)


def check(line: Line) -> None:
    """The rules that cost nothing: after every step."""
    state = line.state
    closed = sum(state.closed.values())
    present = len(state.placed) + len(state.adrift)
    must(state.inducted == closed + present, f"balance: {state.inducted} inducted, {closed} closed, {present} present")
    must(len(line.by_order) <= present, "more orders stand than passages are open")
    must(len(state.untaken) <= ORDERS_WAITING_MAX, "orders pile up without end")


def check_all(line: Line) -> None:
    """Every rule, passage by passage: at each snapshot, and after each step in tests."""
    check(line)
    origins = [passage.origin for passage in line.state.placed]
    must(origins == sorted(origins), "passages are out of order")
    heading = dict.fromkeys(line.books, 0)
    firing = set()
    for passage in line.all_open():
        must(passage.stage is not Stage.CLOSED, f"passage {passage.number} is closed and still booked")
        if passage.chute:
            heading[passage.chute] += 1
        if passage.told is not None:
            told = passage.told
            if told.seq:  # else the PLC knows nothing of it any more
                must((told.chute, told.raw) not in firing, f"two orders for chute {told.chute} at one count")
                firing.add((told.chute, told.raw))
                must(line.by_order.get((told.epoch, told.seq)) is passage, f"order {told.seq} has lost its passage")
    for number, book in line.books.items():
        must(book.heading == heading[number], f"chute {number}: {book.heading} counted, {heading[number]} under way")
