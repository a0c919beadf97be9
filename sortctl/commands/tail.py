"""sortctl tail: what happens, one line each, as it happens.

Comes in: the newest outcomes of the journal, then the feed of the control socket from there on: none is shown twice, none is
left out. Goes out: lines for people, or JSON lines. Never here: the story of one parcel (`trace.py`).
"""

import json
from collections import deque
from collections.abc import Callable
from functools import singledispatch
from pathlib import Path
from typing import Final

import click
import msgspec
from rich.console import Console
from rich.text import Text

from sortctl.commands.options import Exit, Stop, journal_path, state_option, stop_for
from sortctl.commands.screen import clock_time, escaped, mode_name, screen, state_name
from sortctl.journal.life import in_words
from sortctl.journal.read import JournalReader
from sortctl.journal.row import OUTCOME, Row
from sortctl.journal.schema import JournalMissing, JournalUnusable
from sortctl.runtime.process.ask import NotRunning, follow
from sortctl.words import outcomes
from sortctl.words.causes import Disposition
from sortctl.words.units import spans

LINES_DEFAULT: Final = 10
LOOK_BACK_ROWS: Final = 2_000
LOOK_BACK_MAX: Final = 1_000_000
"""Rows searched for the newest outcomes: a day of a busy line."""
BRIEF: Final = frozenset(
    kind.__name__
    for kind in (
        outcomes.PassageClosed,
        outcomes.DivertFailed,
        outcomes.PassageDoubted,
        outcomes.PassageMissing,
        outcomes.PassageFound,
        outcomes.ItemUnexpected,
        outcomes.ReadOrphaned,
        outcomes.ChuteStateChanged,
        outcomes.BagOpened,
        outcomes.BagClosed,
        outcomes.ChuteGiven,
        outcomes.ChuteReleased,
        outcomes.Recalled,
        outcomes.ChuteFills,
        outcomes.WaveBalanced,
        outcomes.LinkChanged,
        outcomes.MachineChanged,
        outcomes.UnitTurned,
        outcomes.CarrierTurned,
        outcomes.TrackingVoided,
        outcomes.Disturbed,
    )
)
"""What is shown without --all: how parcels end, and what the machine does."""

Show = Callable[[int, int, bytes], None]
"""Row number, wall time, the outcome as JSON."""

_decode: Final = msgspec.json.Decoder(outcomes.AnyOutcome).decode


@click.command("tail", short_help="Show what happens, as it happens.")
@state_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: seq, wall_ns, outcome.")
@click.option("-n", "lines", metavar="N", type=click.IntRange(0, 100_000), default=LINES_DEFAULT, show_default=True,
              help="Begin with the last N lines of the journal.")  # fmt: skip
@click.option("--follow/--no-follow", default=True, show_default=True, help="Go on until Ctrl-C.")
@click.option("--all", "every", is_flag=True, help="Each step of each parcel too, not only its end.")
def command(state: Path, as_json: bool, lines: int, follow: bool, every: bool) -> None:
    """Show what happens, as it happens: parcels that end, links, chutes, alarms.

    \b
    Examples:
      sortctl tail
      sortctl tail --json --no-follow -n 1000

    Without a running controller --no-follow still shows the end of its journal.
    Exit codes: 0 shown, 3 no journal, or no controller to follow.
    """  # noqa: D301 - \b keeps the lines apart
    show = _show_json if as_json else _Lines(screen()).show
    try:
        last = _show_newest(state, lines, every, show)
        if follow:
            _follow(state, last, every, show)
    except JournalUnusable as unusable:
        raise stop_for(unusable) from None
    except NotRunning as nobody:
        raise Stop(
            Exit.NOT_FOUND, str(nobody), "start it with `sortctl run SITE`; --no-follow shows its journal"
        ) from None
    except KeyboardInterrupt:
        return


