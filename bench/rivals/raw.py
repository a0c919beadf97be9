"""Raw: the floor. The least asyncio code that does the job, to show what the machine and the interpreter cost by themselves.

    python -m bench.rivals.raw ROUTES DOORS

A pseudo terminal by add_reader, a dictionary, one raw FC 23 with the sizes of the exchange, one request at a time per line.
No journal, no belt, no epoch, no acknowledgement, no check of anything.
"""

import asyncio
import json
import os
import struct
import sys
from collections import deque
from functools import partial
from pathlib import Path

from bench.fast_lines import EVENT_SLOTS, ORDER_SLOTS, chute_of
from sortctl.words.exchange import inputs_words, orders_words

WORDS_OUT = orders_words(ORDER_SLOTS)
WORDS_IN = inputs_words(EVENT_SLOTS)
AREA = bytearray(2 * WORDS_OUT)
HEAD = struct.pack(">HHHBBHHHHB", 1, 0, 11 + 2 * WORDS_OUT, 1, 23, 200, WORDS_IN, 0, WORDS_OUT, 2 * WORDS_OUT)


class Line(asyncio.Protocol):
    """One connection and one scanner."""

    def __init__(self, tty: str, routes: dict[bytes, int]) -> None:
        self._routes = routes
        self._text = b""
        self._waiting: deque[bytes] = deque()
        self._busy = False
        self._left = 0
        self._tty = os.open(tty, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        asyncio.get_running_loop().add_reader(self._tty, self._read)

    def _read(self) -> None:
        *lines, self._text = (self._text + os.read(self._tty, 4096)).split(b"\r")
        for line in lines:
            struct.pack_into(">HI", AREA, 22 + 6, self._routes[line], int(line[2:]))
            self._waiting.append(HEAD + AREA)
        self._next()

    def _next(self) -> None:
        if self._waiting and not self._busy:
            self._busy = True
            self._transport.write(self._waiting.popleft())

    def data_received(self, data: bytes) -> None:
        self._left += len(data)
        if self._left >= 9 + 2 * WORDS_IN:
            self._left = 0
            self._busy = False
            self._next()


async def run(routes: dict[bytes, int], doors: list[tuple[int, str, str]]) -> None:
    """Until killed."""
    loop = asyncio.get_running_loop()
    for port, tty, _ in doors:
        await loop.create_connection(partial(Line, tty, routes), "127.0.0.1", port)
    print("ready", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """From the command line: the parcels of the plan, and where the lines are."""
    rows = Path(sys.argv[1]).read_text(encoding="ascii").splitlines()[1:]
    routes = {row.partition(",")[0].encode(): chute_of(int(row[2:10])) for row in rows}
    asyncio.run(run(routes, json.loads(sys.argv[2])))


main()
