"""Stories: one readable file each. A file says what happens to the line, and what must come of it."""

from importlib import import_module
from pkgutil import iter_modules

from sim.scenario import Story


def stories() -> dict[str, Story]:
    """Every story by its name: the file's, with hyphens."""
    found = {}
    for module in sorted(iter_modules(__path__), key=lambda module: module.name):
        told = import_module(f"{__name__}.{module.name}")
        name = module.name.replace("_", "-")
        found[name] = Story(name, (told.__doc__ or "").split(".")[0].strip(), told.write)
    return found
