"""Tally: what has happened so far, counted from what the controller and the plant tell. Pure.

Comes in: the controller's feed, the plant's ticks and announcements. Goes out: counts, troubles with their times, news.
Never here: how it looks.
"""

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import Any, Final

NEWS_KEPT: Final = 200
RATE_SPAN_NS: Final = 10_000_000_000
SAME_NEWS_NS: Final = 10_000_000_000
READ_NOTHING: Final = frozenset({"no_read", "none_yet"})


@dataclass
class Trouble:
    """One injected fault. Times are wall clock; 0: not yet."""

    name: str
    what: str
    begun_ns: int
    ended_ns: int = 0
    noticed_ns: int = 0
    """The controller said it knows."""
    over_ns: int = 0
    """The controller said it is well again."""

    @property
    def active(self) -> bool:
        return not self.over_ns


@dataclass(frozen=True)
class News:
    """One line for people."""

    wall_ns: int
    text: str
    weight: str = "plain"
    """plain, bad, good."""


@dataclass
class SorterTally:
    """What is shown of one sorter."""

    fed: int = 0
    lying_mm: tuple[int, ...] = ()
    """Where what truly lies on it is."""
    inducted: int = 0
    dispositions: Counter[str] = field(default_factory=Counter)
    chutes: Counter[int] = field(default_factory=Counter)
    chute_states: dict[int, str] = field(default_factory=dict)
    laps: int = 0
    """Further laps begun."""

    @property
    def closed(self) -> int:
        """Parcels that have come to their end."""
        return self.dispositions.total()


