"""The control socket: answers, the feed, and clients that are slow, mute or talk nonsense."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sortctl.journal.row import OUTCOME, Row
from sortctl.runtime.process import control as control_module
from sortctl.runtime.process.ask import NotRunning, ask, follow
from sortctl.runtime.process.control import CLIENTS_MAX, REQUEST_BYTES_MAX, Control
from sortctl.runtime.process.feed import KEPT_MAX, WAITING_MAX, Feed
from sortctl.runtime.process.place import SOCKET_FILE, reachable
from tests.runtime.bench import ended, until


def _row(seq: int) -> Row:
    return Row(seq, seq, 7, OUTCOME, "Disturbed", 0, "", b'{"type":"Disturbed","code":"x%d"}' % seq)


class Place:
    """A control socket that answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.feed = Feed()
        self.control = Control(
            folder, self.feed, lambda: b'{"version":"1"}', lambda: b'{"at_ns":5}', self.tell, self.put_plan
        )
        self.is_ready = False

    def ready(self) -> None:
        self.is_ready = True

    def tell(self, fact: bytes) -> bytes:
        return b'{"told":%b}' % fact

    async def put_plan(self, checksum: str, keep: bool, by: str) -> bytes:
        return b'{"plan":"%b %b %b"}' % (checksum.encode(), str(keep).encode(), by.encode())

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        with reachable(self.folder / SOCKET_FILE) as name:
            return await asyncio.open_unix_connection(name)

    async def talk(self, line: bytes) -> Any:
        reader, writer = await self.connect()
        writer.write(line)
        answer = await reader.readline()
        writer.close()
        return json.loads(answer) if answer else None


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    place = Place(tmp_path)
    (tmp_path / SOCKET_FILE).write_text("stale")
    task = asyncio.get_running_loop().create_task(place.control.serve(place.ready))
    await until(lambda: place.is_ready)
    yield place
    await ended([task])
    assert not (tmp_path / SOCKET_FILE).exists()


async def test_ping_and_status_are_answered(place: Place) -> None:
    assert await place.talk(b'{"ask":"ping"}\n') == {"pong": {"version": "1"}}
    assert await place.talk(b'{"ask":"status"}\n') == {"status": {"at_ns": 5}}


async def test_only_this_user_may_ask(place: Place) -> None:
    assert (place.folder / SOCKET_FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "line",
    [b"hello\n", b"{}\n", b'{"ask":"stop"}\n', b'{"ask":"ping","x":1}\n', b"\xff\xfe\n", b"[" * 4_000 + b"\n", b"\n"],
)
async def test_nonsense_gets_an_error_and_the_connection_goes_on(place: Place, line: bytes) -> None:
    reader, writer = await place.connect()
    writer.write(line + b'{"ask":"ping"}\n')
    assert json.loads(await reader.readline())["error"]["code"] == "bad_request"
    assert "pong" in json.loads(await reader.readline())
    writer.close()


async def test_a_request_without_end_is_refused(place: Place) -> None:
    reader, writer = await place.connect()
    writer.write(b"x" * (REQUEST_BYTES_MAX * 3))
    assert json.loads(await reader.readline())["error"]["code"] == "bad_request"
    writer.close()
    await until(lambda: place.control.clients == 0)


async def test_the_feed_tells_outcomes_as_they_happen_and_the_status_each_second(place: Place) -> None:
    place.feed.show([_row(1), _row(2)])
    reader, writer = await place.connect()
    writer.write(b'{"ask":"feed","after":1}\n')
    assert json.loads(await reader.readline()) == {"status": {"at_ns": 5}}
    assert json.loads(await reader.readline())["seq"] == 2
    place.feed.show([_row(3)])
    told = json.loads(await reader.readline())
    assert told == {"seq": 3, "wall_ns": 7, "outcome": {"type": "Disturbed", "code": "x3"}}
    place.control.tell_status()
    assert json.loads(await reader.readline()) == {"status": {"at_ns": 5}}
    writer.close()
    while place.control.clients:
        place.control.tell_status()
        await asyncio.sleep(0)
    assert len(place.feed) == 0


