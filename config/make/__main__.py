"""python -m config.make [HUB]...: write the data of the full-size hubs."""

import sys
from pathlib import Path

from config.make.hub import written
from config.make.hubs import HUBS

CONFIG = Path(__file__).resolve().parents[1]


def main() -> None:
    """Write those that are named, or all."""
    for name in sys.argv[1:] or HUBS:
        for file, text in written(HUBS[name]).items():
            path = CONFIG / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
