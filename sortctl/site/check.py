"""Check: what no single key can say of itself.

Comes in: a draft. Goes out: its `problems`. Never here: types and ranges of single values (`model.py`).
"""

from sortctl.site.draft import Draft


def check(draft: Draft) -> None:
    """Look at everything that is sound enough to be looked at."""
    for name, sorter in draft.sorters.items():
        if sorter.plc not in draft.names["plcs"]:
            draft.error(("sorters", name, "plc"), f'there is no PLC "{sorter.plc}"', "name a table under [plcs]")
