"""Screen: the tally as a live picture on a terminal, and as plain lines where there is none.

Comes in: a `Tally` and the hub's measures. Goes out: something for rich to draw; lines of text without colour.
Never here: counting, waiting.
"""

from dataclasses import dataclass
from typing import Final

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sim.show.sorter import Measures, measures_of, sorter_picture
from sim.show.tally import Tally
from sortctl.site.load import LoadedSite

WIDTH_MOST: Final = 150
NEWS_LEAST, NEWS_MOST = 3, 12
LINES_BESIDE_NEWS: Final = 6
"""Frame, figures, bar and the line between, without sorters."""
STYLES: Final = {"plain": "", "bad": "red", "good": "green"}


@dataclass(frozen=True)
class View:
    """What the picture needs to know of the hub."""

    title: str
    sorters: tuple[Measures, ...]


def view_of(loaded: LoadedSite) -> View:
    """Taken from the site."""
    return View(loaded.site.hub.title, tuple(measures_of(machine) for machine in loaded.machines))


def picture(tally: Tally, view: View, width: int, height: int) -> RenderableType:
    """The whole screen, for a terminal of this size."""
    cells = min(width, WIDTH_MOST) - 4
    taken = LINES_BESIDE_NEWS + sum(sorter.lines + 1 for sorter in view.sorters)
    sorters: list[RenderableType] = []
    for measures in view.sorters:
        sorters += [Text(""), sorter_picture(tally.sorters[measures.name], measures, cells)]
    return Panel(
        Group(
            _figures(tally),
            ProgressBar(total=max(tally.total, 1), completed=min(tally.closed, tally.total), width=cells),
            *sorters,
            Text(""),
            _news(tally, max(NEWS_LEAST, min(NEWS_MOST, height - taken))),
        ),
        title=view.title,
        title_align="left",
        border_style="dim",
        width=cells + 4,
    )


def plain_line(tally: Tally) -> str:
    """One line for a log."""
    sorted_, rejected = tally.dispositions["sorted"], tally.dispositions["rejected"]
    return (
        f"{_clock(tally)}  {tally.closed}/{tally.total} parcels  {tally.rate_per_hour} /h  sorted {sorted_}"
        f"  rejected {rejected}  lost {tally.dispositions['lost']}  on the way {tally.inducted - tally.closed}"
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
