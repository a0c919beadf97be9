"""The log: never in the way, never a flood, never a scanner's bytes on somebody's terminal."""

import logging
import os
from collections.abc import Iterator

import orjson
import pytest
import structlog

from sortctl.runtime.process.log import (
    SAME_CODE_MAX,
    SAME_CODE_WINDOW_NS,
    LineQueue,
    RateLimit,
    colours_wanted,
    start_log,
    visible,
)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


@pytest.fixture
def _log_put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def _lines(descriptor: int) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in os.read(descriptor, 65_536).splitlines()]


@pytest.mark.usefixtures("_log_put_back")
def test_an_event_is_one_line_of_json(pipe: tuple[int, int]) -> None:
    lines = start_log(pipe[1])
    structlog.get_logger().warning("plc_lost", plc="main", cause="no answer")
    lines.close()
    (line,) = _lines(pipe[0])
    assert (line["event"], line["level"], line["plc"], line["cause"]) == ("plc_lost", "warning", "main", "no answer")


@pytest.mark.usefixtures("_log_put_back")
def test_a_library_speaks_through_the_same_queue(pipe: tuple[int, int]) -> None:
    lines = start_log(pipe[1])
    logging.getLogger("pymodbus.logging").info("chatter")
    logging.getLogger("pymodbus.logging").error("broken %s", "frame")
    logging.getLogger("elsewhere").error("%d is no number", "this")
    lines.close()
    first, second = _lines(pipe[0])
    assert (first["event"], first["text"]) == ("library_log pymodbus.logging", "broken frame")
    assert "is no number" in str(second["text"])


@pytest.mark.usefixtures("_log_put_back")
def test_an_exception_is_told_with_its_traceback(pipe: tuple[int, int]) -> None:
    lines = start_log(pipe[1])
    try:
        _ = 1 // 0
    except ZeroDivisionError:
        structlog.get_logger().exception("task_failed", task="plc main")
    lines.close()
    (line,) = _lines(pipe[0])
    assert "ZeroDivisionError" in str(line["exception"])


def test_a_reader_that_stalls_stops_nobody(pipe: tuple[int, int]) -> None:
    """The pipe is full and nobody reads: `msg` returns, and what does not fit is counted."""
    lines = LineQueue(pipe[1], lines_max=50)
    os.set_blocking(pipe[1], True)
    for _ in range(3_000):
        lines.msg(b"x" * 200)
    assert lines.dropped > 0
    while not lines._closing:
        os.read(pipe[0], 65_536)
        lines._closing = True
    lines._filled.set()
    while lines._thread.is_alive():
        os.set_blocking(pipe[0], False)
        try:
            os.read(pipe[0], 65_536)
        except BlockingIOError:
            lines._thread.join(0.01)


def test_a_reader_that_is_gone_stops_nobody() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    lines = LineQueue(writing, lines_max=50)
    lines.msg(b"nobody hears this")
    lines.close()
    assert not lines._thread.is_alive()
    for _ in range(100):
        lines.msg(b"nor this")
    assert lines.dropped > 0
    os.close(writing)


def test_one_code_is_told_only_so_often_and_the_rest_is_counted() -> None:
    now = [0]
    limit = RateLimit(lambda: now[0])

    def passes(code: str) -> dict[str, object] | None:
        try:
            return dict(limit(None, "info", {"event": code}))
        except structlog.DropEvent:
            return None

    assert sum(passes("frame_refused") is not None for _ in range(100)) == SAME_CODE_MAX
    assert passes("plc_lost") == {"event": "plc_lost"}
    now[0] += SAME_CODE_WINDOW_NS
    assert passes("frame_refused") == {"event": "frame_refused", "held_back": 100 - SAME_CODE_MAX}


def test_a_scanner_cannot_write_on_a_terminal() -> None:
    assert visible("A\x1b[2J\x07\u202eB\x9bé") == "A\\x1b[2J\\x07\\u202eB\\x9bé"


def test_colour_only_on_a_terminal_that_may_show_it() -> None:
    assert colours_wanted(terminal=True, environment={"TERM": "xterm"})
    assert not colours_wanted(terminal=False, environment={"TERM": "xterm"})
    assert not colours_wanted(terminal=True, environment={"TERM": "xterm", "NO_COLOR": "1"})
    assert not colours_wanted(terminal=True, environment={"TERM": "dumb"})
