"""Checks of the exits of either kind of sorter, and of what refers to them.

Comes in: a draft. Goes out: its problems. Never here: where chutes stand (`belt.py`, `loop.py`).
"""

from collections.abc import Iterable

from sortctl.site.draft import Draft
from sortctl.site.model import LineSorter, LoopSorter
from sortctl.site.wording import did_you_mean
from sortctl.words.causes import Cause

CAUSES = frozenset(cause.value for cause in Cause) - {Cause.NONE.value}


def names(draft: Draft, name: str) -> None:
    """People must be able to tell the chutes of one sorter apart."""
    seen: dict[str, int] = {}
    for chute in draft.chutes[name]:
        if chute.name in seen:
            what = f'chute {seen[chute.name]} is called "{chute.name}" too'
            draft.chute_error(name, chute, "name", what, "people must be able to tell them apart")
        seen.setdefault(chute.name, chute.number)


def rejects(draft: Draft, name: str, sorter: LineSorter | LoopSorter) -> None:
    """Each cause exists, and so does its chute."""
    causes(draft, name, "rejects", sorter.rejects)
    for cause, number in sorter.rejects.items():
        there(draft, name, ("rejects", cause), number)
        inside(draft, name, ("rejects", cause), number)


def causes(draft: Draft, name: str, key: str, given: Iterable[str]) -> None:
    """The keys of a table of causes."""
    for cause in given:
        if cause not in CAUSES:
            draft.error(("sorters", name, key, cause), "there is no such cause", did_you_mean(cause, CAUSES))


def there(draft: Draft, name: str, key: tuple[str | int, ...], number: int) -> None:
    """A chute that a key of the sorter names."""
    numbers = {chute.number for chute in draft.chutes.get(name, ())}
    if numbers and number not in numbers:
        what = f"there is no chute {number} in {draft.sorters[name].chutes}"
        draft.error(("sorters", name, *key), what, "name one that is there")


def inside(draft: Draft, name: str, key: tuple[str | int, ...], number: int) -> None:
    """What goes nowhere else must stay under customs' eye: not into a domestic or bonded chute."""
    for chute in draft.chutes.get(name, ()):
        if chute.number == number and chute.zone in ("domestic", "bonded"):
            what = f"chute {number} is {chute.zone}, and parcels that are not released come there"
            draft.error(("sorters", name, *key), what, "name a chute whose zone is custody, or empty")


def zones(draft: Draft, name: str) -> None:
    """Where customs looks at some chutes it looks at all of them: one without a zone would take what nobody has released."""
    chutes = draft.chutes[name]
    if any(chute.zone for chute in chutes):
        for chute in chutes:
            if not chute.zone:
                mend = "write custody for what stays inside, else domestic or bonded"
                draft.chute_error(name, chute, "zone", "has no customs zone, though others here have", mend)


def lengths(draft: Draft, name: str, sorter: LineSorter | LoopSorter) -> None:
    """The shortest parcel is shorter than the longest."""
    if sorter.length_min_mm >= sorter.length_max_mm:
        what = f"is not more than length_min_mm ({sorter.length_min_mm})"
        draft.error(("sorters", name, "length_max_mm"), what, "exchange the two")
