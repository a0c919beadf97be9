"""Hub half: our side of whoever knows the parcels. Which questions are open, which parcels are watched, what was told last.

Comes in: outcomes and facts as they pass (`see`, `took`), answers and changes from the parcel store, the wall clock. Goes out:
facts, and the questions that are new. A code is watched from the moment it is asked until its passage is closed, and on as long
as a hold must still find the parcel in its chute or in the bag that was taken away; a change that is none is not told. Nothing is ever answered here: a question that
nobody answers in time makes the host silent, and the logic goes by what it knows.
Never here: the store, threads, what an answer means.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from zlib import crc32

import msgspec
from msgspec import Struct, field

from sortctl.words.causes import Disposition, Proof
from sortctl.words.facts import Fact
from sortctl.words.hub import HostSilent, ParcelTold, ParcelTurned, WallSet
from sortctl.words.outcomes import Outcome, ParcelAsked, PassageClosed
from sortctl.words.parcels import ParcelRecord
from sortctl.words.units import NS_PER_MS, NS_PER_S

WALL_STEP_NS: Final = 2 * NS_PER_S
"""A wall clock that moved by more was set; NTP's slow corrections stay below."""
QUESTIONS_MAX: Final = 10_000
"""Questions that nobody took; those behind them stay open and make the host silent."""
AWAY_MAX: Final = 10_000
"""Parcels watched in the chutes and bags of one sorter, the newest; as many as the logic remembers there."""


class HubState(Struct):
    """What outlives a run."""

    asked: dict[str, int] = field(default_factory=dict)
    """Open questions, oldest first: code -> when it was asked."""
    codes: dict[int, list[str]] = field(default_factory=dict)
    """Passage -> codes that were asked for it."""
    told: dict[str, int] = field(default_factory=dict)
    """Code -> checksum of the record that was told last."""
    away: dict[str, dict[int, int]] = field(default_factory=dict)
    """Sorter -> passage -> the chute in which it is, oldest first."""
    silent: str = ""
    """Why the host is silent, as the logic was told; empty: it is not."""


