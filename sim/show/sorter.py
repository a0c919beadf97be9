"""Sorter: one sorter as a picture of a few lines: its figures, what lies on it, its chutes and how much went into each.

Comes in: a `SorterTally` and the sorter's measures. Goes out: something for rich to draw. Never here: the rest of the screen.
"""

from dataclasses import dataclass
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from sim.show.tally import SorterTally
from sortctl.site.model import Machine, ModbusPlc

BARS: Final = " ▁▂▃▄▅▆▇█"
STATE_STYLES: Final = {"open": "green", "half_full": "yellow", "full": "red", "unknown": "dim"}
SIDE_NAMES: Final = {"": "chutes", "left": "left", "right": "right"}
LABEL_CELLS: Final = 8


@dataclass(frozen=True)
class Measures:
    """What the picture needs to know of one sorter."""

    name: str
    wire: str
    length_mm: int
    chutes: tuple[tuple[int, str, int], ...]
    """(number, side, position mm)."""

    @property
    def sides(self) -> tuple[str, ...]:
        """Sides on which there are chutes: two of a loop, one of a line."""
        return tuple(sorted({side for _, side, _ in self.chutes}))

    @property
    def lines(self) -> int:
        """Height of its picture."""
        return 2 + len(self.sides)


def measures_of(machine: Machine) -> Measures:
    """Taken from the site."""
    chutes = tuple((chute.number, chute.side, chute.position_mm) for chute in machine.chutes)
    is_loop = machine.sorter.kind == "loop"
    length_mm = machine.loop.length_mm if is_loop else max(position for _, _, position in chutes)
    return Measures(machine.sorter_id, wire_text(machine), length_mm, chutes)


def wire_text(machine: Machine) -> str:
    """How this sorter is reached, in words."""
    what = f"loop of {machine.loop.carriers} carriers" if machine.sorter.kind == "loop" else "belt line"
    plc = machine.plc
    if isinstance(plc, ModbusPlc):
        return f"{what}, Modbus TCP{' over TLS' if plc.tls else ''}"
    policy, mode = plc.security.policy, plc.security.mode
    if policy == "none":
        return f"{what}, OPC UA without security"
    return f"{what}, OPC UA {policy}, {'signed and encrypted' if mode == 'SignAndEncrypt' else 'signed'}"


def sorter_picture(tally: SorterTally, measures: Measures, width: int) -> RenderableType:
    """`measures.lines` lines."""
    cells = width - LABEL_CELLS
    rows = [_chutes(tally, measures, side, cells) for side in measures.sides]
    return Group(_head(tally, measures), _lying(tally, measures, cells), *rows)


def _head(tally: SorterTally, measures: Measures) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{measures.name:<{LABEL_CELLS}}", style="bold")
    text.append(f"{tally.closed} done", style="bold")
    text.append(f"  sorted {tally.dispositions['sorted']}", style="green")
    text.append(f"  rejected {tally.dispositions['rejected']}", style="yellow")
    lost = tally.dispositions["lost"]
    text.append(f"  lost {lost}", style="red" if lost else "")
    text.append(f"  on it {tally.inducted - tally.closed}")
    if tally.laps:
        text.append(f"  further laps {tally.laps}")
    text.append(f"  {measures.wire}", style="dim")
    return text


def _cell(measures: Measures, position_mm: int, cells: int) -> int:
    return max(0, min(cells - 1, position_mm * cells // max(measures.length_mm, 1)))


def _lying(tally: SorterTally, measures: Measures, cells: int) -> Text:
    belt = ["·"] * cells
    for position in tally.lying_mm:
        if 0 <= position <= measures.length_mm:
            belt[_cell(measures, position, cells)] = "■"
    return Text(f"{'':<{LABEL_CELLS}}").append("".join(belt), style="cyan")


def _chutes(tally: SorterTally, measures: Measures, side: str, cells: int) -> Text:
    """One bar for each chute where it stands; where several share a cell, the fullest and the worst of them."""
    most = max(tally.chutes.values(), default=1) or 1
    heights: dict[int, int] = {}
    styles: dict[int, str] = {}
    for number, its_side, position in measures.chutes:
        if its_side != side:
            continue
        at, count = _cell(measures, position, cells), tally.chutes[number]
        heights[at] = max(heights.get(at, 0), -(-count * (len(BARS) - 1) // most))
        state = tally.chute_states.get(number, "unknown")
        if styles.get(at) != "red":
            styles[at] = STATE_STYLES.get(state, "magenta")
    text = Text(f"{SIDE_NAMES[side]:<{LABEL_CELLS}}", style="dim", no_wrap=True)
    for at in range(cells):
        shown = (BARS[heights[at]] if heights[at] else "╵") if at in heights else " "
        text.append(shown, style=styles.get(at, "dim"))
    return text
