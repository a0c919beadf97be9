"""Bags: which parcel is in which bag, by sensor time, never by guess.

Theory. A bag hangs at its chute from one change to the next: a tag that is scanned there, or button 1. What the chute's eye saw before the
change is in the old bag, what it saw after it in the new one. The moment of a scan is a place of the belt only once the belt's
samples on both sides of it are known, and an event from before it may still be on its way: so a change is pending until every event
up to it was told, and then both lists are drawn. Whoever was seen within a bounce of it is put where its place says, and both lists call
it unsure. A bag that is to be changed (count, weight, age, cut-off, or somebody asked) takes nothing new; it is closed when the last
parcel that was under way to it has come, or a person changes it before. Without a tag and where none is needed, parcels lie loose.
Comes in: tags, buttons, entries, time. Goes out: `BagOpened`, `Bagged`, `BagClosed`. Never here: chute states, recalls.
"""

from typing import Final

from sortctl.departures import Leaving
from sortctl.logic.exits import pool
from sortctl.logic.hub import recall
from sortctl.logic.known.bags import Bag, Change, Item
from sortctl.logic.known.chutes import ChuteBook
from sortctl.logic.known.passage import Passage
from sortctl.logic.known.sorter import Shared, Sorter
from sortctl.words.facts import ButtonPressed
from sortctl.words.hub import BagAsked, BagBound
from sortctl.words.ids import ChuteNumber, PassageNumber
from sortctl.words.outcomes import BagClosed, Bagged, BagOpened
from sortctl.words.units import NS_PER_MS, NS_PER_S

BOUNCE_MS: Final = 100
"""A tag is read, and an edge told, within so much of when it happened: two scans of a PLC and the telegram of a hand scanner."""
LIST_MAX: Final = 2_000
"""Parcels in one bag; no bag of a hub holds as many."""
CHANGES_MAX: Final = 8
"""Changes of one chute that wait for the PLC; the oldest is drawn without it, and everybody in doubt is unsure."""
ASIDE_MAX: Final = 500
"""Entries that wait for a change to be drawn; as above."""
MINUTE_NS: Final = 60 * NS_PER_S
BUTTON: Final = "the button at the chute"


# ------------------------------------------------------------------------------------------- changes


def take_bound(sorter: Sorter, fact: BagBound) -> None:
    """A tag was scanned at a chute; where it hung before it hangs no longer."""
    book = sorter.books.get(fact.chute)
    if book is None:
        return
    recall.end(sorter, fact.chute, f"{fact.by} has hung bag {fact.bag} there")
    if book.bag is not None and book.bag.bag == fact.bag:
        return
    for other in sorter.shared.sorters:
        for elsewhere in other.state.chutes:
            if elsewhere.bag is not None and elsewhere.bag.bag == fact.bag:
                why = f"its tag was scanned at chute {fact.chute} of {sorter.sorter}"
                _change(other, elsewhere, None, Change(fact.at_ns, elsewhere.bag, why, fact.by))
    why = f"bag {fact.bag} was hung there"
    bag = Bag(fact.bag, fact.by, fact.at_ns)
    _renew(sorter, book, bag)
    _change(sorter, book, bag, Change(fact.at_ns, book.bag, why, fact.by))


def take_asked(sorter: Sorter, fact: BagAsked) -> None:
    """Somebody wants the bag closed: it is, when the last parcel that is under way to it has come."""
    book = sorter.books.get(fact.chute)
    if book is not None and book.bag is not None:
        _due(sorter, book, f"asked for by {fact.by}", fact.by)


def press(sorter: Sorter, fact: ButtonPressed) -> None:
    """Button 1 of a chute: whoever stands there takes the bag away."""
    book = sorter.books[fact.panel]
    recall.end(sorter, fact.panel, f"{BUTTON} was pressed")
    if book.bag is not None:
        odo = sorter.state.belt.at_count(fact.count)
        _change(sorter, book, None, Change(fact.at_ns, book.bag, f"by {BUTTON}", BUTTON, odo))
    else:
        book.was_emptied()
        sorter.touched.add(book.number)


