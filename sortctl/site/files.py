"""Files: the bytes of a site folder, read once and kept together, so that a journal can carry its configuration.

Comes in: a folder. Goes out: relative name -> bytes of every file that belongs to the site, and what could not be read.
A name in the configuration never leads out of the folder. Never here: what the files say.
"""

import hashlib
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from sortctl.site.problem import Invalid, Problem

SITE_FILE: Final = "site.toml"
PLAN_FILES: Final = ("plan/plan.toml", "plan/rules.csv", "plan/destinations.csv")
PARCEL_LIST: Final = "parcels.csv"
"""A list of parcels may lie beside a site, for demonstrations and trials; a controller never reads it."""
DEPARTURES_FILE: Final = "departures.csv"
LABEL_FILES: Final = ("labels.csv", "waybills.csv")
FILE_BYTES_MAX: Final = 64 * 1024 * 1024
"""A parcel list of a million rows has some 40 MB; what is larger is not meant for this folder."""


class SiteInvalid(Invalid):
    """The site cannot be used; `problems` says all that is wrong with it."""


class SiteMissing(SiteInvalid):
    """There is no such folder."""


def read_folder(folder: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """The site file, the chute files it names, plan, departures and labels. A file that is not there is left out."""
    if not folder.is_dir():
        mend = "name the folder that holds site.toml"
        raise SiteMissing([Problem(str(folder), 0, "", "is no folder", mend)])
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    _read(folder, SITE_FILE, files, problems)
    for name in (*chute_files(files.get(SITE_FILE, b"")), *PLAN_FILES, PARCEL_LIST, DEPARTURES_FILE, *LABEL_FILES):
        _read(folder, name, files, problems)
    return files, problems


def checksum(files: Mapping[str, bytes]) -> str:
    """SHA-256 over names and bytes: two sites with the same sum decide alike."""
    whole = hashlib.sha256()
    for name, data in sorted(files.items()):
        encoded = name.encode("utf-8", "surrogatepass")
        whole.update(len(encoded).to_bytes(8, "big") + encoded + len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()


def is_inside(name: str) -> bool:
    """Whether a relative name stays within the site folder."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\0" not in name


def chute_files(site_file: bytes) -> list[str]:
    """The files of chutes that a site file names, as far as it can be read."""
    try:
        parsed: dict[str, Any] = tomllib.loads(site_file.decode("utf-8-sig").replace("\r\n", "\n"))
    except (ValueError, RecursionError):
        return []
    sorters = parsed.get("sorters")
    tables = sorters.values() if isinstance(sorters, dict) else ()
    named = {table.get("chutes") for table in tables if isinstance(table, dict)}
    return sorted(name for name in named if isinstance(name, str) and name.endswith(".csv") and is_inside(name))


def _read(folder: Path, name: str, files: dict[str, bytes], problems: list[Problem]) -> None:
    path = folder / name
    try:
        told = path.stat()
        if not (stat.S_ISREG(told.st_mode) or stat.S_ISDIR(told.st_mode)):
            # a pipe would be waited for, for ever
            problems.append(Problem(name, 0, "", "is no file", "put a file in its place"))
            return
        if told.st_size > FILE_BYTES_MAX:
            problems.append(Problem(name, 0, "", f"is larger than {FILE_BYTES_MAX:,} bytes", "split it"))
            return
        files[name] = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        mend = "it must be a file that this user may read"
        problems.append(Problem(name, 0, "", f"cannot be read: {error.strerror}", mend))
