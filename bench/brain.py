"""Brain: what knowing costs: what a label is, where a parcel goes, what the hub knows of it.

Comes in: nothing; plans and parcels are made here, with a fixed seed. Goes out: three tables: a read by kind of label, a look-up in
plans of ten to a million rules, a question to stores of a thousand to ten million parcels, with how long they took to load.
Each look-up is for another parcel, as on a sorter; the floor beside them is one look-up in a dictionary as large.
"""

import gc
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from time import gmtime, perf_counter, perf_counter_ns, strftime
from typing import Final, NamedTuple, TypeVar

from bench.tables import Table, percentile
from sortctl.labels import DEFAULT_RULES, read
from sortctl.parcels.reader import ParcelReader
from sortctl.parcels.store import FILE_NAME as STORE_FILE
from sortctl.plan.asked import Asked
from sortctl.plan.load import load_plan
from tests.labels.samples import SAMPLES

LOOK_UPS: Final = 2_000
READS: Final = 400
COUNTRIES: Final = ("DE", "ES", "FR", "IT")
SIDE_MB: Final = 1024
ROUNDS: Final = 5

T = TypeVar("T")


class Sizes(NamedTuple):
    """How many rules and parcels."""

    rules: Sequence[int]
    parcels: Sequence[int]


WHOLE: Final = Sizes((10, 10_000, 1_000_000), (1_000, 100_000, 1_000_000, 10_000_000))
QUICK: Final = Sizes((10, 10_000), (1_000, 100_000))


def measure(sizes: Sizes) -> list[Table]:
    """All three."""
    return [_labels(), _plans(sizes.rules), _stores(sizes.parcels)]


def _us(look: Callable[[T], object], over: Sequence[T]) -> list[float]:
    """Microseconds of each look-up."""
    took = []
    for one in over:
        begun = perf_counter_ns()
        look(one)
        took.append((perf_counter_ns() - begun) / 1_000)
    return took


# ------------------------------------------------------------------------------------------- labels


def _labels() -> Table:
    rows = []
    look = partial(read, rules=DEFAULT_RULES)
    for name, sample in SAMPLES.items():
        took = [median(_us(look, [sample.code] * READS)) for _ in range(ROUNDS)]
        rows.append((name, sample.kind, min(took), len(sample.code.text)))
    rows.sort(key=lambda row: -row[2])
    note = "Best of five medians of 400 reads of one code; nothing is remembered from one read to the next."
    return Table("What a label is, by kind", ("sample", "kind", "us", "characters"), rows, note)


# ------------------------------------------------------------------------------------------- plans


def _plans(sizes: Sequence[int]) -> Table:
    rows = []
    for size in sizes:
        files = _plan_files(size)
        gc.collect()
        begun = perf_counter()
        plan = load_plan(files)
        loaded_s = perf_counter() - begun
        asked = _parcels_asked(size)
        took = _us(plan.match, asked)
        floor = dict.fromkeys(asked, 1)
        ground = _us(floor.__getitem__, asked)
        rows.append((f"{size:,} rules", median(took), percentile(took, 99), median(ground), loaded_s, _rss_mb()))
        del plan, floor
    columns = ("plan", "us p50", "us p99", "dictionary us p50", "to load s", "memory of this process MB")
    note = "A rule asks for country and postcode range, every fifth also for a tenant or a service, every tenth for a weight."
    return Table("Where a parcel goes: one look-up in the sort plan", columns, rows, note)


def _plan_files(size: int) -> dict[str, bytes]:
    chance = Random(f"plan {size}")
    lines = ["rule,tenant,service,country,postcode_from,postcode_to,weight_min_g,destination"]
    for number in range(size):
        country, code = COUNTRIES[number % len(COUNTRIES)], f"{number // len(COUNTRIES) % 1_000_000:06d}"
        tenant = f"t{chance.randrange(20)}" if number % 10 == 5 else ""
        service = "express" if number % 10 == 3 else ""
        weight = "2000" if number % 10 == 7 else ""
        lines.append(f"r{number},{tenant},{service},{country},{code},,{weight},D{number % 100}")
    destinations = ["destination,chutes", *(f"D{number},{number + 1}" for number in range(min(size, 100)))]
    return {"plan/rules.csv": "\n".join(lines).encode(), "plan/destinations.csv": "\n".join(destinations).encode()}


def _parcels_asked(size: int) -> list[Asked]:
    chance = Random(f"asked {size}")
    found = []
    for _ in range(LOOK_UPS):
        number = chance.randrange(size)
        code = f"{number // len(COUNTRIES) % 1_000_000:06d}"
        tenant, service = f"t{chance.randrange(20)}", chance.choice(("", "express"))
        found.append(
            Asked(tenant, COUNTRIES[number % len(COUNTRIES)], code, service, weight_g=chance.randrange(1, 5_000))
        )
    return found


# ------------------------------------------------------------------------------------------- stores


def _stores(sizes: Sequence[int]) -> Table:
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="sortctl-bench-") as place:
            state = Path(place)
            listed = state / "list.csv"
            _write_list(listed, size)
            begun = perf_counter()
            _import(listed, state)
            took_s = perf_counter() - begun
            reader = ParcelReader(state / STORE_FILE)
            chance = Random(f"ask {size}")
            took = _us(reader.find, [_waybill(chance.randrange(size)) for _ in range(LOOK_UPS)])
            strange = _us(reader.find, [f"X{number}" for number in range(LOOK_UPS)])
            reader.close()
            store_mb = sum(file.stat().st_size for file in state.glob(f"{STORE_FILE}*")) // (SIDE_MB * SIDE_MB)
            rows.append((f"{size:,} parcels", median(took), percentile(took, 99), median(strange),
                         int(size / took_s), took_s, store_mb))  # fmt: skip
    columns = ("store", "us p50", "us p99", "unknown code us p50", "imported /s", "import s", "file MB")
    note = "`sortctl parcels import` as a person types it, from a CSV with nine columns. The files of the store are in the page cache."
    return Table("What the hub knows of a parcel: one question to the store", columns, rows, note)


def _waybill(number: int) -> str:
    return f"LP{number:014d}"


def _write_list(path: Path, size: int) -> None:
    moment = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime())
    with path.open("w", encoding="utf-8") as out:
        out.write("waybill,tenant,country,postcode,service,weight_g,declaration,customs,customs_at\n")
        for number in range(size):
            country = COUNTRIES[number % len(COUNTRIES)]
            out.write(f"{_waybill(number)},t{number % 20},{country},{10_000 + number % 39_999},economy,"
                      f"{100 + number % 3_000},h7,released,{moment}\n")  # fmt: skip


def _import(listed: Path, state: Path) -> None:
    command = [sys.executable, "-m", "sortctl", "parcels", "import", str(listed), "--state", str(state), "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _rss_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // SIDE_MB
