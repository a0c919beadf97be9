"""Screen: the tally as a live picture on a terminal, and as plain lines where there is none.

Comes in: a `Tally` and the line's measures. Goes out: something for rich to draw; lines of text without colour.
Never here: counting, waiting.
"""

from dataclasses import dataclass
from typing import Final

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sim.show.tally import Tally
from sortctl.site.model import Machine

BELT_CELLS: Final = 96
BAR_CELLS: Final = 14
CHUTE_COLUMNS: Final = 3
NEWS_SHOWN: Final = 9
STYLES: Final = {"plain": "", "bad": "red", "good": "green"}
STATE_STYLES: Final = {"open": "green", "half_full": "yellow", "full": "red", "unknown": "dim"}


@dataclass(frozen=True)
class Measures:
    """What the picture needs to know of the line."""

    title: str
    belt_mm: int
    chutes: tuple[tuple[int, str, int], ...]
    """(number, name, position mm)."""


def measures_of(title: str, machine: Machine) -> Measures:
    """Taken from the site."""
    chutes = tuple((chute.number, chute.name, chute.position_mm) for chute in machine.chutes)
    return Measures(title, max(position for _, _, position in chutes), chutes)


def picture(tally: Tally, measures: Measures) -> RenderableType:
    """The whole screen."""
    return Panel(
        Group(
            _figures(tally),
            ProgressBar(total=max(tally.total, 1), completed=min(tally.closed, tally.total)),
            Text(""),
            _belt(tally, measures),
            Text(""),
            _chutes(tally, measures),
            Text(""),
            _news(tally),
        ),
        title=measures.title,
        title_align="left",
        border_style="dim",
    )


def plain_line(tally: Tally) -> str:
    """One line for a log."""
    sorted_, rejected = tally.dispositions["sorted"], tally.dispositions["rejected"]
    return (
        f"{_clock(tally)}  {tally.closed}/{tally.total} parcels  {tally.rate_per_hour} /h  sorted {sorted_}"
        f"  rejected {rejected}  lost {tally.dispositions['lost']}  on the belt {tally.inducted - tally.closed}"
        f"  read {tally.read_per_cent:.1f} %  alarms {len(tally.alarms)}"
    )


def plain_news(tally: Tally, wall_ns: int, text: str) -> str:
    """One line of news for a log."""
    return f"{_seconds(wall_ns - tally.began_ns)}  {text}"


def _figures(tally: Tally) -> RenderableType:
    grid = Table.grid(padding=(0, 3))
    alarms = len(tally.alarms)
    grid.add_row(
        Text(_clock(tally), style="dim"),
        Text(f"{tally.closed}/{tally.total} parcels", style="bold"),
        f"{tally.rate_per_hour} /h",
        f"read {tally.read_per_cent:.1f} %",
        Text(f"sorted {tally.dispositions['sorted']}", style="green"),
        f"alternate {tally.alternates}",
        Text(f"rejected {tally.dispositions['rejected']}", style="yellow"),
        Text(f"lost {tally.dispositions['lost']}", style="red" if tally.dispositions["lost"] else ""),
        Text(f"alarms {alarms}", style="red bold" if alarms else "dim"),
    )
    return grid


def _belt(tally: Tally, measures: Measures) -> RenderableType:
    cells = [" "] * BELT_CELLS
    exits = ["·"] * BELT_CELLS
    for number, _, position in measures.chutes:
        exits[_cell(position, measures)] = "╤" if tally.chute_states.get(number) != "full" else "╳"
    for position, _ in tally.on_belt:
        if 0 <= position <= measures.belt_mm:
            cells[_cell(position, measures)] = "■"
    return Group(Text("".join(cells), style="cyan"), Text("".join(exits), style="dim"))


def _cell(position_mm: int, measures: Measures) -> int:
    return min(BELT_CELLS - 1, position_mm * BELT_CELLS // max(measures.belt_mm, 1))


def _chutes(tally: Tally, measures: Measures) -> RenderableType:
    grid = Table.grid(padding=(0, 2), expand=False)
    most = max(tally.chutes.values(), default=1) or 1
    cells = [_chute(tally, number, name, most) for number, name, _ in measures.chutes]
    rows = -(-len(cells) // CHUTE_COLUMNS)
    for row in range(rows):
        grid.add_row(*(cells[at] for at in range(row, len(cells), rows)))
    return grid


def _chute(tally: Tally, number: int, name: str, most: int) -> Text:
    count = tally.chutes[number]
    state = tally.chute_states.get(number, "unknown")
    text = Text(f"{number:>2} {name[:12]:<12} ", style="bold" if count else "dim")
    bar = "█" * (count * BAR_CELLS // most) or ("▏" if count else "")
    text.append(f"{bar:<{BAR_CELLS}}", style=STATE_STYLES.get(state, "magenta"))
    text.append(f"{count:>4}", style="" if count else "dim")
    return text


def _news(tally: Tally) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for trouble in tally.troubles:
        if trouble.active:
            since = _seconds(tally.now_ns - trouble.begun_ns)
            known = "the controller knows" if trouble.noticed_ns else "not noticed yet"
            grid.add_row(Text(since, style="red"), Text(f"{trouble.what}: {known}", style="red bold"))
    for news in list(tally.news)[-NEWS_SHOWN:]:
        grid.add_row(
            Text(_seconds(news.wall_ns - tally.began_ns), style="dim"), Text(news.text, style=STYLES[news.weight])
        )
    return grid


def _clock(tally: Tally) -> str:
    return _seconds(tally.now_ns - tally.began_ns)


def _seconds(span_ns: int) -> str:
    return f"{max(span_ns, 0) / 1e9:6.1f} s"
