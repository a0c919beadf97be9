"""Store: how the commands about parcels open the parcel store, and what they say when that fails.

Comes in: the state folder, a name. Goes out: a writer or a reader, or `Stop`. Never here: what is done with it.
"""

import getpass
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from sortctl.commands.options import Exit, Stop
from sortctl.commands.screen import escaped
from sortctl.parcels import FILE_NAME, ParcelReader, ParcelWriter, StoreDamaged, StoreMissing, StoreUnusable
from sortctl.parcels.writer import ChangeRefused, ParcelUnknown
from sortctl.words.parcels import ParcelRecord

KNOWN_SOON: Final = "A controller that runs knows it within 0.1 s."
CODE_MAX: Final = 128

Command = TypeVar("Command", bound=Any)


def by_option(command: Command) -> Command:
    """`--by NAME`, given to the command as `by: str`; by default the user of this process."""
    option = click.option("--by", metavar="NAME", default=_user, help="Who does it. Default: the user of this shell.")
    return option(command)


def code_argument(command: Command) -> Command:
    """CODE: a waybill or another code of the parcel."""
    return click.argument("code", callback=_code)(command)


def now_s() -> int:
    """The moment in which a person asks."""
    return int(time.time())  # noqa: TID251 - a command has no facts


@contextmanager
def writing(state: Path, by: str) -> Iterator[ParcelWriter]:
    """The store to change; begun if there is none."""
    with stops(), ParcelWriter(state / FILE_NAME, by, now_s) as writer:
        yield writer


@contextmanager
def reading(state: Path) -> Iterator[ParcelReader]:
    """The store to look at."""
    with stops():
        reader = ParcelReader(state / FILE_NAME)
        try:
            yield reader
        finally:
            reader.close()


@contextmanager
def stops() -> Iterator[None]:
    """Errors of the store become the end of the command, with its exit code."""
    try:
        yield
    except StoreMissing as missing:
        raise Stop(Exit.NOT_FOUND, str(missing), missing.mend) from None
    except StoreDamaged as damaged:
        raise Stop(Exit.INTEGRITY, str(damaged), damaged.mend) from None
    except StoreUnusable as unusable:
        raise Stop(Exit.REFUSED, str(unusable), unusable.mend) from None
    except ParcelUnknown as unknown:
        raise Stop(Exit.NEGATIVE, str(unknown), unknown.mend) from None
    except ChangeRefused as refused:
        raise Stop(Exit.REFUSED, str(refused), refused.mend) from None


def named(record: ParcelRecord) -> str:
    """A parcel in one line."""
    place = " ".join(part for part in (record.country, record.postcode) if part)
    of_it = ", ".join(part for part in (record.tenant, place, record.service) if part)
    return escaped(f"{record.waybill} ({of_it})" if of_it else record.waybill)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _code(context: click.Context, parameter: click.Parameter, given: str) -> str:
    del context
    if not given.strip() or not given.isprintable() or len(given) > CODE_MAX:
        raise click.BadParameter(f"a code has 1 to {CODE_MAX} printable characters", param=parameter)
    return given.strip()
