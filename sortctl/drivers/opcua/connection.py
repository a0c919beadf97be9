"""Connection: one TCP connection with one secure channel and one client of asyncua on it, used once and thrown away.

Comes in: the address, the judged server. Goes out: an open client, answers, each request to its end.
The theory. asyncua's own `connect` keeps two tasks that read on their own account and see to its reconnect; its public steps
do not, so the steps are taken here: socket, hello, channel. Every request goes through `ask`, which has the limit of time and
says what an end means. What asyncua does only in a task of `connect`, renewing the channel, is done here by a timer.
Never here: sessions (`session.py`), whom to trust (`identity.py`), a retry.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from sortctl.drivers import sockets
from sortctl.drivers.opcua import faults
from sortctl.drivers.opcua.guard import Forbidden, Guard
from sortctl.drivers.opcua.line import Line
from sortctl.drivers.opcua.stack import Client, ua
from sortctl.drivers.ports import LinkError

LIBRARY_PATIENCE_S: Final = 60.0
"""Longer than any deadline of ours: asyncua's own time-out never speaks."""
RENEW_PERCENT: Final = 75
"""Of the channel's lifetime; what is left is the server's to answer in (OPC 10000-4, 5.6.2)."""
LIFETIME_MIN_MS: Final = 1_000
FAREWELL_S: Final = 0.25
"""For the answer to CloseSession; a server that is mute gets it all the same, when it wakes up."""
UNREADABLE: Final = "the answer cannot be read"
T = TypeVar("T")


class Connection:
    """One client. `on_end`: called once, when nothing more can be asked."""

    def __init__(self, where: str, url: str, guard: Guard, on_end: Callable[[], None] = lambda: None) -> None:
        self.client: Any = Client(url, timeout=LIBRARY_PATIENCE_S)
        self.client.uaclient.observer = guard
        self._where = where
        self._on_end = on_end
        self._line: Line | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._renewal: asyncio.Task[None] | None = None

    @property
    def cause(self) -> str:
        """Why nothing more can be asked; empty while the connection stands."""
        return self._line.cause if self._line is not None else "not connected"

    @property
    def lifetime_s(self) -> float:
        """Of the channel, as the server wants it."""
        return max(int(self.client.secure_channel_timeout), LIFETIME_MIN_MS) / 1000

    async def open(self, policy: Any, lifetime_ms: int) -> None:
        """Connect and open the channel. The caller sets the limit of time, and closes."""
        client = self.client
        client.security_policy = policy
        client.uaclient.set_security(policy)
        client.secure_channel_timeout = lifetime_ms
        task = asyncio.current_task()
        cancels = task.cancelling() if task else 0
        try:
            await client.connect_socket()
        except (OSError, UnicodeError) as error:
            raise LinkError(sockets.plain(self._where, error)) from error
        library = client.uaclient.protocol
        if library.transport is None:  # cut while it was on its way back to us
            raise LinkError(sockets.plain(self._where, None))
        self._line = Line(library, self._on_end)
        if task and task.cancelling() > cancels:
            # Python 3.11 swallows a cancel that meets the connection.
            raise asyncio.CancelledError
        await self.ask(client.send_hello)
        await self.ask(client.open_secure_channel)
        self._plan_renewal()

    async def ask(
        self, request: Callable[[], Awaitable[T]], patience_s: float | None = None, unreadable: str = UNREADABLE
    ) -> T:
        """A request to its end. ReplyRefused: the server does not want to. LinkError: nothing more to be asked."""
        line = self._line
        if line is None or line.cause:
            raise LinkError(f"{self._where}: {self.cause}")
        line.expect()
        try:
            async with asyncio.timeout(patience_s):
                return await _plainly(request())
        except asyncio.CancelledError:
            line.fail("a request was given up")
            raise
        except Forbidden:
            raise
        except TimeoutError:
            line.fail(f"no answer within {(patience_s or LIBRARY_PATIENCE_S) * 1000:.0f} ms")
        except ua.UaStatusCodeError as error:
            # The same class for the answer to this request and for the end of the connection, with the reason for it.
            if not line.is_closing:
                raise faults.refusal(self._where, int(error.code)) from None
            line.explain(faults.words(int(error.code)))
        except Exception as error:  # noqa: BLE001 bytes from outside: the codec has no one class for what it cannot read
            line.fail(f"{unreadable}: {str(error) or type(error).__name__}")
        raise LinkError(f"{self._where}: {line.cause}")

    def fail(self, cause: str) -> LinkError:
        """Nothing more is to be asked: what came cannot be trusted. Returns the error to raise."""
        if self._line is not None:
            self._line.fail(cause)
        return LinkError(f"{self._where}: {self.cause}")

    def expect(self) -> None:
        """Something came unasked, and more of it may come."""
        if self._line is not None:
            self._line.expect()

    async def close(self) -> None:
        """Close session, channel and socket; returns when the socket is closed."""
        line = self._line
        if line is None:
            return
        stands = not line.cause
        line.fail("the connection was closed here")
        client = self.client
        try:
            await self._forget_renewal()
            # A session is closed in any case, as far as the server can still be told: it has few of them.
            async with asyncio.timeout(FAREWELL_S if stands else 0):
                await _plainly(client.close_session())
        except Exception:  # noqa: BLE001, S110 it is closed one way or the other
            pass
        finally:
            await self._hang_up(line)

    async def _hang_up(self, line: Line) -> None:
        try:
            await self.client.close_secure_channel()
        except Exception:  # noqa: BLE001, S110 as above
            pass
        self.client.disconnect_socket()
        await line.gone()

    # ------------------------------------------------------------------------------------------- the channel goes on

    def _plan_renewal(self) -> None:
        lifetime_s = self.lifetime_s
        delay_s = lifetime_s * RENEW_PERCENT / 100
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._renew, lifetime_s - delay_s)

    def _renew(self, left_s: float) -> None:
        # For one round trip, and `close` waits for it; what it fails with ends the line.
        self._renewal = asyncio.create_task(self._renewed(left_s), name=f"renew {self._where}")  # noqa: TID251

    async def _renewed(self, left_s: float) -> None:
        assert self._line is not None
        try:
            async with asyncio.timeout(left_s):
                await _plainly(self.client.open_secure_channel(renew=True))
        except Exception as error:  # noqa: BLE001 whatever it was: without new keys the channel ends
            self._line.cut(f"it did not renew the secure channel: {str(error) or type(error).__name__}")
            return
        self.client.uaclient.revolve_security_token()
        self._plan_renewal()

    async def _forget_renewal(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.wait([self._renewal])


async def _plainly(request: Awaitable[T]) -> T:
    """With the plain cancel. wait_for2, which asyncua waits with, raises one of its own when a cancel meets the answer;
    asyncio.timeout does not know that, and a limit of time would end the task instead of the request.
    """
    try:
        return await request
    except asyncio.CancelledError:
        raise asyncio.CancelledError from None
