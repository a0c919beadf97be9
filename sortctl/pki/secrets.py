"""Secrets: passwords and keys by name. From a systemd credential, else from a file that only its owner may read.

Comes in: the name that stands in the site file. Goes out: the bytes, without the line end an editor leaves. Secrets never come
from the command line, from the environment or from the site folder, which people copy and show. Never here: what they are for.
"""

import os
import re
from pathlib import Path
from typing import Final

from sortctl.pki.files import read_bounded, read_private
from sortctl.pki.refusal import KeysMissing, KeysUnusable

SECRET_BYTES_MAX: Final = 4_096
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def secrets_folder(state: Path) -> Path:
    """Where secrets lie in a state folder."""
    return state / "secrets"


def read_secret(name: str, folder: Path) -> bytes:
    """The secret of this name. `folder`: the folder `secrets` of the state folder. Raises KeysMissing, KeysUnusable."""
    if not _NAME.fullmatch(name):
        raise KeysUnusable(
            f'"{name}" is no name of a secret', "letters, digits, dot, dash and underscore, as in plc-a.password"
        )
    given = credential(name)
    path = folder / name
    try:
        data = read_bounded(given, SECRET_BYTES_MAX) if given is not None else read_private(path, SECRET_BYTES_MAX)
    except KeysMissing:
        mend = f"write it into {path} (mode 600), or give it as the systemd credential {name}"
        raise KeysMissing(f'there is no secret "{name}"', mend) from None
    data = data.removesuffix(b"\n").removesuffix(b"\r")
    if not data:
        raise KeysUnusable(f'the secret "{name}" is empty', f"write it into {given or path}")
    return data


def credential(name: str) -> Path | None:
    """The file of this systemd credential, if the unit has one."""
    told = os.environ.get("CREDENTIALS_DIRECTORY", "")
    path = Path(told) / name if told else None
    return path if path is not None and path.is_file() else None