def _show_newest(state: Path, lines: int, every: bool, show: Show) -> int:
    """The last lines of the journal; its last row."""
    try:
        with JournalReader(journal_path(state)) as reader:
            end = reader.last()
            if end is None:
                return 0
            found: deque[Row] = _newest(reader, end.seq, lines, every) if lines else deque()
            for row in found:
                show(row.seq, row.wall_ns, row.body)
            return found[-1].seq if found else end.seq
    except JournalMissing:
        # A controller that has just been started may not have written yet.
        return 0


def _newest(reader: JournalReader, last: int, lines: int, every: bool) -> deque[Row]:
    back = LOOK_BACK_ROWS
    while True:
        wanted = (row for row in reader.rows(max(last - back, 0)) if _is_wanted(row.kind == OUTCOME, row.type, every))
        found = deque(wanted, maxlen=lines)
        if len(found) == lines or back >= min(last, LOOK_BACK_MAX):
            return found
        back *= 8


def _follow(state: Path, after: int, every: bool, show: Show) -> None:
    for line in follow(state, after):
        if "gap" in line:
            click.echo(f"rows {line['gap']['after'] + 1} to {line['gap']['upto']} are no longer in the feed", err=True)
        elif "outcome" in line and _is_wanted(True, line["outcome"]["type"], every):
            show(line["seq"], line["wall_ns"], msgspec.json.encode(line["outcome"]))
    raise NotRunning("the controller has ended")


def _is_wanted(is_outcome: bool, kind: str, every: bool) -> bool:
    return is_outcome and (every or kind in BRIEF)


def _show_json(seq: int, wall_ns: int, body: bytes) -> None:
    # Plain ASCII: a label's control characters reach no terminal.
    click.echo(json.dumps({"seq": seq, "wall_ns": wall_ns, "outcome": msgspec.json.decode(body)}))


