"""Stories: one readable file each. A file says what happens to a machine, and what must come of it.

`KINDS` and `WIRES` name the machines on which it makes sense, `APART` that they are disturbed one after the other.
"""

from importlib import import_module
from pkgutil import iter_modules

from sim.scenario import ANY_WIRE, BOTH, Story


def stories() -> dict[str, Story]:
    """Every story by its name: the file's, with hyphens."""
    found = {}
    for module in sorted(iter_modules(__path__), key=lambda module: module.name):
        told = import_module(f"{__name__}.{module.name}")
        name = module.name.replace("_", "-")
        sentence = " ".join((told.__doc__ or "").split(".")[0].split())
        kinds, wires = getattr(told, "KINDS", BOTH), getattr(told, "WIRES", ANY_WIRE)
        found[name] = Story(name, sentence, told.write, kinds, wires, getattr(told, "APART", False))
    return found
