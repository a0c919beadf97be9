"""Results: what a demonstration ends with: the faults and their recoveries, the referee's table, one sentence.

Comes in: a `Tally`, the referee's figures. Goes out: tables. Never here: judging.
"""

from typing import Any, Final

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sim.show.tally import Tally, Trouble

MUST_BE_NOTHING: Final = ("missorted", "double_diverted", "unaccounted", "stale_orders", "misreported")
MEANINGS: Final = {
    "inducted": "came onto a sorter",
    "sorted": "lie in a chute of their plan",
    "rejected": "went to a reject, overflow or end chute, each with its cause",
    "lost": "were lost sight of",
    "missorted": "lie in a wrong chute",
    "double_diverted": "were pushed twice",
    "unaccounted": "have not exactly one true ending",
    "stale_orders": "were hit by an order for another",
    "misreported": "ended otherwise than was said",
    "orphan_reads": "reads fitted no parcel, and none was guessed",
}


def passes(figures: dict[str, Any]) -> bool:
    """Nothing missorted, nothing unaccounted, nothing said that is not so."""
    return figures["verdict"] == "holds" and not any(figures[rule] for rule in MUST_BE_NOTHING)


def faults_table(tally: Tally) -> RenderableType:
    """How each fault was taken."""
    table = Table("fault", "noticed after", "well again", title="Faults", title_justify="left", box=box.SIMPLE)
    for trouble in tally.troubles:
        table.add_row(trouble.what, _span(trouble.begun_ns, trouble.noticed_ns), _recovery(trouble))
    return table


def referee_table(figures: dict[str, Any]) -> RenderableType:
    """Truth against claims."""
    title = "Referee: the truth of the plant against what sortctl said"
    table = Table("parcels", "", "", title=title, title_justify="left", box=box.SIMPLE)
    table.columns[0].justify = "right"
    for name, meaning in MEANINGS.items():
        wrong = name in MUST_BE_NOTHING and figures[name]
        style = "red bold" if wrong else "green" if name in MUST_BE_NOTHING else ""
        table.add_row(Text(str(figures[name]), style=style), name.replace("_", " "), Text(meaning, style="dim"))
    return table


def last_word(figures: dict[str, Any], tally: Tally) -> Text:
    """The sentence at the end."""
    seconds = (tally.now_ns - tally.began_ns) / 1e9
    if passes(figures):
        return Text(
            f"Every one of {figures['inducted']} parcels is accounted for; {seconds:.0f} s.", style="green bold"
        )
    reasons = "\n".join(str(reason) for reason in figures["reasons"])
    return Text(f"This run does not hold:\n{reasons}", style="red bold")


def _recovery(trouble: Trouble) -> str:
    if trouble.ended_ns and trouble.over_ns >= trouble.ended_ns:
        return f"{_span(trouble.ended_ns, trouble.over_ns)} after it was removed"
    return f"{_span(trouble.begun_ns, trouble.over_ns)} after it began"


def _span(from_ns: int, to_ns: int) -> str:
    return f"{max(to_ns - from_ns, 0) // 1_000_000} ms" if to_ns else "never"
