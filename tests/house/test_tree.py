"""House rules for the tree: what stands at the top, no address of one machine, and a walk that names real files."""

import re
import tomllib

from packaging.requirements import Requirement

from tests.house.tree import ROOT, files, text

TOP = {
    "pyproject.toml", "sortctl", "config", "tests", "sim", "systemd", "README.md", "CHANGELOG.md", "CONTRIBUTING.md",
    "LICENSE", "Makefile", "docs", "bench", "requirements", ".ci", ".gitignore",
}  # fmt: skip

# Spelled in parts, or this file would break its own rule. Paths only where they start: docs/work/ is nobody's machine.
ONE_MACHINE = re.compile(
    "|".join(
        (
            r"(?<![\w./>-])/" + "work/",
            r"(?<![\w./>-])/" + "root/",
            r"(?<![\w./>-])/" + "home/",
            r"pypi" + r"\.org",
            r"pythonhosted" + r"\.org",
            r"registry\.npm" + "js",
            r"deb\.debian" + r"\.org",
        )
    )
)

WALK = "docs/the-way-of-a-parcel.md"
# The walk passes at least the rooms on the way of a parcel.
WALK_STATIONS = 10
IN_BACKTICKS = re.compile(r"`([\w./-]+)(?:::?[\w.]+)?`")
IN_LINKS = re.compile(r"\]\((?!\w+:)([\w./-]+)(?:#[\w-]+)?\)")


def test_the_top_level_is_agreed() -> None:
    strangers = {path.parts[0] for path in files()} - TOP
    assert not strangers, "not agreed for the top level"


def test_no_file_names_one_machine() -> None:
    found = [
        f"{path}:{number}: {line.strip()[:80]}"
        for path in files()
        for number, line in enumerate((text(path) or "").splitlines(), start=1)
        if ONE_MACHINE.search(line)
    ]
    assert not found, "a registry, or a path of somebody's own machine"


def test_the_walk_names_only_files_that_exist() -> None:
    page = ROOT / WALK
    assert page.is_file(), f"{WALK} is part of the house"
    prose = page.read_text(encoding="utf-8")
    named = {name for name in IN_BACKTICKS.findall(prose) if "/" in name.strip("/") or name.endswith(".py")}
    named |= {f"docs/{name}" for name in IN_LINKS.findall(prose)}
    lost = sorted(name for name in named if not _stands(name))
    assert not lost, f"{WALK} names what does not exist"
    assert len(named) >= WALK_STATIONS


def _stands(name: str) -> bool:
    # The page may say `logic/route` for sortctl/logic/route.py: inside the house the house's name is left out.
    places = (ROOT / name, ROOT / "sortctl" / name, ROOT / "docs" / name)
    return any(place.exists() or place.with_name(place.name + ".py").exists() for place in places)


def test_the_lock_holds_every_requirement() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {
        "run.txt": project["project"]["dependencies"],
        "dev.txt": project["project"]["dependencies"] + project["dependency-groups"]["dev"],
    }
    stale = []
    for name, requirements in wanted.items():
        lock = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        pinned = dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock, flags=re.MULTILINE))
        for requirement in map(Requirement, requirements):
            if pinned.get(requirement.name) is None or pinned[requirement.name] not in requirement.specifier:
                stale.append(f"{name}: {requirement}")
    assert not stale, "pyproject.toml asks for what the lock does not hold: make lock"
