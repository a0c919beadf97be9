"""Files: how this room writes. A file is either as it was or as it shall be, also after a power cut.

Comes in: a path, bytes, a mode. Goes out: the file in its place. Reading is bounded, and waits for no pipe.
Never here: what the files mean.
"""

import os
import stat
from pathlib import Path
from typing import Final

from sortctl.pki.refusal import KeysMissing, KeysUnusable

PRIVATE: Final = 0o600
PUBLIC: Final = 0o644
FOLDER: Final = 0o750
FILES_MAX: Final = 1_000
"""Files looked at in one folder."""


def write_file(path: Path, data: bytes, mode: int) -> None:
    """Put a file in its place: temporary name, fsync, rename, fsync of the folder. Raises OSError."""
    owner = make_folder(path.parent)
    # One name per process: two commands at once do not write into each other's file.
    half = path.with_name(f".{path.name}.{os.getpid()}.new")
    half.unlink(missing_ok=True)
    fd = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(fd, mode)  # whatever the umask says
            _give_to(owner, fd)
            os.fsync(fd)
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def make_folder(folder: Path) -> tuple[int, int]:
    """The folder exists; who owns it. Made by root, it goes to the owner of the folder above. Raises OSError."""
    try:
        told = folder.stat()
        return told.st_uid, told.st_gid
    except FileNotFoundError:
        owner = make_folder(folder.parent)
    folder.mkdir(mode=FOLDER, exist_ok=True)
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _give_to(owner, fd)
    finally:
        os.close(fd)
    sync_folder(folder.parent)
    return owner


def sync_folder(folder: Path) -> None:
    """Names in the folder are on disk. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def read_bounded(path: Path, longest: int) -> bytes:
    """The bytes of a regular file. Raises KeysMissing, KeysUnusable."""
    return _read(path, longest, private=False)


def read_private(path: Path, longest: int) -> bytes:
    """The same for a key or a secret: nobody but its owner may read it. Raises KeysMissing, KeysUnusable."""
    return _read(path, longest, private=True)


def files_in(folder: Path, *endings: str) -> list[Path]:
    """The files with one of these endings, by name; none if there is no such folder. Raises KeysUnusable."""
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in endings and path.name[:1] != ".")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise KeysUnusable(f"{folder} cannot be read: {error.strerror}", _GIVE) from None
    if len(found) > FILES_MAX:
        raise KeysUnusable(f"{folder} holds {len(found):,} files, {FILES_MAX:,} are allowed", "remove old ones")
    return found


def _give_to(owner: tuple[int, int], fd: int) -> None:
    # Root sets up what the service's own user must read afterwards.
    if os.geteuid() == 0 and owner != (0, 0):
        os.fchown(fd, *owner)


def _read(path: Path, longest: int, *, private: bool) -> bytes:
    try:
        # Not blocking: a pipe in the place of a file would be waited for, for ever.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise KeysMissing(f"there is no {path}", "see what there is with sortctl pki show") from None
    except OSError as error:
        raise KeysUnusable(f"{path} cannot be read: {error.strerror}", _GIVE) from None
    with os.fdopen(fd, "rb") as file:
        told = os.fstat(fd)
        if not stat.S_ISREG(told.st_mode):
            raise KeysUnusable(f"{path} is no file", "put a file in its place")
        if private and told.st_mode & 0o077:
            raise KeysUnusable(f"{path} can be read by others (mode {told.st_mode & 0o777:o})", f"chmod 600 {path}")
        try:
            data = file.read(longest + 1)
        except OSError as error:
            raise KeysUnusable(f"{path} cannot be read: {error.strerror}", _GIVE) from None
    if len(data) > longest:
        raise KeysUnusable(f"{path} is larger than {longest:,} bytes", "it is not what belongs here")
    return data


_GIVE: Final = "give it to the user that runs sortctl"
