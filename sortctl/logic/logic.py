"""Logic: facts -> orders and outcomes. Pure, synchronous, the only owner of what is known about parcels and chutes.

Four calls: `step(fact)`, `next_wake_ns(plc)`, `snapshot()`, `restore(snapshot)`. Time is in the facts. Each line sorter is a
`Line`; this file hands each fact to the room that understands it, in the order in which a parcel goes through them.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from sortctl.logic import allocate, confirm, divert, identify, induct, overdue, realign, rules, track
from sortctl.logic.known.line import Line, LineState, Shared
from sortctl.logic.known.passage import Stage
from sortctl.plan import Plan
from sortctl.site.model import Limits, Machine
from sortctl.words import facts
from sortctl.words.ids import ChuteNumber
from sortctl.words.orders import AnyOrder
from sortctl.words.outcomes import ChuteStateChanged, Disturbed, LinkChanged, MachineChanged, Outcome
from sortctl.words.units import NS_PER_MS, signed_difference

REACH_PERCENT = 120
"""A belt may run so much faster than its nominal speed."""
BEAT_NS = 50 * NS_PER_MS
"""While something is on the sorter, the belt's place is wanted this often: 100 mm at 2 m/s."""


class Snapshot(msgspec.Struct):
    """Everything that outlives a step."""

    now_ns: int
    last_passage: int
    carriers: dict[str, int]
    """Who came first with each waybill does not show in the passages themselves."""
    lines: dict[str, LineState]


class Logic:
    """The logic of one site."""

    def __init__(self, machines: Iterable[Machine], limits: Limits, plan: Plan) -> None:
        self.shared = Shared(plan, limits)
        self.lines = [Line(machine, self.shared) for machine in machines]
        self._by_plc: dict[str, Line] = {line.plc: line for line in self.lines}
        self._by_scanner = {name: line for line in self.lines for name in line.machine.scanners}

    def step(self, fact: facts.Fact) -> list[Outcome | AnyOrder]:
        """Take one fact; what follows from it, in order. RuleBrokenError: the world is not what we think."""
        self.shared.now_ns = max(self.shared.now_ns, fact.at_ns)
        said: list[Outcome | AnyOrder] = []
        self.shared.said = said
        for line in self._concerned(fact):
            if isinstance(fact, facts.PlcEvent):
                line.state.events_taken = fact.seq
                _catch_up(line, fact)
            take = _TAKE.get(type(fact))
            if take is not None:
                take(line, fact)
                rules.check(line)
        return said

    def _concerned(self, fact: facts.Fact) -> Iterable[Line]:
        plc = getattr(fact, "plc", None)
        if plc is not None:
            line = self._by_plc.get(plc)
            return (line,) if line else ()
        scanner = getattr(fact, "scanner", None)
        if scanner is not None:
            line = self._by_scanner.get(scanner)
            return (line,) if line else ()
        return self.lines

    def untaken(self, plc: str) -> list[AnyOrder]:
        """Orders of the current epoch of `plc` that it is not known to have taken."""
        line = self._by_plc.get(plc)
        return list(line.state.untaken) if line else []

    def next_wake_ns(self, plc: str) -> int | None:
        """When the place of this PLC's belt is wanted next; None: not before something happens."""
        line = self._by_plc.get(plc)
        return line.state.known_ns + BEAT_NS if line is not None and _is_busy(line) else None

    def snapshot(self) -> bytes:
        """All state, to be given to `restore`."""
        for line in self.lines:
            rules.check_all(line)
        shared = self.shared
        lines: dict[str, LineState] = {line.sorter: line.state for line in self.lines}
        return msgspec.json.encode(Snapshot(shared.now_ns, shared.last_passage, shared.by_waybill, lines))

    def restore(self, snapshot: bytes) -> None:
        """Go on from a snapshot of a logic with the same machines. ValueError: it is none."""
        held = msgspec.json.decode(snapshot, type=Snapshot)
        self.shared.now_ns = held.now_ns
        self.shared.last_passage = held.last_passage
        self.shared.by_number.clear()
        for line in self.lines:
            if line.sorter in held.lines:
                line.restore(held.lines[line.sorter])
        self.shared.by_waybill = {
            waybill: number for waybill, number in held.carriers.items() if number in self.shared.by_number
        }


def _is_busy(line: Line) -> bool:
    state = line.state
    return state.is_linked and bool(state.placed or state.adrift or state.reads or track.has_items(line))


# ------------------------------------------------------------------------------------------- controller and links


