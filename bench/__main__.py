"""Bench: measurements, one table each.

    python -m bench                       all of them, about a quarter of an hour
    python -m bench --quick               the same in less than one, for a first look
    python -m bench scan --json           one of scan, opcua, neighbours, hub, logic, brain, virtual, memory

Every number is measured here and now; nothing is remembered. On a machine that does other things meanwhile, disturbed rounds
are repeated, and the last line says how many. How and what: docs/reference/performance.md.
"""

import json
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from bench import brain, logic, memory, neighbours, scan, virtual
from bench.hub import measure as hub
from bench.quiet import MACHINE_CPU, Noise, pin
from bench.tables import Table, environment

PARTS = ("scan", "opcua", "neighbours", "hub", "logic", "brain", "virtual", "memory")
PATIENCE_S = 20
REPEATS = 4


def _parts(noise: Noise, *, quick: bool) -> dict[str, Callable[[], Iterable[Table]]]:
    return {
        "scan": lambda: scan.measure(noise, scan.QUICK if quick else scan.WHOLE),
        "opcua": lambda: scan.measure_opcua(noise, scan.QUICK if quick else scan.WHOLE),
        "neighbours": lambda: [neighbours.measure(noise, neighbours.QUICK if quick else neighbours.WHOLE)],
        "hub": lambda: hub.measure(hub.QUICK if quick else hub.WHOLE),
        "logic": lambda: logic.measure(200 if quick else 1_500),
        "brain": lambda: brain.measure(brain.QUICK if quick else brain.WHOLE),
        "virtual": lambda: [virtual.measure(60 if quick else 500)],
        "memory": lambda: [memory.measure(noise, 2_000 if quick else 10_000, 100 if quick else 500)],
    }


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--quick", is_flag=True, help="Less than a minute; a first look, not a result.")
@click.option(
    "--patience",
    type=click.IntRange(0),
    default=PATIENCE_S,
    show_default=True,
    metavar="S",
    help="So many seconds in all may be waited for other programs to be quiet.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def main(parts: tuple[str, ...], *, quick: bool, patience: int, as_json: bool) -> None:
    """Measure PARTS, all of them by default."""
    noise = Noise(0, 0) if quick else Noise(patience, max(REPEATS, patience // 10))
    known = _parts(noise, quick=quick)
    pin(MACHINE_CPU)
    tables: list[Table] = []
    for part in parts or known:
        for table in known[part]():
            tables.append(table)
            if not as_json:
                click.echo(table.markdown())
    place = environment(Path(tempfile.gettempdir()))
    if as_json:
        told = {"environment": place, "noise": noise.told(), "tables": [table.plain() for table in tables]}
        click.echo(json.dumps(told, indent=2))
    else:
        click.echo("; ".join(f"{name}: {what}" for name, what in place.items()) + f"; {noise.told()}")


if __name__ == "__main__":
    main()