async def test_what_is_no_longer_kept_is_named(place: Place) -> None:
    place.feed.show([_row(seq) for seq in range(1, KEPT_MAX + 11)])
    reader, writer = await place.connect()
    writer.write(b'{"ask":"feed","after":3}\n')
    await reader.readline()
    assert json.loads(await reader.readline()) == {"gap": {"after": 3, "upto": 10}}
    assert json.loads(await reader.readline())["seq"] == 11
    writer.close()


async def test_a_client_that_does_not_keep_up_is_cut_off(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "WRITE_WAIT_S", 0.2)
    reader, writer = await place.connect()
    writer.write(b'{"ask":"feed"}\n')
    await reader.readline()
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    for seq in range(3 * WAITING_MAX):
        place.feed.show([_row(seq)])
        if seq % 500 == 0:
            await asyncio.sleep(0)
    await until(lambda: len(place.feed) == 0 and place.control.clients == 0)
    writer.close()


async def test_there_is_room_for_so_many_clients_and_no_more(place: Place) -> None:
    held = [await place.connect() for _ in range(CLIENTS_MAX)]
    await until(lambda: place.control.clients == CLIENTS_MAX)
    assert (await place.talk(b""))["error"]["code"] == "busy"
    for _, writer in held:
        writer.close()
    await until(lambda: place.control.clients == 0)
    assert "pong" in await place.talk(b'{"ask":"ping"}\n')


async def test_a_socket_that_cannot_be_made_does_not_keep_the_line_from_sorting(tmp_path: Path) -> None:
    place = Place(tmp_path / "gone")
    task = asyncio.get_running_loop().create_task(place.control.serve(place.ready))
    await until(lambda: place.is_ready)
    assert not task.done()
    await ended([task])


async def test_the_clients_end_speaks_the_same(place: Place) -> None:
    assert await asyncio.to_thread(ask, place.folder, "ping") == {"pong": {"version": "1"}}
    place.feed.show([_row(1)])
    told = follow(place.folder, 0)
    assert [next(iter(await asyncio.to_thread(next, told))) for _ in range(2)] == ["status", "seq"]
    del told


async def test_a_deep_state_folder_is_reached(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    place = Place(deep)
    task = asyncio.get_running_loop().create_task(place.control.serve(place.ready))
    await until(lambda: place.is_ready)
    assert await asyncio.to_thread(ask, deep, "status") == {"status": {"at_ns": 5}}
    await ended([task])


def test_nobody_there_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="no controller runs at"):
        ask(tmp_path, "status")


async def test_a_client_that_asks_without_end_leaves_the_loop_to_others(place: Place) -> None:
    """Hundreds of requests lie in the buffer at once: answered in one go, they would cost the PLC its cycles."""
    reader, writer = await place.connect()
    writer.write(b'{"ask":"status"}\n' * 1_000)
    turns = before = 0
    for _ in range(3):
        before = turns
        answered = asyncio.ensure_future(reader.readline())
        while not answered.done():
            turns += 1
            await asyncio.sleep(0.001)
        assert json.loads(await answered) == {"status": {"at_ns": 5}}
    assert turns - before >= 10, "there was time between one answer and the next"
    writer.close()


async def test_who_asks_a_controller_with_no_room_left_is_told_so(place: Place) -> None:
    held = [await place.connect() for _ in range(CLIENTS_MAX)]
    await until(lambda: place.control.clients == CLIENTS_MAX)
    with pytest.raises(NotRunning, match="32 clients are connected"):
        await asyncio.to_thread(ask, place.folder, "status")
    for _, writer in held:
        writer.close()


async def test_a_plan_is_put_in_force_by_its_checksum(place: Place) -> None:
    answer = await place.talk(b'{"ask":"plan","checksum":"abc","keep":true,"by":"ann"}\n')
    assert answer == {"plan": "abc True ann"}