def _change(sorter: Sorter, book: ChuteBook, after: Bag | None, change: Change) -> None:
    book.bag = after
    book.changes.append(change)
    book.inside, book.came_ns = 0, []
    if not change.is_drawn or change.by or book.needs_bag:
        book.was_emptied()
    sorter.ticks = True
    sorter.changing.add(book.number)
    sorter.closing.discard(book.number)
    sorter.touched.add(book.number)
    while len(book.changes) > CHANGES_MAX:
        _draw(sorter, book)


def settle(sorter: Sorter, at_ns: int) -> None:
    """Every event up to `at_ns` was told: draw the lists of what was changed well before."""
    for number in sorted(sorter.changing):
        book = sorter.books[number]
        while book.changes and book.changes[0].at_ns + BOUNCE_MS * NS_PER_MS < at_ns:
            _draw(sorter, book)


def _draw(sorter: Sorter, book: ChuteBook) -> None:
    """The oldest change of a chute: who was seen before it, who behind?"""
    change = book.changes.pop(0)
    low, high = _place(sorter, book, change)
    bounce, behind = sorter.machine.counts_in(BOUNCE_MS), []
    if change.before is not None and not change.is_drawn:
        change.before.doubt(low - bounce)
    for item in [] if change.is_drawn else book.aside:
        unsure = low - bounce <= item.odo <= high + bounce
        item.unsure = item.unsure or unsure
        if item.odo < low - bounce or (unsure and 2 * item.odo <= low + high):
            _put(sorter, book, change.before, item)
            book.holds -= not item.unsure
            continue
        behind.append(item)
        if unsure and change.before is not None:
            change.before.unsure.append(item.passage)
    if change.before is not None:
        _freeze(sorter, book, change.before, change.why)
    after = book.changes[0].before if book.changes else book.bag
    if after is not None:
        after.since = high
        chute = ChuteNumber(book.number)
        sorter.say(BagOpened(sorter.now_ns, sorter.sorter, chute, after.bag, after.departure))
    book.aside = book.aside if change.is_drawn else behind
    if not book.changes:
        sorter.changing.discard(book.number)
        sorter.touched.add(book.number)
        aside, book.aside = book.aside, []
        for item in aside:
            _put(sorter, book, book.bag, item)


def _place(sorter: Sorter, book: ChuteBook, change: Change) -> tuple[int, int]:
    """Between which places the belt stood at the moment of a change."""
    if change.odo is not None:
        return change.odo, change.odo
    belt = sorter.state.belt
    within = belt.within(change.at_ns, sorter.machine.counts_in(1_000))
    if within is not None:
        return within
    odos = [item.odo for item in book.aside]
    return min(odos, default=belt.odo), max(odos, default=belt.odo)


def _freeze(sorter: Sorter, book: ChuteBook, bag: Bag, why: str) -> None:
    recall.taken_away(sorter, book.number, bag.bag, [item.waybill for item in bag.items])
    sorter.say(
        BagClosed(
            sorter.now_ns,
            sorter.sorter,
            ChuteNumber(book.number),
            bag.bag,
            why,
            bag.departure,
            tuple(PassageNumber(item.passage) for item in bag.items),
            tuple(item.waybill for item in bag.items),
            bag.weight_g,
            tuple(PassageNumber(number) for number in bag.unsure),
            pool.text(sorter, book.number),
        )
    )


# ------------------------------------------------------------------------------------------- entries


def enter(sorter: Sorter, passage: Passage, chute: int, odo: int) -> None:
    """The eye of `chute` saw `passage` when the belt stood at `odo`."""
    book, record = sorter.books[chute], passage.record
    weight_g = record.weight_g if record is not None else 0
    item = Item(passage.number, passage.waybill, weight_g, odo, passage.departure)
    if not book.changes:
        _put(sorter, book, book.bag, item)
        return
    book.aside.append(item)
    if len(book.aside) > ASIDE_MAX:
        _draw(sorter, book)


