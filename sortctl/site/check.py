"""Check: what no single key can say of itself. All of it at once, on whatever is sound by itself.

Comes in: a draft. Goes out: its `problems`, errors and warnings. Never here: types and ranges of single values
(`model.py`), the sort plan (`plan/load.py`).
"""

from sortctl.site.checks import belt, endpoints, images, loop, scanners, security, wires
from sortctl.site.draft import Draft


def check(draft: Draft) -> None:
    """Look at everything that is sound enough to be looked at."""
    wires.check(draft)
    images.check(draft)
    security.check(draft)
    endpoints.check(draft)
    scanners.check(draft)
    belt.check(draft)
    loop.check(draft)
