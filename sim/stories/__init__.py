"""Stories: one readable file each. A file says what happens to a machine, and what must come of it.

`KINDS` and `WIRES` name the machines on which it makes sense, `APART` that they are disturbed one after the other, `SITE`
what the site has beside what it has anyway, `VIRTUAL` that it sets the clock on the wall, which only one rig can, `MINUTE_AT` how much of the feed came when a minute on the wall begins.
The folders only sort them.
"""

from importlib import import_module
from pkgutil import walk_packages

from sim.hub.staging import as_it_is
from sim.scenario import ANY_WIRE, BOTH, Story


def stories() -> dict[str, Story]:
    """Every story by its name: the file's, with hyphens."""
    found: dict[str, Story] = {}
    for module in walk_packages(__path__, f"{__name__}."):
        if module.ispkg:
            continue
        told = import_module(module.name)
        name = module.name.rpartition(".")[2].replace("_", "-")
        sentence = " ".join((told.__doc__ or "").split(".")[0].split())
        kinds, wires = getattr(told, "KINDS", BOTH), getattr(told, "WIRES", ANY_WIRE)
        site, minute_at = getattr(told, "SITE", as_it_is), getattr(told, "MINUTE_AT", 0)
        apart, virtual = getattr(told, "APART", False), getattr(told, "VIRTUAL", False)
        found[name] = Story(name, sentence, told.write, kinds, wires, apart, site, virtual, minute_at)
    return dict(sorted(found.items()))
