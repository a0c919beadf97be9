"""Progress: a bar on standard error while rows are read; nothing where nobody watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def row_progress(what: str, first: int, last: int, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Yields what is to be told the number of the row, now and then."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("row {task.completed}"), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task(what, total=max(last, 1), completed=first)
        yield lambda seq: progress.update(task, completed=seq)
