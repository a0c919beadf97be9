"""Keys: what a wire with certificates needs to know of us and of whom we trust. Built by `app`, given to every such wire.

Comes in: the state folder. Goes out: reads, made anew for each connection, so that a certificate trusted meanwhile counts at
once. Never here: what is done with them; the judgement (`pki/judge.py`).
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sortctl.pki.judge import Trust
from sortctl.pki.secrets import read_secret, secrets_folder
from sortctl.pki.store import Own, pki_folder, read_own, read_trust, reject


class Keys(NamedTuple):
    """All but `now` read files and raise KeysUnusable, except `reject`, which never raises."""

    own: Callable[[], Own]
    trust: Callable[[], Trust]
    secret: Callable[[str], bytes]
    reject: Callable[[bytes], object]
    """Keeps a refused certificate, so that it can be looked at and trusted."""
    now: Callable[[], datetime]
    """The wall clock, with a zone."""


def keys_in(state: Path, now: Callable[[], datetime]) -> Keys:
    """The keys of this state folder."""
    folder = pki_folder(state)
    return Keys(
        own=partial(read_own, folder),
        trust=partial(read_trust, folder),
        secret=partial(read_secret, folder=secrets_folder(state)),
        reject=partial(reject, folder),
        now=now,
    )
