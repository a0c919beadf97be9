"""Keyring: certificates, trust list and secrets for the next connection, read anew each time and never by the loop.

Comes in: the reads of `drivers.Keys`. Goes out: the same, done already. A certificate trusted a moment ago counts at the next
connect; a disk that hangs holds up this connection only. One thread reads, as it is little and seldom. A refused certificate
is put away by it too. What is missing is no failure here: the wire that needs it says so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, NoReturn, TypeVar

from sortctl.drivers import Keys, LinkError
from sortctl.pki.ages import Age, ages
from sortctl.pki.refusal import KeysMissing, KeysUnusable
from sortctl.runtime.links.reconnect import Stagger
from sortctl.site.model import Reader
from sortctl.site.wires import ModbusPlc, OpcUaPlc

READ_WAIT_S: Final = 2.0
"""A few files of a few kilobytes; longer, and the disk hangs."""

T = TypeVar("T")
Wire = TypeVar("Wire")
Link = TypeVar("Link")
AnyWire = ModbusPlc | OpcUaPlc | Reader


class Keyring:
    """Of one state folder."""

    def __init__(self, keys: Keys) -> None:
        self.stagger = Stagger()
        self._keys = keys
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keys")

    async def fresh(self, secrets: Iterable[str]) -> Keys:
        """As the files are now, with these secrets. LinkError: the disk does not answer."""
        names = tuple(secrets)
        try:
            async with asyncio.timeout(READ_WAIT_S):
                return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, names)
        except TimeoutError:
            raise LinkError(
                f"keys and certificates were not read within {READ_WAIT_S:g} s: is the disk full?"
            ) from None

    async def ages(self) -> list[Age]:
        """What is out of date, or soon will be. KeysUnusable."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._ages)

    def close(self) -> None:
        """Read no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _read(self, secrets: tuple[str, ...]) -> Keys:
        found = {name: _done(partial(self._keys.secret, name)) for name in secrets}
        return Keys(
            own=_done(self._keys.own),
            trust=_done(self._keys.trust),
            secret=lambda name: found[name]() if name in found else self._keys.secret(name),
            reject=lambda der: self._thread.submit(self._keys.reject, der),
            now=self._keys.now,
        )

    def _ages(self) -> list[Age]:
        try:
            own = self._keys.own()
        except KeysMissing:
            own = None
        return ages(own, self._keys.trust(), self._keys.now())


def secrets_of(link: AnyWire) -> tuple[str, ...]:
    """Names of the secrets that a connection needs."""
    user = None if isinstance(link, ModbusPlc) else link.user
    return (user.password,) if user is not None and user.password is not None else ()


def is_secured(link: AnyWire) -> bool:
    """A connection needs something of the keyring."""
    if isinstance(link, ModbusPlc):
        return link.tls is not None
    return link.security.policy != "none" or bool(secrets_of(link))


def with_keys(
    build: Callable[[Link, Keys | None], Wire], wire_of: Callable[[Link], AnyWire], keyring: Keyring
) -> Callable[[Link], Awaitable[Wire]]:
    """`build`, each time with fresh keys if the link needs any, and then not two at once; `wire_of` gives its part of the
    site file.
    """

    async def built(link: Link) -> Wire:
        wire = wire_of(link)
        if not is_secured(wire):
            return build(link, None)
        await asyncio.sleep(keyring.stagger.wait_s(asyncio.get_running_loop().time()))
        return build(link, await keyring.fresh(secrets_of(wire)))

    return built


def _done(read: Callable[[], T]) -> Callable[[], T]:
    """Do it now; what it gave or raised, each time it is asked for."""
    try:
        found = read()
    except KeysUnusable as unusable:
        return partial(_fail, unusable)
    return lambda: found


def _fail(unusable: KeysUnusable) -> NoReturn:
    raise unusable
