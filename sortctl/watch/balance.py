"""Balance: at any instant, inducted = sorted + rejected + lost + removed + on the sorter.

Comes in: passages that open and close. Goes out: the counts of a sorter and whether they hold. What is on the sorter is
counted by itself, as the open passages, never as what is left over: a passage closed twice or never opened shows.
"""

from msgspec import Struct, field

from sortctl.words.causes import Disposition
from sortctl.words.outcomes import PassageClosed, PassageOpened


class SorterBalance(Struct, frozen=True):
    """`unopened`: passages that closed without being open; `holds` is then False."""

    sorter: str
    inducted: int
    sorted: int
    rejected: int
    lost: int
    removed: int
    on_sorter: int
    unopened: int
    holds: bool


class Balance(Struct):
    """The running count of one sorter. `open` says of each passage whether its reads are good so far."""

    sorter: str
    inducted: int = 0
    ended: int = 0
    unopened: int = 0
    endings: dict[Disposition, int] = field(default_factory=lambda: dict.fromkeys(Disposition, 0))
    open: dict[int, bool] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return self.inducted == self.ended + len(self.open)

    def see_opened(self, outcome: PassageOpened) -> None:
        self.inducted += 1
        self.open[outcome.passage] = False

    def see_closed(self, outcome: PassageClosed) -> bool:
        """Whether its reads were good."""
        self.ended += 1
        self.endings[outcome.disposition] += 1
        good = self.open.pop(outcome.passage, None)
        if good is None:
            self.unopened += 1
            return False
        return good

    def view(self) -> SorterBalance:
        endings = self.endings
        return SorterBalance(
            sorter=self.sorter,
            inducted=self.inducted,
            sorted=endings[Disposition.SORTED],
            rejected=endings[Disposition.REJECTED],
            lost=endings[Disposition.LOST],
            removed=endings[Disposition.REMOVED],
            on_sorter=len(self.open),
            unopened=self.unopened,
            holds=self.holds,
        )