class _Lines:
    """Lines for people."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, seq: int, wall_ns: int, body: bytes) -> None:
        """One outcome."""
        try:
            outcome = _decode(body)
        except msgspec.DecodeError:
            self._console.print(Text(f"{clock_time(wall_ns)}  row {seq}, which this version cannot read"))
            return
        what, text, style = _line(outcome)
        about = getattr(outcome, "passage", 0)
        subject = f"{outcome.sorter} {about}" if about else outcome.sorter or "hub"
        line = Text(f"{clock_time(wall_ns)}  {escaped(subject):<16} ")
        line.append(f"{what:<9} ", style)
        line.append(escaped(text))
        self._console.print(line)


def _in_state(number: int) -> str:
    name = state_name(number)
    return f"in {name}" if name.startswith("state") else name


@singledispatch
def _line(outcome: object) -> tuple[str, str, str]:
    what, text = in_words(outcome)
    return what, text, "default"


@_line.register
def _(outcome: outcomes.PassageClosed) -> tuple[str, str, str]:
    what, text = in_words(outcome)
    style = {Disposition.SORTED: "green", Disposition.LOST: "bold red"}.get(outcome.disposition, "yellow")
    return what, f"{outcome.waybill or '(no waybill)'} {text}", style


@_line.register
def _(outcome: outcomes.LinkChanged) -> tuple[str, str, str]:
    state = "is connected" if outcome.up else f"is gone: {outcome.why}"
    return "link", f"{outcome.kind} {outcome.name} {state}", "green" if outcome.up else "bold red"


@_line.register
def _(outcome: outcomes.ChuteStateChanged) -> tuple[str, str, str]:
    why = f": {outcome.why}" if outcome.why else ""
    style = "default" if outcome.state.value in {"open", "half_full"} else "yellow"
    return "chute", f"{outcome.chute} is {outcome.state.value.replace('_', ' ')}{why}", style


@_line.register
def _(outcome: outcomes.BagOpened) -> tuple[str, str, str]:
    departs = f", for {outcome.departure}" if outcome.departure else ""
    return "bag", f"{outcome.bag} hangs at chute {outcome.chute}{departs}", "default"


@_line.register
def _(outcome: outcomes.BagClosed) -> tuple[str, str, str]:
    unsure = f", {len(outcome.unsure)} of them unsure" if outcome.unsure else ""
    text = f"{outcome.bag} of chute {outcome.chute} is closed: {outcome.why}; {len(outcome.passages)} parcels{unsure}"
    return "bag", f"{text}, {outcome.weight_g / 1000:.1f} kg", "yellow" if unsure else "default"


@_line.register
def _(outcome: outcomes.ChuteGiven) -> tuple[str, str, str]:
    text = f" ({outcome.text})" if outcome.text != outcome.destination else ""
    return "given", f"chute {outcome.chute} of pool {spans(outcome.pool)} to {outcome.destination}{text}", "default"


@_line.register
def _(outcome: outcomes.ChuteReleased) -> tuple[str, str, str]:
    return "released", f"chute {outcome.chute}, it was given to {outcome.destination} and is empty", "default"


@_line.register
def _(outcome: outcomes.Recalled) -> tuple[str, str, str]:
    places = (f"bag {outcome.bag}" if outcome.bag else "", f"chute {outcome.chute}" if outcome.chute else "")
    where = " at ".join(place for place in places if place)
    text = f"take {outcome.waybill or outcome.passage} out of {where}: {outcome.why}"
    return "recalled", text, "bold red"


@_line.register
def _(outcome: outcomes.ChuteFills) -> tuple[str, str, str]:
    when = f"will be full in {outcome.seconds} s" if outcome.seconds >= 0 else "fills no longer"
    return "fills", f"chute {outcome.chute} {when}", "yellow"


@_line.register
def _(outcome: outcomes.WaveBalanced) -> tuple[str, str, str]:
    ended = f"{outcome.sorted_} sorted, {outcome.rejected} rejected, {outcome.lost} lost, {outcome.removed} removed"
    return (
        "wave",
        f"{outcome.wave} has ended: {outcome.inducted} in; {ended}; {outcome.on_sorter} still on it",
        "default",
    )


@_line.register
def _(outcome: outcomes.MachineChanged) -> tuple[str, str, str]:
    return "machine", f"at {outcome.plc} is {_in_state(outcome.state)}", "default"


@_line.register
def _(outcome: outcomes.UnitTurned) -> tuple[str, str, str]:
    return "unit", f"at {outcome.plc} is {_in_state(outcome.state)}, {mode_name(outcome.mode)}", "default"


@_line.register
def _(outcome: outcomes.CarrierTurned) -> tuple[str, str, str]:
    turned = "is out of use" if outcome.out else "is used again"
    return "carrier", f"{outcome.carrier} {turned}: {outcome.why}", "yellow" if outcome.out else "green"


@_line.register
def _(outcome: outcomes.PassageMissing) -> tuple[str, str, str]:
    what, text = in_words(outcome)
    return what, text, "yellow"


@_line.register
def _(outcome: outcomes.TrackingVoided) -> tuple[str, str, str]:
    return "void", f"positions are void, {outcome.passages} parcels are unknown: {outcome.why}", "bold red"


@_line.register
def _(outcome: outcomes.Disturbed) -> tuple[str, str, str]:
    end = "" if outcome.active else " is over"
    return "trouble", f"{outcome.code}{end}: {outcome.why}", "bold red" if outcome.active else "green"


@_line.register
def _(outcome: outcomes.ItemUnexpected) -> tuple[str, str, str]:
    where = f"in chute {outcome.chute}" if outcome.chute else f"at eye {outcome.eye}" if outcome.eye else "on the loop"
    return "stranger", f"{where}: {outcome.why}", "yellow"


@_line.register
def _(outcome: outcomes.ReadOrphaned) -> tuple[str, str, str]:
    return "orphan", f"{outcome.scanner} read {', '.join(outcome.codes)}: {outcome.why}", "yellow"
