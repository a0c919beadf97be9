"""Departures, compiled: destination -> when its next truck or flight closes, and how long a parcel has until then.

Theory. What was found for a destination holds until that cut-off, and is remembered for so
long: asked a thousand times an hour, it is worked out a few times a day. Every answer depends on the rows and the given moment only.
Comes in: rows that `load.py` has checked, moments in seconds of UTC. Goes out: answers; nothing here raises. Never here: files, a clock.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from sortctl.departures.offsets import DAY_S
from sortctl.departures.state import State, state_of
from sortctl.departures.weekly import Leaving, Weekly
from sortctl.site.problem import Problem

Rows = tuple[Weekly, ...]
Find = Callable[[Rows, int, str], Leaving | None]


class Departures:
    """All departures of a site. A destination without one is never late. What is handed out is not to be changed."""

    __slots__ = ("_by_name", "_premium", "_regular", "_remembered", "_states", "rows", "warnings")

    def __init__(self, rows: Iterable[Weekly] = (), warnings: tuple[Problem, ...] = ()) -> None:
        self.rows = tuple(rows)
        self.warnings = warnings
        self._regular = _grouped([(name, row) for row in self.rows if not row.premium for name in row.destinations])
        self._premium = _grouped([(name, row) for row in self.rows if row.premium for name in row.destinations])
        self._by_name = _grouped([(row.departure, row) for row in self.rows])
        self._remembered: dict[tuple[str, str], tuple[int, int, Leaving | None]] = {}
        self._states: tuple[int, int, Mapping[str, State]] = (0, 0, {})

    @property
    def names(self) -> tuple[str, ...]:
        """Every departure, in the order of the file."""
        return tuple(self._by_name)

    @property
    def destinations(self) -> tuple[str, ...]:
        """Every destination that has one, in the order of the file."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row.destinations))

    def next_of(self, destination: str, wall_s: int) -> Leaving | None:
        """The first whose cut-off is still to come, premium ones aside; None: the destination has none."""
        return self._found("next", self._regular, destination, wall_s, _next)

    def in_time_of(self, destination: str, wall_s: int) -> Leaving | None:
        """The first that a parcel which drops now still reaches (slack 0 or more), premium ones aside."""
        return self._found("in time", self._regular, destination, wall_s, _in_time)

    def premium_of(self, destination: str, wall_s: int) -> Leaving | None:
        """The first premium one that a parcel which drops now still reaches."""
        return self._found("premium", self._premium, destination, wall_s, _in_time)

    def named(self, name: str, wall_s: int) -> Leaving | None:
        """The next of this departure whose cut-off is still to come; None: there is no such departure, or none any more."""
        return self._found("named", self._by_name, name, wall_s, _named)

    def after(self, leaving: Leaving) -> Leaving | None:
        """The one behind: of the same destination, or of the same name if it was asked for by name; premium after premium."""
        if not leaving.destination:
            return self.named(leaving.departure, leaving.cut_off_s)
        rows = (self._premium if leaving.premium else self._regular).get(leaving.destination, ())
        return _next(rows, leaving.cut_off_s, leaving.destination)

    def states(self, wall_s: int) -> Mapping[str, State]:
        """Every departure that still leaves: closed, open or warning."""
        since, until, states = self._states
        if not since <= wall_s < until:
            found = {name: state_of(_all(rows, wall_s, ""), wall_s) for name, rows in self._by_name.items()}
            states = {name: state for name, state in found.items() if state is not None}
            until = min((state.next_change_s for state in states.values()), default=wall_s + DAY_S)
            self._states = (wall_s, until, states)
        return states

    def state_of(self, destination: str, wall_s: int) -> State | None:
        """The same of a destination: open while one of its departures is, premium ones included. None: it has none."""
        rows = self._regular.get(destination, ()) + self._premium.get(destination, ())
        return state_of(_all(rows, wall_s, destination), wall_s)

    def next_change_s(self, wall_s: int) -> int | None:
        """When a departure opens, warns or closes next. None: there is none that ever leaves."""
        return self._states[1] if self.states(wall_s) else None

    def _found(self, what: str, rows: dict[str, Rows], name: str, wall_s: int, find: Find) -> Leaving | None:
        if name not in rows:
            return None
        since, until, leaving = self._remembered.get((what, name), (0, 0, None))
        if not since <= wall_s < until:
            leaving = find(rows[name], wall_s, name)
            until = _good_until(leaving, what) if leaving else wall_s + DAY_S
            self._remembered[what, name] = (wall_s, until, leaving)
        return leaving


def _good_until(leaving: Leaving, what: str) -> int:
    """As long as it can be reached no earlier one can: that is the answer until it no longer is one."""
    if what in {"next", "named"}:
        return leaving.cut_off_s
    return min(leaving.cut_off_s, leaving.cut_off_s - leaving.transit_s + 1)


def _next(rows: Rows, wall_s: int, destination: str) -> Leaving | None:
    return _first(_all(rows, wall_s, destination))


def _named(rows: Rows, wall_s: int, _name: str) -> Leaving | None:
    return _first(_all(rows, wall_s, ""))


def _in_time(rows: Rows, wall_s: int, destination: str) -> Leaving | None:
    # Slack 0 is in time, but at the cut-off itself it has closed.
    found = (row.following(max(wall_s, wall_s + row.transit_s - 1), destination) for row in rows)
    return _first([leaving for leaving in found if leaving is not None])


def _all(rows: Rows, wall_s: int, destination: str) -> list[Leaving]:
    found = (row.following(wall_s, destination) for row in rows)
    return [leaving for leaving in found if leaving is not None]


def _first(found: Sequence[Leaving]) -> Leaving | None:
    """The earliest cut-off; of two alike the one that stands first in the file."""
    return min(found, key=lambda leaving: leaving.cut_off_s, default=None)


def _grouped(pairs: Sequence[tuple[str, Weekly]]) -> dict[str, Rows]:
    groups: dict[str, list[Weekly]] = {}
    for name, row in pairs:
        groups.setdefault(name, []).append(row)
    return {name: tuple(rows) for name, rows in groups.items()}