def _started(line: Line, fact: facts.ControllerStarted) -> None:
    """A new run: nothing is linked, what a scanner said before is gone, and positions hold only if all is as it was."""
    state = line.state
    state.is_linked = state.holds = False
    state.belt.samples = []
    state.known_ns = fact.at_ns
    identify.drop_waiting(line, "the controller was restarted")
    if fact.doubt:
        line.shared.last_passage = max(line.shared.last_passage, fact.row)
        _void_here(line, fact.doubt)
    elif state.site not in ("", fact.site):
        _void_here(line, "the configuration was changed")
    state.site = fact.site


def _linked(line: Line, fact: facts.PlcLinked) -> None:
    state = line.state
    state.is_linked = True
    if not state.boot_id:
        state.boot_id, state.events_taken = fact.boot_id, fact.events_acked
        state.belt.start(fact.count)
    if fact.boot_id == state.boot_id:
        state.belt.move(fact.count, fact.at_ns)
    line.say(LinkChanged(fact.at_ns, line.sorter, "plc", fact.plc, True, ""))


def _lost(line: Line, fact: facts.PlcLost) -> None:
    line.state.is_linked = False
    line.say(LinkChanged(fact.at_ns, line.sorter, "plc", fact.plc, False, fact.cause))


def _restarted(line: Line, fact: facts.PlcRestarted) -> None:
    """Positions and waiting orders are void; only what had left the belt by then may still be seen in its chute."""
    state = line.state
    blind_ms = max(0, fact.at_ns - state.known_ns) // NS_PER_MS
    reach = line.machine.counts_in(blind_ms) * REACH_PERCENT // 100 + line.geometry.late
    reached = state.belt.odo + reach
    state.belt.start(fact.count)
    state.boot_id, state.chutes_upto, state.events_taken = fact.boot_id, 0, 0
    # the epoch ended with its orders; one that the PLC grants now is a new one, even if its memory lost count and repeats it
    state.epoch, state.untaken = 0, []
    for passage in list(state.placed):
        if passage.told is not None and passage.told.odo > reached:
            divert.drop(line, passage)
        elif passage.told is not None:
            divert.void(line, passage)
    state.voided_at = state.belt.odo
    realign.void(line, "the PLC was restarted", reach)
    identify.drop_waiting(line, "the PLC was restarted")


def _missed(line: Line, fact: facts.EventsMissed) -> None:
    line.state.events_taken = fact.last
    _void_here(line, f"events {fact.first} to {fact.last} of the PLC are lost")


def _void_here(line: Line, why: str) -> None:
    """The encoder counted on: positions are where they were, but what happened since was not told."""
    line.state.voided_at = line.state.belt.odo
    realign.void(line, why, 0)


def _granted(line: Line, fact: facts.EpochGranted) -> None:
    divert.epoch_begins(line, fact.epoch, fact.orders_accepted)
    for passage in list(line.state.placed):
        allocate.decide(line, passage)
    line.say(Disturbed(fact.at_ns, line.sorter, "no_epoch", False, f"epoch {fact.epoch}"))


def _epoch_lost(line: Line, fact: facts.EpochLost) -> None:
    line.state.holds = False
    line.say(Disturbed(fact.at_ns, line.sorter, "no_epoch", True, fact.cause))


def _taken(line: Line, fact: facts.OrdersTaken) -> None:
    divert.taken(line, fact.epoch, fact.upto)


def _refused(line: Line, fact: facts.OrdersRefused) -> None:
    why = f"the PLC refuses our blocks: reject {fact.reject}" if fact.reject else "our blocks are taken again"
    line.say(Disturbed(fact.at_ns, line.sorter, "orders_refused", bool(fact.reject), why))


def _commit_late(line: Line, fact: facts.CommitLate) -> None:
    why = "orders leave before they are on disk" if fact.late else "the journal is on time again"
    line.say(Disturbed(fact.at_ns, line.sorter, "journal_late", fact.late, why))


# ------------------------------------------------------------------------------------------- belt and machine


def _moved(line: Line, fact: facts.BeltMoved) -> None:
    """Everything up to here has been told: tie what waited, tell items that have passed, conclude what is absent."""
    state = line.state
    state.belt.move(fact.count, fact.at_ns)
    if not fact.all_told:
        return
    state.known, state.known_ns = state.belt.odo, fact.at_ns
    identify.tie_waiting(line, fact.at_ns)
    track.settle_items(line, state.known)
    for stranger in realign.settle(line):
        if stranger.eye is None:
            confirm.meet(line, stranger)
        else:
            track.meet(line, stranger)
    for passage in line.overdue(state.known):
        overdue.conclude(line, passage)
    _give_waiting(line)


def _give_waiting(line: Line) -> None:
    """Orders had to wait for room in the PLC: give them now, the furthest down the line first, or decide anew."""
    state = line.state
    if not state.is_short:
        return
    state.is_short = False
    for passage in list(state.placed):
        if passage.told is None and passage.stage is Stage.DECIDED:
            allocate.decide(line, passage)
        if state.is_short:
            return