def _put(sorter: Sorter, book: ChuteBook, bag: Bag | None, item: Item) -> None:
    """`item` is in `bag`; None: it lies loose."""
    if bag is None:
        return
    if item.odo < bag.since - sorter.machine.counts_in(BOUNCE_MS):
        item.unsure = True  # it was told of when the bag before was closed already
    bag.put(item)
    chute, number = ChuteNumber(book.number), PassageNumber(item.passage)
    sorter.say(Bagged(sorter.now_ns, sorter.sorter, number, chute, bag.bag, item.unsure))
    _take_along(sorter.shared, bag, item)
    if bag is book.bag:
        look(sorter, book)


def _take_along(shared: Shared, bag: Bag, item: Item) -> None:
    """A bag leaves with the first departure that one of its parcels takes."""
    if not item.departure or shared.hub.wall_offset_ns is None:
        return
    leaving = shared.rules.departures.named(item.departure, shared.hub.wall_s(shared.now_ns))
    if leaving is not None and (not bag.cut_off_s or leaving.cut_off_s < bag.cut_off_s):
        bag.departure, bag.cut_off_s = leaving.departure, leaving.cut_off_s


# ------------------------------------------------------------------------------------------- when it is to be changed


def look(sorter: Sorter, book: ChuteBook) -> None:
    """Has a limit of the bag been reached?"""
    bag = book.bag
    if bag is None or bag.due:
        return
    shared, chute, count = sorter.shared, sorter.chutes[book.number], len(bag.items)
    wall_s = shared.hub.wall_s(shared.now_ns) if shared.hub.wall_offset_ns is not None else 0
    if bag.cut_off_s and wall_s >= bag.cut_off_s and not count:
        _renew(sorter, book, bag)
    elif bag.cut_off_s and wall_s >= bag.cut_off_s:
        _due(sorter, book, f"cut-off of {bag.departure}", "")
    elif count >= (chute.bag_count_max or LIST_MAX):
        _due(sorter, book, f"{count} parcels", "")
    elif chute.bag_weight_max_g and bag.weight_g >= chute.bag_weight_max_g:
        _due(sorter, book, f"{bag.weight_g} g", "")
    elif count and chute.bag_age_max_min and shared.now_ns - bag.opened_ns >= chute.bag_age_max_min * MINUTE_NS:
        _due(sorter, book, f"it has hung for {chute.bag_age_max_min} min", "")


def _due(sorter: Sorter, book: ChuteBook, why: str, by: str) -> None:
    bag = book.bag
    if bag is None:
        return
    if not bag.due:
        bag.due = why
    bag.due_by = bag.due_by or by
    sorter.closing.add(book.number)
    sorter.touched.add(book.number)


def finish(sorter: Sorter) -> None:
    """Close the bags that are to be changed and to which nothing is under way any more."""
    for number in sorted(sorter.closing):
        book = sorter.books[number]
        bag = book.bag
        if bag is None or book.heading or book.changes:
            continue
        _change(sorter, book, None, Change(sorter.now_ns, bag, bag.due, bag.due_by, is_drawn=True))
        if bag.due_by:
            recall.end(sorter, number, f"{bag.due_by} has closed bag {bag.bag}")


def _renew(sorter: Sorter, book: ChuteBook, bag: Bag) -> None:
    """The departure of an empty bag: the next of those whose destinations the plan sends to its chute."""
    shared = sorter.shared
    bag.departure, bag.cut_off_s = "", 0
    if not shared.rules.departures.rows or shared.hub.wall_offset_ns is None:
        return
    wall_s = shared.hub.wall_s(shared.now_ns)
    found: list[Leaving] = []
    for destination in shared.plan.destinations:
        if pool.serves(sorter, book.number, destination):
            named = [shared.rules.departures.named(name, wall_s) for name in shared.plan.departures(destination)]
            found += [leaving for leaving in named or [shared.rules.departures.next_of(destination, wall_s)] if leaving]
    if found:
        first = min(found, key=lambda leaving: leaving.cut_off_s)
        bag.departure, bag.cut_off_s = first.departure, first.cut_off_s
