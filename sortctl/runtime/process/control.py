"""Control: the local socket where people's commands and the gateway ask. JSON lines over a UNIX socket, mode 0600.

    {"ask": "ping"}                 -> {"pong": {...}}
    {"ask": "status"}               -> {"status": {...}}
    {"ask": "feed", "after": 120}   -> {"status": {...}} at once and each second, {"seq": ..., "outcome": {...}} as they happen,
                                       first those after row 120 (`after` may be left out); {"gap": {...}} for what is no
                                       longer kept; the connection then stays a feed
    {"ask": "tell", "fact": {...}}  -> {"told": {...}}, see `told.py`
    {"ask": "plan", "checksum": "..", "keep": false, "by": ".."}  -> {"plan": {...}}, see `plans.py`
    anything else                   -> {"error": {"code": "bad_request", "why": ...}}

Comes in: requests. Goes out: answers, and the feed. A client that is slow, mute or talks nonsense disturbs nobody: lines,
queues, clients and waits have limits. Never here: what a status contains.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Literal

import msgspec
import structlog
from msgspec import Struct

from sortctl.runtime.process.feed import Feed, Listener
from sortctl.runtime.process.place import SOCKET_FILE, reachable

REQUEST_BYTES_MAX: Final = 4_096
CLIENTS_MAX: Final = 32
BACKLOG: Final = 8
WRITE_WAIT_S: Final = 5.0
"""A client that takes nothing for so long is cut off."""
ANSWER_PAUSE_S: Final = 0.05
"""Between two answers to one client: a status takes most of a millisecond, and requests may come by the hundred at once."""
OPEN_AGAIN_S: Final = 5.0

log = structlog.get_logger()


class Request(Struct, forbid_unknown_fields=True):
    """One line from a client."""

    ask: Literal["ping", "status", "feed", "tell", "plan"]
    after: int | None = None
    fact: msgspec.Raw = msgspec.Raw(b"{}")
    checksum: str = ""
    keep: bool = False
    by: str = ""


_decode: Final = msgspec.json.Decoder(Request).decode


class Control:
    """The socket in the state folder. `pong`, `status` and `tell` (of a fact) give encoded JSON objects."""

    def __init__(
        self,
        folder: Path,
        feed: Feed,
        pong: Callable[[], bytes],
        status: Callable[[], bytes],
        tell: Callable[[bytes], bytes],
        put_plan: Callable[[str, bool, str], Awaitable[bytes]],
    ) -> None:
        self._path = folder / SOCKET_FILE
        self._feed = feed
        self._answers = {"ping": lambda: b'{"pong":%b}\n' % pong(), "status": lambda: b'{"status":%b}\n' % status()}
        self._tell = tell
        self._put_plan = put_plan
        self._clients: set[asyncio.StreamWriter] = set()

    async def serve(self, ready: Callable[[], None]) -> None:
        """Answer until cancelled. `ready` is called once the first try to open the socket has ended: sorting needs none."""
        while True:
            try:
                place = self._open()
            except OSError as unusable:
                log.error("control_socket_unusable", why=str(unusable))
                ready()
                await asyncio.sleep(OPEN_AGAIN_S)
                continue
            await self._serve_at(place, ready)

    def _open(self) -> socket.socket:
        # The lock of the state folder is held: a socket file that is there belongs to nobody.
        self._path.unlink(missing_ok=True)
        return bound_socket(self._path)

    async def _serve_at(self, place: socket.socket, ready: Callable[[], None]) -> None:
        async with asyncio.TaskGroup() as group:
            server = await asyncio.start_unix_server(
                lambda reader, writer: self._welcome(group, reader, writer),
                sock=place,
                limit=REQUEST_BYTES_MAX,
                backlog=BACKLOG,
            )
            try:
                ready()
                await asyncio.get_running_loop().create_future()
            finally:
                server.close()
                self._path.unlink(missing_ok=True)

    @property
    def clients(self) -> int:
        """How many are connected."""
        return len(self._clients)

    def tell_status(self) -> None:
        """The status of this second, to all who listen."""
        if len(self._feed):
            self._feed.tell(self._answers["status"]())

    def _welcome(self, group: asyncio.TaskGroup, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= CLIENTS_MAX:
            writer.write(_error("busy", f"{CLIENTS_MAX} clients are connected already"))
            writer.close()
            return
        self._clients.add(writer)
        group.create_task(self._converse(reader, writer), name="control client")

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer_all(reader, writer)
        except OSError:
            pass
        except Exception:
            log.exception("control_client_failed")
        finally:
            self._clients.discard(writer)
            writer.transport.abort()

    async def _answer_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                line = await reader.readline()
            except ValueError:
                await _send(writer, _error("bad_request", f"a request has at most {REQUEST_BYTES_MAX} bytes"))
                return
            if not line:
                return
            try:
                request = _decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
                await _send(writer, _error("bad_request", str(wrong)))
            else:
                if request.ask == "feed":
                    await self._feed_on(writer, request.after)
                    return
                await _send(writer, await self._answer(request))
            await asyncio.sleep(ANSWER_PAUSE_S)

    async def _answer(self, request: Request) -> bytes:
        if request.ask == "plan":
            return await self._put_plan(request.checksum, request.keep, request.by) + b"\n"
        if request.ask == "tell":
            return self._tell(bytes(request.fact)) + b"\n"
        return self._answers[request.ask]()

    async def _feed_on(self, writer: asyncio.StreamWriter, after: int | None) -> None:
        listener = self._feed.join(after)
        try:
            await _send(writer, self._answers["status"]())
            await self._write_on(writer, listener)
        finally:
            self._feed.leave(listener)

    async def _write_on(self, writer: asyncio.StreamWriter, listener: Listener) -> None:
        while True:
            await listener.filled.wait()
            if listener.is_cut:
                log.warning("control_client_too_slow")
                return
            await _send(writer, listener.take())


def bound_socket(path: Path) -> socket.socket:
    """A listening place at `path` that only this user can open, from its first moment on."""
    place = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        with reachable(path) as name:
            place.bind(name)
    except BaseException:
        place.close()
        raise
    finally:
        os.umask(before)
    return place


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    async with asyncio.timeout(WRITE_WAIT_S):
        await writer.drain()


def _error(code: str, why: str) -> bytes:
    return msgspec.json.encode({"error": {"code": code, "why": why}}) + b"\n"
