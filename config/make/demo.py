"""Demo: `config/demo/parcels.csv`, what a host says of the 3,000 parcels of the demonstration hub. Their numbers stay as they are.

Run it as `.venv/bin/python -m config.make.demo`. Each parcel is drawn with its own number as the seed, so the list makes itself again.
Never here: rules and destinations of the demonstration hub, which are written by hand.
"""

from pathlib import Path
from random import Random
from typing import Final

from config.make.parcels import PARCEL_COLUMNS, Country, Drawing, customs_state, described, parcel_row

LIST: Final = Path(__file__).resolve().parents[1] / "demo/parcels.csv"
HEAD: Final = (
    "# 3,000 invented parcels: numbers in the shapes of real carriers with right check digits where there is one, postcodes in the shape",
    "# of their country. A real parcel with one of these numbers is a coincidence. Attributes are made by config/make/demo.py; a customs state",
    "# without a moment is as old as the import.",
)
TENANTS: Final = {"orbitrix": 50, "sunhopper": 35, "velmarto": 15}
SERVICES: Final = {"economy": 80, "express": 20}


def _declaration(chance: Random, _country: str, value_cents: int) -> str:
    if chance.randrange(100) < 4:
        return "domestic"
    return "h1" if value_cents > 15_000 else "h7"


DRAWING: Final = Drawing({"BE": Country(1)}, TENANTS, SERVICES, _declaration, customs_state)


def table(listed: str) -> str:
    """The list anew, from the first columns of the one there is."""
    header, *rows = [line.split(",") for line in listed.splitlines() if line and not line.startswith("#")]
    places = [header.index(name) for name in ("waybill", "country", "postcode")]
    lines = [*HEAD, ",".join(PARCEL_COLUMNS)]
    for row in rows:
        number, country, postcode = (row[place] for place in places)
        lines.append(parcel_row(described(Random(number), DRAWING, number, country, postcode)))  # noqa: S311 parcels
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    LIST.write_text(table(LIST.read_text(encoding="utf-8")), encoding="utf-8")
