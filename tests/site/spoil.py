"""Spoil: one line of a site changed, and what is then said about it."""

from sortctl.site.load import SiteInvalid, load_files
from sortctl.site.problem import Problem

Demo = dict[str, bytes]


def found(demo: Demo, old: str, new: str, file: str = "site.toml") -> list[Problem]:
    """Every problem after `old`, which stands in `file` once, has become `new`."""
    text = demo[file].decode()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    files = {**demo, file: text.replace(old, new).encode()}
    try:
        return list(load_files(files).warnings)
    except SiteInvalid as invalid:
        return list(invalid.problems)


def said(problem: Problem) -> str:
    return f"{problem.what}; {problem.mend}"