class HubHalf:
    """Made with `parcels.answer_ms`. `watched`: every code that is of interest now; another thread may copy it at any time."""

    def __init__(self, answer_ms: int) -> None:
        self.state = HubState()
        self.watched: dict[str, int] = {}
        self._answer_ms = answer_ms
        self._new: list[str] = []
        self._wall_offset_ns: int | None = None
        self._trouble = ""
        self._is_overdue = False
        self._seen: Mapping[type, Callable[[Any], None]] = {
            ParcelAsked: self._asked,
            PassageClosed: self._closed,
        }

    def restore(self, state: HubState) -> None:
        """Go on from a snapshot."""
        self.state = state
        self.watched.clear()
        for codes in state.codes.values():
            for code in codes:
                self.watched[code] = self.watched.get(code, 0) + 1

    def begin(self, at_ns: int) -> None:
        """A run begins: what was asked before and not answered is asked again."""
        self.state.asked = dict.fromkeys(self.state.asked, at_ns)
        self._new = list(self.state.asked)[:QUESTIONS_MAX]
        self._wall_offset_ns = None

    # ------------------------------------------------------------------------------------------- what passes

    def see(self, outcome: Outcome) -> None:
        """An outcome of the logic."""
        seen = self._seen.get(type(outcome))
        if seen is not None:
            seen(outcome)

    def took(self, fact: Fact) -> None:
        """A fact of the hub that went to the logic, now or in the run that is recovered."""
        match fact:
            case ParcelTold():
                self.state.asked.pop(fact.code, None)
                if fact.code in self.watched:
                    self.state.told[fact.code] = _mark(fact.record)
            case ParcelTurned():
                if fact.waybill in self.watched:
                    self.state.told[fact.waybill] = _mark(fact.record)
            case HostSilent():
                self.state.silent = fact.why if fact.silent else ""
            case WallSet():
                self._wall_offset_ns = fact.wall_ns - fact.at_ns

    def take_questions(self) -> list[str]:
        """Codes that were asked since the last call, each once."""
        if not self._new:
            return []
        new, self._new = self._new, []
        return list(dict.fromkeys(new))

    def _asked(self, outcome: ParcelAsked) -> None:
        codes = self.state.codes.setdefault(outcome.passage, [])
        if outcome.code not in codes:
            codes.append(outcome.code)
            self.watched[outcome.code] = self.watched.get(outcome.code, 0) + 1
        self.state.asked.setdefault(outcome.code, outcome.at_ns)
        if len(self._new) < QUESTIONS_MAX:
            self._new.append(outcome.code)

    def _closed(self, outcome: PassageClosed) -> None:
        # Most of what was asked was another spelling of its codes: only names of parcels are watched on.
        # A lost one may lie where its order led it.
        codes, told = self.state.codes.get(outcome.passage, []), self.state.told
        lies = outcome.actual or (outcome.disposition is Disposition.LOST and outcome.proof is not Proof.NONE)
        self._drop(outcome.passage, [code for code in codes if not lies or not told.get(code)])
        if outcome.passage in self.state.codes:
            away = self.state.away.setdefault(outcome.sorter, {})
            away[outcome.passage] = outcome.actual
            if len(away) > AWAY_MAX:
                self._left(outcome.sorter, [next(iter(away))])

    def _left(self, sorter: str, passages: Iterable[int]) -> None:
        """These are no longer in a chute."""
        away = self.state.away.get(sorter, {})
        for passage in passages:
            if away.pop(passage, None) is not None:
                self._drop(passage, self.state.codes[passage])

    def _drop(self, passage: int, codes: Iterable[str]) -> None:
        """These codes are of no interest for `passage` any more."""
        kept = self.state.codes.get(passage, [])
        for code in tuple(codes):
            kept.remove(code)
            left = self.watched[code] - 1
            if left:
                self.watched[code] = left
                continue
            del self.watched[code]
            self.state.asked.pop(code, None)
            self.state.told.pop(code, None)
        if not kept:
            self.state.codes.pop(passage, None)

    # ------------------------------------------------------------------------------------------- what is told

    def told(self, code: str, record: ParcelRecord | None, at_ns: int) -> list[Fact]:
        """The answer to a question; one that nobody waits for any more says nothing."""
        return [ParcelTold(at_ns, code, record)] if code in self.state.asked else []

    def turned(self, code: str, record: ParcelRecord | None, at_ns: int) -> list[Fact]:
        """The record of a watched code may have changed. It is told under the code that was asked, and under its waybill."""
        known = self.state.told.get(code)
        if known is None or known == _mark(record):
            return []
        facts: list[Fact] = [ParcelTurned(at_ns, code, record)]
        if record is not None and record.waybill != code:
            facts.append(ParcelTurned(at_ns, record.waybill, record))
        return facts

    def store(self, trouble: str) -> None:
        """Why the store cannot be asked; empty: it can."""
        self._trouble = trouble

    def judged(self, at_ns: int) -> list[Fact]:
        """Whether the host has fallen silent or speaks again; call it after answers were taken."""
        self._is_overdue = self._overdue_ns(at_ns) >= 0
        return self._silence(at_ns)

    def wake(self, at_ns: int) -> list[Fact]:
        """Time has passed."""
        if not self._is_overdue and self._overdue_ns(at_ns) >= 0:
            self._is_overdue = True
            return self._silence(at_ns)
        return []

    def next_wake_ns(self) -> int | None:
        """When the oldest question is overdue; None: none is open, or it is told already."""
        if self._is_overdue or not self.state.asked:
            return None
        return next(iter(self.state.asked.values())) + self._answer_ms * NS_PER_MS

    def wall(self, wall_ns: int, at_ns: int) -> list[Fact]:
        """What the clock on the wall says: a fact at the start of a run, and when it was set."""
        known = self._wall_offset_ns
        if known is not None and abs(wall_ns - at_ns - known) <= WALL_STEP_NS:
            return []
        return [WallSet(at_ns, wall_ns)]

    def _overdue_ns(self, at_ns: int) -> int:
        """By how much the oldest question is overdue; below 0: it is not."""
        oldest = next(iter(self.state.asked.values()), None)
        return -1 if oldest is None else at_ns - oldest - self._answer_ms * NS_PER_MS

    def _silence(self, at_ns: int) -> list[Fact]:
        late = f"no answer within {self._answer_ms} ms" if self._is_overdue else ""
        why = self._trouble or late
        return [HostSilent(at_ns, bool(why), why)] if why != self.state.silent else []


def _mark(record: ParcelRecord | None) -> int:
    """Never 0, which stands for no record."""
    return crc32(msgspec.msgpack.encode(record)) | 1 << 32 if record is not None else 0
