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

CHUTE_COLUMNS: Final = 3
WIDE_FROM: Final = 110
"""A terminal so wide has room for the names of the chutes."""
WIDTH_MOST: Final = 150
NEWS_LEAST, NEWS_MOST = 3, 12
LINES_BESIDE_NEWS: Final = 10
"""Frame, figures, bar, belt and the lines between, without chutes."""
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


def picture(tally: Tally, measures: Measures, width: int, height: int) -> RenderableType:
    """The whole screen, for a terminal of this size."""
    cells = min(width, WIDTH_MOST) - 4
    chutes = _chutes(tally, measures, cells)
    news = max(NEWS_LEAST, min(NEWS_MOST, height - LINES_BESIDE_NEWS - chutes.row_count))
    return Panel(
        Group(
            _figures(tally),
            ProgressBar(total=max(tally.total, 1), completed=min(tally.closed, tally.total), width=cells),
            Text(""),
            _belt(tally, measures, cells),
            Text(""),
            chutes,
            Text(""),
            _news(tally, news),
        ),
        title=measures.title,
        title_align="left",
        border_style="dim",
        width=cells + 4,
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
    alarms, lost = len(tally.alarms), tally.dispositions["lost"]
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(_clock(tally), style="dim")
    text.append(f"  {tally.closed}/{tally.total} parcels", style="bold")
    text.append(f"  {tally.rate_per_hour} /h  read {tally.read_per_cent:.1f} %")
    text.append(f"  sorted {tally.dispositions['sorted']}", style="green")
    text.append(f"  rejected {tally.dispositions['rejected']}", style="yellow")
    text.append(f"  lost {lost}", style="red" if lost else "")
    text.append(f"  alarms {alarms}", style="red bold" if alarms else "dim")
    return text


def _belt(tally: Tally, measures: Measures, width: int) -> RenderableType:
    cells = [" "] * width
    exits = ["·"] * width

    def cell(position_mm: int) -> int:
        return min(width - 1, position_mm * width // max(measures.belt_mm, 1))

    for number, _, position in measures.chutes:
        exits[cell(position)] = "╤" if tally.chute_states.get(number) != "full" else "╳"
    for position in tally.on_belt:
        if 0 <= position <= measures.belt_mm:
            cells[cell(position)] = "■"
    return Group(Text("".join(cells), style="cyan"), Text("".join(exits), style="dim"))


def _chutes(tally: Tally, measures: Measures, width: int) -> Table:
    grid = Table.grid(padding=(0, 2))
    name_cells = 12 if width >= WIDE_FROM else 6
    bar_cells = max(3, width // CHUTE_COLUMNS - 2 - 3 - name_cells - 1 - 4)
    cells = [
        _chute(tally, number, name[:name_cells].ljust(name_cells), bar_cells) for number, name, _ in measures.chutes
    ]
    rows = -(-len(cells) // CHUTE_COLUMNS)
    for row in range(rows):
        grid.add_row(*(cells[at] for at in range(row, len(cells), rows)))
    return grid


def _chute(tally: Tally, number: int, name: str, bar_cells: int) -> Text:
    most = max(tally.chutes.values(), default=1) or 1
    count = tally.chutes[number]
    state = tally.chute_states.get(number, "unknown")
    text = Text(f"{number:>2} {name} ", style="bold" if count else "dim", no_wrap=True)
    bar = "█" * (count * bar_cells // most) or ("▏" if count else "")
    text.append(f"{bar:<{bar_cells}}", style=STATE_STYLES.get(state, "magenta"))
    text.append(f"{count:>4}", style="" if count else "dim")
    return text


def _news(tally: Tally, lines: int) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, overflow="ellipsis")
    active = [trouble for trouble in tally.troubles if trouble.active]
    for trouble in active:
        known = "the controller knows" if trouble.noticed_ns else "not noticed yet"
        since = _seconds(tally.now_ns - trouble.begun_ns)
        grid.add_row(Text(since, style="red"), Text(f"{trouble.what}: {known}", style="red bold"))
    for news in list(tally.news)[-max(lines - len(active), 1) :]:
        when = _seconds(news.wall_ns - tally.began_ns)
        grid.add_row(Text(when, style="dim"), Text(news.text, style=STYLES[news.weight]))
    return grid


def _clock(tally: Tally) -> str:
    return _seconds(tally.now_ns - tally.began_ns)


def _seconds(span_ns: int) -> str:
    return f"{max(span_ns, 0) / 1e9:6.1f} s"