def _catch_up(line: Line, fact: facts.PlcEvent) -> None:
    """In a backlog of events an item at an eye must be told before what happened to it further down."""
    if type(fact) is not facts.Inducted:  # its count is that of the front edge, long before
        track.settle_items(line, line.state.belt.at_count(fact.count) - line.geometry.debounce)


def _machine(line: Line, fact: facts.MachineTurned) -> None:
    if fact.state != line.state.machine_state:
        line.state.machine_state = fact.state
        line.say(MachineChanged(fact.at_ns, line.sorter, fact.plc, fact.state))


def _dropped(line: Line, fact: facts.EventsDropped) -> None:
    why = f"the PLC dropped {fact.dropped} events since its start"
    line.say(Disturbed(fact.at_ns, line.sorter, "events_dropped", bool(fact.dropped), why))


def _chutes(line: Line, fact: facts.ChutesRead) -> None:
    line.state.chutes_upto = fact.upto_seq
    for number, word in enumerate(fact.words, start=1):
        _turn_chute(line, number, word)


def _chute(line: Line, fact: facts.ChuteTurned) -> None:
    if signed_difference(fact.seq, line.state.chutes_upto) > 0:
        _turn_chute(line, fact.chute, fact.word)


def _turn_chute(line: Line, number: int, word: int) -> None:
    book = line.books.get(number)
    if book is None or not book.turn(word):
        return
    line.say(ChuteStateChanged(line.now_ns, line.sorter, ChuteNumber(number), book.state, book.why))
    allocate.reconsider(line, number)


def _jam(line: Line, fact: facts.JamTurned) -> None:
    why = f"jam in zone {fact.zone}" if fact.begins else f"the jam in zone {fact.zone} is cleared"
    line.say(Disturbed(fact.at_ns, line.sorter, f"jam_{fact.zone}", fact.begins, why))


def _unknown(line: Line, fact: facts.EventUnknown) -> None:
    why = f"the PLC sends events of kind {fact.kind}, which this version does not know"
    line.say(Disturbed(fact.at_ns, line.sorter, "event_unknown", True, why))


# ------------------------------------------------------------------------------------------- scanners


def _scanner_up(line: Line, fact: facts.ScannerLinked) -> None:
    line.say(LinkChanged(fact.at_ns, line.sorter, "scanner", fact.scanner, True, ""))


def _scanner_down(line: Line, fact: facts.ScannerLost) -> None:
    line.say(LinkChanged(fact.at_ns, line.sorter, "scanner", fact.scanner, False, fact.cause))


def _scanner_silent(line: Line, fact: facts.ScannerSilent) -> None:
    why = "no sign of life" if fact.silent else "alive again"
    line.say(Disturbed(fact.at_ns, line.sorter, f"scanner_silent_{fact.scanner}", fact.silent, why))


def _scanner_babbles(line: Line, fact: facts.ScannerBabbles) -> None:
    why = "it sends more than can pass it, nothing of it is believed" if fact.babbles else "it is believed again"
    line.say(Disturbed(fact.at_ns, line.sorter, f"scanner_babbles_{fact.scanner}", fact.babbles, why))


_Take = Callable[[Line, Any], None]

_TAKE: dict[type[facts.Fact], _Take] = {
    facts.ControllerStarted: _started,
    facts.CommitLate: _commit_late,
    facts.PlcLinked: _linked,
    facts.PlcLost: _lost,
    facts.PlcRestarted: _restarted,
    facts.EventsMissed: _missed,
    facts.EpochGranted: _granted,
    facts.EpochLost: _epoch_lost,
    facts.OrdersTaken: _taken,
    facts.OrdersRefused: _refused,
    facts.BeltMoved: _moved,
    facts.MachineTurned: _machine,
    facts.EventsDropped: _dropped,
    facts.ChutesRead: _chutes,
    facts.Inducted: induct.open_inducted,
    facts.EyeChanged: track.take_edge,
    facts.ItemDiverted: confirm.take_diverted,
    facts.ChuteEyeChanged: confirm.take_entry,
    facts.OrderFailed: confirm.take_failure,
    facts.ChuteTurned: _chute,
    facts.JamTurned: _jam,
    facts.EventUnknown: _unknown,
    facts.CodesRead: identify.take_read,
    facts.ScannerLinked: _scanner_up,
    facts.ScannerLost: _scanner_down,
    facts.ScannerSilent: _scanner_silent,
    facts.ScannerBabbles: _scanner_babbles,
}
"""Which room takes which fact. A fact that is not here changes nothing on a line (laps, items of a tracking PLC, epochs that the stream announces)."""