@dataclass
class Tally:
    """Everything that is shown."""

    total: int
    began_ns: int
    now_ns: int = 0
    sorters: defaultdict[str, SorterTally] = field(default_factory=lambda: defaultdict(SorterTally))
    causes: Counter[str] = field(default_factory=Counter)
    alternates: int = 0
    classed: dict[int, str] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    news: deque[News] = field(default_factory=lambda: deque(maxlen=NEWS_KEPT))
    status: dict[str, Any] = field(default_factory=dict)
    last_row: int = 0
    told_of: str = ""
    """The waybill whose story is worth telling: one that went to an alternate chute, if any did."""
    _told_of_alternate: bool = False
    _down: set[str] = field(default_factory=set)
    _told_ns: dict[str, int] = field(default_factory=dict)
    _closings_ns: deque[int] = field(default_factory=deque)

    # ------------------------------------------------------------------------------------ what the plant tells

    def hear_plant(self, told: dict[str, Any]) -> None:
        """One line of the plant: a tick, or a fault that begins or ends."""
        for name, lying in told.get("sorters", {}).items():
            self.sorters[name].fed, self.sorters[name].lying_mm = lying["fed"], tuple(lying["lying_mm"])
        if (begun := told.get("fault_begins")) is not None:
            self.troubles.append(Trouble(begun["name"], begun["what"], begun["wall_ns"]))
            self._report(begun["wall_ns"], f"fault: {begun['what']}", "bad")
        if (ended := told.get("fault_ends")) is not None:
            for trouble in self._open(ended["name"]):
                trouble.ended_ns = ended["wall_ns"]
            self._report(ended["wall_ns"], f"fault removed: {ended['what']}", "plain")

    # ------------------------------------------------------------------------------------ what the controller tells

    def hear_controller(self, told: dict[str, Any]) -> None:
        """One line of the feed."""
        if "status" in told:
            self.status = told["status"]
        outcome = told.get("outcome")
        if outcome is None:
            return
        self.last_row = told["seq"]
        take = getattr(self, f"_take_{outcome['type']}", None)
        if take is not None:
            take(outcome, told["wall_ns"])

    def _take_PassageOpened(self, outcome: dict[str, Any], wall_ns: int) -> None:  # noqa: N802 named after the outcome
        del wall_ns
        self.sorters[outcome["sorter"]].inducted += 1

    def _take_Recirculated(self, outcome: dict[str, Any], wall_ns: int) -> None:  # noqa: N802
        del wall_ns
        self.sorters[outcome["sorter"]].laps += 1

    def _take_ReadClassed(self, outcome: dict[str, Any], wall_ns: int) -> None:  # noqa: N802
        del wall_ns
        self.classed[outcome["passage"]] = outcome["read_class"]

    def _take_PassageClosed(self, outcome: dict[str, Any], wall_ns: int) -> None:  # noqa: N802
        sorter = self.sorters[outcome["sorter"]]
        sorter.dispositions[outcome["disposition"]] += 1
        if outcome["cause"] != "none":
            self.causes[outcome["cause"]] += 1
        if outcome["actual"]:
            sorter.chutes[outcome["actual"]] += 1
        is_alternate = outcome["disposition"] == "sorted" and outcome["actual"] != outcome["planned"]
        self.alternates += is_alternate
        if outcome["waybill"] and not self._told_of_alternate and (is_alternate or not self.told_of):
            self.told_of, self._told_of_alternate = outcome["waybill"], is_alternate
        self._closings_ns.append(wall_ns)

    def _take_ChuteStateChanged(self, outcome: dict[str, Any], wall_ns: int) -> None:  # noqa: N802
        chute, state, states = outcome["chute"], outcome["state"], self.sorters[outcome["sorter"]].chute_states
        name = f"chute {chute} of {outcome['sorter']}"
        before = states.get(chute, "unknown")
        states[chute] = state
        if "full" in (state, before):
            self._report(wall_ns, f"{name} is {state.replace('_', ' ')}", "bad" if state == "full" else "good")
        self._judge(name, bad=state == "full", wall_ns=wall_ns)

    def _take_LinkChanged(self, outcome: dict[str, Any], wall_ns: int) -> None:  # noqa: N802
        kind, name, up = outcome["kind"], outcome["name"], outcome["up"]
        thing = f"{kind} {name}"
        # A lost link may be told again with another cause while it is looked for; once is enough here.
        if up or thing not in self._down:
            shown = thing.replace("plc", "PLC", 1)
            self._report(
                wall_ns, f"{shown} linked" if up else f"{shown} lost: {outcome['why']}", "good" if up else "bad"
            )
        (self._down.discard if up else self._down.add)(thing)
        self._judge(thing, bad=not up, wall_ns=wall_ns)

    def _take_Disturbed(self, outcome: dict[str, Any], wall_ns: int) -> None:  # noqa: N802
        # An alarm that comes and goes is news once in a while; it is counted in the controller.
        if outcome["active"] and wall_ns - self._told_ns.get(outcome["code"], -SAME_NEWS_NS) >= SAME_NEWS_NS:
            self._told_ns[outcome["code"]] = wall_ns
            self._report(wall_ns, outcome["why"], "bad")

    # ------------------------------------------------------------------------------------ figures

    @property
    def inducted(self) -> int:
        """Parcels that came onto any sorter."""
        return sum(sorter.inducted for sorter in self.sorters.values())

    @property
    def closed(self) -> int:
        """Parcels that have come to their end."""
        return sum(sorter.closed for sorter in self.sorters.values())

    @property
    def dispositions(self) -> Counter[str]:
        """How they ended."""
        return sum((sorter.dispositions for sorter in self.sorters.values()), Counter())

    @property
    def rate_per_hour(self) -> int:
        """Parcels that ended in the last seconds, as parcels an hour."""
        since_ns = self.now_ns - RATE_SPAN_NS
        while self._closings_ns and self._closings_ns[0] < since_ns:
            self._closings_ns.popleft()
        span_ns = min(RATE_SPAN_NS, self.now_ns - self.began_ns)
        return len(self._closings_ns) * 3_600_000_000_000 // span_ns if span_ns > 0 else 0

    @property
    def read_per_cent(self) -> float:
        """Parcels with a read, of those whose reads were judged."""
        if not self.classed:
            return 100.0
        read = sum(read_class not in READ_NOTHING for read_class in self.classed.values())
        return 100.0 * read / len(self.classed)

    @property
    def alarms(self) -> list[dict[str, Any]]:
        """Standing alarms, as the controller has them."""
        found: list[dict[str, Any]] = self.status.get("controller", {}).get("watch", {}).get("alarms", [])
        return found

    # ------------------------------------------------------------------------------------ troubles

    def _judge(self, name: str, *, bad: bool, wall_ns: int) -> None:
        for trouble in self._open(name):
            if bad and not trouble.noticed_ns:
                trouble.noticed_ns = wall_ns
            elif not bad and trouble.noticed_ns:
                trouble.over_ns = wall_ns
                self._report(wall_ns, recovery(trouble), "good")

    def _open(self, name: str) -> list[Trouble]:
        return [trouble for trouble in self.troubles if trouble.name == name and trouble.active]

    def _report(self, wall_ns: int, text: str, weight: str) -> None:
        self.news.append(News(wall_ns, text, weight))


def recovery(trouble: Trouble) -> str:
    """How long it took, in words."""
    noticed = f"noticed after {_ms(trouble.noticed_ns - trouble.begun_ns)}"
    if trouble.ended_ns and trouble.over_ns >= trouble.ended_ns:
        return f"{trouble.what}: {noticed}, back {_ms(trouble.over_ns - trouble.ended_ns)} after the fault was removed"
    return f"{trouble.what}: {noticed}, back {_ms(trouble.over_ns - trouble.begun_ns)} after it began"


def _ms(span_ns: int) -> str:
    ms = max(span_ns, 0) // 1_000_000
    return f"{ms} ms" if ms < 10_000 else f"{ms / 1000:.1f} s"
